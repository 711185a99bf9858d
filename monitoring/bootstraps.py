"""Fill in the bootstrap intervals of the cells that have few ranchers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.db import connection

from monitoring.indicators import BY_CODE, scalars
from monitoring.indicators import Interval as Means
from monitoring.intervals import bootstrap
from monitoring.models import Stratum

Slice = tuple[int | None, str | None, str, int]
"""cohort (None: all), district (None: all), sex ('': all), quarter."""
Measure = tuple[str, int | None]
"""indicator code, practice (None for scalar indicators)."""
Values = dict[UUID, dict[Measure, tuple[int, int]]]


@dataclass(frozen=True)
class Wanted:
    """One cell whose interval is to be bootstrapped."""

    cell_id: int
    measure: Measure
    slice: Slice


def fill(*, touched: str | None) -> int:
    """Bootstrap the cells whose method says so; `touched` is a table of their ids, None for all.
    Returns how many were filled."""
    wanted: dict[Slice, list[Wanted]] = defaultdict(list)
    for one in _wanted(touched):
        wanted[one.slice].append(one)
    if not wanted:
        return 0
    strata = _strata_of(wanted)
    pairs = {(stratum, key[3]) for key, members in strata.items() for stratum in members}
    values = _values(pairs, with_practices=any(w.measure[1] for g in wanted.values() for w in g))
    results: list[tuple[int, float | None, float | None]] = []
    for key, cells in wanted.items():
        ranchers: Values = {}
        for stratum in strata[key]:
            ranchers |= values.get((stratum, key[3]), {})
        results += _intervals(cells, ranchers)
    _store(results)
    return len(results)


def _wanted(touched: str | None) -> Iterator[Wanted]:
    only = f"and id in (select id from {touched})" if touched else ""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, indicator, practice_id, cohort_id, district_id, sex, quarter"  # noqa: S608
            f" from monitoring_cell where method = 'bootstrap' {only}"
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


def _values(pairs: set[tuple[int, int]], *, with_practices: bool) -> dict[tuple[int, int], Values]:
    """Numerators and denominators of each rancher, by (stratum, quarter)."""
    values: dict[tuple[int, int], Values] = defaultdict(dict)
    columns = ", ".join(f"{one.numerator}, {one.denominator}" for one in _BOOTSTRAPPED)
    wanted = "unnest(%s::bigint[], %s::int[]) p (stratum_id, quarter)"
    parameters = [[stratum for stratum, _q in pairs], [quarter for _s, quarter in pairs]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select f.stratum_id, f.quarter, f.rancher_id, {columns} from {wanted}"  # noqa: S608
            " join monitoring_rancherfact f using (stratum_id, quarter)",
            parameters,
        )
        for stratum, quarter, rancher, *figures in cursor.fetchall():
            values[stratum, quarter][rancher] = {
                (one.code, None): (figures[2 * n], figures[2 * n + 1])
                for n, one in enumerate(_BOOTSTRAPPED)
                if figures[2 * n] is not None and figures[2 * n + 1] is not None
            }
        if with_practices:
            cursor.execute(
                "select f.stratum_id, f.quarter, f.rancher_id, r.practice_id, r.intensity, r.ceiling"  # noqa: S608
                f" from {wanted} join monitoring_rancherfact f using (stratum_id, quarter)"
                " join monitoring_practicefact r on r.rancher_id = f.rancher_id"
                " and r.from_quarter <= f.quarter and f.quarter < r.to_quarter"
                " where r.intensity is not null and r.ceiling > 0",
                parameters,
            )
            for stratum, quarter, rancher, practice, intensity, ceiling in cursor.fetchall():
                values[stratum, quarter][rancher]["adoption_intensity", practice] = (
                    intensity,
                    ceiling,
                )
    return values


def _intervals(
    cells: list[Wanted], ranchers: Values
) -> Iterator[tuple[int, float | None, float | None]]:
    """(cell, low, high): one set of weights for the whole slice, ranchers in the order of their id."""
    measures = sorted({cell.measure for cell in cells}, key=str)
    column = {measure: number for number, measure in enumerate(measures)}
    over = np.zeros((len(ranchers), len(measures)))
    under = np.zeros_like(over)
    for row, rancher in enumerate(sorted(ranchers)):
        for measure, figures in ranchers[rancher].items():
            if measure in column:
                over[row, column[measure]], under[row, column[measure]] = figures
    low, high = bootstrap(over, under)
    for cell in cells:
        at, scale = column[cell.measure], BY_CODE[cell.measure[0]].scale
        if np.isnan(low[at]):
            yield cell.cell_id, None, None
        else:
            yield cell.cell_id, float(low[at]) * scale, float(high[at]) * scale


def _store(results: list[tuple[int, float | None, float | None]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update monitoring_cell c set low = v.low, high = v.high from"
            " unnest(%s::bigint[], %s::float8[], %s::float8[]) v (id, low, high) where c.id = v.id",
            [list(column) for column in zip(*results, strict=True)],
        )
