"""Histories kept as intervals: rows with a half-open `period` [from, to) that never overlap.

A history is a function from a day to a value. Setting a value 'from a day' changes it up to the
next day on which something else was recorded, so a back-dated change never undoes a later one.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

EARLIEST = date(1950, 1, 1)


class InvalidDate(ValidationError):
    """The day is in the future, or too long ago to be meant."""


def check_since(since: date, *, field: str = "since") -> None:
    """Raise `InvalidDate` for a day after today or before 1950."""
    if since > localdate():
        raise InvalidDate({field: _("This date is in the future.")})
    if since < EARLIEST:
        raise InvalidDate({field: _("This date is too long ago.")})


def make_room(rows: QuerySet[Any], *, since: date) -> DateRange:
    """Empty the history from `since` to its next change, and return that interval.

    `rows` are the rows of one history (one plot, one enrolment, ...), whose parent the caller has
    locked. A row that starts on `since` gives way (a correction on the same day); one that covers
    it is cut short; what reaches beyond the next change keeps its remainder.
    """
    found = list(rows.select_for_update())
    edges = {row.period.lower for row in found} | {row.period.upper for row in found}
    until = min((edge for edge in edges if edge and edge > since), default=None)
    for row in found:
        lower, upper = row.period.lower, row.period.upper
        if lower > since or (upper is not None and upper <= since):
            continue
        if until is not None and (upper is None or upper > until):
            _add_remainder(row, DateRange(until, upper))
        if lower == since:
            row.delete()
        else:
            row.period = DateRange(lower, since)
            row.save(update_fields=["period"])
    return DateRange(since, until)


def _add_remainder(row: Model, period: DateRange) -> None:
    values = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name != "period"
    }
    # The cut row still spans this period: shorten it first, or the exclusion constraint objects.
    lower = row.period.lower  # type: ignore[attr-defined]
    type(row)._default_manager.filter(pk=row.pk).update(period=DateRange(lower, period.lower))
    type(row)._default_manager.create(**values, period=period)


def join_equal_neighbours(rows: QuerySet[Any], *, value: str) -> None:
    """Make one row of adjoining rows whose column `value` is the same."""
    previous: Any = None
    for row in rows.order_by("period"):
        touches = previous is not None and previous.period.upper == row.period.lower
        if touches and getattr(previous, value) == getattr(row, value):
            row.delete()
            previous.period = DateRange(previous.period.lower, row.period.upper)
            previous.save(update_fields=["period"])
        else:
            previous = row


def on_day(rows: QuerySet[Any], day: date) -> Any | None:
    """The row in force on a day, or None."""
    return rows.filter(period__contains=day).first()
