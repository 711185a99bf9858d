"""Receive a payload: store it, understand it, write it, answer.

The invariants are in docs/sync.md; the property tests in tests/monitoring/ hold them.
"""

from __future__ import annotations

import hashlib
import logging

from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from monitoring.models import DataFlag, InboxPayload, Outcome
from monitoring.sync import document as documents
from monitoring.sync import judge
from monitoring.sync.content import VisitPayload, claimed_visit_id, understand
from monitoring.sync.reasons import Quarantine, Reason, Receipt, Refused
from ranchers.models import User

logger = logging.getLogger(__name__)

MAX_STORED_BYTES = 1024 * 1024
MAX_ATTEMPTS = 5


class PayloadTooLarge(ValueError):
    """More than a megabyte: no visit; not stored, and no receipt is given. The edge answers 413."""


def receive(*, raw: bytes, sender: User, channel: str) -> Receipt:
    """The receipt of one payload, whatever it holds. `channel` is a value of `Channel`.

    The bytes are committed before anything else happens, so call it outside a transaction. With
    outcome `pending` they are stored, and a worker will understand them later. Raises
    PayloadTooLarge for more than `MAX_STORED_BYTES`.
    """
    if len(raw) > MAX_STORED_BYTES:
        raise PayloadTooLarge
    with transaction.atomic(durable=True):
        payload = InboxPayload.objects.create(
            sender=sender, channel=channel, raw=raw, sha256=hashlib.sha256(raw).hexdigest()
        )
    return _try(payload.pk)


def process(number: int, *, authority: User | None = None) -> Receipt:
    """Understand a stored payload that still waits, in one transaction; else its receipt again.

    `authority` is the coordinator who lets a quarantined payload in: it is judged by that
    person's rights, and stays the sender's visit.
    """
    with transaction.atomic():
        payload = InboxPayload.objects.select_for_update(of=("self",)).get(pk=number)
        waits = [Outcome.PENDING] + ([Outcome.QUARANTINED] if authority else [])
        if payload.outcome not in waits:
            return _receipt(payload)
        reader = authority or payload.sender
        with translation.override(reader.language if reader else "es"):
            _settle(payload, authority)
        payload.processed_at = timezone.now()
        payload.save()
        return _receipt(payload)


def process_pending(*, limit: int = 500) -> int:
    """Understand what a crash left waiting; returns how many payloads no longer wait."""
    waiting = InboxPayload.objects.filter(outcome=Outcome.PENDING).order_by("id")
    numbers = list(waiting.values_list("pk", flat=True)[:limit])
    return sum(_try(number).outcome != Outcome.PENDING for number in numbers)


def release(number: int, *, by: User) -> Receipt:
    """Let a quarantined payload in on a coordinator's word, and close its flag when it went in."""
    receipt = process(number, authority=by)
    if receipt.outcome not in (Outcome.QUARANTINED, Outcome.PENDING, Outcome.REJECTED):
        DataFlag.objects.filter(payload=number, code="quarantined", closed_at=None).update(
            closed_at=timezone.now(), closed_by=by, resolution=_("Accepted")
        )
    return receipt


def _try(number: int) -> Receipt:
    """As `process`; a fault of ours leaves the payload waiting, and after some attempts puts it in
    quarantine where a person sees it."""
    for last_try in (False, True):
        try:
            return process(number)
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
        if payload.outcome == Outcome.PENDING:
            payload.attempts += 1
            if payload.attempts >= MAX_ATTEMPTS:
                message = _(
                    "The server could not process the visit. A coordinator will look at it."
                )
                _quarantine(payload, Quarantine(Reason("", "not_processed", message)))
            payload.save()
        return _receipt(payload)


def _receipt(payload: InboxPayload) -> Receipt:
    return Receipt(
        number=payload.pk,
        outcome=payload.outcome,
        visit_id=payload.visit_uuid,
        version=payload.visit_version,
        reasons=payload.reasons,
    )


def _settle(payload: InboxPayload, authority: User | None) -> None:
    """Set the outcome of a payload, and write what it changes."""
    try:
        visit_payload = _understood(payload)
        _lock(str(visit_payload.visit_id))
        with transaction.atomic():
            outcome = judge.judge(payload, visit_payload, authority=authority)
    except Refused as error:
        payload.outcome = Outcome.REJECTED
        payload.reasons = [reason.as_json() for reason in error.reasons]
    except Quarantine as error:
        _quarantine(payload, error)
    else:
        payload.outcome = outcome.outcome
        payload.visit_version = outcome.version
        payload.reasons = [reason.as_json() for reason in outcome.reasons]


def _understood(payload: InboxPayload) -> VisitPayload:
    document = documents.read(bytes(payload.raw))
    version = document.get("schema")
    if isinstance(version, int) and 0 < version < 32_768:
        payload.schema_version = version
    payload.visit_uuid = claimed_visit_id(document)
    visit_payload = understand(documents.upcast(document))
    payload.base_version = visit_payload.base_version
    payload.device = visit_payload.device
    payload.revision = visit_payload.revision
    payload.content_hash = visit_payload.content_hash
    return visit_payload


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


def _lock(visit_id: str) -> None:
    """One payload of a visit at a time, also before the visit exists; held to the commit."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 5))", [visit_id])
