"""Ranchers' log-in: a printed QR card and a PIN.

The token in the QR code is known to nobody after printing (only its SHA-256 is kept), the PIN is
agreed on with the technician. Card and PIN together open the rancher's own pages, nothing else.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ranchers.models import AccessCard, Rancher, Role, User

log = logging.getLogger(__name__)

TOKEN_SHAPE = re.compile(r"[A-Za-z0-9_-]{32}")
WRONG_PINS_MAX = 15
"""Wrong PINs in a row, from wherever, after which the card is revoked: with the shortest PIN a
stolen card is then guessed with a chance of 15 in 10,000."""

COMMON_PINS = frozenset(
    {"1212", "2121", "1122", "2580", "0852", "1004", "6969", "121212", "123123"}
)


class PinRefused(ValueError):
    """The PIN is too easy to guess or malformed; the message says what to change."""


def check_pin(pin: str, *, rancher: Rancher) -> None:
    """Raise PinRefused unless `pin` is 4 to 6 digits that a neighbour would not guess."""
    if not re.fullmatch(r"[0-9]{4,6}", pin):
        raise PinRefused(_("The PIN must be 4 to 6 digits."))
    steps = {(int(b) - int(a)) % 10 for a, b in zip(pin, pin[1:], strict=False)}
    if steps in ({0}, {1}, {9}) or pin in COMMON_PINS:
        raise PinRefused(_("That PIN is too easy: avoid repeated digits and sequences like 1234."))
    if rancher.birth_year and pin == str(rancher.birth_year):
        raise PinRefused(_("The year of birth is easy to guess: choose another PIN."))
    if pin in (rancher.dni or "") or rancher.phone.endswith(pin):
        raise PinRefused(_("Do not use part of the DNI or of the phone number as the PIN."))


def issue_card(*, rancher: Rancher, issued_by: User, pin: str | None = None) -> str:
    """The token of a new card, returned only here; the card before it is revoked at once.

    Without a PIN the card can be printed ahead of the visit, and opens nothing until `set_pin`.
    Raises PinRefused.
    """
    if pin is not None:
        check_pin(pin, rancher=rancher)
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        Rancher.objects.select_for_update(of=("self",)).get(pk=rancher.pk)
        _revoke_live_card(rancher)
        _ready_user(rancher)
        AccessCard.objects.create(
            rancher=rancher,
            token_hash=hashed(token),
            pin_hash=make_password(pin) if pin else "",
            issued_by=issued_by,
        )
    log.info("card of rancher %s issued by user %s", rancher.pk, issued_by.pk)
    return token


def set_pin(*, rancher: Rancher, pin: str) -> None:
    """Give the rancher's live card this PIN; raises PinRefused, AccessCard.DoesNotExist."""
    check_pin(pin, rancher=rancher)
    card = AccessCard.objects.get(rancher=rancher, revoked_at=None)
    card.pin_hash, card.wrong_pins = make_password(pin), 0
    card.save(update_fields=["pin_hash", "wrong_pins"])


def revoke_card(*, rancher: Rancher, by: User | None) -> None:
    """Make the rancher's card worthless and end the sessions opened with it."""
    with transaction.atomic():
        _revoke_live_card(rancher)
        for user in User.objects.filter(rancher=rancher):
            user.set_unusable_password()
            user.save(update_fields=["password"])
    log.info("card of rancher %s revoked by user %s", rancher.pk, by.pk if by else "-")


def live_card(token: str) -> AccessCard | None:
    """The card that is live under this token, or None."""
    if not TOKEN_SHAPE.fullmatch(token):
        return None
    return AccessCard.objects.filter(token_hash=hashed(token), revoked_at=None).first()


def hashed(token: str) -> str:
    """SHA-256, hex: the tokens are random and long, so they need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _revoke_live_card(rancher: Rancher) -> None:
    AccessCard.objects.filter(rancher=rancher, revoked_at=None).update(revoked_at=now())


def _ready_user(rancher: Rancher) -> User:
    """The rancher's user, made on first need; a new unusable password ends older sessions."""
    user = User.objects.filter(rancher=rancher).first() or User(rancher=rancher, role=Role.RANCHER)
    user.name, user.language = rancher.full_name[:120], "es"
    user.is_active = True
    user.set_unusable_password()
    user.save()
    return user


class CardBackend(ModelBackend):
    """Logs a rancher in by `card` (the token's hash) and `secret_pin`.

    The names matter: Django masks `secret_pin` in what it tells of a failed log-in, and
    ranchers/lockout.py counts tries by `card`.
    """

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        card: str | None = None,
        secret_pin: str | None = None,
        **_other: object,
    ) -> User | None:
        if not card or not secret_pin:
            return None
        live = (
            AccessCard.objects.select_related("rancher__user")
            .filter(token_hash=card, revoked_at=None)
            .first()
        )
        if live is None or not live.pin_hash:
            make_password(secret_pin)  # as long as a comparison takes
            return None
        if not check_password(secret_pin, live.pin_hash):
            _count_wrong_pin(live)
            return None
        AccessCard.objects.filter(pk=live.pk).update(wrong_pins=0, last_used_at=now())
        user: User = live.rancher.user
        return user if self.user_can_authenticate(user) else None


def _count_wrong_pin(card: AccessCard) -> None:
    AccessCard.objects.filter(pk=card.pk).update(wrong_pins=F("wrong_pins") + 1)
    card.refresh_from_db(fields=["wrong_pins"])
    if card.wrong_pins >= WRONG_PINS_MAX:
        revoke_card(rancher=card.rancher, by=None)
