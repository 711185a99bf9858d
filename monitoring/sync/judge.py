"""What a payload does to a visit: create, update, merge, conflict, nothing, or a refusal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring import limits
from monitoring.models import (
    Channel,
    Conflict,
    DataFlag,
    InboxPayload,
    Outcome,
    Visit,
    VisitVersion,
)
from monitoring.sync import gate, items, store
from monitoring.sync.content import Content, VisitPayload, understand
from monitoring.sync.document import Document
from monitoring.sync.merge import changed, three_way
from monitoring.sync.reasons import Judgement, Quarantine, Reason, Refused
from ranchers.access import can_edit_visit
from ranchers.merging import current_id
from ranchers.models import Plot, User

CLOCK_WRONG_AFTER_SECONDS = 600


def settle_visit(payload: InboxPayload, document: Document, authority: User | None) -> Judgement:
    """Understand the document of a visit and write what it changes; see `judge` for what it raises.

    `authority`: the coordinator by whose rights it is judged, None for the sender's own.
    """
    incoming = understand(document)
    payload.visit_uuid = incoming.visit_id
    payload.base_version = incoming.base_version
    payload.device = incoming.device
    payload.revision = incoming.revision
    payload.content_hash = incoming.content_hash
    gate.lock(incoming.visit_id)
    return judge(payload, incoming, authority=authority)


def judge(
    payload: InboxPayload, incoming: VisitPayload, *, authority: User | None = None
) -> Judgement:
    """Write what the payload changes and say what it did. The caller holds the visit's lock.

    Raises Refused, Quarantine and Held, having written nothing.
    """
    visit = Visit.objects.select_for_update(of=("self",)).filter(pk=incoming.visit_id).first()
    twin = _seen_before(payload, incoming)
    if twin is not None:
        return replace(items.again(payload, twin), version=visit.version if visit else None)
    named = current_id(UUID(incoming.content["rancher"]))
    by = gate.judged_by(payload, authority, rancher_id=named)
    incoming = replace(incoming, content=incoming.content | {"rancher": str(named)})
    gate.check_rancher(by, named, also={visit.rancher_id} if visit else set())
    _check_plot(incoming, visit)
    if visit is None:
        judgement = _create(payload, incoming, payload.sender or by)
    else:
        store.keep_version(visit)
        judgement = _edit(payload, incoming, visit, by)
    _note_wrong_clock(payload, incoming)
    return judgement


def _seen_before(payload: InboxPayload, incoming: VisitPayload) -> InboxPayload | None:
    """The payload with the same content from the same base that has taken effect: this is it again."""
    return (
        InboxPayload.objects.filter(
            visit_uuid=incoming.visit_id,
            content_hash=incoming.content_hash,
            base_version=incoming.base_version,
            sender=payload.sender,
            outcome__in=items.TOOK_EFFECT,
        )
        .exclude(pk=payload.pk)
        .defer("raw")
        .order_by("-id")
        .first()
    )


def _check_plot(incoming: VisitPayload, visit: Visit | None) -> None:
    plot = incoming.content["plot"] and UUID(incoming.content["plot"])
    if plot and (visit is None or visit.plot_id != plot):
        gate.wait_for(
            plot,
            is_here=lambda: Plot.objects.filter(pk=plot).exists(),
            message=_("The plot has not arrived yet. The visit waits for it and is not lost."),
            field="plot",
        )


def _refuse_what_cannot_be(
    content: Content, *, visit_id: UUID, before: Content, ask: bool = True
) -> list[limits.Hit]:
    """The soft limits that the content goes beyond, all of them confirmed (or not asked about)."""
    differs = changed(before, content)
    hits = [] if content["deleted"] else limits.soft_hits(content, visit_id=visit_id)
    reasons = limits.hard_reasons(content, visit_id=visit_id, changed=differs)
    if content["deleted"] and before:
        reasons = []
    asked = [
        hit.as_reason()
        for hit in hits
        if ask and hit.code not in content["confirmed"] and hit.looks_at & differs
    ]
    if reasons or asked:
        raise Refused(reasons + asked)
    return hits


def _create(payload: InboxPayload, incoming: VisitPayload, sender: User) -> Judgement:
    content = incoming.content
    hits = _refuse_what_cannot_be(content, visit_id=incoming.visit_id, before={})
    visit = store.write(
        visit=None,
        visit_id=incoming.visit_id,
        content=content,
        payload=payload,
        made_by=sender,
        technician=sender,
    )
    _open_flags(visit, payload, hits)
    return Judgement(Outcome.CREATED, visit.version)


def _edit(payload: InboxPayload, incoming: VisitPayload, visit: Visit, by: User) -> Judgement:
    versions = {row.version: row for row in visit.versions.select_related("payload")}
    now = versions[visit.version].content
    if not changed(now, incoming.content):
        return Judgement(Outcome.UNCHANGED, visit.version)
    _check_own(by, visit, changed(now, incoming.content))
    base_version, superseded = _base(payload, incoming, versions)
    if superseded:
        message = _("A later edit from the same device has already arrived.")
        return Judgement(Outcome.UNCHANGED, visit.version, [Reason("", "superseded", message)])
    if base_version == visit.version:
        hits = _refuse_what_cannot_be(incoming.content, visit_id=visit.pk, before=now)
        _write_edit(visit, incoming.content, payload, by, hits)
        return Judgement(Outcome.UPDATED, visit.version)
    base = versions[base_version].content if base_version in versions else {}
    return _merge(payload, incoming, visit, by, base=base, now=now)


def _check_own(by: User, visit: Visit, differs: set[str]) -> None:
    """Another technician's visit is only edited through a coordinator, but its next steps may be
    marked done by whoever goes to the farm."""
    if all(name.startswith("next_steps.") for name in differs):
        return
    if not can_edit_visit(by, rancher=visit.rancher, technician_id=visit.technician_id):
        message = _("This visit is another technician's. A coordinator will look at the change.")
        raise Quarantine(Reason("", "not_own_visit", message), rancher_id=visit.rancher_id)


def _merge(
    payload: InboxPayload,
    incoming: VisitPayload,
    visit: Visit,
    by: User,
    *,
    base: Content,
    now: Content,
) -> Judgement:
    _refuse_what_cannot_be(incoming.content, visit_id=visit.pk, before=base or now)
    merge = three_way(base=base, current=now, incoming=incoming.content)
    content, overlaps = merge.content, merge.overlaps
    try:
        hits = _refuse_what_cannot_be(content, visit_id=visit.pk, before=now, ask=False)
    except Refused:  # each side is possible, the two together are not
        content, hits = now, []
        overlaps = sorted(changed(base, incoming.content) & changed(now, incoming.content))
    current_version = visit.version
    if changed(now, content) - {"confirmed"}:
        _write_edit(visit, content, payload, by, hits)
    if not overlaps:
        outcome = Outcome.UPDATED if visit.version > current_version else Outcome.UNCHANGED
        return Judgement(outcome, visit.version)
    Conflict.objects.create(
        visit=visit,
        payload=payload,
        base_version=incoming.base_version or 0,
        current_version=visit.version,
        fields=overlaps,
    )
    message = _("Someone else changed this too. Both are kept; a coordinator will decide.")
    return Judgement(
        Outcome.CONFLICT, visit.version, [Reason(name, "conflict", message) for name in overlaps]
    )


def _base(
    payload: InboxPayload, incoming: VisitPayload, versions: dict[int, VisitVersion]
) -> tuple[int, bool]:
    """The version an edit stands on, and whether a later save of the same device overtook it.

    A device may save again before it hears of the version that its last save became: then it names
    an old base, and stands on its own last save.
    """
    base = incoming.base_version or 0
    if incoming.device is None or incoming.revision is None:
        return base, False
    own = InboxPayload.objects.filter(
        visit_uuid=incoming.visit_id,
        device=incoming.device,
        sender=payload.sender,
        revision__isnull=False,
        outcome__in=items.TOOK_EFFECT,
    ).exclude(pk=payload.pk)
    if own.filter(revision__gte=incoming.revision).exists():
        return base, True
    made = {row.payload_id: number for number, row in versions.items()}
    for row in own.filter(base_version=incoming.base_version).order_by("-revision"):
        if row.pk in made and row.outcome != Outcome.CONFLICT:
            return max(base, made[row.pk]), False
    return base, False


def _write_edit(
    visit: Visit, content: Content, payload: InboxPayload, by: User, hits: list[limits.Hit]
) -> None:
    store.write(
        visit=visit,
        visit_id=visit.pk,
        content=content,
        payload=payload,
        made_by=by,
        technician=by,
    )
    _flag(visit, payload, hits)


def _flag(visit: Visit, payload: InboxPayload, hits: list[limits.Hit]) -> None:
    """Have the quality queue hold the soft limits of the current version, and no others."""
    opened = DataFlag.objects.filter(visit=visit, closed_at=None).exclude(code="clock_wrong")
    codes = {hit.code for hit in hits}
    opened.exclude(code__in=codes).update(
        closed_at=timezone.now(), resolution=_("An edit of the visit corrected it.")
    )
    settled = DataFlag.objects.filter(visit=visit, closed_by__isnull=False)
    known = {*opened.values_list("code", flat=True), *settled.values_list("code", flat=True)}
    _open_flags(visit, payload, [hit for hit in hits if hit.code not in known])


def _open_flags(visit: Visit, payload: InboxPayload, hits: list[limits.Hit]) -> None:
    DataFlag.objects.bulk_create(
        DataFlag(
            code=hit.code,
            visit=visit,
            rancher_id=visit.rancher_id,
            payload=payload,
            detail={"field": hit.field, "message": hit.message, **hit.detail},
        )
        for hit in hits
    )


def _note_wrong_clock(payload: InboxPayload, incoming: VisitPayload) -> None:
    """A device whose clock is far from the server's dates its visits wrongly: say so, take them.

    The field app says when it sends (`clock_offset_s`); others say it in the payload itself.
    """
    seconds = payload.clock_offset_s
    if seconds is None and payload.via is None and payload.channel != Channel.FILE:
        if incoming.device_sent_at is None:
            return
        sent_at = datetime.fromisoformat(incoming.device_sent_at)
        seconds = round((sent_at - payload.received_at).total_seconds())
    if seconds is not None and abs(seconds) > CLOCK_WRONG_AFTER_SECONDS:
        DataFlag.objects.get_or_create(
            code="clock_wrong",
            visit_id=incoming.visit_id,
            closed_at=None,
            defaults={
                "rancher_id": UUID(incoming.content["rancher"]),
                "payload": payload,
                "detail": {"seconds": seconds},
            },
        )
