"""Receive a payload: store it, understand it, write it, answer.

The invariants are in docs/sync.md; the property tests in tests/monitoring/ hold them.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from monitoring.models import Channel, DataFlag, FieldDevice, InboxPayload, Kind, Outcome
from monitoring.sync import document as documents
from monitoring.sync.content import claimed_visit_id
from monitoring.sync.document import Document
from monitoring.sync.judge import settle_visit
from monitoring.sync.kinds import check_kind
from monitoring.sync.reasons import Held, Judgement, Quarantine, Reason, Receipt, Refused
from monitoring.sync.registrations import settle_registration
from monitoring.sync.steps import settle_step
from monitoring.sync.walks import settle_walk
from monitoring.tasks import recomputed_once
from ranchers.models import User

logger = logging.getLogger(__name__)

MAX_STORED_BYTES = 1024 * 1024
MAX_ATTEMPTS = 5

JUDGES: Mapping[str, Callable[[InboxPayload, Document, User | None], Judgement]] = {
    Kind.VISIT: settle_visit,
    Kind.RANCHER: settle_registration,
    Kind.BOUNDARY: settle_walk,
    Kind.STEP: settle_step,
}
"""What understands and writes each kind. Raises Refused, Quarantine and Held."""


class PayloadTooLarge(ValueError):
    """More than a megabyte: no visit; not stored, and no receipt is given. The edge answers 413."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One item of a batch. `sha256`: of the bytes as the device hashed them; "" when not told."""

    kind: str
    raw: bytes
    sha256: str = ""


def receive(*, raw: bytes, sender: User, channel: str) -> Receipt:
    """The receipt of one visit, whatever it holds. `channel` is a value of `Channel`.

    The bytes are committed before anything else happens, so call it outside a transaction. With
    outcome `pending` they are stored, and a worker will understand them later. Raises
    PayloadTooLarge for more than `MAX_STORED_BYTES`.
    """
    if len(raw) > MAX_STORED_BYTES:
        raise PayloadTooLarge
    return receive_many(items=[Sent(Kind.VISIT, raw)], sender=sender, channel=channel)[0]


def receive_many(
    *,
    items: Sequence[Sent],
    sender: User,
    channel: str,
    via: FieldDevice | None = None,
    clock_offset_s: int | None = None,
) -> list[Receipt]:
    """The receipts of a batch, in its order; no item touches another's fate.

    All bytes are committed first, in one transaction; then each item has one of its own. What others
    may wait for (ranchers, boundaries) is understood first. The edge bounds the whole batch.
    """
    with transaction.atomic(durable=True):
        rows = store(
            items=items, sender=sender, channel=channel, via=via, clock_offset_s=clock_offset_s
        )
    return take_up(rows)


def store(
    *,
    items: Sequence[Sent],
    sender: User | None,
    channel: str,
    via: FieldDevice | None = None,
    clock_offset_s: int | None = None,
) -> list[InboxPayload]:
    """Keep what was sent, in its order, not yet understood; part of the caller's transaction.

    What arrived damaged is rejected at once: nobody could tell later.
    """
    rows = [
        InboxPayload(
            sender=sender,
            channel=channel,
            kind=item.kind[:12],
            raw=item.raw,
            sha256=hashlib.sha256(item.raw).hexdigest(),
            via=via,
            clock_offset_s=clock_offset_s,
        )
        for item in items
    ]
    for row, item in zip(rows, items, strict=True):
        if item.sha256 and item.sha256.lower() != row.sha256:
            _refuse_damaged(row)
    return InboxPayload.objects.bulk_create(rows)


def _refuse_damaged(row: InboxPayload) -> None:
    with _language_of(row.sender):
        if row.channel == Channel.FILE:
            message = _("This is damaged in the file: its hash is another.")
        else:
            message = _("What was sent arrived damaged. It is sent again.")
    row.outcome, row.processed_at = Outcome.REJECTED, timezone.now()
    row.reasons = [Reason("", "hash", message).as_json()]


