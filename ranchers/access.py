"""Who may see whom: the one place where it is decided, as querysets.

Every view, API, export and tile starts from a function of this module. Deny unless allowed:
an unknown role sees nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from ranchers.models import Plot, Rancher, Role, User

Viewer = User | AnonymousUser


def role_of(viewer: Viewer) -> str | None:
    """The viewer's role, or None for nobody and for a deactivated user."""
    if isinstance(viewer, User) and viewer.is_active:
        return viewer.role
    return None


def has_role(viewer: Viewer, *roles: str) -> bool:
    return role_of(viewer) in roles


def role_required(*roles: str) -> Callable[..., Any]:
    """View decorator: log-in page for nobody, 403 for anyone in another role."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not has_role(request.user, *roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.allowed_roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


def ranchers_for(viewer: Viewer) -> QuerySet[Rancher]:
    """Ranchers whose name and record the viewer may see.

    Coordinator: all. Technician: own ranchers and those of own districts. Rancher: self.
    Ministry staff see cells and plots without names, never a person.
    """
    ranchers = Rancher.objects.all()
    role = role_of(viewer)
    if role == Role.COORDINATOR:
        return ranchers
    if role == Role.TECHNICIAN:
        return ranchers.filter(Q(technician=viewer) | Q(district__technicians=viewer)).distinct()
    if role == Role.RANCHER:
        return ranchers.filter(user=viewer)
    return ranchers.none()


def plots_for(viewer: Viewer) -> QuerySet[Plot]:
    """Plots whose shape the viewer may see; for ministry staff those of ranchers who consent to
    it now, and the caller must leave out every name."""
    role = role_of(viewer)
    if role == Role.MINISTRY:
        from django.utils.timezone import localdate

        return Plot.objects.filter(
            rancher__consents__scope__in=["ministry", "public"],
            rancher__consents__period__contains=localdate(),
        ).distinct()
    return Plot.objects.filter(rancher__in=ranchers_for(viewer))


def sees_small_cells(viewer: Viewer) -> bool:
    """Whether figures of fewer than five ranchers are shown to the viewer: to coordinators only."""
    return has_role(viewer, Role.COORDINATOR)
