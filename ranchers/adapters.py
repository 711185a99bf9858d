"""How django-allauth behaves here: no sign-up, sessions by role, a second step offered."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ranchers.accounts import session_seconds
from ranchers.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by the coordinator: ranchers/accounts.py."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session.set_expiry(session_seconds(user))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if not is_mfa_enabled(user):
            messages.info(
                request,
                format_html(
                    '{} <a href="{}">{}</a>',
                    _("Protect your account with a passkey or a code from your phone."),
                    reverse("mfa_index"),
                    _("Add a second step"),
                ),
            )
        return response
