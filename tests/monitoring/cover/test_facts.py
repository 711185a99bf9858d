"""What cover a rancher's facts tell, quarter by quarter, and when they say that it is unknown."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.timezone import now

from monitoring import quarters, recompute
from monitoring.models import Cell, CoverSource, Measures, PlotCover, RancherFact, SourceKind
from ranchers.models import (
    Cohort,
    Enrolment,
    EnrolmentStatus,
    Plot,
    PlotBoundary,
    Programme,
    Rancher,
)
from tests.practices.factories import make_plot, make_rancher

pytestmark = pytest.mark.django_db
LAST_YEAR = 2024
JOINED = date(2021, 5, 10)
END_2021, END_2022, END_2024 = (
    quarters.quarter_of(date(year, 12, 31)) for year in (2021, 2022, 2024)
)


@pytest.fixture
def rancher() -> Rancher:
    """Joined in 2021; farms one plot with a boundary."""
    Programme.objects.update_or_create(id=1, defaults={"name": "x"})
    rancher = make_rancher()
    cohort = Cohort.objects.create(code="p", name="Piloto", phase="pilot", starts_on=JOINED)
    enrolment = Enrolment.objects.create(rancher=rancher, cohort=cohort)
    EnrolmentStatus.objects.create(
        enrolment=enrolment, status="active", period=DateRange(JOINED, None)
    )
    return rancher


@pytest.fixture
def forest() -> CoverSource:
    return CoverSource.objects.create(
        code="gfc", kind=SourceKind.GFC, measures=Measures.FOREST, baseline_year=2000,
        last_year=LAST_YEAR, is_active=True,
    )  # fmt: skip


@pytest.fixture
def alerts() -> CoverSource:
    return CoverSource.objects.create(
        code="alerts", kind=SourceKind.ALERTS, measures=Measures.ALERTS, is_active=True,
        covers_from=date(2015, 1, 1), covers_until=date(2024, 8, 1),
    )  # fmt: skip


def drawn(rancher: Rancher, name: str = "Fundo", since: date = JOINED) -> tuple[Plot, PlotBoundary]:
    plot = Plot.objects.filter(rancher=rancher, name=name).first() or make_plot(rancher, name)
    PlotBoundary.objects.filter(plot=plot).update(period=DateRange(date(2000, 1, 1), since))
    shape = "SRID=4326;MULTIPOLYGON(((-69 -11,-69 -11.01,-69.01 -11.01,-69.01 -11,-69 -11)))"
    boundary = PlotBoundary.objects.create(
        plot=plot, boundary=shape, area_ha=120, period=DateRange(since, None)
    )
    return plot, boundary


def measured(
    boundary: PlotBoundary, source: CoverSource, *, forest_ha: int = 0, **changes: Any
) -> PlotCover:
    """Half forest unless said; `lost` is {year: ha}."""
    lost = changes.pop("lost", {})
    fields = {
        "land_m2": 1_000_000, "water_m2": 0, "nodata_m2": 0, "canopy_pct": 50.0,
        "forest_m2": forest_ha * 10_000, "threshold_pct": 30, "pixels": 1300, "is_too_small": False,
        "loss_m2": [lost.get(2001 + n, 0) * 10_000 for n in range(24)], "computed_at": now(),
    }  # fmt: skip
    return PlotCover.objects.create(boundary=boundary, source=source, **(fields | changes))


def facts(rancher: Rancher) -> dict[int, RancherFact]:
    recompute.recompute_all()
    return {fact.quarter: fact for fact in RancherFact.objects.filter(rancher=rancher)}


def test_loss_is_known_at_the_end_of_its_year(rancher: Rancher, forest: CoverSource) -> None:
    measured(drawn(rancher)[1], forest, forest_ha=50, lost={2015: 5, 2021: 3, 2022: 2})
    found = facts(rancher)
    assert found[END_2021 - 1].forest_ha == 45
    assert (found[END_2021].forest_ha, found[END_2021].loss_ha) == (42, 3)
    assert found[END_2022 - 1].forest_ha == 42
    assert (found[END_2022].forest_ha, found[END_2022].loss_since_cutoff_ha) == (40, 5)
    assert found[END_2024].forest_joined_ha == 45
    assert found[END_2024].canopy_ha == found[END_2024].cover_land_ha / 2 == 50  # type: ignore[operator]
    assert found[END_2024 + 5].forest_ha == 40
    assert found[END_2024 + 6].forest_ha is None, "what is older than 18 months is unknown"


def test_a_redrawn_plot_shows_no_regrowth(rancher: Rancher, forest: CoverSource) -> None:
    measured(drawn(rancher)[1], forest, forest_ha=20)
    measured(drawn(rancher, since=date(2023, 2, 1))[1], forest, forest_ha=60, lost={2022: 1})
    found = facts(rancher)
    assert [found[q].forest_ha for q in (END_2021, END_2022, END_2024)] == [60, 59, 59]
    assert found[END_2024].forest_ha - found[END_2024].forest_joined_ha == -1  # type: ignore[operator]


def test_one_plot_without_figures_makes_the_farm_unknown(
    rancher: Rancher, forest: CoverSource
) -> None:
    measured(drawn(rancher)[1], forest, forest_ha=20)
    other, boundary = drawn(rancher, "Otro")
    assert facts(rancher)[END_2024].forest_ha is None
    measured(boundary, forest, forest_ha=7)
    assert facts(rancher)[END_2024].forest_ha == 27
    Plot.objects.filter(pk=other.pk).update(closed_on=date(2023, 6, 1))
    found = facts(rancher)
    assert (found[END_2022].forest_ha, found[END_2024].forest_ha) == (27, 20)
    assert found[END_2024].forest_joined_ha == 20, "a sold plot is no loss of forest"


def test_a_plot_without_a_boundary_makes_the_farm_unknown(
    rancher: Rancher, forest: CoverSource
) -> None:
    measured(drawn(rancher)[1], forest, forest_ha=20)
    make_plot(rancher, "Sin lindero")
    assert facts(rancher)[END_2024].forest_ha is None


def test_no_data_is_unknown_and_not_nought(rancher: Rancher, forest: CoverSource) -> None:
    cover = measured(drawn(rancher)[1], forest, forest_ha=20, nodata_m2=200_000)
    assert facts(rancher)[END_2024].forest_ha is None
    PlotCover.objects.filter(pk=cover.pk).update(nodata_m2=20_000)
    assert facts(rancher)[END_2024].forest_ha == 20


def test_alerts_of_four_quarters_up_to_the_last_day_of_the_source(
    rancher: Rancher, alerts: CoverSource
) -> None:
    cover = measured(drawn(rancher)[1], alerts, forest_m2=None, canopy_pct=None, loss_m2=[])
    cover.alerts.create(day=date(2023, 3, 1), confidence=2, area_m2=20_000)
    cover.alerts.create(day=date(2024, 2, 1), confidence=4, area_m2=10_000)
    found = facts(rancher)
    at = {
        label: quarters.parse(label)
        for label in ("2022-T4", "2023-T1", "2023-T4", "2024-T1", "2024-T4")
    }
    told = {label: found[quarter].alerts_ha for label, quarter in at.items()}
    assert told == {"2022-T4": 0, "2023-T1": 2, "2023-T4": 2, "2024-T1": 1, "2024-T4": None}


def test_only_the_active_source_counts(rancher: Rancher, forest: CoverSource) -> None:
    boundary = drawn(rancher)[1]
    other = CoverSource.objects.create(
        code="jrc", measures=Measures.FOREST, baseline_year=2000, last_year=LAST_YEAR
    )
    measured(boundary, forest, forest_ha=20)
    measured(boundary, other, forest_ha=33)
    assert facts(rancher)[END_2024].forest_ha == 20


def test_the_change_of_a_cohort_is_paired_by_rancher(rancher: Rancher, forest: CoverSource) -> None:
    measured(drawn(rancher)[1], forest, forest_ha=50, lost={2022: 5})
    newcomer = make_rancher()
    enrolment = Enrolment.objects.create(rancher=newcomer, cohort=Cohort.objects.get())
    EnrolmentStatus.objects.create(
        enrolment=enrolment, status="active", period=DateRange(date(2023, 2, 1), None)
    )
    measured(drawn(newcomer)[1], forest, forest_ha=50, lost={2022: 40, 2023: 1})
    recompute.recompute_all()

    def cell(indicator: str) -> Cell:
        return Cell.objects.get(
            indicator=indicator,
            quarter=END_2024,
            cohort__code="p",
            district=None,
            sex="",
            practice=None,
        )

    assert cell("forest_change_ha").value == pytest.approx((-5 - 1) / 2)
    assert cell("forest_change_pct").value == pytest.approx(-6 / (50 + 10) * 100)
    assert cell("forest_ha").numerator == Decimal(4500 + 900)
    assert cell("loss_since_cutoff_ha").value == pytest.approx((5 + 41) / 2)
