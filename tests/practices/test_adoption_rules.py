"""The pure derivation: observations in, stage intervals out."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.adoption import (
    Observation,
    StageNotObservable,
    add_months,
    known_until,
    stage_intervals,
)
from practices.models import Stage

DAY = date(2021, 3, 15)
observations = st.lists(
    st.builds(
        Observation,
        seen_on=st.dates(date(2018, 1, 1), date(2027, 12, 31)),
        stage=st.sampled_from(Stage.observable()),
        intensity=st.none() | st.decimals(0, 500, places=2),
    ),
    max_size=25,
)


def seen(months: int, stage: str, intensity: str | None = None) -> Observation:
    return Observation(
        add_months(DAY, months), Stage(stage), Decimal(intensity) if intensity else None
    )


def shape(*history: Observation, until: date | None = None) -> list[tuple[str, date, date]]:
    return [(i.stage.value, i.start, i.end) for i in stage_intervals(history, until)]


def test_nothing_seen_gives_no_interval():
    assert stage_intervals([]) == []


def test_a_stage_lasts_until_another_is_seen():
    assert shape(seen(0, "planned"), seen(5, "trial"), seen(9, "adopted")) == [
        ("planned", DAY, add_months(DAY, 5)),
        ("trial", add_months(DAY, 5), add_months(DAY, 9)),
        ("adopted", add_months(DAY, 9), known_until(add_months(DAY, 9))),
    ]


def test_adopted_becomes_sustained_exactly_twelve_months_later():
    year_on = add_months(DAY, 12)
    assert [i[0] for i in shape(seen(0, "adopted"), Observation(year_on, Stage.ADOPTED))] == [
        "adopted",
        "sustained",
    ]
    day_before = Observation(year_on - timedelta(days=1), Stage.ADOPTED)
    assert [i[0] for i in shape(seen(0, "adopted"), day_before)] == ["adopted"]


def test_sustained_begins_on_the_day_it_was_seen_and_remembers_the_adoption():
    intervals = stage_intervals([seen(0, "adopted"), seen(8, "adopted"), seen(14, "adopted")])
    assert [(i.stage, i.start) for i in intervals] == [
        (Stage.ADOPTED, DAY),
        (Stage.SUSTAINED, add_months(DAY, 14)),
    ]
    assert intervals[1].first_evidence_on == DAY


def test_a_silence_of_eighteen_months_is_bridged_and_one_day_more_is_not():
    limit = add_months(DAY, 18)
    assert [i[0] for i in shape(seen(0, "adopted"), Observation(limit, Stage.ADOPTED))] == [
        "adopted",
        "sustained",
    ]
    too_late = limit + timedelta(days=1)
    assert shape(seen(0, "adopted"), Observation(too_late, Stage.ADOPTED)) == [
        ("adopted", DAY, too_late),
        ("adopted", too_late, known_until(too_late)),
    ]


def test_after_eighteen_months_unseen_the_stage_is_unknown():
    first, second = shape(seen(0, "adopted"), seen(30, "adopted"))
    assert first[2] == add_months(DAY, 18) + timedelta(days=1)
    assert second[1] == add_months(DAY, 30)


def test_dropping_in_between_starts_the_twelve_months_again():
    history = [seen(0, "adopted"), seen(6, "dropped"), seen(8, "adopted"), seen(14, "adopted")]
    assert [i[0] for i in shape(*history)] == ["adopted", "dropped", "adopted"]


@pytest.mark.parametrize("stage", ["planned", "trial", "adopted"])
def test_any_stage_can_be_dropped(stage):
    assert [i[0] for i in shape(seen(0, stage), seen(3, "dropped"))] == [stage, "dropped"]


def test_sustained_practice_can_be_dropped():
    history = [seen(0, "adopted"), seen(12, "adopted"), seen(15, "dropped")]
    assert [i[0] for i in shape(*history)] == ["adopted", "sustained", "dropped"]


def test_of_two_observations_on_one_day_the_furthest_counts():
    assert [i[0] for i in shape(seen(0, "adopted"), seen(0, "trial"))] == ["adopted"]
    assert [i[0] for i in shape(seen(0, "adopted"), seen(0, "dropped"))] == ["dropped"]


def test_intensity_is_the_last_amount_seen_and_silence_does_not_erase_it():
    history = [seen(0, "adopted", "2.5"), seen(6, "adopted", "4"), seen(12, "adopted")]
    assert [i.intensity for i in stage_intervals(history)] == [Decimal("4"), Decimal("4")]


def test_as_of_a_past_day_later_observations_are_left_out():
    history = [seen(0, "adopted"), seen(12, "adopted"), seen(20, "dropped")]
    day = add_months(DAY, 10)
    assert shape(*history, until=day) == [("adopted", DAY, day + timedelta(days=1))]


def test_sustained_cannot_be_entered():
    with pytest.raises(StageNotObservable):
        stage_intervals([Observation(DAY, Stage.SUSTAINED)])


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 8, 31), 18, date(2025, 2, 28)),
        (date(2023, 12, 1), 1, date(2024, 1, 1)),
    ],
)
def test_months_end_where_postgresql_ends_them(day, months, expected):
    assert add_months(day, months) == expected


@given(observations)
def test_intervals_never_overlap_and_are_never_empty(history):
    intervals = stage_intervals(history)
    assert all(i.start < i.end for i in intervals)
    assert all(a.end <= b.start for a, b in zip(intervals, intervals[1:], strict=False))


@given(observations, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(history, random: Random):
    shuffled = history[:]
    random.shuffle(shuffled)
    assert stage_intervals(shuffled) == stage_intervals(history)


@given(observations.filter(bool))
def test_the_last_interval_says_what_was_seen_last(history):
    last_day = max(o.seen_on for o in history)
    stages_then = {o.stage for o in history if o.seen_on == last_day}
    last = stage_intervals(history)[-1]
    assert last.start <= last_day < last.end
    stage = Stage.ADOPTED if last.stage == Stage.SUSTAINED else last.stage
    assert stage in stages_then


@given(observations)
def test_every_day_of_observation_is_covered_and_no_day_unseen_for_too_long(history):
    intervals = stage_intervals(history)
    for o in history:
        assert sum(i.start <= o.seen_on < i.end for i in intervals) == 1
    days = sorted(o.seen_on for o in history)
    for i in intervals:
        latest = max(day for day in days if day < i.end)
        assert i.end <= known_until(latest)


@given(observations)
def test_sustained_rests_on_a_year_of_unbroken_use(history):
    for i in stage_intervals(history):
        if i.stage != Stage.SUSTAINED:
            continue
        assert i.start >= add_months(i.first_evidence_on, 12)
        run = sorted({o.seen_on for o in history if i.first_evidence_on <= o.seen_on <= i.start})
        assert all(b < known_until(a) for a, b in zip(run, run[1:], strict=False))
        assert i.first_evidence_on in run


@given(observations, st.dates(date(2018, 1, 1), date(2028, 12, 31)))
def test_as_of_a_day_says_what_the_full_history_says_of_that_day(history, day):
    """Except the stage's future: adding later observations never changes the past."""
    then = [i.stage for i in stage_intervals(history, until=day) if i.start <= day < i.end]
    now = [i.stage for i in stage_intervals(history) if i.start <= day < i.end]
    assert then == now
