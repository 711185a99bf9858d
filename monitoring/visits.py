"""Visits as people work with them: who sees which, what is due, small edits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from monitoring import sync
from monitoring.models import Channel, Conflict, NextStep, Observation, Visit
from monitoring.sync.content import Content, as_payload
from monitoring.sync.store import content_of
from ranchers.access import Viewer, has_role, ranchers_for, rows_for
from ranchers.models import District, EnrolmentStatus, Rancher, Role, Status, User

VISIT_EVERY_DAYS = 180


class NotDone(ValueError):
    """The edit did not go in; carries the receipt with its reasons."""

    def __init__(self, receipt: sync.Receipt) -> None:
        super().__init__("; ".join(reason["message"] for reason in receipt.reasons))
        self.receipt = receipt


def visits_for(viewer: Viewer) -> QuerySet[Visit]:
    """Visits whose record the viewer may read, deleted ones included: coordinators and the
    technicians of the rancher; nobody else reads what a technician wrote down."""
    if not has_role(viewer, Role.COORDINATOR, Role.TECHNICIAN):
        return Visit.objects.none()
    visits = Visit.objects.select_related("rancher", "rancher__district", "plot", "technician")
    return rows_for(viewer, visits)


def find_visits(
    *,
    viewer: Viewer,
    text: str = "",
    rancher: UUID | None = None,
    district: District | None = None,
    technician: User | None = None,
    since: date | None = None,
    until: date | None = None,
    deleted: bool = False,
) -> QuerySet[Visit]:
    """The visits a viewer may read, newest first, narrowed; with what the list shows of each."""
    visits = visits_for(viewer).filter(deleted_at__isnull=not deleted)
    for word in text.split()[:5]:
        visits = visits.filter(
            Q(rancher__surnames__icontains=word)
            | Q(rancher__given_names__icontains=word)
            | Q(rancher__dni=word)
        )
    if rancher:
        visits = visits.filter(rancher=rancher)
    if district:
        visits = visits.filter(rancher__district=district)
    if technician:
        visits = visits.filter(technician=technician)
    if since:
        visits = visits.filter(visited_on__gte=since)
    if until:
        visits = visits.filter(visited_on__lte=until)
    seen = Observation.objects.filter(visit=OuterRef("pk")).order_by().values("visit")
    return visits.annotate(  # counted for the rows of a page only
        observations_seen=Coalesce(Subquery(seen.annotate(n=Count("pk")).values("n")), 0),
        has_conflict=Exists(open_conflicts_of(OuterRef("pk"))),
    ).order_by("-visited_on", "-created_at")


def open_conflicts_of(visit_id: UUID | OuterRef) -> QuerySet[Conflict]:
    return Conflict.objects.filter(visit=visit_id, settled_at=None)


@dataclass(slots=True)
class RouteEntry:
    """One rancher on a technician's route. `steps` are open next steps, the soonest due first."""

    rancher: Rancher
    last_visit_on: date | None
    steps: list[NextStep] = field(default_factory=list)

    @property
    def days_since_visit(self) -> int | None:
        return (localdate() - self.last_visit_on).days if self.last_visit_on else None

    @property
    def is_never_visited(self) -> bool:
        return self.last_visit_on is None

    @property
    def is_overdue(self) -> bool:
        return self.days_since_visit is not None and self.days_since_visit > VISIT_EVERY_DAYS

    @property
    def has_step_due(self) -> bool:
        return any(step.due_on and step.due_on <= localdate() for step in self.steps)

    @property
    def is_due(self) -> bool:
        return self.is_never_visited or self.is_overdue or self.has_step_due


