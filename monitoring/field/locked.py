"""A phone that was signed out while it is locked hands over what it kept, as it lies there: encrypted.

Locked, it can read neither its secret nor its visits. The server can: it has the phone's data key
(monitoring.field.escrow). AES-GCM vouches that an item was written by the unlocked phone, so that who
holds only the token of the locked one can add nothing.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from monitoring import sync
from monitoring.field import escrow
from monitoring.field.batch import Batch, receive_batch
from monitoring.models import FieldDevice

SCHEMA = 1
UNREADABLE = "sealed"
"""The kind of an item that cannot be opened: it waits in quarantine as it came, like any unknown kind."""


def hand_over(
    items: list[dict[str, Any]], *, device: FieldDevice, app_version: str
) -> list[dict[str, Any]]:
    """The answers to the encrypted items `{kind, id, revision, base_version, iv, sealed}`, in their order."""
    sent = [_opened(item, device) for item in items]
    return receive_batch(Batch(sent, app_version, None, None), device=device)


def _opened(item: dict[str, Any], device: FieldDevice) -> sync.Sent:
    """The item as the unlocked phone would have sent it."""
    about = {
        "schema": SCHEMA,
        "id": str(item["id"]),
        "device": str(device.pk),
        "revision": item["revision"],
        "base_version": item["base_version"],
    }
    try:
        kept = json.loads(escrow.opened(device, iv=item["iv"], data=item["sealed"]))
        return _sent(item["kind"], kept["content"] | about)
    except (escrow.KeyUnreadable, ValueError, KeyError, TypeError, RecursionError):
        whole = {"iv": item["iv"].hex(), "sealed": item["sealed"].hex(), "kind": item["kind"]}
        return _sent(UNREADABLE, about | whole)


def _sent(kind: str, document: dict[str, Any]) -> sync.Sent:
    raw = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return sync.Sent(kind, raw, hashlib.sha256(raw).hexdigest())
