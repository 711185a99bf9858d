"""The quality queue: what a coordinator should look at, and closing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring import sync
from monitoring.models import Conflict, DataFlag, InboxPayload, Outcome
from monitoring.sync.content import MEASUREMENTS
from monitoring.visit_trail import measurement_label
from practices.models import Practice
from ranchers.access import Viewer, has_role
from ranchers.models import Role, User

_LABELS = {
    "soft_milk_per_cow_max": lambda: _("Much milk per cow"),
    "soft_stocking_rate_max": lambda: _("Many animals on little pasture"),
    "soft_mortality_max": lambda: _("Many deaths"),
    "soft_count_change_max": lambda: _("A count that changed by more than half"),
    "soft_distance_km_max": lambda: _("Position far from the farm"),
    "adopted_unseen": lambda: _("Adopted without evidence seen"),
    "clock_wrong": lambda: _("The clock of the device is wrong"),
    "quarantined": lambda: _("Something in quarantine"),
    "boundary_overlap": lambda: _("A walked outline that lies on another plot"),
    "boundary_replaced": lambda: _("A second walk of the same plot on one day"),
}


class AlreadyClosed(ValueError):
    """Somebody else closed it first."""


def titles(flags: Iterable[DataFlag]) -> list[str]:
    """What each flag is about, in the reader's language; of which figure or practice, where one
    visit can have several."""
    about = [(flag.code, _several(flag)) for flag in flags]
    codes = [field.partition(".")[2] for _code, field in about if field.startswith("observations.")]
    names = {one.code: one.name for one in Practice.objects.filter(code__in=codes)} if codes else {}
    return [_title(code, field, names) for code, field in about]


def _several(flag: DataFlag) -> str:
    """The property that a flag is about if its code names one; else ""."""
    field = flag.detail.get("field") if ":" in flag.code else ""
    return field if isinstance(field, str) else ""


def _title(code: str, field: str, names: Mapping[str, str]) -> str:
    named = _LABELS.get(code.partition(":")[0])
    kind = named() if named else code
    group, _dot, key = field.partition(".")
    if group == "measurements" and key in MEASUREMENTS:
        return f"{kind}: {measurement_label(key)}"
    if group == "observations":
        return f"{kind}: {names.get(key, key)}"
    return kind


def open_flags(viewer: Viewer) -> QuerySet[DataFlag]:
    """Open flags, oldest first, for coordinators; nobody else has a queue."""
    if not has_role(viewer, Role.COORDINATOR):
        return DataFlag.objects.none()
    return (
        DataFlag.objects.filter(closed_at=None)
        .select_related("rancher", "visit", "visit__technician", "payload", "payload__sender")
        .order_by("opened_at", "id")
    )


def open_conflicts(viewer: Viewer) -> QuerySet[Conflict]:
    """Edits of visits and registrations that wait for a coordinator to choose, oldest first."""
    if not has_role(viewer, Role.COORDINATOR):
        return Conflict.objects.none()
    return (
        Conflict.objects.filter(settled_at=None)
        .select_related(
            "rancher", "visit", "visit__rancher", "visit__technician", "payload__sender"
        )
        .order_by("opened_at", "id")
    )


def quarantined(viewer: Viewer) -> QuerySet[InboxPayload]:
    """Payloads in quarantine, oldest first."""
    if not has_role(viewer, Role.COORDINATOR):
        return InboxPayload.objects.none()
    return (
        InboxPayload.objects.filter(outcome=Outcome.QUARANTINED)
        .select_related("sender")
        .order_by("id")
    )


def held(viewer: Viewer) -> QuerySet[InboxPayload]:
    """What waits for a rancher or plot that has not arrived, oldest first; with `conflict`, the id of
    the open conflict that keeps it waiting, if that is why."""
    if not has_role(viewer, Role.COORDINATOR):
        return InboxPayload.objects.none()
    why = Conflict.objects.filter(settled_at=None, payload__visit_uuid=OuterRef("waits_for"))
    return (
        InboxPayload.objects.filter(outcome=Outcome.HELD)
        .select_related("sender", "via")
        .defer("raw")
        .annotate(conflict=Subquery(why.values("pk")[:1]))
        .order_by("id")
    )


def close_flag(*, flag: DataFlag, by: User, resolution: str) -> None:
    """Take a flag off the queue with a word on why. Raises AlreadyClosed."""
    closed = DataFlag.objects.filter(pk=flag.pk, closed_at=None).update(
        closed_at=timezone.now(), closed_by=by, resolution=resolution[:300]
    )
    if not closed:
        raise AlreadyClosed


def accept(*, number: int, by: User) -> sync.Receipt:
    """Let a quarantined payload in by the coordinator's own rights."""
    return sync.release(number, by=by)


def refuse(*, number: int, by: User, reason: str) -> None:
    """Reject a quarantined payload; its bytes stay in the inbox. Raises AlreadyClosed."""
    refused = InboxPayload.objects.filter(pk=number, outcome=Outcome.QUARANTINED).update(
        outcome=Outcome.REJECTED,
        reasons=[{"field": "", "code": "refused_by_coordinator", "message": reason[:300]}],
        processed_at=timezone.now(),
        changed_at=timezone.now(),
    )
    if not refused:
        raise AlreadyClosed
    DataFlag.objects.filter(payload=number, code="quarantined", closed_at=None).update(
        closed_at=timezone.now(), closed_by=by, resolution=reason[:300]
    )
