"""Forms of log-in, staff accounts and API tokens."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from ranchers.accounts import session_seconds
from ranchers.models import District, Role, User

STAFF_ROLES = [(role.value, role.label) for role in Role if role != Role.RANCHER]


class LoginForm(AllauthLoginForm):
    """allauth's, with the session as long as the role's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        self.fields["password"].help_text = ""
        self.fields["password"].max_length = 4096

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        response: HttpResponse = super().login(request, redirect_url=redirect_url)
        request.session.set_expiry(session_seconds(self.user))
        return response


class AccountForm(forms.Form):
    """A staff account, new or changed."""

    name = forms.CharField(label=_("Name"), max_length=120, strip=True)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_ROLES, widget=forms.RadioSelect)
    districts = forms.ModelMultipleChoiceField(
        label=_("Districts"),
        queryset=District.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For technicians: they see the ranchers of these districts and their own."),
    )
    phone = forms.RegexField(
        label=_("Phone"),
        regex=r"^\+?[0-9][0-9 ]{5,18}$",
        required=False,
        help_text=_("Shown to the ranchers the technician looks after."),
        error_messages={
            "invalid": _("Write the phone with digits only, for instance 982 123 456.")
        },
    )

    def __init__(self, *args: Any, account: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if account:
            del self.fields["email"]
            self.initial.update(
                name=account.name,
                role=account.role,
                phone=account.phone,
                districts=account.districts.all(),
            )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_phone(self) -> str:
        return str(self.cleaned_data["phone"]).replace(" ", "")[:16]


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("The program that will use it, for instance: monthly report."),
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("One year"))],
    )
