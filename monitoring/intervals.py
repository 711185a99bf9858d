"""Intervals: Wilson, Newcombe, the bootstrap and the delta method, Kaplan-Meier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""

REPLICATES = 1_000
BOOTSTRAP_UP_TO = 200
"""Slices of more ranchers take the delta method, which agrees there and needs only sums."""

Floats = NDArray[np.float64]


def wilson(hits: float, n: float) -> tuple[float, float]:
    """The 95 % score interval of the share hits / n (Wilson 1927; Newcombe 1998a, method 3).

    Raises ValueError when n is not positive.
    """
    if n <= 0:
        raise ValueError("a share needs at least one observation")
    share = hits / n
    middle = share + Z * Z / (2 * n)
    half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def newcombe(hits: float, n: float, other_hits: float, other_n: float) -> tuple[float, float]:
    """The 95 % interval of hits/n - other_hits/other_n, two independent shares (Newcombe 1998b,
    method 10: from the two Wilson intervals)."""
    first, second = hits / n, other_hits / other_n
    low, high = wilson(hits, n)
    other_low, other_high = wilson(other_hits, other_n)
    difference = first - second
    return (
        difference - sqrt((first - low) ** 2 + (other_high - second) ** 2),
        difference + sqrt((high - first) ** 2 + (second - other_low) ** 2),
    )


def delta(
    *, n: int, numerator: float, denominator: float, nn: float, dd: float, nd: float
) -> tuple[float, float]:
    """The 95 % interval of a ratio of sums by its linearised variance (Cochran 1977, 6.3), from the
    sums and the sums of squares and products over n units; n at least 2."""
    ratio = numerator / denominator
    squares = max(0.0, nn - 2 * ratio * nd + ratio * ratio * dd)
    half = Z * sqrt(n / (n - 1) * squares) / abs(denominator)
    return ratio - half, ratio + half


@lru_cache(maxsize=256)
def _weights(n: int) -> NDArray[np.uint8]:
    """How often each of n is drawn in each replicate: a byte each, for n is at most 200."""
    draws = np.random.default_rng(n).multinomial(n, np.full(n, 1 / n), size=REPLICATES)
    return draws.astype(np.uint8)


def replicates(numerators: Floats, denominators: Floats) -> Floats:
    """Bootstrap replicates of the ratios of column sums: one row of REPLICATES for each column.

    Both arrays are ranchers (at most 200) x indicators, of whole numbers, 0 in both where unknown.
    The weights depend only on the number of ranchers; sums of whole numbers below 2**53 are exact, so
    the result does not depend on which indicators are computed together. nan where the denominator
    is 0.
    """
    weights = _weights(len(numerators)).astype(np.float64)
    over, under = weights @ numerators, weights @ denominators
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.ascontiguousarray(np.where(under > 0, over / under, np.nan).T)


def percentiles(ratios: Floats) -> tuple[Floats, Floats]:
    """The 2.5 and 97.5 % points of each row; a nan is left out, and is the result where all are."""
    low, high = np.full(len(ratios), np.nan), np.full(len(ratios), np.nan)
    holes = np.isnan(ratios).any(axis=1)
    if not holes.all():
        low[~holes], high[~holes] = np.percentile(ratios[~holes], [2.5, 97.5], axis=1)
    for row in np.flatnonzero(holes):
        known = ratios[row][~np.isnan(ratios[row])]
        if known.size:
            low[row], high[row] = np.percentile(known, [2.5, 97.5])
    return low, high


def bootstrap(numerators: Floats, denominators: Floats) -> tuple[Floats, Floats]:
    """95 % percentile intervals of the ratios of column sums (Efron & Tibshirani 1993, ch. 13).

    Arguments as of `replicates`; a replicate with denominator 0 is left out, and with none left the
    interval is nan.
    """
    return percentiles(replicates(numerators, denominators))


@dataclass(frozen=True)
class Step:
    """The share not yet adopted from `month` on, with its 95 % interval (log-log, Greenwood)."""

    month: int
    at_risk: int
    adopted: int
    share: float
    low: float
    high: float


def kaplan_meier(points: Iterable[tuple[int, int, int]]) -> list[Step]:
    """The curve from (month, adopted, censored) counts; who is censored in a month was at risk in it.

    Kaplan & Meier 1958; interval on the log(-log) scale with Greenwood's variance (Kalbfleisch &
    Prentice 1980). One step per month with an adoption.
    """
    months = sorted(points)
    at_risk = sum(adopted + censored for _month, adopted, censored in months)
    share, variance = 1.0, 0.0
    steps: list[Step] = []
    for month, adopted, censored in months:
        if adopted and at_risk:
            share *= 1 - adopted / at_risk
            left = at_risk - adopted
            variance = variance + adopted / (at_risk * left) if left else float("inf")
            low, high = _log_log(share, variance)
            steps.append(Step(month, at_risk, adopted, share, low, high))
        at_risk -= adopted + censored
    return steps


def _log_log(share: float, variance: float) -> tuple[float, float]:
    if not 0 < share < 1:
        return share, share
    half = Z * sqrt(variance) / abs(log(share))
    return share ** exp(half), share ** exp(-half)


def median_month(steps: Iterable[Step]) -> int | None:
    """The first month by which half have adopted; None when that is not reached."""
    return next((step.month for step in steps if step.share <= 0.5), None)
