"""What the dashboards read: cells of a slice, hidden where the reader may not see them.

Pages, exports and the API read cells through `read`, so that nobody shows a small cell by mistake.
Nothing here computes an indicator, and nothing reads a visit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from monitoring.indicators import Indicator, Kind
from monitoring.models import Cell
from monitoring.quarters import current_quarter
from monitoring.readings import Reading, suppressed


@dataclass(frozen=True)
class Slice:
    """What a reader asked to see: up to which quarter, from which, and whose figures."""

    as_of: int
    since: int
    district: str | None = None
    sex: str = ""


_COLUMNS = (
    "indicator", "quarter", "cohort_id", "practice_id", "district_id", "sex", "category", "value",
    "low", "high", "n_known", "n_enrolled", "numerator", "denominator", "method",
    "computed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Query:
    """Which cells a page is made of. `practices` empty: cells that are not of one practice;
    `by_district` and `by_sex`: every one of them besides the slice's own."""

    indicators: Sequence[Indicator]
    first_quarter: int
    last_quarter: int
    practices: Sequence[int] = ()
    by_district: bool = False
    by_sex: bool = False

    def cells(self) -> QuerySet[Cell]:
        which = Q(practice_id__in=self.practices) if self.practices else Q(practice__isnull=True)
        return Cell.objects.filter(
            which,
            indicator__in=[indicator.code for indicator in self.indicators],
            quarter__range=(self.first_quarter, self.last_quarter),
        )


@dataclass
class Readings:
    """Readings by what they are of. `get` answers None where there is no cell."""

    rows: list[Reading] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_key = {row[:7]: row for row in self.rows}

    def get(
        self,
        indicator: str,
        *,
        quarter: int,
        cohort: int | None,
        practice: int | None = None,
        district: str | None = None,
        sex: str = "",
        category: str = "",
    ) -> Reading | None:
        return self._by_key.get((indicator, quarter, cohort, practice, district, sex, category))

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.rows)


def read(query: Query, *, slice_: Slice, sees_small_cells: bool) -> Readings:
    """The readings of a query for a slice: one database query, and one or two more for a reader who
    may not see small cells, since what must be hidden is decided on whole tables."""
    cells = query.cells()
    wanted = cells if query.by_district else cells.filter(district=slice_.district)
    wanted = wanted if query.by_sex else wanted.filter(sex=slice_.sex)
    readings = [Reading(*row) for row in wanted.values_list(*_COLUMNS)]
    return Readings(readings if sees_small_cells else suppressed(readings, tables=cells))


def stamp(queries: Iterable[Query]) -> tuple[datetime | None, int]:
    """When the cells of a page last changed and how many there are: its ETag, without reading them."""
    newest: datetime | None = None
    total = 0
    for query in queries:
        row = query.cells().aggregate(newest=Max("computed_at"), total=Count("id"))
        total += row["total"]
        if row["newest"] and (newest is None or row["newest"] > newest):
            newest = row["newest"]
    return newest, total


def known_quarters() -> range:
    """The quarters that have cells, up to the current one; at least the current one."""
    found = Cell.objects.filter(indicator="active_share").aggregate(
        first=Min("quarter"), last=Max("quarter")
    )
    last = min(found["last"] or current_quarter(), current_quarter())
    return range(min(found["first"] or last, last), last + 1)


@dataclass(frozen=True)
class Difference:
    """Second minus first, with its 95 % interval, in the indicator's unit (points for a share)."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """True when the interval leaves zero out; else neither is above the other."""
        return self.low > 0 or self.high < 0


def difference(first: Reading | None, second: Reading | None) -> Difference | None:
    """The difference between two independent groups by recovering variances from their intervals.

    For shares with Wilson intervals this is Newcombe's hybrid score interval (Newcombe 1998,
    Statistics in Medicine 17:873-890, method 10); for means and ratios the same step from the
    bootstrap or delta intervals of the two (MOVER; Zou and Donner 2008, Statistics in Medicine
    27:1693-1702). None where a value or an interval is missing or hidden.
    """
    if first is None or second is None:
        return None
    numbers = (first.value, first.low, first.high, second.value, second.low, second.high)
    if any(number is None for number in numbers):
        return None
    a, a_low, a_high, b, b_low, b_high = (float(number or 0) for number in numbers)
    return Difference(
        value=b - a,
        low=b - a - math.hypot(b - b_low, a_high - a),
        high=b - a + math.hypot(b_high - b, a - a_low),
    )


def has_interval(indicator: Indicator) -> bool:
    return indicator.kind in {Kind.SHARE, Kind.RATIO, Kind.MEAN} and indicator.interval != "none"
