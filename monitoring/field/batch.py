"""A batch from a phone: read trusting nothing, received item by item, answered in its order."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from monitoring import sync
from monitoring.field.photos import waiting_for
from monitoring.field.receipts import as_json
from monitoring.models import Channel, FieldDevice, Outcome
from monitoring.tasks import queue_place_photos
from ranchers.plain_text import printable

MOST_ITEMS = 100
MOST_BYTES = 2 * 1024 * 1024
"""Of the whole batch, unpacked."""
NO_HASH = "0" * 64
"""Stands for the hash of an item that tells none: nothing has it."""


class BatchTooLarge(ValueError):
    """More than MOST_ITEMS or MOST_BYTES: the phone sends fewer at once."""


class BatchUnreadable(ValueError):
    """Not a batch at all; nothing was stored, the phone keeps everything."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a phone sent. `offset_s`: its clock minus ours, None when it does not tell the time."""

    items: Sequence[sync.Sent]
    app_version: str
    offset_s: int | None
    waiting: int | None


def unpacked(body: bytes, *, encoding: str) -> bytes:
    """The body of a request as it was before `Content-Encoding: gzip`. Raises BatchTooLarge and
    BatchUnreadable; never holds more than MOST_BYTES."""
    if encoding in ("", "identity"):
        if len(body) > MOST_BYTES:
            raise BatchTooLarge
        return body
    if encoding != "gzip":
        raise BatchUnreadable
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(body, MOST_BYTES + 1)
    except zlib.error as error:
        raise BatchUnreadable from error
    if len(found) > MOST_BYTES:
        raise BatchTooLarge
    if not unpacker.eof:
        raise BatchUnreadable
    return found


def read_batch(body: bytes) -> Batch:
    """The batch in a request's body. Raises BatchTooLarge and BatchUnreadable."""
    try:
        document = json.loads(body)
        items = document["items"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BatchUnreadable from error
    if not isinstance(items, list):
        raise BatchUnreadable
    if len(items) > MOST_ITEMS:
        raise BatchTooLarge
    waiting = document.get("waiting")
    return Batch(
        items=[sent_of(item) for item in items],
        app_version=str(document.get("app_version") or "")[:40].replace("\x00", ""),
        offset_s=_offset(document.get("sent_at")),
        waiting=waiting if isinstance(waiting, int) and 0 <= waiting <= 10**6 else None,
    )


def sent_of(item: Any) -> sync.Sent:
    """One item; what is not one is kept as it came, to be rejected with a receipt of its own."""
    fields = item if isinstance(item, dict) else {}
    body, kind, told = fields.get("body"), fields.get("kind"), fields.get("sha256")
    if not isinstance(body, str) or not isinstance(kind, str) or not isinstance(told, str):
        return sync.Sent("visit", _bytes(json.dumps(item)), NO_HASH)
    kind = printable(kind[:12])
    return sync.Sent(kind, _bytes(body), told or NO_HASH)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _offset(sent_at: Any) -> int | None:
    try:
        told = datetime.fromisoformat(sent_at)
        seconds = round((told - now()).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if abs(seconds) < 2**31 else None


def receive_batch(batch: Batch, *, device: FieldDevice) -> list[dict[str, Any]]:
    """The answers to the items of a batch, in its order."""
    seen = {
        "app_version": batch.app_version or device.app_version,
        "clock_offset_s": batch.offset_s,
        "waiting": batch.waiting,
    }
    FieldDevice.objects.filter(pk=device.pk).update(**seen)
    receipts = sync.receive_many(
        items=batch.items,
        sender=device.user,
        channel=Channel.FIELD,
        via=device,
        clock_offset_s=batch.offset_s,
    )
    created = [one.visit_id for one in receipts if one.outcome == Outcome.CREATED and one.visit_id]
    if created:
        queue_place_photos(waiting_for(created))
    return [as_json(receipt) for receipt in receipts]
