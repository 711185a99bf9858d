"""Settling a conflict: for each property, the value that stands or the one that came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from monitoring import sync
from monitoring.models import Conflict, Visit
from monitoring.quality import AlreadyClosed
from monitoring.sync.content import Content
from monitoring.sync.kinds import content_received
from monitoring.sync.store import content_of
from monitoring.visits import NotDone, edit
from ranchers.models import User

__all__ = ["AlreadyClosed", "Difference", "NotDone", "differences", "settle"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One property that both sides changed: its name and both values, canonical (None: absent)."""

    name: str
    current: Any
    incoming: Any


def visit_of(conflict: Conflict) -> Visit:
    """The visit that the conflict is about. Raises LookupError when it is about a registration."""
    if conflict.visit is None:
        raise LookupError
    return conflict.visit


def differences(conflict: Conflict) -> list[Difference]:
    """What a coordinator chooses between: the visit as it stands now against what came in."""
    now, incoming = content_of(visit_of(conflict)), content_received(conflict.payload)
    return [Difference(name, now.get(name), incoming.get(name)) for name in conflict.fields]


def settle(*, conflict: Conflict, picks: Mapping[str, str], by: User) -> sync.Receipt | None:
    """Write the picks ("current" or "incoming" per property; current when not named) and close.

    Returns the receipt of the edit, None when everything stays as it is. Raises AlreadyClosed, and
    NotDone when the mixture cannot be or the visit changed meanwhile.
    """
    if conflict.settled_at is not None:
        raise AlreadyClosed
    found = differences(conflict)
    taken = [diff for diff in found if picks.get(diff.name) == "incoming"]
    receipt = None
    if taken:
        content = content_of(visit_of(conflict))
        for diff in taken:
            if diff.incoming is None:
                content.pop(diff.name, None)
            else:
                content[diff.name] = diff.incoming
        for name in ("plot", "started_at", "position"):
            content.setdefault(name, None)
        content["confirmed"] = sorted(
            {*content["confirmed"], *content_received(conflict.payload)["confirmed"]}
        )
        receipt = _edit_knowingly(conflict, content, by=by)
    settlement = "kept" if not taken else "applied" if len(taken) == len(found) else "merged"
    closed = Conflict.objects.filter(pk=conflict.pk, settled_at=None).update(
        settled_at=timezone.now(), settled_by=by, settlement=settlement
    )
    if not closed:
        raise AlreadyClosed
    sync.tell_senders(conflict.payload)
    return receipt


def _edit_knowingly(conflict: Conflict, content: Content, *, by: User) -> sync.Receipt:
    """As `edit`; whoever picks a value with both before their eyes has been asked already."""
    try:
        return edit(visit=visit_of(conflict), content=content, sender=by)
    except NotDone as error:
        asked = {reason.get("confirm") for reason in error.receipt.reasons}
        if not asked or None in asked:
            raise
        content["confirmed"] = sorted({*content["confirmed"], *asked})
        return edit(visit=visit_of(conflict), content=content, sender=by)
