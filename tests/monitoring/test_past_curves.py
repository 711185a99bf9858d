"""A curve as of a past quarter is the one that would be known today had nothing happened since."""

from collections import Counter
from typing import Any

from django.db.models import Q, Sum
from django.utils.timezone import now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from monitoring import recompute
from monitoring.adoption_curves import curves, curves_stamp
from monitoring.behind import ranchers_behind
from monitoring.dashboards import Slice
from monitoring.indicators import get
from monitoring.models import Observation, SurvivalPoint, Visit
from monitoring.past_curves import points_as_of
from monitoring.quarters import current_quarter, end, quarter_of
from practices.adoption import rebuild_all
from practices.models import Practice
from ranchers.models import EnrolmentStatus, Rancher, Role, User
from tests.monitoring.test_incremental_equals_full import FIRST, World, days, figures, statuses, who
from tests.thoroughness import examples

seen = st.tuples(st.integers(1, 2), st.sampled_from(["trial", "adopted", "adopted", "dropped"]))
visits = st.tuples(st.just("visit"), who, days, figures, st.lists(seen, max_size=2, unique_by=lambda one: one[0]))  # fmt: skip
writes = st.one_of(
    visits,
    visits,
    visits,
    st.tuples(st.just("delete"), st.integers(0, 50)),
    st.tuples(st.just("enrol"), who, st.integers(0, 1), statuses),
)
OBSERVED = (
    "select v.rancher_id, o.practice_id, v.visited_on as seen_on, o.stage, o.intensity"
    " from monitoring_observation o join monitoring_visit v on v.id = o.visit_id"
    " where v.deleted_at is null"
)


def happened(sequence: list[tuple[Any, ...]]) -> World:
    world = World()
    for name, *arguments in sequence:
        if name == "visit":
            n, day, taken, observed = arguments
            world.visit(n, day, taken, [(*one, None) for one in observed])
        else:
            getattr(world, name)(*arguments)
    settle()
    return world


def settle() -> None:
    rebuild_all(observed_sql=OBSERVED)
    recompute.mark_dirty(rancher_ids=Rancher.objects.values_list("pk", flat=True))
    recompute.recompute_dirty()


def known_today(practice: Practice) -> Counter[tuple[int, int, str]]:
    rows = SurvivalPoint.objects.filter(Q(practice=practice) | Q(practice__isnull=True))
    found: Counter[tuple[int, int, str]] = Counter()
    for row in rows.filter(cohort__isnull=False).values("cohort", "month").annotate(a=Sum("adopted"), c=Sum("censored")):  # fmt: skip
        found[row["cohort"], row["month"], "adopted"] = row["a"]
        found[row["cohort"], row["month"], "censored"] = row["c"]
    return +found


def as_of(practice: Practice, quarter: int) -> Counter[tuple[int, int, str]]:
    found: Counter[tuple[int, int, str]] = Counter()
    for cohort, month, adopted, censored in points_as_of(practice, quarter=quarter):
        found[cohort, month, "adopted"] = adopted
        found[cohort, month, "censored"] = censored
    return +found


class PastCurves(TestCase):
    @settings(
        max_examples=examples(10),
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(
        st.lists(writes, min_size=4, max_size=16),
        st.integers(quarter_of(FIRST), current_quarter()),
    )
    def test_what_happened_since_is_not_in_it(
        self, sequence: list[tuple[Any, ...]], quarter: int
    ) -> None:
        happened(sequence)
        practice = Practice.objects.get(code="p1")
        assert as_of(practice, current_quarter()) == known_today(practice)
        then = as_of(practice, quarter)
        late = Visit.objects.filter(visited_on__gt=end(quarter))
        Observation.objects.filter(visit__in=late).delete()
        late.update(deleted_at=now())
        EnrolmentStatus.objects.filter(period__startswith__gt=end(quarter)).delete()
        settle()
        assert known_today(practice) == then

    def test_a_later_adoption_leaves_the_past_curve_and_who_is_behind_it_alone(self) -> None:
        empty = dict.fromkeys(["cows", "milk_l_per_day"])
        today = current_quarter()
        day = end(today - 4)
        sequence: list[tuple[Any, ...]] = [
            ("visit", n, day, empty, [(1, "adopted")] if n == 0 else []) for n in (0, 2)
        ]
        world = happened([*sequence, ("visit", 2, end(today - 1), empty, [(1, "adopted")])])
        practice, cohort = Practice.objects.get(code="p1"), world.cohorts[0]

        def shares(quarter: int) -> list[float]:
            (curve,) = curves(practice, cohorts=[cohort], sees_small_cells=True, as_of=quarter)
            return [round(1 - step.share, 2) for step in curve.steps]

        assert shares(today - 2) == [0.5]
        assert shares(today) == [0.5, 1]
        assert curves_stamp(practice, as_of=today - 2) != curves_stamp(practice, as_of=today)
        coordinator = User.objects.create_user(
            email="c@example.org", password="un-secreto", name="C", role=Role.COORDINATOR
        )
        found = ranchers_behind(
            viewer=coordinator,
            indicator=get("time_to_adoption"),
            cohort=cohort,
            slice_=Slice(as_of=today - 2, since=today - 8),
            practice=practice,
        )
        waits = {row.rancher.pk: row.stage.startswith("no ") for row in found.rows}
        assert waits == {world.ranchers[0].pk: False, world.ranchers[2].pk: True}
