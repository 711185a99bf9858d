"""Who may see whom: the one place where it is decided, as querysets.

Every view, API, export and tile starts from a function of this module. Deny unless allowed:
an unknown role sees nothing. The table of role by page is docs/access.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django_htmx.http import HttpResponseClientRedirect

from ranchers.models import Consent, ConsentScope, District, Plot, Rancher, Role, User

SMALL_CELL = 5
"""Figures with fewer ranchers behind them are shown to coordinators only."""

Viewer = User | AnonymousUser


class UserRequest(HttpRequest):
    """A request that has passed `role_required`: someone is logged in."""

    user: User


Row = TypeVar("Row", bound=Model)

STAFF = (Role.COORDINATOR, Role.TECHNICIAN, Role.MINISTRY)
EVERYONE = (*STAFF, Role.RANCHER)

SHARED_SCOPES = (ConsentScope.MINISTRY.value, ConsentScope.PUBLIC.value)
"""Consent to either lets the ministry see the shapes of a rancher's plots."""

SMALL_CELL = 5
"""A figure with fewer ranchers behind it than this is shown only to who `sees_small_cells`."""


def role_of(viewer: Viewer) -> str | None:
    """The viewer's role, or None for nobody and for a deactivated user."""
    if isinstance(viewer, User) and viewer.is_active:
        return viewer.role
    return None


def has_role(viewer: Viewer, *roles: str) -> bool:
    """True when the viewer is active and in one of the roles."""
    return role_of(viewer) in roles


def sees_small_cells(viewer: Viewer) -> bool:
    """True for coordinators, who alone see figures with fewer than SMALL_CELL ranchers behind."""
    return has_role(viewer, Role.COORDINATOR)


def role_required(*roles: str) -> Callable[..., Any]:
    """View decorator: log-in page for nobody, 403 for anyone in another role."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request)
            if not has_role(request.user, *roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.allowed_roles = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


def _to_login(request: HttpRequest) -> HttpResponse:
    """The log-in page; a fragment asked for by htmx sends the whole page there."""
    if getattr(request, "htmx", False):
        address = redirect_to_login(request.htmx.current_url_abs_path or "/")  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(address["Location"])
    return redirect_to_login(request.get_full_path())


def district_codes_of(viewer: Viewer) -> list[str]:
    """Ubigeos of the districts a technician looks after; read once per loaded user.

    Codes, not a subquery: with them PostgreSQL combines the indexes on technician and district,
    with an OR over a subquery it would read every rancher.
    """
    if not isinstance(viewer, User):
        return []
    if not hasattr(viewer, "_district_codes"):
        through = User.districts.through.objects.filter(user_id=viewer.pk)
        viewer._district_codes = list(through.values_list("district_id", flat=True))  # type: ignore[attr-defined]
    codes: list[str] = viewer._district_codes  # type: ignore[attr-defined]
    return codes


def _seen_through(viewer: Viewer, path: str) -> Q | None:
    """The filter on a queryset whose rancher is at `path` ('' = the rancher); None = nothing.

    Coordinator: all. Technician: own ranchers and those of own districts. Rancher: self.
    Ministry staff see cells and plots without names, never a person.
    """
    prefix = f"{path}__" if path else ""
    role = role_of(viewer)
    if role == Role.COORDINATOR:
        return Q()
    if role == Role.TECHNICIAN:
        own = Q(**{f"{prefix}technician": viewer})
        codes = district_codes_of(viewer)
        return own | Q(**{f"{prefix}district__in": codes}) if codes else own
    if role == Role.RANCHER and isinstance(viewer, User):
        return Q(**{path or "pk": viewer.rancher_id})
    return None


def ranchers_for(viewer: Viewer) -> QuerySet[Rancher]:
    """Ranchers whose name and record the viewer may see."""
    return rows_for(viewer, Rancher.objects.all(), path="")


def visible_rancher_ids(viewer: Viewer) -> QuerySet[Rancher, Any]:
    """Ids of `ranchers_for(viewer)`, to be used as `rancher_id__in=`."""
    return ranchers_for(viewer).order_by().values("pk")


def rows_for(viewer: Viewer, rows: QuerySet[Row], *, path: str = "rancher") -> QuerySet[Row]:
    """The rows of any model that belong to ranchers the viewer may see.

    `path` is the lookup from the row to its rancher: `rows_for(user, Visit.objects.all())`,
    `rows_for(user, Photo.objects.all(), path="visit__rancher")`.
    """
    seen = _seen_through(viewer, path)
    return rows.none() if seen is None else rows.filter(seen)


def plots_for(viewer: Viewer) -> QuerySet[Plot]:
    """Plots whose shape the viewer may see.

    For ministry staff those of ranchers who consent to it today; the caller must leave out every
    name (`sees_names`): a plot's own name is often its owner's.
    """
    if role_of(viewer) == Role.MINISTRY:
        consents = Consent.objects.filter(
            rancher=OuterRef("rancher"),
            scope__in=SHARED_SCOPES,
            period__contains=localdate(),
        )
        return Plot.objects.filter(Exists(consents))
    return rows_for(viewer, Plot.objects.all())


def counts_for(viewer: Viewer, rows: QuerySet[Row]) -> QuerySet[Row]:
    """Of rows that count plots by `technician`, `district` and `is_shared`, those that add up to
    `plots_for(viewer)`. A rancher's few plots are not counted this way: none."""
    role = role_of(viewer)
    if role == Role.MINISTRY:
        return rows.filter(is_shared=True)
    if role == Role.RANCHER:
        return rows.none()
    return rows_for(viewer, rows, path="")


