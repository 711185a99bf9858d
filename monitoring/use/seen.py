"""Comparisons of users with others as one reader may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from monitoring.dashboards import Difference, difference
from monitoring.indicators.comparisons import COMPARISONS, SIDE_BY_SIDE, Group
from monitoring.models import UseFigure, UseQuarter
from monitoring.readings import Reading, hide
from monitoring.suppression import AnyPlace, hidden_places

Counts = Mapping[tuple[int | None, str], int]
"""Farms by cohort (None: all) and group, of one practice and indicator."""


class Key(NamedTuple):
    """Which pair of groups: of which practice, by which indicator, in which cohort (None: all)."""

    practice: int
    indicator: str
    cohort: int | None
    comparison: str


@dataclass(frozen=True)
class Pair:
    """Both groups of a comparison, in the order of its definition; None where nobody is in one."""

    first: Reading | None = None
    second: Reading | None = None
    unknown: Reading | None = None

    @property
    def difference(self) -> Difference | None:
        """First minus second; None where either is missing or hidden."""
        return difference(self.second, self.first)

    @property
    def hidden(self) -> Reading | None:
        """A group that may not be shown, if there is one."""
        return next((one for one in (self.first, self.second) if one and one.is_hidden), None)


def made_at(quarter: int) -> datetime | None:
    """When the quarter's figures were made; None where they were not yet."""
    return UseQuarter.objects.filter(pk=quarter).values_list("computed_at", flat=True).first()


def pairs(figures: QuerySet[UseFigure], *, sees_small_cells: bool) -> dict[Key, Pair]:
    """The comparisons of one quarter, in one query. `figures` must hold every cohort and group of each
    practice and indicator in it, since what must be hidden is decided on all of them."""
    tables: dict[tuple[int, str], dict[tuple[int | None, str], Reading]] = {}
    columns = ("indicator", "quarter", "cohort_id", "practice_id", "group", "value", "low", "high", "n", "method")  # fmt: skip
    for code, quarter, cohort, practice, group, value, low, high, n, method in figures.values_list(
        *columns
    ):
        tables.setdefault((practice, code), {})[cohort, group] = Reading(
            code, quarter, cohort, practice, None, "", group, value, low, high, n, None, None, None, method,
        )  # fmt: skip
    found: dict[Key, Pair] = {}
    for (practice, code), table in tables.items():
        counts = {place: reading.n_known or 0 for place, reading in table.items()}
        gone = frozenset() if sees_small_cells else hidden_groups(counts)
        seen = {place: hide(one) if place in gone else one for place, one in table.items()}
        for cohort in {cohort for cohort, _group in table}:
            for one in COMPARISONS:
                found[Key(practice, code, cohort, one.code)] = Pair(
                    first=seen.get((cohort, one.first)),
                    second=seen.get((cohort, one.second)),
                    unknown=seen.get((cohort, Group.UNKNOWN)) if one is SIDE_BY_SIDE else None,
                )
    return found


def hidden_groups(counts: Counts) -> frozenset[tuple[int | None, str]]:
    """The groups to hide: those of one to four farms, what would give them away by subtraction, and
    the other group of each comparison.

    With, without and not known add up to what the dashboard says of the whole cohort, and cohorts to
    all of them. Of adopters and others no total is published but that over cohorts.
    """
    together = (Group.WITH, Group.WITHOUT, Group.UNKNOWN)
    totals: dict[tuple[int | None, str], int] = {}
    for (cohort, group), n in counts.items():
        if group in together:
            totals[cohort, ""] = totals.get((cohort, ""), 0) + n
    hidden = _hidden({p: n for p, n in counts.items() if p[1] in together} | totals)
    hidden |= _hidden({p: n for p, n in counts.items() if p[1] not in together})
    for cohort, group in list(hidden):
        hidden |= {(cohort, other) for other in _partners(group)}
    return frozenset(hidden)


def _hidden(counts: Counts) -> set[tuple[int | None, str]]:
    """The group takes the place of the district: a part of the cohort, which is the total."""
    places: dict[AnyPlace, int] = {
        (cohort, group or None, "", ""): n for (cohort, group), n in counts.items()
    }
    return {(cohort, group or "") for cohort, group, _sex, _category in hidden_places(places)}


def _partners(group: str) -> tuple[Group, ...]:
    """The groups of the comparison that a group is one of."""
    return next(((c.first, c.second) for c in COMPARISONS if group in (c.first, c.second)), ())


def of_practice(practice: int, quarter: int) -> QuerySet[UseFigure]:
    return UseFigure.objects.filter(quarter=quarter, practice=practice)


def of_indicator(code: str, quarter: int) -> QuerySet[UseFigure]:
    return UseFigure.objects.filter(quarter=quarter, indicator=code)
