"""From bytes to a JSON object of the current schema, trusting nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from monitoring.sync.reasons import Quarantine, Reason, Refused

Document = dict[str, Any]
CURRENT_SCHEMA = 1
UPCASTERS: Mapping[int, Callable[[Document], Document]] = {}
"""From a schema version of a visit to the next: `{1: from_1_to_2}`. Versions once accepted stay
accepted. Other kinds are still in their first version."""

MAX_BYTES = 256 * 1024
MAX_DEPTH = 8
_MAX_DIGITS = 30


def _refuse(code: str, message: str) -> Refused:
    return Refused([Reason("", code, message)])


def read(raw: bytes, *, most_bytes: int = MAX_BYTES) -> Document:
    """The JSON object in `raw`, numbers with a point as Decimal. Raises Refused."""
    if len(raw) > most_bytes:
        message = _("What was sent is larger than %(most)s KB. Send photos apart.")
        raise _refuse("too_large", message % {"most": most_bytes // 1024})
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
    upcasters: Mapping[int, Callable[[Document], Document]] = UPCASTERS,
    to: int = CURRENT_SCHEMA,
) -> Document:
    """The document in schema `to`. Raises Refused, or Quarantine when it is newer than this server."""
    if kind != "visit":
        upcasters, to = {}, 1
    version = document.get("schema")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise Refused([Reason("schema", "schema", _("The version of the form is missing."))])
    if version > to:
        message = _("The app is newer than the server. The visit waits and is not lost.")
        raise Quarantine(Reason("schema", "schema_newer", message))
    while version < to:
        document = upcasters[version](document) | {"schema": version + 1}
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