def count_parts_for(viewer: Viewer, rows: QuerySet[Row]) -> list[QuerySet[Row]]:
    """`counts_for` in parts that one index serves each; the same rows together, some in two parts."""
    if has_role(viewer, Role.TECHNICIAN):
        codes = district_codes_of(viewer)
        own = rows.filter(technician=viewer)
        return [own, rows.filter(district__in=codes)] if codes else [own]
    return [counts_for(viewer, rows)]


def sees_names(viewer: Viewer) -> bool:
    """True when names of the ranchers and plots that the viewer sees may be shown."""
    return has_role(viewer, Role.COORDINATOR, Role.TECHNICIAN, Role.RANCHER)


def districts_for(viewer: Viewer) -> QuerySet[District]:
    """Districts the viewer may choose from: every one for staff, the own for a rancher."""
    role = role_of(viewer)
    if role in STAFF:
        return District.objects.all()
    if role == Role.RANCHER and isinstance(viewer, User):
        return District.objects.filter(ranchers=viewer.rancher_id)
    return District.objects.none()


def can_manage_accounts(viewer: Viewer) -> bool:
    """Make, deactivate and re-open accounts of staff; settle conflicts; change coefficients."""
    return has_role(viewer, Role.COORDINATOR)


def can_register_ranchers(viewer: Viewer) -> bool:
    """Add a rancher or a plot, by form or by import."""
    return has_role(viewer, Role.COORDINATOR, Role.TECHNICIAN)


def can_edit_rancher(viewer: Viewer, rancher: Rancher) -> bool:
    """Change the record, plots and consents of this rancher, and issue or revoke their card."""
    if role_of(viewer) == Role.COORDINATOR:
        return True
    if role_of(viewer) == Role.TECHNICIAN and isinstance(viewer, User):
        return rancher.technician_id == viewer.pk or rancher.district_id in district_codes_of(
            viewer
        )
    return False


def can_log_visits(viewer: Viewer, rancher: Rancher) -> bool:
    """Log a visit at this rancher's farm."""
    return can_edit_rancher(viewer, rancher)


def can_edit_visit(viewer: Viewer, *, rancher: Rancher, technician_id: int | None) -> bool:
    """Edit or delete a logged visit: a coordinator any, a technician the own."""
    if role_of(viewer) == Role.COORDINATOR:
        return True
    return can_log_visits(viewer, rancher) and technician_id == getattr(viewer, "pk", 0)
