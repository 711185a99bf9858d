"""Readers of single values of a payload: each returns the canonical form or raises Unreadable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _


class Unreadable(ValueError):
    """A value is not what its field needs; the message says what would be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _missing(value: object, required: bool) -> bool:
    if value is None or value == "":
        if required:
            raise Unreadable("required", _("This is missing."))
        return True
    return False


def fail(message: str) -> None:
    raise Unreadable("invalid", message)


def uuid(value: Any, *, required: bool = False) -> str | None:
    if _missing(value, required):
        return None
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise Unreadable("invalid", _("This is not a valid identifier.")) from None


def day(value: Any, *, required: bool = False) -> str | None:
    if _missing(value, required):
        return None
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = None
        if found and 2000 <= found.year <= 2100:
            return found.isoformat()
    raise Unreadable("invalid", _("Write a date from the year 2000 on: day, month and year."))


def instant(value: Any) -> str | None:
    """ISO 8601 in UTC to the second; a time without its offset is refused."""
    if _missing(value, False):
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC).replace(microsecond=0).isoformat()
    except (ValueError, TypeError, OverflowError):
        message = _("This is not a time with its time zone.")
        raise Unreadable("invalid", message) from None


def number(value: Any) -> Decimal | None:
    """A number, also when typed as text with a decimal comma ("55,5")."""
    if _missing(value, False):
        return None
    if isinstance(value, str):
        text = value.strip()
        if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", text):
            message = _("Write the number without separating thousands: 1500 or 1.5.")
            raise Unreadable("ambiguous", message)
        if re.fullmatch(r"[+-]?[0-9]{1,20}(?:[.,][0-9]{1,10})?", text):
            return Decimal(text.replace(",", "."))
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            return +Decimal(value)
        except InvalidOperation:
            pass
    raise Unreadable("invalid", _("Write a number."))


def _bounded(found: Decimal, most: int) -> Decimal:
    if found < 0:
        raise Unreadable("negative", _("The number cannot be negative."))
    if found > most:
        message = _("The number is too large: at most %(most)s.") % {"most": most}
        raise Unreadable("too_large", message)
    return found


def count(value: Any, *, most: int) -> int | None:
    found = number(value)
    if found is None:
        return None
    found = _bounded(found, most)
    if found != found.to_integral_value():
        raise Unreadable("not_whole", _("Write a whole number."))
    return int(found)


def decimal(value: Any, *, most: int) -> str | None:
    """To hundredths, written without trailing zeros."""
    found = number(value)
    if found is None:
        return None
    found = _bounded(found, most).quantize(Decimal("0.01"))
    text = f"{found:f}".rstrip("0").rstrip(".")
    return text or "0"


def truth(value: Any) -> bool:
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise Unreadable("invalid", _("Answer yes or no."))


def text(value: Any, *, longest: int, required: bool = False) -> str:
    if _missing(value, required):
        return ""
    if not isinstance(value, str):
        raise Unreadable("invalid", _("Write a text."))
    found = value.replace("\r\n", "\n").strip()
    if len(found) > longest:
        message = _("The text is too long: at most %(most)s characters.") % {"most": longest}
        raise Unreadable("too_long", message)
    if required and not found:
        raise Unreadable("required", _("This is missing."))
    return found


def choice(value: Any, *, choices: Sequence[str]) -> str:
    if isinstance(value, str) and value in choices:
        return value
    raise Unreadable("invalid", _("Choose one of the stages."))


def items(value: Any, *, most: int) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > most:
        message = _("This is not a list of at most %(most)s items.") % {"most": most}
        raise Unreadable("invalid", message)
    return value


def mapping(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable("invalid", _("This part of the visit could not be read."))
    return value


def position(value: Any) -> dict[str, Any] | None:
    """Longitude and latitude in degrees (WGS 84) to about a centimetre, accuracy in metres."""
    if value is None:
        return None
    given = mapping(value)
    lon, lat = number(given.get("lon")), number(given.get("lat"))
    if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
        message = _("The position is not a longitude and a latitude in degrees.")
        raise Unreadable("invalid", message)
    accuracy = number(given.get("accuracy_m"))
    if accuracy is not None and not 0 <= accuracy <= 1_000_000:
        raise Unreadable("invalid", _("The accuracy of the position is not a number of metres."))
    return {
        "lon": f"{lon:.7f}",
        "lat": f"{lat:.7f}",
        "accuracy_m": None if accuracy is None else f"{accuracy:.1f}",
        "manual": truth(given.get("manual")),
    }
