"""Accounts of staff: made by a coordinator, opened with a one-time link, closed at once."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ranchers.models import ApiToken, District, Role, User

log = logging.getLogger(__name__)

HOUR_S = 3600
SESSION_S = {
    Role.COORDINATOR: 12 * HOUR_S,
    Role.MINISTRY: 12 * HOUR_S,
    Role.TECHNICIAN: 30 * 24 * HOUR_S,  # days without signal must not end in a log-in page
    Role.RANCHER: 30 * 24 * HOUR_S,
}


class AccountRefused(Exception):
    """The account cannot be made or changed so; the message says why."""


def session_seconds(user: User) -> int:
    """How long a log-in of this user lasts, in seconds."""
    return SESSION_S[Role(user.role)]


def create_account(
    *,
    email: str,
    name: str,
    role: str,
    districts: Iterable[District] = (),
    phone: str = "",
) -> User:
    """A new staff account without a password; raises AccountRefused when the address is taken."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(email=email, name=name, role=role, phone=phone)
            user.districts.set(districts if role == Role.TECHNICIAN else [])
    except IntegrityError as error:
        raise AccountRefused(_("There is already an account with this e-mail address.")) from error
    log.info("account %s made with role %s", user.pk, role)
    return user


def change_account(
    user: User,
    *,
    by: User,
    name: str,
    role: str,
    districts: Iterable[District] = (),
    phone: str = "",
) -> None:
    """Change a staff account. Another role ends the person's sessions (User's session hash) and
    API tokens. Raises AccountRefused for one's own role."""
    if user.pk == by.pk and role != user.role:
        raise AccountRefused(_("You cannot change your own role."))
    with transaction.atomic():
        if role != user.role:
            revoke_tokens(user)
            log.info("account %s changed to role %s by %s", user.pk, role, by.pk)
        user.name, user.role, user.phone = name, role, phone
        user.save(update_fields=["name", "role", "phone"])
        user.districts.set(districts if role == Role.TECHNICIAN else [])


def deactivate(user: User, *, by: User) -> None:
    """Close an account at once: no log-in, no open session, no token. Raises AccountRefused for
    one's own. The password goes too, so that re-opening does not bring old sessions back."""
    if user.pk == by.pk:
        raise AccountRefused(_("You cannot deactivate your own account."))
    with transaction.atomic():
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        revoke_tokens(user)
    log.info("account %s deactivated by %s", user.pk, by.pk)


def reactivate(user: User, *, by: User) -> None:
    """Open a closed account again; the person needs a new `set_password_path`."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    log.info("account %s re-opened by %s", user.pk, by.pk)


def set_password_path(user: User) -> str:
    """The path of a page, good once and for three days, where the person sets a password."""
    key = default_token_generator.make_token(user)
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": key},
    )


def remove_second_step(user: User, *, by: User) -> int:
    """Remove authenticator app, passkeys and recovery codes of someone who lost them."""
    removed, _models = Authenticator.objects.filter(user=user).delete()
    log.info("second step of account %s removed by %s", user.pk, by.pk)
    return removed


def revoke_tokens(user: User) -> int:
    """Revoke every API token of a person; the number revoked."""
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now())
