"""Readings: cells as one reader may see them, the small ones emptied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg, BoolOr
from django.db.models import Q, QuerySet

from monitoring.models import Cell
from monitoring.suppression import MINIMUM, AnyPlace, hidden_places, hidden_statuses
from ranchers.models import Status

STATUSES = "enrolled"
ACTIVE = "active_share"


class Reading(NamedTuple):
    """One cell as one reader may see it; a hidden one has neither value, interval nor counts.

    `is_small`: hidden since fewer than five are behind it, not to protect a small one beside it.
    `within`: of a hidden share, the range that says no more than 'fewer than five', in its unit.
    """

    indicator: str
    quarter: int
    cohort: int | None
    practice: int | None
    district: str | None
    sex: str
    category: str
    value: float | None
    low: float | None
    high: float | None
    n_known: int | None
    n_enrolled: int | None
    numerator: int | None
    denominator: int | None
    method: str
    computed_at: datetime | None = None
    is_hidden: bool = False
    is_small: bool = False
    within: tuple[float, float] | None = None


def suppressed(readings: Sequence[Reading], *, tables: QuerySet[Cell]) -> list[Reading]:
    """The readings, in their order, with small ones and those that would give them away emptied.

    `tables`: the cells of every whole table (all cohorts, districts, sexes and statuses of an
    indicator's quarter) that a reading is part of; only what has a small number in it is read.
    """
    indicators = {reading.indicator for reading in readings}
    quarters = {reading.quarter for reading in readings}
    if not readings:
        return []
    statuses = (
        _status_tables(min(quarters), max(quarters)) if indicators & {STATUSES, ACTIVE} else {}
    )
    hidden = _small_tables(tables)
    seen = [_as_seen(one, hidden=hidden, statuses=statuses) for one in readings]
    return [*seen, *_unsaid_noughts(readings, statuses)]


_TableKey = tuple[str, int, int | None]


@dataclass(frozen=True)
class _Hidden:
    """Places of one table: where the figure goes, and where only the number enrolled does."""

    figures: frozenset[AnyPlace]
    enrolled: frozenset[AnyPlace]


Columns = tuple[tuple[Any, ...], ...]
"""A whole table as the database hands it over: cohorts, districts, sexes, categories, known, enrolled."""


@lru_cache(maxsize=4096)
def _hidden(columns: Columns) -> _Hidden:
    """Kept by the columns as they come: of some 270 tables of a page few change from one drawing to
    the next, and putting a table in order costs more than all else that is done with it."""
    *dimensions, known, enrolled = columns
    places: list[AnyPlace] = list(zip(*dimensions, strict=True))
    return _Hidden(
        figures=hidden_places(dict(zip(places, known, strict=True))),
        enrolled=hidden_places(dict(zip(places, enrolled, strict=True))),
    )


@lru_cache(maxsize=1024)
def _hidden_statuses(columns: Columns) -> frozenset[AnyPlace]:
    *dimensions, known, _enrolled = columns
    return hidden_statuses(dict(zip(zip(*dimensions, strict=True), known, strict=True)))


def _small_tables(cells: QuerySet[Cell]) -> dict[_TableKey, _Hidden]:
    """What is hidden in each table with a small number in it."""
    small = Q(n_known__range=(1, MINIMUM - 1)) | Q(n_enrolled__range=(1, MINIMUM - 1))
    return {
        key: _hidden(columns)
        for key, columns in _by_table(cells.exclude(indicator=STATUSES), small)
    }


def _status_tables(first: int, last: int) -> dict[int, frozenset[AnyPlace]]:
    """Where statuses and the share of active ranchers are hidden, by quarter."""
    cells = Cell.objects.filter(indicator=STATUSES, quarter__range=(first, last))
    small = Q(n_known__range=(1, MINIMUM - 1))
    return {
        quarter: _hidden_statuses(columns)
        for (_indicator, quarter, _practice), columns in _by_table(cells, small)
    }


def _by_table(cells: QuerySet[Cell], small: Q) -> list[tuple[_TableKey, Columns]]:
    """One row per table with a small number: arrays are far quicker to read than rows of cells."""
    columns = ("cohort_id", "district_id", "sex", "category", "n_known", "n_enrolled")
    rows = (
        cells.order_by()
        .values("indicator", "quarter", "practice_id")
        .annotate(is_small=BoolOr(small), **{f"all_{one}": ArrayAgg(one) for one in columns})
        .filter(is_small=True)
        .values_list("indicator", "quarter", "practice_id", *(f"all_{one}" for one in columns))
    )
    return [((row[0], row[1], row[2]), tuple(tuple(column) for column in row[3:])) for row in rows]


def _unsaid_noughts(
    readings: Sequence[Reading], statuses: Mapping[int, frozenset[AnyPlace]]
) -> list[Reading]:
    """Hidden readings of statuses that nobody has, where their nought would give another away: a
    nought has no cell, and what is not there would be read as one."""
    there = {reading[:7]: reading for reading in readings if reading.indicator == STATUSES}
    found: dict[tuple[Any, ...], Reading] = {}
    for key, reading in there.items():
        if reading.quarter not in statuses:
            continue
        for status in Status:
            place = reading.cohort, reading.district, reading.sex, status.value
            if (*key[:6], status.value) not in there and place in statuses[reading.quarter]:
                found[*key[:6], status.value] = hide(
                    reading._replace(category=status.value, n_known=0)
                )
    return list(found.values())


def _as_seen(
    reading: Reading,
    *,
    hidden: Mapping[_TableKey, _Hidden],
    statuses: Mapping[int, frozenset[AnyPlace]],
) -> Reading:
    place = reading[2], *reading[4:7]
    table = hidden.get((reading.indicator, reading.quarter, reading.practice))
    by_status = statuses.get(reading.quarter, frozenset())
    if table is not None and place in table.figures:
        return hide(reading)
    if reading.indicator in (STATUSES, ACTIVE) and place in by_status:
        return _as_range(reading) or hide(reading)
    if table is None:
        return reading
    return reading._replace(n_enrolled=None) if place in table.enrolled else reading


def _as_range(reading: Reading) -> Reading | None:
    """The share of active ranchers of a whole cohort, hidden since one to four are active, or one to
    four are not: as the range that says just that. None where it would say more."""
    n, active = reading.n_known or 0, (reading.numerator or 0) // 100
    if reading.indicator != ACTIVE or reading.district or reading.sex or n < 2 * MINIMUM - 1:
        return None  # below nine both sides may be small
    if 0 < n - active < MINIMUM:
        fewest, most = n - MINIMUM + 1, n - 1
    elif 0 < active < MINIMUM:
        fewest, most = 1, MINIMUM - 1
    else:
        return None
    return hide(reading)._replace(
        within=(100 * fewest / n, 100 * most / n), n_known=n, n_enrolled=reading.n_enrolled
    )


def hide(reading: Reading) -> Reading:
    """Without its method too: a ratio of one rancher alone has none."""
    return reading._replace(
        value=None, low=None, high=None, n_known=None, n_enrolled=None, numerator=None,
        denominator=None, method="", is_hidden=True, is_small=0 < (reading.n_known or 0) < MINIMUM,
    )  # fmt: skip
