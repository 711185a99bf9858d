"""The canonical content of a visit: one flat key per property, so that versions compare.

    {"rancher": "<uuid>", "visited_on": "2026-01-31", "measurements.cows": 20,
     "observations.cercos-vivos": {...}, "next_steps.<uuid>": {...}, "deleted": false, ...}

Two payloads that say the same have the same content, byte for byte, and the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from monitoring.sync import fields as read
from monitoring.sync.document import Document
from monitoring.sync.reasons import Reason, Refused
from practices.models import Stage

Content = dict[str, Any]

COUNT_MAX = {
    "cows": 20_000,
    "bulls": 5_000,
    "heifers": 20_000,
    "steers": 20_000,
    "yearlings": 20_000,
    "calves": 20_000,
    "equines": 5_000,
    "cows_in_milk": 20_000,
    "births": 20_000,
    "deaths_adults": 20_000,
    "deaths_calves": 20_000,
    "weaned": 20_000,
    "sold_head": 20_000,
    "paddocks": 5_000,
    "trees_counted": 10_000_000,
    "live_fence_m": 1_000_000,
}
DECIMAL_MAX = {
    "milk_l_per_day": 100_000,
    "sold_kg": 9_999_999,
    "pasture_ha": 20_000,
    "income_pen": 99_999_999,
}
MEASUREMENTS = (*COUNT_MAX, *DECIMAL_MAX)
HERD = ("cows", "bulls", "heifers", "steers", "yearlings", "calves", "equines")
MAX_ITEMS = 100


@dataclass(frozen=True, slots=True)
class VisitPayload:
    """A payload understood: who it says it is, and the content it proposes."""

    visit_id: UUID
    base_version: int | None
    device: UUID | None
    revision: int | None
    device_sent_at: str | None
    content: Content

    @property
    def content_hash(self) -> str:
        return content_hash(self.content)


def content_hash(content: Content) -> str:
    """SHA-256, hex, of the content in one fixed way of writing it."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def understand(document: Document) -> VisitPayload:
    """The visit that a schema 1 document describes. Raises Refused with all reasons at once."""
    errors: list[Reason] = []

    def take(field: str, reader: Callable[..., Any], value: Any, **options: Any) -> Any:
        try:
            return reader(value, **options)
        except read.Unreadable as error:
            errors.append(Reason(field, error.code, str(error)))
            return None

    visit_id = take("id", read.uuid, document.get("id"), required=True)
    content: Content = {
        "rancher": take("rancher", read.uuid, document.get("rancher"), required=True),
        "plot": take("plot", read.uuid, document.get("plot")),
        "visited_on": take("visited_on", read.day, document.get("visited_on"), required=True),
        "started_at": take("started_at", read.instant, document.get("started_at")),
        "position": take("position", read.position, document.get("position")),
        "notes": take("notes", read.text, document.get("notes"), longest=4000),
        "deleted": take("deleted", read.truth, document.get("deleted")),
        "confirmed": take("confirmed", _confirmed, document.get("confirmed")),
    }
    content |= _measurements(document, take)
    content |= _observations(document, take)
    content |= _next_steps(document, take)
    payload = VisitPayload(
        visit_id=visit_id and UUID(visit_id),
        base_version=take("base_version", read.count, document.get("base_version"), most=10**6),
        device=_optional_uuid(document.get("device")),
        revision=take("revision", read.count, document.get("revision"), most=10**9),
        device_sent_at=take("device_sent_at", read.instant, document.get("device_sent_at")),
        content=content,
    )
    if errors:
        raise Refused(errors)
    return payload


def claimed_visit_id(document: Document) -> UUID | None:
    """The visit's id if the document has a readable one; for the inbox row of a refused payload."""
    return _optional_uuid(document.get("id"))


def _optional_uuid(value: object) -> UUID | None:
    try:
        found = read.uuid(value)
    except read.Unreadable:
        return None
    return UUID(found) if found else None


def _confirmed(value: object) -> list[str]:
    codes = read.items(value, most=MAX_ITEMS)
    return sorted({code for code in codes if isinstance(code, str) and len(code) <= 40})


def _measurements(document: Document, take: Callable[..., Any]) -> Content:
    given = take("measurements", read.mapping, document.get("measurements")) or {}
    found: Content = {}
    for name, most in COUNT_MAX.items():
        found[f"measurements.{name}"] = take(
            f"measurements.{name}", read.count, given.get(name), most=most
        )
    for name, most in DECIMAL_MAX.items():
        found[f"measurements.{name}"] = take(
            f"measurements.{name}", read.decimal, given.get(name), most=most
        )
    return {name: value for name, value in found.items() if value is not None}


def _observations(document: Document, take: Callable[..., Any]) -> Content:
    found: Content = {}
    given = take("observations", read.items, document.get("observations"), most=MAX_ITEMS) or []
    for number, item in enumerate(given):
        practice = item.get("practice") if isinstance(item, dict) else None
        if not isinstance(practice, str) or not practice or len(practice) > 40:
            take(f"observations.{number}", read.fail, _("The practice is missing."))
            continue
        name = f"observations.{practice}"
        if name in found:
            take(name, read.fail, _("The practice appears twice."))
            continue
        observable = [str(stage) for stage in Stage.observable()]
        found[name] = {
            "stage": take(name, read.choice, item.get("stage"), choices=observable),
            "intensity": take(name, read.decimal, item.get("intensity"), most=99_999_999),
            "evidence_seen": take(name, read.truth, item.get("evidence_seen")),
            "note": take(name, read.text, item.get("note"), longest=500),
        }
    return found


def _next_steps(document: Document, take: Callable[..., Any]) -> Content:
    found: Content = {}
    given = take("next_steps", read.items, document.get("next_steps"), most=MAX_ITEMS) or []
    for number, item in enumerate(given):
        item = item if isinstance(item, dict) else {}
        step_id = take(f"next_steps.{number}", read.uuid, item.get("id"), required=True)
        if step_id is None:
            continue
        name = f"next_steps.{step_id}"
        if name in found:
            take(name, read.fail, _("The next step appears twice."))
            continue
        found[name] = {
            "practice": take(name, read.text, item.get("practice"), longest=40) or None,
            "text": take(name, read.text, item.get("text"), longest=300, required=True),
            "due_on": take(name, read.day, item.get("due_on")),
            "done_on": take(name, read.day, item.get("done_on")),
        }
    return found


def visited_on(content: Content) -> date:
    return date.fromisoformat(content["visited_on"])


def as_payload(
    content: Content, *, visit_id: UUID, base_version: int | None, **also: Any
) -> Document:
    """The schema 1 document that says this content; the inverse of `understand`."""
    document: Document = {
        "schema": 1,
        "id": str(visit_id),
        "base_version": base_version,
        "measurements": {},
        "observations": [],
        "next_steps": [],
    }
    for name, value in content.items():
        group, _dot, key = name.partition(".")
        if not key:
            document[name] = value
        elif group == "measurements":
            document[group][key] = value
        elif group == "observations":
            document[group].append({"practice": key, **value})
        else:
            document[group].append({"id": key, **value})
    return document | also
