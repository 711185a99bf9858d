"""The comparisons follow the facts, and are what making all of them from scratch gives."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from monitoring import recompute
from monitoring.models import Measurement, RancherFact, UseFigure, UseQuarter
from monitoring.use import keeping
from tests.monitoring.cells import make_cell
from tests.monitoring.test_incremental_equals_full import TODAY, World, writes
from tests.monitoring.use.ground import NOW, make_cohort, make_farm, stage, stocked
from tests.practices.factories import make_practice
from tests.thoroughness import examples

SEEN = {"cows": 20, "pasture_ha": Decimal(30), "trees_counted": 200}


def everything() -> list[tuple]:
    names = [f.attname for f in UseFigure._meta.concrete_fields if f.attname != "id"]
    return sorted(UseFigure.objects.values_list(*names), key=repr)


@pytest.fixture
def farm(db):
    """A farm that uses a practice, with a cell for each quarter it is known in."""
    cohort, practice = make_cohort(), make_practice()
    farm = make_farm(cohort, {quarter: stocked(10) for quarter in range(NOW - 2, NOW + 1)})
    stage(farm, practice, "adopted", since=NOW - 2)
    for quarter in range(NOW - 2, NOW + 1):
        make_cell("stocking_rate", value=1, n=1, quarter=quarter, cohort=cohort)
    return farm


def with_value(quarter):
    return UseFigure.objects.get(
        quarter=quarter, group="with", indicator="stocking_rate", cohort=None
    ).value


def change(farm, quarter, units):
    """The fact and its cells change, as a recompute leaves them."""
    RancherFact.objects.filter(rancher=farm, quarter=quarter).update(animal_units=units)
    make_cell("stocking_rate", value=2, n=1, quarter=quarter)


def test_only_a_quarter_that_changed_and_those_after_it_are_made_again(farm):
    assert keeping.refresh() == 3
    assert keeping.refresh() == 0
    change(farm, NOW - 1, 30)
    assert keeping.refresh() == 2
    assert [with_value(q) for q in range(NOW - 2, NOW + 1)] == [1, 3, 1]


def test_the_newest_quarter_comes_first_and_the_next_run_goes_on(farm):
    assert keeping.refresh(at_once_s=0) == 1
    assert list(UseQuarter.objects.values_list("quarter", flat=True)) == [NOW]
    assert keeping.refresh(at_once_s=0) == 1
    assert keeping.refresh() == 1


def test_at_night_all_quarters_are_made_whether_or_not_they_changed(farm):
    keeping.refresh()
    RancherFact.objects.filter(rancher=farm).update(animal_units=70)
    assert keeping.refresh() == 0
    assert keeping.refresh(everything=True) == 3
    assert with_value(NOW) == 7


def test_a_figure_of_a_group_that_is_gone_goes_as_well(farm):
    keeping.refresh()
    RancherFact.objects.filter(rancher=farm, quarter=NOW).delete()
    make_cell("stocking_rate", value=2, n=1, quarter=NOW)
    keeping.refresh()
    assert not UseFigure.objects.filter(quarter=NOW).exists()
    assert UseQuarter.objects.get(quarter=NOW).computed_at <= now()


class AnySequenceOfWrites(TestCase):
    @settings(max_examples=examples(8), suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.lists(writes, min_size=4, max_size=16))
    def test_what_was_kept_in_step_equals_what_is_made_from_scratch(self, sequence) -> None:
        world = World()
        taken = dict.fromkeys([f.name for f in Measurement._meta.fields]) | SEEN
        del taken["visit"], taken["confirmed"]
        for days_ago, known in ((1200, "trial"), (1000, "adopted"), (5, "adopted")):
            world.visit(0, TODAY - timedelta(days=days_ago), taken, [(1, known, None)])
        for name, *arguments in sequence:
            getattr(world, name)(*arguments)
            if name == "recompute":
                keeping.refresh(at_once_s=0)
        recompute.recompute_dirty()
        keeping.refresh(at_once_s=1e9)
        kept = everything()
        assert kept
        UseFigure.objects.all().delete()
        keeping.refresh(everything=True)
        assert kept == everything()
