"""Phones with the field app: registered by a logged-in person, signed out from afar, wiped."""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.field import escrow
from monitoring.models import FieldDevice
from ranchers.access import Viewer, has_role
from ranchers.models import Role, User
from ranchers.tokens import token_hash


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a phone is told once. `secret` it keeps under its PIN; `locked_token` in the open: with it a
    locked phone hears that it was signed out, and hands over what it kept (monitoring.field.locked)."""

    secret: str
    locked_token: str


logger = logging.getLogger(__name__)

SEEN_EVERY = timedelta(minutes=1)
FIELD_ROLES = (Role.TECHNICIAN, Role.COORDINATOR)


class DeviceRefused(ValueError):
    """The device cannot be registered or changed so; the message says why, `code` for the API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@transaction.atomic
def register(
    *,
    user: User,
    device_id: UUID,
    name: str,
    app_version: str,
    data_key: bytes,
    session_key: str = "",
) -> Secrets:
    """Register a phone (again); returns its new secrets, which are kept nowhere else.

    Raises DeviceRefused for a key that is not 32 bytes, for another person's device, and for one
    that was signed out and has not yet wiped itself.
    """
    if len(data_key) != escrow.DATA_KEY_BYTES:
        raise DeviceRefused("data_key", _("The key of the device must be 32 bytes."))
    found = FieldDevice.objects.select_for_update().filter(pk=device_id).first()
    if found is not None and found.user_id != user.pk:
        raise DeviceRefused("taken", _("This device is registered by somebody else."))
    if found is not None and found.revoked_at and not found.wiped_at:
        raise DeviceRefused("signed_out", _("This device was signed out by the coordination."))
    device = found or FieldDevice(id=device_id, user=user)
    device.name, device.app_version = name[:80], app_version[:40]
    device.data_key = escrow.seal(data_key, device_id=device_id)
    device.revoked_at = device.revoked_by = device.wiped_at = None
    device.manifests.all().delete()
    secrets = _renew_secrets(device, session_key)
    logger.info("field device of account %s registered", user.pk)
    return secrets


@transaction.atomic
def recover(*, user: User, device_id: UUID, session_key: str = "") -> tuple[bytes, Secrets]:
    """The data key and new secrets of one's own device, after a fresh log-in: a PIN forgotten.

    Raises DeviceRefused.
    """
    device = FieldDevice.objects.select_for_update().filter(pk=device_id, user=user).first()
    if device is None:
        raise DeviceRefused("unknown", _("There is no such device."))
    if device.revoked_at:
        raise DeviceRefused("signed_out", _("This device was signed out by the coordination."))
    try:
        data_key = escrow.open_sealed(bytes(device.data_key), device_id=device_id)
    except escrow.KeyUnreadable as error:
        message = _("The server can no longer read the key of this device.")
        raise DeviceRefused("key_lost", message) from error
    logger.info("key of a field device of account %s given out", user.pk)
    return data_key, _renew_secrets(device, session_key)


def _renew_secrets(device: FieldDevice, session_key: str) -> Secrets:
    made = Secrets(token_urlsafe(32), token_urlsafe(32))
    device.secret_hash, device.locked_hash = token_hash(made.secret), token_hash(made.locked_token)
    device.session_key = session_key
    device.save()
    return made


def authenticated(device_id: UUID, secret: str, *, locked: bool = False) -> FieldDevice | None:
    """The device with this secret (`locked`: with this open token), also when it is signed out; None
    otherwise. Notes the contact."""
    device = FieldDevice.objects.select_related("user").filter(pk=device_id).first()
    if device is None:
        return None
    kept = device.locked_hash if locked else device.secret_hash
    if not hmac.compare_digest(kept, token_hash(secret)):
        return None
    if device.last_seen_at is None or device.last_seen_at < now() - SEEN_EVERY:
        device.last_seen_at = now()
        FieldDevice.objects.filter(pk=device.pk).update(last_seen_at=device.last_seen_at)
    return device


def must_wipe(device: FieldDevice) -> bool:
    """Whether the phone is to send what it has and then wipe itself."""
    return device.revoked_at is not None or not has_role(device.user, *FIELD_ROLES)


def devices_for(viewer: Viewer) -> QuerySet[FieldDevice]:
    """Devices the viewer may see and sign out: a coordinator any, a technician the own."""
    devices = FieldDevice.objects.select_related("user", "revoked_by")
    if has_role(viewer, Role.COORDINATOR):
        return devices
    if has_role(viewer, Role.TECHNICIAN):
        return devices.filter(user=viewer.pk or 0)
    return devices.none()


@transaction.atomic
def sign_out(device: FieldDevice, *, by: User) -> None:
    """Have the phone wipe itself at its next contact, and end the web session that registered it."""
    found = FieldDevice.objects.select_for_update().get(pk=device.pk)
    if found.revoked_at:
        return
    if found.session_key:
        SessionStore(session_key=found.session_key).delete()
    found.revoked_at, found.revoked_by, found.session_key = now(), by, ""
    found.save(update_fields=["revoked_at", "revoked_by", "session_key"])
    logger.info("field device of account %s signed out by %s", found.user_id, by.pk)


def undo_sign_out(device: FieldDevice) -> bool:
    """Take a sign-out back; False when the phone has already wiped itself."""
    undone = FieldDevice.objects.filter(pk=device.pk, revoked_at__isnull=False, wiped_at=None)
    return bool(undone.update(revoked_at=None, revoked_by=None))


def note_wiped(device: FieldDevice) -> None:
    """The phone says that it has wiped itself; the web session that registered it ends as well."""
    if device.session_key:
        SessionStore(session_key=device.session_key).delete()
    FieldDevice.objects.filter(pk=device.pk, wiped_at=None).update(wiped_at=now(), session_key="")
    device.manifests.all().delete()
    logger.info("field device of account %s wiped itself", device.user_id)
