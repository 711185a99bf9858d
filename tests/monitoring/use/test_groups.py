"""Users of a practice beside others, and farms beside themselves: worked out by hand and by plain loops."""

import random

import numpy as np
import pytest
from django.db import transaction

from monitoring.indicators.comparisons import APART, COMPARED, NEVER_CHANGES, Group
from monitoring.models import PracticeFact, RancherFact
from monitoring.use.farms import Farms
from monitoring.use.groups import Parts, figures, of_quarter
from tests.monitoring.use.ground import NOW, make_cohort, make_farm, stage, stocked
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db
CODES = [one.code for one in COMPARED]


@pytest.fixture
def cohort():
    return make_cohort()


@pytest.fixture
def practice():
    return make_practice()


def found(practice, cohort, indicator="stocking_rate", quarter=NOW):
    """The figures of one practice, cohort and indicator by group."""
    with transaction.atomic():
        rows = list(of_quarter(Farms(), quarter, practices=[practice.pk]))
    of = cohort.pk if cohort else None
    return {
        group: one for _p, c, group, one in rows if c == of and one.indicator == indicator
    }  # fmt: skip


def test_with_and_without_are_ratios_of_sums_and_the_unknown_are_only_counted(cohort, practice):
    for units, pasture, known in (
        (10, 10, "adopted"),
        (50, 20, "sustained"),
        (12, 10, "trial"),
        (9, 10, "dropped"),
        (99, 10, None),
    ):
        farm = make_farm(cohort, {NOW: stocked(units, pasture)})
        if known:
            stage(farm, practice, known, since=NOW - 1)
    make_farm(None, {NOW: stocked(77)})  # has left: counts in no cohort
    for of in (cohort, None):
        groups = found(practice, of)
        assert (groups[Group.WITH].n, groups[Group.WITH].value) == (2, pytest.approx(2.0))
        assert (groups[Group.WITHOUT].n, groups[Group.WITHOUT].value) == (2, pytest.approx(1.05))
        assert (groups[Group.UNKNOWN].n, groups[Group.UNKNOWN].value) == (1, None)
        ends = groups[Group.WITH].low, groups[Group.WITH].high
        assert ends == pytest.approx((1.0, 2.5)), "both draws of the same farm twice"


def test_a_change_is_of_the_same_farms_beside_others_between_the_same_quarters(cohort, practice):
    near, far = NOW - 11, NOW - 13
    first = make_farm(cohort, {near: stocked(10), NOW: stocked(20)})
    stage(first, practice, "adopted", since=near + 1)
    second = make_farm(cohort, {far: stocked(10), NOW: stocked(30, 20)})
    stage(second, practice, "adopted", since=far + 1)
    make_farm(cohort, {far: stocked(10), near: stocked(12), NOW: stocked(15)})
    make_farm(cohort, {near: stocked(10), NOW: stocked(10)})
    groups = found(practice, cohort)
    adopters, others = groups[Group.ADOPTERS], groups[Group.OTHERS]
    assert (adopters.n, adopters.value) == (2, pytest.approx(50 / 30 - 20 / 20))
    # near: two farms share one adopter's place, far: one farm has the other's
    before = (0.5 * (12 + 10) + 10) / (0.5 * 20 + 10)
    after = (0.5 * (15 + 10) + 15) / (0.5 * 20 + 10)
    assert (others.n, others.value) == (2, pytest.approx(after - before))
    assert (adopters.low, adopters.high) == pytest.approx((0.5, 1.0))


def test_an_adopter_whom_nobody_can_stand_beside_is_left_out_while_there_are_others(
    cohort, practice
):
    for since, after in ((NOW - 10, 20), (NOW - 14, 90)):
        farm = make_farm(cohort, {since - 1: stocked(10), NOW: stocked(after)})
        stage(farm, practice, "adopted", since=since)
    alone = found(practice, cohort)
    assert Group.OTHERS not in alone
    assert (alone[Group.ADOPTERS].n, alone[Group.ADOPTERS].value) == (2, pytest.approx(4.5))
    make_farm(cohort, {NOW - 11: stocked(10), NOW: stocked(10)})
    beside = found(practice, cohort)
    assert (beside[Group.ADOPTERS].n, beside[Group.ADOPTERS].value) == (1, pytest.approx(1.0))


@pytest.mark.parametrize(("quarters_ago", "counted"), [(APART, True), (APART - 1, False)])
def test_a_farm_that_adopted_lately_is_in_neither_group(cohort, practice, quarters_ago, counted):
    since = NOW - quarters_ago
    farm = make_farm(cohort, {since - 1: stocked(10), NOW: stocked(20)})
    stage(farm, practice, "adopted", since=since)
    groups = found(practice, cohort)
    assert (Group.ADOPTERS in groups) is counted
    assert Group.OTHERS not in groups


def test_who_gave_a_practice_up_is_without_it_today_and_stays_an_adopter(cohort, practice):
    since = NOW - 12
    farm = make_farm(cohort, {since - 1: stocked(10), NOW: stocked(15)})
    stage(farm, practice, "adopted", since=since, until=NOW - 5)
    stage(farm, practice, "dropped", since=NOW - 5)
    groups = found(practice, cohort)
    assert groups[Group.ADOPTERS].value == pytest.approx(0.5)
    assert groups[Group.WITHOUT].n == 1
    assert Group.WITH not in groups


def test_as_of_a_past_quarter_nothing_later_is_known(cohort, practice):
    farm = make_farm(cohort, {NOW - 2: stocked(10), NOW: stocked(30)})
    stage(farm, practice, "trial", since=NOW - 2, until=NOW)
    stage(farm, practice, "adopted", since=NOW)
    groups = found(practice, cohort, quarter=NOW - 2)
    assert groups[Group.WITHOUT].value == pytest.approx(1.0)
    assert Group.WITH not in groups


