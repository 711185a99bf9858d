"""What registrations and walked boundaries have in common: versions, and payloads seen before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from monitoring.models import Conflict, InboxPayload, ItemVersion, Outcome
from monitoring.sync.content import Content, content_hash
from monitoring.sync.reasons import Judgement, Reason

TOOK_EFFECT = (Outcome.CREATED, Outcome.UPDATED, Outcome.CONFLICT)


def note_claims(payload: InboxPayload, *, item: UUID, content: Content, claims: Any) -> None:
    """Write on the payload what it says it is."""
    payload.visit_uuid = item
    payload.content_hash = content_hash(content)
    payload.base_version = claims.base_version
    payload.device = claims.device
    payload.revision = claims.revision


def earlier_of(payload: InboxPayload) -> QuerySet[InboxPayload]:
    """Other payloads of the same item by the same sender that took effect."""
    return InboxPayload.objects.filter(
        visit_uuid=payload.visit_uuid,
        kind=payload.kind,
        sender=payload.sender,
        outcome__in=TOOK_EFFECT,
    ).exclude(pk=payload.pk)


def seen_before(payload: InboxPayload) -> Judgement | None:
    """The judgement of a payload that says what one that took effect has said: the same conflict
    while it is open, else that nothing changed. A later save by the same device overtakes it too."""
    twin = (
        earlier_of(payload)
        .filter(content_hash=payload.content_hash, base_version=payload.base_version)
        .defer("raw")
        .order_by("-id")
        .first()
    )
    if twin is not None:
        return again(payload, twin)
    if payload.device is not None and payload.revision is not None:
        later = Q(device=payload.device, revision__gte=payload.revision)
        if earlier_of(payload).filter(later).exists():
            message = _("A later edit from the same device has already arrived.")
            reason = Reason("", "superseded", message)
            return Judgement(Outcome.UNCHANGED, latest_version(payload.visit_uuid), [reason])
    return None


def again(payload: InboxPayload, twin: InboxPayload) -> Judgement:
    """The answer to a payload whose twin has been judged already."""
    version = twin.visit_version
    if payload.kind != "visit":
        version = latest_version(payload.visit_uuid) or version
    waits = twin.outcome == Outcome.CONFLICT and open_conflicts_like(twin).exists()
    if not waits:
        return Judgement(Outcome.UNCHANGED, version)
    return Judgement(Outcome.CONFLICT, version, [Reason(**reason) for reason in twin.reasons])


def open_conflicts_like(payload: InboxPayload) -> QuerySet[Conflict]:
    """Unsettled conflicts of this item that bytes like these opened."""
    return Conflict.objects.filter(
        settled_at=None, payload__visit_uuid=payload.visit_uuid, payload__sha256=payload.sha256
    )


def versions_of(item: UUID) -> dict[int, Content]:
    rows = ItemVersion.objects.filter(item=item).values_list("version", "content")
    return dict(rows)


def latest_version(item: UUID | None) -> int | None:
    if item is None:
        return None
    numbers = ItemVersion.objects.filter(item=item).values_list("version", flat=True)
    return max(numbers, default=None)


def keep_version(payload: InboxPayload, *, item: UUID, content: Content) -> int:
    """Keep the content as the item's next version; its number."""
    version = (latest_version(item) or 0) + 1
    ItemVersion.objects.create(item=item, version=version, content=content, payload=payload)
    return version
