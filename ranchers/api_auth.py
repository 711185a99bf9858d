"""Who asks the API: the bearer of a token of ranchers/tokens.py, or a logged-in page of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ranchers.access import has_role
from ranchers.models import ApiToken, User
from ranchers.tokens import live_token

if TYPE_CHECKING:
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer hato_...`"""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = live_token(token.strip())
        if found is None:
            raise AuthenticationFailed(_("The token is wrong, revoked or expired."))
        return found.user, found

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the API's description tells of the token."""

    target_class = "ranchers.api_auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def roles(*allowed: str) -> type[BasePermission]:
    """A permission for people in these roles: `permission_classes = [roles(Role.MINISTRY)]`."""

    class InRole(BasePermission):
        allowed_roles = frozenset(allowed)

        def has_permission(self, request: Request, view: APIView) -> bool:
            return has_role(request.user, *allowed)

    return InRole