def test_every_figure_is_what_plain_loops_over_facts_give(cohort):
    """Two cohorts, two practices, sixty farms with holes, against a second way to work it out."""
    dice = random.Random(4)
    other = make_cohort("piloto")
    practices = [make_practice(), make_practice("bebederos")]
    for number in range(60):
        known = {
            quarter: {**stocked(dice.randint(1, 90), dice.randint(1, 40)), "live_fence_m": dice.choice([None, 0, 700])}
            for quarter in range(NOW - 16, NOW + 1)
            if dice.random() < 0.8
        }  # fmt: skip
        farm = make_farm([cohort, other, None][number % 3], known)
        for practice in practices:
            at = NOW - dice.randint(2, 16)
            stage(farm, practice, dice.choice(["planned", "trial"]), since=at - 2, until=at)
            if dice.random() < 0.6:
                end = dice.choice([NOW + 1, NOW - 1])
                stage(farm, practice, "adopted", since=at, until=end)
    expected = {
        (p.pk, c.pk if c else None, group, code): pytest.approx(figure)
        for p in practices
        for c in (cohort, other, None)
        for code in ("stocking_rate", "live_fence_km")
        for group, figure in by_loops(p, c, code)
    }
    with transaction.atomic():
        rows = list(of_quarter(Farms(), NOW, practices=[p.pk for p in practices]))
    got = {
        (practice, of, group, one.indicator): (one.n, one.value)
        for practice, of, group, one in rows
        if one.indicator in ("stocking_rate", "live_fence_km") and group != Group.UNKNOWN
    }
    assert len(got) > 30
    assert got == expected


def by_loops(practice, cohort, code):
    """(group, (n, value)) by going through the facts one by one."""

    def parts(fact):
        if code == "live_fence_km":
            return None if fact.live_fence_m is None else (float(fact.live_fence_m) / 1000, 1.0)
        return float(fact.animal_units), float(fact.pasture_ha)

    def ratio(some):
        return sum(w * one[0] for w, one in some) / sum(w * one[1] for w, one in some)

    counted = {
        f.rancher_id: parts(f)
        for f in RancherFact.objects.filter(quarter=NOW).select_related("stratum")
        if (cohort.pk in f.stratum.cohorts if cohort else f.stratum.cohorts) and parts(f)
    }
    runs = list(PracticeFact.objects.filter(practice=practice))
    now = {r.rancher_id: r.stage for r in runs if r.from_quarter <= NOW < r.to_quarter}
    first = {}
    for run in sorted(runs, key=lambda r: r.from_quarter):
        if run.stage in ("adopted", "sustained"):
            first.setdefault(run.rancher_id, run.from_quarter)
    for group, stages in ((Group.WITH, ("adopted", "sustained")), (Group.WITHOUT, ("planned", "trial", "dropped"))):  # fmt: skip
        some = [(1, one) for r, one in counted.items() if now.get(r) in stages]
        if some:
            yield group, (len(some), ratio(some))
    past = {
        (f.rancher_id, f.quarter): parts(f) for f in RancherFact.objects.filter(quarter__lt=NOW)
    }
    mine, theirs = [], []
    for rancher in [r for r in counted if first.get(r, NOW) <= NOW - APART]:
        start = first[rancher] - 1
        if not past.get((rancher, start)):
            continue
        beside = [r for r in counted if r not in first and past.get((r, start))]
        if beside:
            mine.append((rancher, start))
            theirs += [(1 / len(beside), r, start) for r in beside]
    if mine:
        value = ratio([(1, counted[r]) for r, _s in mine]) - ratio([(1, past[one]) for one in mine])
        yield Group.ADOPTERS, (len(mine), value)
        value = ratio([(w, counted[r]) for w, r, _s in theirs]) - ratio([(w, past[r, s]) for w, r, s in theirs])  # fmt: skip
        yield Group.OTHERS, (len({r for _w, r, _s in theirs}), value)


def test_the_two_ways_to_an_interval_agree_where_one_takes_over_from_the_other():
    dice = np.random.default_rng(5)

    def parts(farms):
        over = dice.gamma(4, 10, size=(farms, len(COMPARED))).round()
        return Parts(over, dice.gamma(4, 10, size=over.shape).round() + 1)

    after, before = parts(200), parts(200)
    twice = [Parts(np.vstack([p.over, p.over]), np.vstack([p.under, p.under])) for p in (after, before)]  # fmt: skip
    for drawn, linear in zip(figures(after, before), figures(*twice), strict=True):
        assert (drawn.method, linear.method) == ("bootstrap", "delta")
        assert drawn.value == pytest.approx(linear.value)
        width = (linear.high - linear.low) * 2**0.5  # twice the farms, each of them twice
        assert drawn.high - drawn.low == pytest.approx(width, rel=0.15)


def test_a_baseline_and_what_is_a_change_already_have_no_change(cohort, practice):
    known = {**stocked(10), "canopy_ha": 5, "cover_land_ha": 10, "forest_ha": 4, "forest_joined_ha": 5}  # fmt: skip
    farm = make_farm(cohort, {NOW - 13: known, NOW: known})
    stage(farm, practice, "adopted", since=NOW - 12)
    for code in NEVER_CHANGES:
        assert Group.ADOPTERS not in found(practice, cohort, code)
    assert found(practice, cohort, "forest_ha")[Group.ADOPTERS].value == 0