def take_up(rows: Sequence[InboxPayload]) -> list[Receipt]:
    """Understand stored payloads, each in a transaction of its own; the receipts in their order."""
    order = sorted(
        rows, key=lambda row: (row.kind == Kind.VISIT, row.kind == Kind.BOUNDARY, row.pk)
    )
    with recomputed_once():
        receipts = {
            row.pk: _try(row.pk) if row.outcome == Outcome.PENDING else receipt_of(row)
            for row in order
        }
    held = [number for number, receipt in receipts.items() if receipt.outcome == Outcome.HELD]
    for row in InboxPayload.objects.filter(pk__in=held).defer("raw") if held else ():
        receipts[row.pk] = receipt_of(row)  # applied meanwhile, by what came after it
    return [receipts[row.pk] for row in rows]


def _language_of(person: User | None) -> Any:
    return translation.override(person.language if person else "es")


def process(number: int, *, authority: User | None = None, is_first: bool = False) -> Receipt:
    """Understand a stored payload that still waits, in one transaction; else its receipt again.

    `authority` is the coordinator who lets a quarantined payload in: it is judged by that
    person's rights, and stays the sender's visit. `is_first`: the receipt is the answer to who sent
    it; otherwise they have to be told that it changed.
    """
    with transaction.atomic():
        payload = (
            InboxPayload.objects.select_for_update(of=("self",))
            .select_related("sender", "via", "released_by")
            .get(pk=number)
        )
        waits = [Outcome.PENDING, Outcome.HELD] + ([Outcome.QUARANTINED] if authority else [])
        if payload.outcome not in waits:
            return receipt_of(payload)
        before = payload.outcome
        with _language_of(authority or payload.sender):
            arrived = _settle(payload, authority)
        payload.processed_at = timezone.now()
        if not is_first and payload.outcome != before:
            payload.changed_at = payload.processed_at
        _save(payload)
    apply_held(arrived)
    return receipt_of(payload)


def process_pending(*, limit: int = 500) -> int:
    """Understand what a crash left waiting; returns how many payloads no longer wait."""
    waiting = InboxPayload.objects.filter(outcome=Outcome.PENDING).order_by("id")
    numbers = list(waiting.values_list("pk", flat=True)[:limit])
    done = sum(_try(number, is_first=False).outcome != Outcome.PENDING for number in numbers)
    return done + apply_held(_arrived_unnoticed(limit=limit))


def apply_held(arrived: Iterable[UUID]) -> int:
    """Take up what waited for these ranchers and plots, the oldest first; returns how many went."""
    ids = list(arrived)
    if not ids:
        return 0
    waiting = InboxPayload.objects.filter(outcome=Outcome.HELD, waits_for__in=ids).order_by("id")
    return sum(
        _try(number, is_first=False).outcome != Outcome.HELD
        for number in list(waiting.values_list("pk", flat=True))
    )


def release(number: int, *, by: User) -> Receipt:
    """Let a quarantined payload in on a coordinator's word, and close its flag when it went in."""
    receipt = process(number, authority=by)
    if receipt.outcome not in (Outcome.QUARANTINED, Outcome.PENDING, Outcome.REJECTED):
        DataFlag.objects.filter(payload=number, code="quarantined", closed_at=None).update(
            closed_at=timezone.now(), closed_by=by, resolution=_("Accepted")
        )
    return receipt


def tell_senders(payload: InboxPayload) -> None:
    """Have every device that sent these bytes (a lost answer makes it twice) told that what became
    of them has changed."""
    same = InboxPayload.objects.filter(visit_uuid=payload.visit_uuid, sha256=payload.sha256)
    same.update(changed_at=timezone.now())


def receipt_of(payload: InboxPayload) -> Receipt:
    return Receipt(
        number=payload.pk,
        outcome=payload.outcome,
        visit_id=payload.visit_uuid,
        version=payload.visit_version,
        reasons=payload.reasons,
        kind=payload.kind,
        sha256=payload.sha256,
    )


def _try(number: int, *, is_first: bool = True) -> Receipt:
    """As `process`; a fault of ours leaves the payload waiting, and after some attempts puts it in
    quarantine where a person sees it."""
    for last_try in (False, True):
        try:
            return process(number, is_first=is_first)
        except DatabaseError as error:  # a deadlock or a lost race is worth one more try
            fault: Exception = error
            if last_try:
                break
        except Exception as error:  # noqa: BLE001 - the payload is safe; a person must hear of it
            fault = error
            break
    logger.error("inbox payload %s is not understood yet: %s", number, type(fault).__name__)
    return _count_attempt(number)


