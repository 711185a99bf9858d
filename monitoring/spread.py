"""The middle half of a cohort: quartiles of ranchers' values, from the stored histogram."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.models import SpreadBin
from ranchers.access import SMALL_CELL

BIN_WIDTH = 1.01
ZERO_BIN = -32768


@dataclass(frozen=True)
class MiddleHalf:
    """Lower quartile, median and upper quartile over `n` ranchers, in the indicator's unit; each is
    right to within 1 % (the width of a bin)."""

    lower: float
    median: float
    upper: float
    n: int


def bin_value(number: int) -> float:
    """The middle of a bin (geometric), in the indicator's unit."""
    return 0.0 if number == ZERO_BIN else BIN_WIDTH ** (number + 0.5)


def quartiles(bins: Iterable[tuple[int, int]]) -> MiddleHalf | None:
    """Quartiles of a histogram given as (bin, ranchers), in any order.

    The p-quantile is the smallest value with at least p of the ranchers at or below it (inverse of
    the empirical distribution; Hyndman & Fan 1996, definition 1). None where fewer than
    SMALL_CELL ranchers are behind it: then nobody may be guessed from it.
    """
    ordered = sorted(bins)
    n = sum(count for _bin, count in ordered)
    if n < SMALL_CELL:
        return None
    found: list[float] = []
    reached = 0
    shares = iter((0.25, 0.5, 0.75))
    share = next(shares, None)
    for number, count in ordered:
        reached += count
        while share is not None and reached >= share * n:
            found.append(bin_value(number))
            share = next(shares, None)
    lower, median, upper = found
    return MiddleHalf(lower=lower, median=median, upper=upper, n=n)


def middle_halves(*, cohort_id: int, quarter: int) -> dict[str, MiddleHalf]:
    """The middle half by indicator code, for one cohort and quarter; small groups are left out."""
    histograms: dict[str, list[tuple[int, int]]] = {}
    rows = SpreadBin.objects.filter(cohort_id=cohort_id, quarter=quarter)
    for code, number, count in rows.values_list("indicator", "bin", "ranchers"):
        histograms.setdefault(code, []).append((number, count))
    halves = {code: quartiles(bins) for code, bins in histograms.items()}
    return {code: half for code, half in halves.items() if half is not None}
