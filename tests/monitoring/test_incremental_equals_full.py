"""Any sequence of writes, recomputed as it goes, leaves exactly what a recompute from scratch does.

PROPERTY_EXAMPLES=60 digs deeper than the eight that an everyday run has time for.
"""

import os
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.timezone import localdate, now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from monitoring import coefficients, recompute
from monitoring.models import (
    Cell,
    Coefficient,
    CoverSource,
    FollowUpFact,
    Measurement,
    Observation,
    PlotCover,
    PracticeFact,
    RancherFact,
    SpreadBin,
    SurvivalFact,
    SurvivalPoint,
    Visit,
)
from practices.adoption import Observation as Seen
from practices.adoption import stage_intervals
from practices.models import Criterion, Practice, Principle
from ranchers.models import (
    Cohort,
    Consent,
    District,
    Enrolment,
    EnrolmentStatus,
    LandUseArea,
    Plot,
    PlotBoundary,
    Programme,
    Rancher,
)
from tests.thoroughness import examples

EXAMPLES = int(os.environ.get("PROPERTY_EXAMPLES", "8"))
TODAY = localdate()
FIRST = TODAY - timedelta(days=1500)
RANCHERS = 4
days = st.integers(0, 1500).map(lambda n: FIRST + timedelta(days=n))
maybe = lambda strategy: st.none() | strategy  # noqa: E731
amounts = st.decimals(min_value=0, max_value=500, places=2)
counts = st.integers(0, 60)
who = st.integers(0, RANCHERS - 1)
stages = st.sampled_from(["planned", "trial", "adopted", "adopted", "adopted", "dropped"])
figures = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ["cows", "heifers", "calves", "bulls", "births", "weaned", "deaths_adults"],
            maybe(counts),
        ),
        **dict.fromkeys(["deaths_calves", "trees_counted", "live_fence_m"], maybe(counts)),
        **dict.fromkeys(["pasture_ha", "sold_kg", "income_pen", "milk_l_per_day"], maybe(amounts)),
    }
)
seen = st.lists(
    st.tuples(st.integers(1, 3), stages, maybe(amounts)), max_size=3, unique_by=lambda one: one[0]
)
statuses = st.lists(
    st.tuples(days, st.sampled_from(["invited", "supported", "active", "paused", "left"])),
    min_size=1,
    max_size=4,
    unique_by=lambda one: one[0],
)
losses = st.dictionaries(st.integers(1, 25), st.integers(1, 90_000), max_size=4)
writes = st.one_of(
    st.tuples(st.just("visit"), who, days, figures, seen),
    st.tuples(st.just("visit"), who, days, figures, seen),
    st.tuples(st.just("visit"), who, days, figures, seen),
    st.tuples(st.just("edit"), st.integers(0, 50), days, figures, seen),
    st.tuples(st.just("delete"), st.integers(0, 50)),
    st.tuples(st.just("enrol"), who, st.integers(0, 1), statuses),
    st.tuples(st.just("move"), who, st.integers(0, 1), st.sampled_from(["", "f", "m"])),
    st.tuples(st.just("land"), who, days, amounts),
    st.tuples(st.just("border"), who, days),
    st.tuples(st.just("consent"), who, days, days),
    st.tuples(st.just("cover"), who, amounts, losses, st.booleans()),
    st.tuples(st.just("cover"), who, amounts, losses, st.booleans()),
    st.tuples(st.just("alert"), who, days, st.sampled_from([2, 3, 4]), amounts),
    st.tuples(st.just("close"), who, maybe(days)),
    st.tuples(st.just("source"), st.sampled_from(["forest", "alerts"]), st.integers(0, 1)),
    st.tuples(st.just("coefficient"), st.decimals(min_value=0, max_value=2, places=2), days),
    st.just(("recompute",)),
)
COLUMNS: dict[Any, set[str]] = {
    Cell: {"id", "computed_at"},
    SpreadBin: {"id"},
    SurvivalPoint: {"id"},
    RancherFact: set(),
    PracticeFact: set(),
    FollowUpFact: set(),
    SurvivalFact: {"id"},
}


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All that a recompute writes, in an order of its own, without row ids and times."""
    found = {}
    for model, leave_out in COLUMNS.items():
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in leave_out]
        found[model.__name__] = sorted(model.objects.values_list(*names), key=repr)
    return found


class World:
    """Two districts, cohorts and three practices; four ranchers; the writes that happen to them."""

    def __init__(self) -> None:
        for code in ("999901", "999902"):
            District.objects.get_or_create(
                ubigeo=code,
                defaults={"ubigeo_reniec": code, "name": code, "province": "x", "department": "x"},
            )
        Programme.objects.update_or_create(
            id=1, defaults={"name": "x", "baseline_on": date(2023, 12, 31)}
        )
        self.cohorts = [
            Cohort.objects.create(code=f"c{n}", name=f"c{n}", phase="pilot", starts_on=FIRST)
            for n in range(2)
        ]
        Observation.objects.all().delete()
        Practice.objects.all().delete()
        principle = Principle.objects.create(code="test-p", name_es="p")
        criterion = Criterion.objects.create(principle=principle, code="test-c", name_es="c")
        for number, basis in enumerate(("pasture_ha", "perimeter_m", "herd"), start=1):
            Practice.objects.create(
                id=number,
                code=f"p{number}",
                criterion=criterion,
                name_es="p",
                summary_es="p",
                adopted_when_es="p",
                evidence_es="p",
                intensity_max_basis=basis,
            )
        coefficients.load_defaults()
        self.ranchers = [
            Rancher.objects.create(
                given_names="A", surnames=str(n), district_id=f"99990{n % 2 + 1}", sex="fm"[n % 2]
            )
            for n in range(RANCHERS)
        ]
        self.plots = [
            Plot.objects.create(rancher=one, name="x", district_id=one.district_id)
            for one in self.ranchers
        ]
        self.sources = [
            CoverSource.objects.create(
                code=f"{measures}{n}",
                measures=measures,
                baseline_year=2000,
                last_year=TODAY.year - 1 - n,
                covers_from=date(2015, 1, 1),
                covers_until=TODAY,
                is_active=n == 0,
            )
            for measures in ("forest", "alerts")
            for n in range(2)
        ]
        for n in range(RANCHERS):
            self.enrol(n, n % 2, [(FIRST, "active")])
            self.border(n, FIRST)

    def mark(self, *ranchers: Any) -> None:
        recompute.mark_dirty(rancher_ids=[one.pk for one in ranchers])

    def visit(self, n: int, day: date, taken: dict[str, Any], observed: list[Any]) -> None:
        visit = Visit.objects.create(rancher=self.ranchers[n], visited_on=day)
        self._record(visit, taken, observed)

    def _record(self, visit: Visit, taken: dict[str, Any], observed: list[Any]) -> None:
        cows = taken["cows"]
        milked = None if cows is None else cows // 2
        milk = taken["milk_l_per_day"]
        if milk is not None and milked is not None:
            milk = min(milk, Decimal(milked * 60))
        Measurement.objects.update_or_create(
            visit=visit, defaults={**taken, "cows_in_milk": milked, "milk_l_per_day": milk}
        )
        visit.observations.all().delete()
        for practice, stage, intensity in observed:
            visit.observations.create(practice_id=practice, stage=stage, intensity=intensity)
        self.mark(visit.rancher)

    def edit(self, n: int, day: date, taken: dict[str, Any], observed: list[Any]) -> None:
        visits = list(Visit.objects.order_by("created_at", "id"))
        if visits:
            visit = visits[n % len(visits)]
            visit.visited_on, visit.deleted_at = day, None
            visit.save()
            self._record(visit, taken, observed)

    def delete(self, n: int) -> None:
        visits = list(Visit.objects.order_by("created_at", "id"))
        if visits:
            visit = visits[n % len(visits)]
            visit.deleted_at = now()
            visit.save()
            self.mark(visit.rancher)

    def enrol(self, n: int, cohort: int, history: list[tuple[date, str]]) -> None:
        enrolment, _new = Enrolment.objects.get_or_create(
            rancher=self.ranchers[n], cohort=self.cohorts[cohort]
        )
        enrolment.statuses.all().delete()
        history = sorted(history)
        ends = [day for day, _status in history[1:]] + [None]
        for (day, status), end in zip(history, ends, strict=True):
            EnrolmentStatus.objects.create(
                enrolment=enrolment, status=status, period=DateRange(day, end)
            )
        self.mark(self.ranchers[n])

    def move(self, n: int, district: int, sex: str) -> None:
        rancher = self.ranchers[n]
        rancher.district_id, rancher.sex = f"99990{district + 1}", sex
        rancher.save()
        self.mark(rancher)

    def land(self, n: int, day: date, area: Decimal) -> None:
        uses = LandUseArea.objects.filter(plot=self.plots[n])
        uses.filter(period__startswith__gte=day).delete()
        for use in uses.filter(period__contains=day):
            use.period = DateRange(use.period.lower, day)
            use.save()
        LandUseArea.objects.create(
            plot=self.plots[n], land_use="pasture", area_ha=area, period=DateRange(day, None)
        )
        self.mark(self.ranchers[n])

    def border(self, n: int, day: date) -> None:
        PlotBoundary.objects.filter(plot=self.plots[n]).delete()
        PlotBoundary.objects.create(
            plot=self.plots[n],
            boundary="SRID=4326;MULTIPOLYGON(((-69 -11,-69 -11.01,-69.01 -11.01,-69.01 -11,-69 -11)))",
            area_ha=120,
            period=DateRange(day, None),
        )
        self.mark(self.ranchers[n])

    def cover(self, n: int, forest_ha: Decimal, lost: dict[int, int], has_gaps: bool) -> None:
        """The newest boundary measured from both sources of forest, the second seeing half as much."""
        boundary = PlotBoundary.objects.get(plot=self.plots[n])
        for source in self.sources[:2]:
            years = source.last_year - 2000
            PlotCover.objects.update_or_create(
                boundary=boundary,
                source=source,
                defaults={
                    "land_m2": 6_000_000,
                    "water_m2": 0,
                    "nodata_m2": 900_000 if has_gaps else 0,
                    "canopy_pct": 33.3333,
                    "forest_m2": 400_000 + int(forest_ha * 10_000) // (1 + source.pk % 2),
                    "loss_m2": [lost.get(year + 1, 0) for year in range(years)],
                    "threshold_pct": 30,
                    "pixels": 1000,
                    "is_too_small": False,
                    "computed_at": now(),
                },
            )
        self.mark(self.ranchers[n])

    def alert(self, n: int, day: date, confidence: int, area_ha: Decimal) -> None:
        cover, _new = PlotCover.objects.get_or_create(
            boundary=PlotBoundary.objects.get(plot=self.plots[n]),
            source=self.sources[2],
            defaults={
                "land_m2": 6_000_000,
                "water_m2": 0,
                "nodata_m2": 0,
                "pixels": 1000,
                "is_too_small": False,
                "computed_at": now(),
            },
        )
        cover.alerts.update_or_create(
            day=day, confidence=confidence, defaults={"area_m2": int(area_ha * 100) + 1}
        )
        self.mark(self.ranchers[n])

    def close(self, n: int, day: date | None) -> None:
        Plot.objects.filter(pk=self.plots[n].pk).update(closed_on=day)
        self.mark(self.ranchers[n])

    def source(self, measures: str, which: int) -> None:
        """Another source feeds the indicators."""
        pair = [one for one in self.sources if one.measures == measures]
        CoverSource.objects.filter(measures=measures).update(is_active=False)
        CoverSource.objects.filter(pk=pair[which].pk).update(is_active=True)
        self.mark(*self.ranchers)

    def consent(self, n: int, day: date, end: date) -> None:
        Consent.objects.filter(rancher=self.ranchers[n]).delete()
        if day < end:
            Consent.objects.create(
                rancher=self.ranchers[n], scope="income", period=DateRange(day, end)
            )
        self.mark(self.ranchers[n])

    def coefficient(self, value: Decimal, day: date) -> None:
        Coefficient.objects.filter(code="au_cow").delete()
        Coefficient.objects.create(
            code="au_cow", value=value, unit="AU/head", source="x", period=DateRange(day, None)
        )
        self.mark(*self.ranchers)

    def recompute(self) -> None:
        recompute.recompute_dirty()


class AnySequenceOfWrites(TestCase):
    @settings(
        max_examples=examples(20),
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(st.lists(writes, min_size=4, max_size=20))
    def test_incremental_equals_full_cell_for_cell(self, sequence: list[tuple[Any, ...]]) -> None:
        world = World()
        for name, *arguments in sequence:
            getattr(world, name)(*arguments)
        recompute.recompute_dirty()
        incremental = everything()
        recompute.recompute_all()
        full = everything()
        assert incremental["Cell"], "nothing was computed"
        for name in full:
            assert incremental[name] == full[name], name

    @settings(
        max_examples=examples(10),
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(st.lists(st.tuples(days, stages, maybe(amounts)), min_size=1, max_size=8))
    def test_sql_and_python_agree_on_the_stage_at_every_quarter_end(
        self, observed: list[tuple[date, str, Decimal | None]]
    ) -> None:
        from monitoring import quarters

        world = World()
        empty = dict.fromkeys(
            [f.name for f in Measurement._meta.fields if f.name not in ("visit", "confirmed")]
        )
        for day, stage, intensity in observed:
            world.visit(0, day, empty, [(1, stage, intensity)])
        recompute.recompute_dirty()
        intervals = stage_intervals(Seen(day, stage, amount) for day, stage, amount in observed)
        rows = PracticeFact.objects.filter(rancher=world.ranchers[0], practice=1)
        for quarter in range(quarters.quarter_of(FIRST), quarters.current_quarter() + 1):
            end = quarters.end(quarter)
            expected = [one.stage for one in intervals if one.start <= end < one.end]
            found = [r.stage for r in rows if r.from_quarter <= quarter < r.to_quarter]
            assert found == expected, (quarter, end)
