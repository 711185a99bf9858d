"""Stored stage intervals follow the observations, and PostgreSQL refuses an overlap."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from practices.adoption import Observation, StageNotObservable, rebuild, rebuild_all, rebuild_many
from practices.models import Stage, StageInterval
from tests.practices.factories import make_practice, make_rancher

pytestmark = pytest.mark.django_db

ADOPTED_2021 = Observation(date(2021, 1, 10), Stage.ADOPTED, Decimal("3.50"))
SEEN_2022 = Observation(date(2022, 1, 10), Stage.ADOPTED, Decimal("4.00"))
DROPPED_2022 = Observation(date(2022, 6, 1), Stage.DROPPED)


def stages(rancher, practice) -> list[str]:
    rows = StageInterval.objects.filter(rancher=rancher, practice=practice).order_by("period")
    return [row.stage for row in rows]


def test_intervals_follow_a_late_and_a_withdrawn_observation():
    rancher, practice = make_rancher(), make_practice()

    def store(*history: Observation) -> int:
        return rebuild(
            rancher_id=rancher.id,
            practice_ids=[practice.id],
            observations=((practice.id, o) for o in history),
        )

    store(DROPPED_2022)
    store(DROPPED_2022, ADOPTED_2021, SEEN_2022)
    assert stages(rancher, practice) == ["adopted", "sustained", "dropped"]
    store(ADOPTED_2021)
    assert stages(rancher, practice) == ["adopted"]
    store()
    assert stages(rancher, practice) == []


def test_rebuilding_again_touches_nothing():
    rancher, practice = make_rancher(), make_practice()
    history = [(practice.id, ADOPTED_2021), (practice.id, SEEN_2022)]
    arguments = {"rancher_id": rancher.id, "practice_ids": [practice.id]}
    assert rebuild(**arguments, observations=history) == 2
    before = list(StageInterval.objects.values_list("pk", flat=True))
    assert rebuild(**arguments, observations=history) == 0
    assert list(StageInterval.objects.values_list("pk", flat=True)) == before


def test_other_ranchers_and_other_practices_are_left_alone():
    rosa, juan = make_rancher(), make_rancher()
    fences, trees = make_practice("cercos"), make_practice("arboles")
    everyone = [(r.id, p.id, ADOPTED_2021) for r in (rosa, juan) for p in (fences, trees)]
    rebuild_many(
        rancher_ids=[rosa.id, juan.id],
        practice_ids=[fences.id, trees.id],
        observations=everyone,
    )
    rebuild(rancher_id=rosa.id, practice_ids=[fences.id], observations=[])
    assert stages(rosa, fences) == []
    assert [stages(rosa, trees), stages(juan, fences), stages(juan, trees)] == [["adopted"]] * 3


def test_many_ranchers_cost_no_more_queries_than_one(django_assert_max_num_queries):
    practice = make_practice()
    ranchers = [make_rancher() for _ in range(12)]
    with django_assert_max_num_queries(7):  # savepoint pairs, lock, read, delete, insert
        rebuild_many(
            rancher_ids=[r.id for r in ranchers],
            practice_ids=[practice.id],
            observations=((r.id, practice.id, ADOPTED_2021) for r in ranchers),
        )


def test_a_stage_that_nobody_can_see_leaves_the_history_as_it_was():
    rancher, practice = make_rancher(), make_practice()
    arguments = {"rancher_id": rancher.id, "practice_ids": [practice.id]}
    rebuild(**arguments, observations=[(practice.id, ADOPTED_2021)])
    with pytest.raises(StageNotObservable):
        rebuild(
            **arguments,
            observations=[(practice.id, Observation(date(2022, 1, 1), Stage.SUSTAINED))],
        )
    assert stages(rancher, practice) == ["adopted"]


def test_postgresql_refuses_two_stages_on_one_day():
    rancher, practice = make_rancher(), make_practice()
    row = {"rancher": rancher, "practice": practice, "first_evidence_on": date(2021, 1, 1)}
    first = DateRange(date(2021, 1, 1), date(2021, 6, 1))
    StageInterval.objects.create(**row, stage=Stage.TRIAL, period=first)
    overlapping = DateRange(date(2021, 5, 31), date(2021, 9, 1))
    with pytest.raises(IntegrityError), transaction.atomic():
        StageInterval.objects.create(**row, stage=Stage.ADOPTED, period=overlapping)


OBSERVED = """
    select rancher_id::uuid, practice_id, seen_on, stage, intensity
    from unnest(%s::text[], %s::int[], %s::date[], %s::text[], %s::numeric(10, 2)[])
        as seen (rancher_id, practice_id, seen_on, stage, intensity)
"""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(
        st.tuples(
            st.integers(0, 1),
            st.integers(0, 1),
            st.dates(date(2018, 1, 1), date(2024, 12, 31)),
            st.sampled_from(Stage.observable()),
            st.none() | st.decimals(0, 500, places=2),
        ),
        max_size=40,
    )
)
@example(  # exactly 18 months of silence, one day more, and months that end early
    history=[
        (0, 0, date(2020, 8, 31), Stage.ADOPTED, None),
        (0, 0, date(2022, 2, 28), Stage.ADOPTED, Decimal("2.50")),
        (0, 1, date(2020, 3, 15), Stage.ADOPTED, Decimal("1.00")),
        (0, 1, date(2021, 9, 16), Stage.ADOPTED, None),
        (1, 0, date(2020, 2, 29), Stage.ADOPTED, None),
        (1, 0, date(2021, 2, 28), Stage.ADOPTED, None),
        (1, 0, date(2021, 2, 28), Stage.DROPPED, None),
    ]
)
def test_the_bulk_statement_gives_the_same_intervals_as_the_rules(two_by_two, history):
    ranchers, practices = two_by_two
    seen = [
        (ranchers[r], practices[p], Observation(day, stage, amount))
        for r, p, day, stage, amount in history
    ]
    rebuild_many(rancher_ids=ranchers, practice_ids=practices, observations=seen)
    by_rules = everything_stored()
    columns = [
        [str(rancher) for rancher, _, _ in seen],
        [practice for _, practice, _ in seen],
        [o.seen_on for _, _, o in seen],
        [o.stage.value for _, _, o in seen],
        [o.intensity for _, _, o in seen],
    ]
    assert rebuild_all(observed_sql=OBSERVED, parameters=columns) == len(by_rules)
    assert everything_stored() == by_rules


@pytest.fixture
def two_by_two():
    ranchers = [make_rancher().id, make_rancher().id]
    return ranchers, [make_practice("uno").id, make_practice("dos").id]


def everything_stored() -> list[tuple]:
    columns = ["rancher_id", "practice_id", "period", "stage", "first_evidence_on", "intensity"]
    return list(StageInterval.objects.order_by(*columns[:3]).values_list(*columns))
