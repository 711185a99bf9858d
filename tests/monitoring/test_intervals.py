"""Intervals against published figures."""

import numpy as np
import pytest

from monitoring.intervals import bootstrap, delta, kaplan_meier, median_month, newcombe, wilson


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_figures_of_newcombe_1998(
    hits: int, n: int, low: float, high: float
) -> None:
    """Newcombe, Statistics in Medicine 17:857-872 (1998), table I, method 3."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_refuses_nobody() -> None:
    with pytest.raises(ValueError, match="at least one"):
        wilson(0, 0)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_figures_of_newcombe_1998(
    a: int, m: int, b: int, n: int, low: float, high: float
) -> None:
    """Newcombe, Statistics in Medicine 17:873-890 (1998), table II, method 10."""
    assert newcombe(a, m, b, n) == pytest.approx((low, high), abs=5e-5)


def test_kaplan_meier_of_the_6_mp_arm_of_freireich_1963() -> None:
    """Remission times, Kalbfleisch & Prentice (1980), table 1.1: 21 patients on 6-MP."""
    points = [
        *[(6, 3, 1), (7, 1, 0), (9, 0, 1), (10, 1, 1), (11, 0, 1), (13, 1, 0), (16, 1, 0)],
        *[(17, 0, 1), (19, 0, 1), (20, 0, 1), (22, 1, 0), (23, 1, 0), (25, 0, 1), (32, 0, 2)],
        *[(34, 0, 1), (35, 0, 1)],
    ]
    steps = kaplan_meier(points)
    assert [(s.month, s.at_risk) for s in steps] == [
        *[(6, 21), (7, 17), (10, 15), (13, 12), (16, 11), (22, 7), (23, 6)]
    ]
    assert [s.share for s in steps] == pytest.approx(
        [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], abs=5e-5
    )
    assert (steps[0].low, steps[0].high) == pytest.approx((0.6197, 0.9516), abs=5e-4)
    assert median_month(steps) == 23


def test_a_curve_that_stays_above_half_has_no_median() -> None:
    assert median_month(kaplan_meier([(5, 1, 0), (9, 0, 9)])) is None


def test_bootstrap_and_delta_agree_where_one_gives_way_to_the_other() -> None:
    draw = np.random.default_rng(1)
    pasture = draw.integers(1_000, 9_000, (200, 1)).astype(float)
    units = np.floor(pasture * draw.normal(1.2, 0.3, (200, 1)))
    low, high = bootstrap(units, pasture)
    by_sums = delta(
        n=200,
        numerator=units.sum(),
        denominator=pasture.sum(),
        nn=(units**2).sum(),
        dd=(pasture**2).sum(),
        nd=(units * pasture).sum(),
    )
    assert (low[0], high[0]) == pytest.approx(by_sums, rel=0.01)


def test_bootstrap_does_not_depend_on_what_is_computed_with_it() -> None:
    draw = np.random.default_rng(2)
    over = draw.integers(0, 10**9, (40, 5)).astype(float)
    under = draw.integers(1, 10**9, (40, 5)).astype(float)
    together = bootstrap(over, under)
    for column in range(5):
        alone = bootstrap(over[:, [column]], under[:, [column]])
        assert (alone[0][0], alone[1][0]) == (together[0][column], together[1][column])


def test_one_who_is_unknown_in_every_replicate_has_no_interval() -> None:
    low, high = bootstrap(np.zeros((3, 1)), np.zeros((3, 1)))
    assert np.isnan(low[0])
    assert np.isnan(high[0])
