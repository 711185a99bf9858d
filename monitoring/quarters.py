"""Quarters as one small integer, `year * 4 + (0..3)`: they sort, subtract and index well."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.timezone import localdate

KNOWN_QUARTERS = 6
"""A value stays known in the quarter it was observed in and in the five after it (18 months)."""

SQL_QUARTER_OF = "(extract(year from {day})::int * 4 + extract(quarter from {day})::int - 1)"


def quarter_of(day: date) -> int:
    """The number of the quarter that holds `day`."""
    return day.year * 4 + (day.month - 1) // 3


def current_quarter() -> int:
    """The quarter of today in the programme's time zone."""
    return quarter_of(localdate())


def start(quarter: int) -> date:
    """The first day of the quarter."""
    year, index = divmod(quarter, 4)
    return date(year, index * 3 + 1, 1)


def end(quarter: int) -> date:
    """The last day of the quarter."""
    return start(quarter + 1) - timedelta(days=1)


def last_full_year(quarter: int) -> int:
    """The last year that is over at the end of the quarter (as in sql/cover.sql)."""
    return (quarter + 1) // 4 - 1


def label(quarter: int) -> str:
    """How people write it: `2024-T3` (T for trimestre, as INEI does)."""
    year, index = divmod(quarter, 4)
    return f"{year}-T{index + 1}"


def parse(text: str) -> int:
    """The quarter written as `2024-T3`, `2024-Q3` or `2024T3`. Raises ValueError."""
    year, _, index = text.strip().upper().replace("-", "").replace("Q", "T").partition("T")
    if len(year) == 4 and year.isdecimal() and index in {"1", "2", "3", "4"}:
        return int(year) * 4 + int(index) - 1
    raise ValueError(f"not a quarter: {text!r}")
