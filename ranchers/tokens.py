"""API tokens: a person's own, hashed at rest, with an end, revocable at once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils.timezone import now

from ranchers.models import ApiToken, User

PREFIX = "hato_"
DAYS_MAX = 366
LIVE_PER_PERSON_MAX = 20


class TooManyTokens(Exception):
    """The person has as many live tokens as one may have."""


def issue_token(*, user: User, name: str, days: int) -> str:
    """A new token of `user`, returned only here; valid for `days` (at most DAYS_MAX).

    Raises TooManyTokens.
    """
    if ApiToken.objects.filter(user=user, revoked_at=None, expires_at__gt=now()).count() >= (
        LIVE_PER_PERSON_MAX
    ):
        raise TooManyTokens
    token = PREFIX + secrets.token_urlsafe(32)
    expires_at = now() + timedelta(days=min(days, DAYS_MAX))
    ApiToken.objects.create(
        user=user, name=name, token_hash=token_hash(token), expires_at=expires_at
    )
    return token


def live_token(token: str) -> ApiToken | None:
    """The live token of an active person, or None. Notes its use, to the hour."""
    found = (
        ApiToken.objects.select_related("user")
        .filter(
            token_hash=token_hash(token),
            revoked_at=None,
            expires_at__gt=now(),
            user__is_active=True,
        )
        .first()
    )
    hour_ago = now() - timedelta(hours=1)
    if found and (found.last_used_at is None or found.last_used_at < hour_ago):
        ApiToken.objects.filter(pk=found.pk).update(last_used_at=now())
    return found


def token_hash(token: str) -> str:
    """SHA-256, hex: the tokens are random and long, so they need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def revoke_token(*, user: User, pk: int) -> bool:
    """Revoke one of the person's tokens; False when there is none such."""
    return bool(ApiToken.objects.filter(user=user, pk=pk, revoked_at=None).update(revoked_at=now()))
