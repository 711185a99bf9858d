"""The figures of groups of farms, and of their change, with 95 % intervals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from monitoring.indicators.comparisons import APART, COMPARED, NEVER_CHANGES, Group
from monitoring.intervals import BOOTSTRAP_UP_TO, Floats, Z, percentiles, replicates
from monitoring.use.farms import NEVER, Farms, Mask

_SCALE = np.array([one.scale for one in COMPARED])
_CHANGES = np.array([one.code not in NEVER_CHANGES for one in COMPARED])


class Figure(NamedTuple):
    """One indicator of one group, in the indicator's unit."""

    indicator: str
    n: int
    value: float | None
    low: float | None
    high: float | None
    method: str


@dataclass(frozen=True)
class Parts:
    """Numerators and denominators, farms x indicators, with 0 in both where a value is not known."""

    over: Floats
    under: Floats

    @classmethod
    def nothing(cls, farms: int) -> Parts:
        return cls(np.zeros((farms, len(COMPARED))), np.zeros((farms, len(COMPARED))))

    def only(self, which: Mask) -> Parts:
        return Parts(np.where(which, self.over, 0), np.where(which, self.under, 0))

    def put(self, rows: Mask, other: Parts) -> None:
        self.over[rows] = other.over
        self.under[rows] = other.under

    def add(self, other: Parts, *, times: Floats) -> None:
        self.over[:] += times * other.over
        self.under[:] += times * other.under

    @property
    def ratio(self) -> Floats:
        """The ratio of the sums by indicator; nan where nothing is known."""
        over, under = self.over.sum(axis=0), self.under.sum(axis=0)
        return np.divide(over, under, out=np.full(len(COMPARED), np.nan), where=under > 0)


def parts_of(farms: Farms, quarter: int, which: Mask) -> Parts:
    """What is known of these farms in a quarter."""
    known = farms.known(quarter)
    over, under = known.over[which].astype(float), known.under[which].astype(float)
    return Parts(np.nan_to_num(over), np.nan_to_num(under))


def figures(after: Parts, before: Parts | None = None) -> list[Figure]:
    """The group's figure by indicator, or its change since `before` (same farms, same indicators known).

    The interval is a percentile bootstrap over farms up to 200 of them, and beyond it the linearised
    variance (Cochran 1977, 6.3); farms are drawn with both their figures, so that of a change it is
    paired. A group of one has none.
    """
    n = (after.under > 0).sum(axis=0)
    if not n.any():
        return []
    value = after.ratio - before.ratio if before else after.ratio
    if len(after.over) <= BOOTSTRAP_UP_TO:
        low, high = percentiles(_drawn(after, before))
        method = "bootstrap"
    else:
        off = _offsets(after) - _offsets(before) if before else _offsets(after)
        half = Z * np.sqrt(n / np.maximum(n - 1, 1) * (off**2).sum(axis=0))
        low, high = value - half, value + half
        method = "delta"
    return [
        Figure(one.code, int(n[k]), *_scaled(value[k], low[k], high[k], n=n[k], scale=one.scale), method if n[k] > 1 else "none")
        for k, one in enumerate(COMPARED)
        if n[k]
    ]  # fmt: skip


def _drawn(after: Parts, before: Parts | None) -> Floats:
    """Replicates of the group's figures, or of their change: both of the same drawn farms."""
    if before is None:
        return replicates(after.over, after.under)
    drawn = replicates(np.hstack([after.over, before.over]), np.hstack([after.under, before.under]))
    return drawn[: len(COMPARED)] - drawn[len(COMPARED) :]


def _offsets(parts: Parts) -> Floats:
    """How far each farm's numerator is from what the ratio expects, as a share of all denominators."""
    under = parts.under.sum(axis=0)
    off = parts.over - np.nan_to_num(parts.ratio) * parts.under
    return np.divide(off, under, out=np.zeros_like(off), where=under > 0)


