"""The file that a phone saves when it cannot send."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from uuid import uuid4

from tests.monitoring.field.phone import Phone, item


def export(phone: Phone, *items: Any, photos: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """What static/field/export.js writes; an item that is a tuple is (kind, document)."""
    pairs = [one if isinstance(one, tuple) else ("visit", one) for one in items]
    return {
        "format": "hato-field-export",
        "version": 1,
        "device": phone.id,
        "user": phone.user.pk,
        "app_version": "1",
        "exported_at": "2026-03-01T17:00:00-05:00",
        "items": [
            item(kind, {"device": phone.id, "revision": 1} | document) for kind, document in pairs
        ],
        "photos": photos or [],
    }


def photo_of(visit: str, of: bytes, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "visit": visit,
        "practice": None,
        "sha256": hashlib.sha256(of).hexdigest(),
        "size": len(of),
        "taken_at": "2026-03-01T10:00:00Z",
        "data": base64.b64encode(of).decode(),
    } | changes


def as_bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()
