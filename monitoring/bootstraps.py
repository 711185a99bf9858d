"""Fill in the bootstrap intervals of the cells that have few ranchers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from monitoring.indicators import BY_CODE, scalars
from monitoring.indicators import Interval as Means
from monitoring.intervals import Floats, percentiles, replicates
from monitoring.models import Stratum

Slice = tuple[int | None, str | None, str, int]
"""cohort (None: all), district (None: all), sex ('': all), quarter."""
Measure = tuple[str, int | None]
"""indicator code, practice (None for scalar indicators)."""
AT_ONCE = 2_000
"""Cells whose replicates (8 KB each) are held together."""


@dataclass(frozen=True)
class Wanted:
    """One cell whose interval is to be bootstrapped."""

    cell_id: int
    measure: Measure
    slice: Slice


@dataclass(frozen=True)
class Source:
    """The tables of cells and of facts: those that are stored, or those that will take their place."""

    cells: str = "monitoring_cell"
    rancher_facts: str = "monitoring_rancherfact"
    practice_facts: str = "monitoring_practicefact"


@dataclass
class Known:
    """What is known of the ranchers of one stratum in one quarter, in the order of their ids: a row
    each, with two columns an indicator (nan: not known); and of their practices."""

    ranchers: list[str]
    figures: NDArray[np.float64]
    practices: dict[int, list[tuple[str, int, int]]]


def fill(*, touched: str | None = None, source: Source = Source()) -> int:
    """Bootstrap the cells whose method says so; `touched` is a table of their ids, None for all.
    Returns how many were filled."""
    wanted: dict[Slice, list[Wanted]] = defaultdict(list)
    for one in _wanted(source, touched):
        wanted[one.slice].append(one)
    if not wanted:
        return 0
    strata = _strata_of(wanted)
    pairs = {(stratum, key[3]) for key, members in strata.items() for stratum in members}
    with_practices = any(w.measure[1] for group in wanted.values() for w in group)
    known = _known(source, pairs, with_practices=with_practices)
    batch: list[tuple[list[Wanted], Floats]] = []
    waiting = 0
    for key, cells in wanted.items():
        members = [known[one, key[3]] for one in strata[key] if (one, key[3]) in known]
        batch.append((cells, _replicates(cells, members)))
        waiting += len(cells)
        if waiting > AT_ONCE:
            _store(source, batch)
            batch, waiting = [], 0
    _store(source, batch)
    return sum(len(cells) for cells in wanted.values())


def _wanted(source: Source, touched: str | None) -> Iterator[Wanted]:
    only = f"and id in (select id from {touched})" if touched else ""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, indicator, practice_id, cohort_id, district_id, sex, quarter"  # noqa: S608
            f" from {source.cells} where method = 'bootstrap' {only}"
        )
        for cell_id, indicator, practice, cohort, district, sex, quarter in cursor.fetchall():
            yield Wanted(cell_id, (indicator, practice), (cohort, district, sex, quarter))


def _strata_of(slices: Iterable[Slice]) -> dict[Slice, list[int]]:
    """The strata that make up each slice."""
    rows = list(
        Stratum.objects.exclude(cohorts=[]).values_list("id", "cohorts", "district_id", "sex")
    )
    by_dimensions: dict[tuple[int | None, str | None, str], list[int]] = {}
    for key in {one[:3] for one in slices}:
        cohort, district, sex = key
        by_dimensions[key] = [
            stratum
            for stratum, cohorts, its_district, its_sex in rows
            if cohort in (None, *cohorts)
            and district in (None, its_district)
            and sex in ("", its_sex)
        ]
    return {one: by_dimensions[one[:3]] for one in slices}


_BOOTSTRAPPED = [one for one in scalars() if one.interval == Means.RATIO]
_COLUMN = {one.code: 2 * number for number, one in enumerate(_BOOTSTRAPPED)}


def _known(
    source: Source, pairs: set[tuple[int, int]], *, with_practices: bool
) -> dict[tuple[int, int], Known]:
    """What is known, by (stratum, quarter)."""
    known: dict[tuple[int, int], Known] = {}
    columns = ", ".join(f"{one.numerator}, {one.denominator}" for one in _BOOTSTRAPPED)
    wanted = "unnest(%s::bigint[], %s::int[]) p (stratum_id, quarter)"
    parameters = [[stratum for stratum, _q in pairs], [quarter for _s, quarter in pairs]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select f.stratum_id, f.quarter, f.rancher_id::text, {columns} from {wanted}"  # noqa: S608
            f" join {source.rancher_facts} f using (stratum_id, quarter) order by 1, 2, f.rancher_id",
            parameters,
        )
        for key, rows in groupby(cursor.fetchall(), key=itemgetter(0, 1)):
            some = list(rows)
            figures = np.array([row[3:] for row in some], dtype=np.float64)
            known[key] = Known([row[2] for row in some], figures, defaultdict(list))
        if with_practices:
            cursor.execute(
                "select f.stratum_id, f.quarter, f.rancher_id::text, r.practice_id, r.intensity, r.ceiling"  # noqa: S608
                f" from {wanted} join {source.rancher_facts} f using (stratum_id, quarter)"
                f" join {source.practice_facts} r on r.rancher_id = f.rancher_id"
                " and r.from_quarter <= f.quarter and f.quarter < r.to_quarter"
                " where r.intensity is not null and r.ceiling > 0",
                parameters,
            )
            for stratum, quarter, rancher, practice, intensity, ceiling in cursor.fetchall():
                known[stratum, quarter].practices[practice].append((rancher, intensity, ceiling))
    return known


def _replicates(cells: list[Wanted], members: list[Known]) -> Floats:
    """A row of replicates for each cell: one set of weights for the whole slice, ranchers in the order
    of their id."""
    ranchers = sorted(rancher for one in members for rancher in one.ranchers)
    row_of = {rancher: row for row, rancher in enumerate(ranchers)}
    rows = [row_of[rancher] for one in members for rancher in one.ranchers]
    figures = np.empty((len(ranchers), 2 * len(_BOOTSTRAPPED)))
    if members:
        figures[rows] = np.concatenate([one.figures for one in members])
    over = np.zeros((len(ranchers), len(cells)))
    under = np.zeros_like(over)
    for number, cell in enumerate(cells):
        indicator, practice = cell.measure
        if practice is None:
            column = _COLUMN[indicator]
            known = ~np.isnan(figures[:, column : column + 2]).any(axis=1)
            over[known, number] = figures[known, column]
            under[known, number] = figures[known, column + 1]
        else:
            for one in members:
                for rancher, intensity, ceiling in one.practices.get(practice, ()):
                    over[row_of[rancher], number] = intensity
                    under[row_of[rancher], number] = ceiling
    return replicates(over, under)


def _store(source: Source, batch: list[tuple[list[Wanted], Floats]]) -> None:
    if not batch:
        return
    low, high = percentiles(np.concatenate([ratios for _cells, ratios in batch]))
    cells = [cell for some, _ratios in batch for cell in some]
    scale = np.array([BY_CODE[cell.measure[0]].scale for cell in cells])
    bounds = [
        [None if np.isnan(one) else one for one in (bound * scale).tolist()]
        for bound in (low, high)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"update {source.cells} c set low = v.low, high = v.high from"  # noqa: S608
            " unnest(%s::bigint[], %s::float8[], %s::float8[]) v (id, low, high) where c.id = v.id",
            [[cell.cell_id for cell in cells], *bounds],
        )
