"""A next step of an earlier visit, ticked on a phone that does not have that visit's content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from monitoring.models import InboxPayload, NextStep, Outcome, Visit
from monitoring.sync import fields as read
from monitoring.sync import gate, items, store
from monitoring.sync.content import Content
from monitoring.sync.document import Document
from monitoring.sync.reasons import Judgement, Quarantine, Reason, Refused
from ranchers.models import User


@dataclass(frozen=True, slots=True)
class Tick:
    """A step said to be done on a day, or (no day) open again. It has no base version: the later
    tick stands."""

    step: UUID
    device: UUID | None
    revision: int | None
    content: Content
    base_version: None = None


def understand(document: Document) -> Tick:
    """The tick that a schema 1 document describes. Raises Refused with all reasons."""
    errors: list[Reason] = []

    def take(field: str, reader: Callable[..., Any], value: Any, **options: Any) -> Any:
        try:
            return reader(value, **options)
        except read.Unreadable as error:
            errors.append(Reason(field, error.code, str(error)))
            return None

    step = take("id", read.uuid, document.get("id"), required=True)
    done_on = take("done_on", read.day, document.get("done_on"))
    device = take("device", read.uuid, document.get("device"))
    revision = take("revision", read.count, document.get("revision"), most=10**9)
    if done_on and done_on > localdate().isoformat():
        errors.append(Reason("done_on", "in_future", _("The date is in the future.")))
    if errors:
        raise Refused(errors)
    return Tick(
        step=UUID(step),
        device=UUID(device) if device else None,
        revision=revision,
        content={"done_on": done_on},
    )


def settle_step(payload: InboxPayload, document: Document, authority: User | None) -> Judgement:
    """Write the day on the step: a new version of the visit that agreed it, by whom it was ticked.

    Raises Refused, and Quarantine for a step that is not here or whose rancher may not be seen.
    """
    tick = understand(document)
    items.note_claims(payload, item=tick.step, content=tick.content, claims=tick)
    gate.lock(tick.step)
    seen = items.seen_before(payload)
    if seen is not None:
        return seen
    step = NextStep.objects.filter(pk=tick.step, visit__deleted_at=None).first()
    if step is None:
        message = _("The next step is not here (any more). A coordinator will look at it.")
        raise Quarantine(Reason("id", "step_unknown", message))
    gate.lock(step.visit_id)
    visit = Visit.objects.select_for_update(of=("self",)).get(pk=step.visit_id)
    by = gate.judged_by(payload, authority, rancher_id=visit.rancher_id)
    gate.check_rancher(by, visit.rancher_id)
    store.keep_version(visit)
    content = store.content_of(visit)
    name = f"next_steps.{step.pk}"
    if content[name]["done_on"] == tick.content["done_on"]:
        return Judgement(Outcome.UNCHANGED, visit.version)
    content[name] = content[name] | tick.content
    store.write(
        visit=visit,
        visit_id=visit.pk,
        content=content,
        payload=payload,
        made_by=by,
        technician=by,
    )
    return Judgement(Outcome.UPDATED, visit.version)
