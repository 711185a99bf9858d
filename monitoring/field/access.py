"""Who asks the field API: a device by its own secret."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from monitoring.field.devices import authenticated, must_wipe
from monitoring.models import FieldDevice
from ranchers.models import User


class DeviceAuthentication(BaseAuthentication):
    """`Authorization: Device <device id>:<secret>`. Signed-out devices and those of closed accounts
    pass: they may still send what they have, and must be told to wipe themselves."""

    scheme = "device"

    def authenticate(self, request: Request) -> tuple[User, FieldDevice] | None:
        scheme, _space, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.scheme:
            return None
        text, _colon, secret = rest.strip().partition(":")
        try:
            device = authenticated(UUID(text), secret, locked=self.scheme == "locked")
        except ValueError:
            device = None
        if device is None:
            raise AuthenticationFailed(_("This device is not known here. Log in again."))
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return self.scheme.capitalize()


class LockedAuthentication(DeviceAuthentication):
    """`Authorization: Locked <device id>:<token>`: a phone that is locked and cannot read its secret."""

    scheme = "locked"


class DeviceScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of devices."""

    target_class = "monitoring.field.access.DeviceAuthentication"
    name = "device"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Device &lt;id&gt;:&lt;secret&gt;",
        }


class LockedScheme(DeviceScheme):
    """How the API's description tells of locked phones."""

    target_class = "monitoring.field.access.LockedAuthentication"
    name = "locked"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        told = super().get_security_definition(auto_schema)
        return told | {"description": "Locked &lt;id&gt;:&lt;token&gt;"}


class FromDevice(BasePermission):
    """Any device, signed out or not."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, FieldDevice)


class FromLeavingDevice(FromDevice):
    """Any device by its secret; by the open token of a locked phone only once it was signed out."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        by_token = isinstance(request.successful_authenticator, LockedAuthentication)
        return not by_token or must_wipe(request.auth)  # type: ignore[arg-type]


class MustWipe(PermissionDenied):
    """A signed-out device asked for more than it may; the answer carries `wipe: true`."""

    default_code = "wipe"


class FromLiveDevice(FromDevice):
    """A device that is not signed out, of an open account."""

    def has_permission(self, request: Request, view: Any) -> bool:
        device = request.auth
        if not isinstance(device, FieldDevice):
            return False
        if must_wipe(device):
            raise MustWipe(_("This phone was signed out. Send what is left, then wipe it."))
        return True


class DeviceThrottle(SimpleRateThrottle):
    """Per device. A phone back in signal sends a fortnight at once and does not reach it; with the
    cache gone, sending goes on."""

    scope = "field"
    cache = cache

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        who = request.auth.pk if isinstance(request.auth, FieldDevice) else self.get_ident(request)
        return f"throttle_field_{who}"

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError):
            return True