def _scaled(
    value: float, low: float, high: float, *, n: int, scale: float
) -> tuple[float | None, float | None, float | None]:
    ends = (low, high) if n > 1 else (np.nan, np.nan)
    value, low, high = (None if np.isnan(one) else float(one * scale) for one in (value, *ends))  # type: ignore[assignment]
    return value, low, high


def side_by_side(
    farms: Farms, quarter: int, *, members: Mask, stage: tuple[Mask, Mask]
) -> Iterator[tuple[Group, Figure]]:
    """Figures of the members with the practice and without; of those whose stage is not known only
    how many they are."""
    using, others = stage
    for group, which in ((Group.WITH, using), (Group.WITHOUT, others)):
        for one in figures(parts_of(farms, quarter, members & which)):
            yield group, one
    unknown = members & ~using & ~others
    counts = farms.known(quarter).is_known[unknown].sum(axis=0)
    for indicator, n in zip(COMPARED, counts, strict=True):
        if n:
            yield Group.UNKNOWN, Figure(indicator.code, int(n), None, None, None, "none")


def before_and_after(
    farms: Farms, quarter: int, *, members: Mask, first: np.ndarray
) -> Iterator[tuple[Group, Figure]]:
    """Changes of the members that adopted, and of those not seen using the practice by the quarter.

    Between the quarters of each adopter the farms that had not adopted count as one farm together; so
    both groups spread over the same quarters.
    """
    adopted = np.flatnonzero(members & (first <= quarter - APART))
    others = np.flatnonzero(members & (first > quarter))
    since = first[adopted].astype(int) - 1
    now = farms.known(quarter)
    before, after, matched = (
        Parts.nothing(len(adopted)),
        Parts.nothing(len(adopted)),
        np.zeros((len(adopted), len(COMPARED)), dtype=bool),
    )
    their_before, their_after = Parts.nothing(len(others)), Parts.nothing(len(others))
    for start in np.unique(since):
        then = farms.known(int(start))
        rows = since == start
        mine = adopted[rows]
        both = then.is_known[mine] & now.is_known[mine] & _CHANGES
        theirs = then.is_known[others] & now.is_known[others] & _CHANGES
        found, wanted = theirs.sum(axis=0), both.sum(axis=0)
        before.put(rows, _taken(then.over[mine], then.under[mine], both))
        after.put(rows, _taken(now.over[mine], now.under[mine], both))
        matched[rows] = both & (found > 0)
        share = np.divide(wanted, found, out=np.zeros(len(COMPARED)), where=found > 0)
        their_before.add(_taken(then.over[others], then.under[others], theirs), times=share)
        their_after.add(_taken(now.over[others], now.under[others], theirs), times=share)
    counted = np.where(matched.any(axis=0), matched, True)
    for group, was, now_is in (
        (Group.ADOPTERS, before.only(counted), after.only(counted)),
        (Group.OTHERS, their_before, their_after),
    ):
        for one in figures(now_is, was):
            yield group, one


def _taken(over: np.ndarray, under: np.ndarray, which: Mask) -> Parts:
    return Parts(np.where(which, over, 0).astype(float), np.where(which, under, 0).astype(float))


def of_quarter(
    farms: Farms, quarter: int, *, practices: Iterable[int]
) -> Iterator[tuple[int, int | None, Group, Figure]]:
    """(practice, cohort, group, figure) of every group of the quarter that has a farm."""
    nobody = np.zeros(farms.count, dtype=bool)
    never = np.full(farms.count, NEVER, dtype=np.int16)
    stages, members = farms.stages(quarter), farms.members(quarter)
    for practice in practices:
        stage, first = stages.get(practice, (nobody, nobody)), farms.first_use.get(practice, never)
        for cohort, counted in members.items():
            for group, figure in side_by_side(farms, quarter, members=counted, stage=stage):
                yield practice, cohort, group, figure
            for group, figure in before_and_after(farms, quarter, members=counted, first=first):
                yield practice, cohort, group, figure