def route_of(*, viewer: Viewer, text: str = "", only: str = "") -> QuerySet[Rancher]:
    """The viewer's ranchers, longest without a visit first (never visited before all).

    `only`: "due" (no visit in `VISIT_EVERY_DAYS`, or a next step due), "never", or "" for all.
    Who has left the programme is in none but all: nobody should drive a day for them.
    """
    enrolled = EnrolmentStatus.objects.filter(enrolment__rancher=OuterRef("pk"))
    here = enrolled.filter(period__contains=localdate()).exclude(status=Status.LEFT)
    last = (
        Visit.objects.filter(rancher=OuterRef("pk"), deleted_at=None)
        .order_by("-visited_on")
        .values("visited_on")[:1]
    )
    due_steps = NextStep.objects.filter(
        visit__rancher=OuterRef("pk"),
        visit__deleted_at=None,
        done_on=None,
        due_on__lte=localdate(),
    )
    ranchers = ranchers_for(viewer).annotate(
        last_visit_on=Subquery(last, output_field=DateField()), step_is_due=Exists(due_steps)
    )
    for word in text.split()[:5]:
        ranchers = ranchers.filter(
            Q(surnames__icontains=word)
            | Q(given_names__icontains=word)
            | Q(community__icontains=word)
            | Q(dni=word)
        )
    if only in ("due", "never"):
        ranchers = ranchers.filter(Exists(here) | ~Exists(enrolled))
    if only == "never":
        ranchers = ranchers.filter(last_visit_on=None)
    elif only == "due":
        overdue = localdate() - timedelta(days=VISIT_EVERY_DAYS)
        ranchers = ranchers.filter(
            Q(last_visit_on=None) | Q(last_visit_on__lt=overdue) | Q(step_is_due=True)
        )
    return ranchers.select_related("district").order_by(
        F("last_visit_on").asc(nulls_first=True), "surnames", "id"
    )


def route_counts(*, viewer: Viewer) -> dict[str, int]:
    """How many of the viewer's ranchers are due, were never visited, and are in all."""
    return {
        "due": route_of(viewer=viewer, only="due").count(),
        "never": route_of(viewer=viewer, only="never").count(),
        "all": route_of(viewer=viewer).count(),
    }


def with_steps(ranchers: Sequence[Rancher]) -> list[RouteEntry]:
    """These ranchers (of `route_of`) with their open next steps, in one more query."""
    entries = {
        rancher.pk: RouteEntry(rancher, getattr(rancher, "last_visit_on", None))
        for rancher in ranchers
    }
    for step in open_steps(list(entries)):
        entries[step.visit.rancher_id].steps.append(step)
    return list(entries.values())


def open_steps(rancher_ids: Sequence[UUID]) -> QuerySet[NextStep]:
    """What was agreed with these ranchers and is not done, the soonest due first."""
    return (
        NextStep.objects.filter(
            visit__rancher__in=rancher_ids, visit__deleted_at=None, done_on=None
        )
        .select_related("visit", "practice")
        .order_by(F("due_on").asc(nulls_last=True), "id")
    )


def edit(
    *, visit: Visit, content: Content, sender: User, channel: str = Channel.PAGE
) -> sync.Receipt:
    """Send a changed content of the visit's current version down the one write path.

    Raises NotDone when it did not go in as a whole.
    """
    document = as_payload(content, visit_id=visit.pk, base_version=visit.version)
    receipt = sync.receive(raw=json.dumps(document).encode(), sender=sender, channel=channel)
    if receipt.outcome not in ("updated", "unchanged"):
        raise NotDone(receipt)
    return receipt


def set_deleted(*, visit: Visit, deleted: bool, sender: User) -> sync.Receipt:
    """Take a visit out of every figure, or put it back. Raises NotDone."""
    content = content_of(visit) | {"deleted": deleted}
    return edit(visit=visit, content=content, sender=sender)


def set_step_done(*, step: NextStep, done_on: date | None, sender: User) -> sync.Receipt:
    """Note that a next step was done on a day, or that it was not after all. Raises NotDone."""
    content = content_of(step.visit)
    name = f"next_steps.{step.pk}"
    content[name] = content[name] | {"done_on": done_on.isoformat() if done_on else None}
    return edit(visit=step.visit, content=content, sender=sender)