def _count_attempt(number: int) -> Receipt:
    with transaction.atomic():
        payload = InboxPayload.objects.select_for_update(of=("self",)).get(pk=number)
        if payload.outcome in (Outcome.PENDING, Outcome.HELD):
            payload.attempts += 1
            if payload.attempts >= MAX_ATTEMPTS:
                message = _(
                    "The server could not process the visit. A coordinator will look at it."
                )
                _quarantine(payload, Quarantine(Reason("", "not_processed", message)))
                payload.changed_at = timezone.now()
            _save(payload)
        return receipt_of(payload)


_SAVED = [
    field.name
    for field in InboxPayload._meta.concrete_fields
    if field.name
    not in (
        "id",
        "raw",
        "sha256",
        "received_at",
        "sender",
        "channel",
        "kind",
        "via",
        "clock_offset_s",
    )
]


def _save(payload: InboxPayload) -> None:
    """What was received is not written again, only what became of it."""
    payload.save(update_fields=_SAVED)


def _settle(payload: InboxPayload, authority: User | None) -> tuple[UUID, ...]:
    """Set the outcome of a payload, and write what it changes; what others may wait for."""
    payload.waits_for = None
    if authority is not None:
        payload.released_by = authority
    try:
        document = _document(payload)
        judge = _judge_of(payload)
        with transaction.atomic():
            judgement = judge(payload, document, authority)
    except Refused as error:
        payload.outcome = Outcome.REJECTED
        payload.reasons = [reason.as_json() for reason in error.reasons]
    except Quarantine as error:
        _quarantine(payload, error)
    except Held as error:
        payload.outcome, payload.waits_for = Outcome.HELD, error.waits_for
        payload.reasons = [error.reason.as_json()]
    else:
        payload.outcome = judgement.outcome
        payload.visit_version = judgement.version
        payload.reasons = [reason.as_json() for reason in judgement.reasons]
        return judgement.arrived
    return ()


def _document(payload: InboxPayload) -> Document:
    document = documents.read(bytes(payload.raw), kind=payload.kind)
    version = document.get("schema")
    if isinstance(version, int) and 0 < version < 32_768:
        payload.schema_version = version
    payload.visit_uuid = claimed_visit_id(document)
    return documents.upcast(document, kind=payload.kind)


def _judge_of(payload: InboxPayload) -> Callable[..., Judgement]:
    check_kind(payload.kind)
    return JUDGES[payload.kind]


def _quarantine(payload: InboxPayload, error: Quarantine) -> None:
    """Set aside for a coordinator: once, however often it is sent, and not again once refused."""
    payload.outcome = Outcome.QUARANTINED
    payload.reasons = [error.reason.as_json()]
    same = InboxPayload.objects.filter(sha256=payload.sha256, sender=payload.sender)
    refused = same.filter(
        outcome=Outcome.REJECTED, reasons__contains=[{"code": "refused_by_coordinator"}]
    ).first()
    if refused is not None:
        payload.outcome, payload.reasons = Outcome.REJECTED, refused.reasons
    elif not same.filter(outcome=Outcome.QUARANTINED).exclude(pk=payload.pk).exists():
        DataFlag.objects.get_or_create(
            code="quarantined",
            payload=payload,
            closed_at=None,
            defaults={"rancher_id": error.rancher_id, "detail": {"reason": error.reason.code}},
        )


def _arrived_unnoticed(*, limit: int) -> list[Any]:
    """What held payloads wait for and is here: its bringer died before it took them up."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct h.waits_for from monitoring_inboxpayload h where h.outcome = 'held'"
            " and (exists (select from ranchers_rancher r where r.id = h.waits_for)"
            " or exists (select from ranchers_rancheralias a where a.id = h.waits_for)"
            " or exists (select from ranchers_plot p where p.id = h.waits_for)) limit %s",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]
