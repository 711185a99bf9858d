"""The middle half from a histogram: right to a bin's width, silent on small groups."""

import math
import statistics
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from monitoring.spread import ZERO_BIN, bin_value, quartiles

values = st.lists(st.floats(0.01, 10_000), min_size=5, max_size=60)


def histogram(of: list[float]) -> list[tuple[int, int]]:
    return list(Counter(math.floor(math.log(value) / math.log(1.01)) for value in of).items())


@given(values)
def test_quartiles_are_within_a_bin_of_the_exact_ones(of: list[float]) -> None:
    half = quartiles(histogram(of))
    assert half is not None
    exact = [sorted(of)[math.ceil(p * len(of)) - 1] for p in (0.25, 0.5, 0.75)]
    for found, wanted in zip((half.lower, half.median, half.upper), exact, strict=True):
        assert math.isclose(found, wanted, rel_tol=0.011)
    assert half.n == len(of)


def test_quartiles_of_a_known_sample() -> None:
    half = quartiles(histogram([1, 2, 3, 4, 5, 6, 7, 8]))
    assert half is not None
    assert [round(half.lower), round(half.median), round(half.upper)] == [2, 4, 6]
    assert statistics.median_low([1, 2, 3, 4, 5, 6, 7, 8]) == 4


def test_fewer_than_five_ranchers_show_no_middle_half() -> None:
    assert quartiles([(10, 4)]) is None
    assert quartiles([(10, 5)]) is not None


def test_farms_at_zero_count_as_zero() -> None:
    half = quartiles([(ZERO_BIN, 6), (100, 2)])
    assert half is not None
    assert half.lower == 0
    assert half.upper == 0
    assert bin_value(ZERO_BIN) == 0
