"""The synthetic programme in chunks of ranchers, as arrays; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitoring.demo import parameters as p
from monitoring.demo.enrolment import Days, Enrolments, enrolments, kinds_of, visit_days
from monitoring.demo.farm import Farms, Floats, farms, measurements
from monitoring.demo.land import Lot, lattice_lot, roadside_lots
from monitoring.demo.people import People, people
from monitoring.demo.uptake import Observations, Uptakes, observations, uptakes
from practices.models import Practice


@dataclass(frozen=True)
class Visits:
    """One row per visit, by rancher and day; `late_days` is how long it took to arrive."""

    id: list[str]
    who: NDArray[np.int64]
    day: Days
    figures: dict[str, Floats]
    late_days: NDArray[np.int64]
    observed: Observations


@dataclass(frozen=True)
class Chunk:
    """Some ranchers with everything about them; `first` is the running number of the first."""

    first: int
    ids: list[str]
    plot_ids: list[str]
    who: People
    enrolled: Enrolments
    lots: list[Lot]
    farm: Farms
    taken_up: Uptakes
    visits: Visits

    def __len__(self) -> int:
        return len(self.ids)


def chunks(
    *, ranchers: int, today: date, practices: list[Practice], districts: list[str], seed: int
) -> Iterator[Chunk]:
    """The programme, `parameters.CHUNK` ranchers at a time.

    `districts` are the WKT boundaries in the order of `parameters.DISTRICTS`. The same arguments
    give the same programme. Raises ValueError for fewer ranchers than the pilot had.
    """
    if ranchers < p.PILOT_RANCHERS:
        raise ValueError(f"the pilot alone has {p.PILOT_RANCHERS} ranchers")
    kinds = kinds_of(ranchers=ranchers, rng=np.random.default_rng([seed, 1]))
    by_the_road = _roadside(ranchers, districts, seed)
    for first in range(0, ranchers, p.CHUNK):
        rng = np.random.default_rng([seed, 2, first])
        kind = kinds[first : first + p.CHUNK]
        who = people(first=first, count=len(kind), rng=rng)
        lots = _settle(who, by_the_road, first, rng)
        yield _chunk(first, kind, who, lots, practices, today, rng)


def _chunk(
    first: int,
    kind: NDArray[np.int64],
    who: People,
    lots: list[Lot],
    practices: list[Practice],
    today: date,
    rng: np.random.Generator,
) -> Chunk:
    n = len(kind)
    enrolled = enrolments(kind=kind, today=today, rng=rng)
    farm = farms(area_ha=np.array([lot.area_ha for lot in lots]), rng=rng)
    codes = [practice.code for practice in practices]
    taken_up = uptakes(who=enrolled, women=who.women, codes=codes, rng=rng)
    rows, day = visit_days(who=enrolled, today=today, rng=rng)
    figures, pasture, herd = measurements(
        farm=farm, enrolments=enrolled, taken_up=taken_up, who=rows, day=day, rng=rng
    )
    observed = observations(
        taken_up=taken_up,
        practices=practices,
        who=rows,
        day=day,
        pasture_ha=pasture,
        herd=herd,
        live_fence_m=np.nan_to_num(figures["live_fence_m"]),
        rng=rng,
    )
    late = rng.random(len(day)) < p.SHARE_SENT_LATE
    late_days = np.where(late, rng.integers(14, 60, len(day)), rng.geometric(0.5, len(day)) - 1)
    visits = Visits(uuids(len(day), rng), rows, day, figures, late_days, observed)
    return Chunk(first, uuids(n, rng), uuids(n, rng), who, enrolled, lots, farm, taken_up, visits)


def uuids(count: int, rng: np.random.Generator) -> list[str]:
    """`count` version 4 UUIDs as 32 hex digits."""
    raw = rng.integers(0, 256, size=(count, 16), dtype=np.uint8)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    text = raw.tobytes().hex()
    return [text[at : at + 32] for at in range(0, len(text), 32)]


def _roadside(ranchers: int, districts: list[str], seed: int) -> list[list[Lot]]:
    wanted = [round(min(ranchers, 2_000) * share * 1.4) + 12 for share in p.DISTRICT_SHARE]
    rng = np.random.default_rng([seed, 3])
    return roadside_lots(wanted=wanted, districts=districts, rng=rng)


def _settle(
    who: People, by_the_road: list[list[Lot]], first: int, rng: np.random.Generator
) -> list[Lot]:
    """One lot each: in the own district by the road while there are any, then on the lattice."""
    lots = []
    for row, district in enumerate(who.district):
        free = by_the_road[district]
        lots.append(free.pop(0) if free else lattice_lot(first + row, rng))
    return lots
