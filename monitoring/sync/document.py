"""From bytes to a JSON object of the current schema, trusting nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from monitoring.sync.reasons import Quarantine, Reason, Refused

Document = dict[str, Any]
Upcaster = Callable[[Document], Document]
UPCASTERS: dict[str, dict[int, Upcaster]] = {"visit": {}, "rancher": {}, "boundary": {}, "step": {}}
"""Of each kind, from a schema version to the next: `{1: from_1_to_2}`. The newest version is the one
after the last upcaster; versions once accepted stay accepted (docs/sync.md: 'A new schema')."""

MAX_BYTES = 256 * 1024
LARGER_KINDS: Mapping[str, int] = {"boundary": 1024 * 1024}
"""Bytes of a kind that may be larger than a visit: a walked boundary brings its track along."""
MAX_DEPTH = 8
_MAX_DIGITS = 30


def _refuse(code: str, message: str) -> Refused:
    return Refused([Reason("", code, message)])


def read(raw: bytes, *, kind: str = "visit") -> Document:
    """The JSON object in `raw`, numbers with a point as Decimal. Raises Refused."""
    most = LARGER_KINDS.get(kind, MAX_BYTES)
    if len(raw) > most:
        message = _("What was sent is larger than %(most)s KB. Send photos apart.")
        raise _refuse("too_large", message % {"most": most // 1024})
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refuse("encoding", _("The text is not in UTF-8.")) from None
    try:
        document = json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_constant,
            object_pairs_hook=_no_duplicates,
        )
    except (ValueError, RecursionError):
        raise _refuse("json", _("The visit could not be read: it is not valid JSON.")) from None
    if not isinstance(document, dict):
        raise _refuse("json", _("The visit could not be read: it is not valid JSON."))
    _check(document, depth=1)
    return document


def upcast(
    document: Document,
    *,
    kind: str = "visit",
    upcasters: Mapping[int, Upcaster] | None = None,
) -> Document:
    """The document in the newest schema of its kind. Raises Refused, or Quarantine when it is newer
    than this server."""
    known = UPCASTERS.get(kind, {}) if upcasters is None else upcasters
    to = max(known, default=0) + 1
    version = document.get("schema")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Refused([Reason("schema", "schema", _("The version of the form is missing."))])
    if version > to:
        message = _("The app is newer than the server. What it sent waits and is not lost.")
        raise Quarantine(Reason("schema", "schema_newer", message))
    while version < to:
        document = known[version](document) | {"schema": version + 1}
        version += 1
    return document


def _decimal(text: str) -> Decimal:
    if len(text) > _MAX_DIGITS:
        raise ValueError("number too long")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        raise ValueError("number too long")
    return int(text)


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is not a number")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> Document:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _check(value: object, *, depth: int) -> None:
    """Nothing nested deeper than a visit is, and no text that PostgreSQL cannot hold."""
    if depth > MAX_DEPTH:
        raise _refuse("depth", _("The visit could not be read: it is nested too deeply."))
    if isinstance(value, dict):
        for key, inner in value.items():
            _check(key, depth=depth)
            _check(inner, depth=depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth=depth + 1)
    elif isinstance(value, str) and ("\x00" in value or not _is_unicode(value)):
        raise _refuse("characters", _("The text has characters that cannot be stored."))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone half of a surrogate pair
        return False
    return True
