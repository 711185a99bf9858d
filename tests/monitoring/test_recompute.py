"""Indicators by hand-computed examples, and what a recompute does when things go wrong."""

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from monitoring import coefficients, quarters, recompute
from monitoring.models import Cell, DirtyRancher, Measurement, RancherFact, RecomputeReport, Visit
from ranchers.models import Cohort, Enrolment, EnrolmentStatus, LandUseArea, Programme, Rancher
from tests.practices.factories import make_district, make_plot, make_practice, make_rancher

QUARTER = quarters.parse("2025-T4")
JOINED = date(2024, 1, 15)


def make_member(status: str = "active", **fields: object) -> Rancher:
    """A rancher of the one cohort since JOINED."""
    rancher = make_rancher(**fields)
    cohort, _ = Cohort.objects.get_or_create(
        code="piloto", defaults={"name": "Piloto", "phase": "pilot", "starts_on": JOINED}
    )
    enrolment = Enrolment.objects.create(rancher=rancher, cohort=cohort)
    EnrolmentStatus.objects.create(
        enrolment=enrolment, status=status, period=DateRange(JOINED, None)
    )
    recompute.mark_dirty(rancher_ids=[rancher.pk])
    return rancher


def log_visit(rancher: Rancher, day: date, observed: Any = (), **figures: Any) -> Visit:
    visit = Visit.objects.create(rancher=rancher, visited_on=day)
    Measurement.objects.create(visit=visit, **figures)
    for practice, stage, intensity in observed:
        visit.observations.create(practice=practice, stage=stage, intensity=intensity)
    recompute.mark_dirty(rancher_ids=[rancher.pk])
    return visit


def cell(indicator: str, *, quarter: int = QUARTER, **key: Any) -> Cell:
    key = {"cohort": None, "practice": None, "district": None, "sex": "", "category": ""} | key
    nulls = {f"{name}__isnull": True for name, value in key.items() if value is None}
    exact = {name: value for name, value in key.items() if value is not None}
    return Cell.objects.get(indicator=indicator, quarter=quarter, **nulls, **exact)


@pytest.fixture
def two_ranchers(db: None) -> list[Rancher]:
    coefficients.load_defaults()
    first, second = make_member(), make_member()
    log_visit(
        *(first, date(2025, 1, 10)),
        **{"cows": 20, "heifers": 5, "calves": 10, "bulls": 1, "pasture_ha": 25, "births": 9},
    )
    log_visit(
        *(first, date(2025, 10, 20)),
        **{"cows": 22, "heifers": 5, "calves": 10, "bulls": 1, "pasture_ha": 20, "births": 12},
        **{"cows_in_milk": 10, "milk_l_per_day": 50, "trees_counted": 300, "sold_kg": 1000},
        **{"deaths_adults": 1, "deaths_calves": 2, "weaned": 8, "live_fence_m": 1500},
    )
    log_visit(
        *(second, date(2025, 11, 5)),
        **{"cows": 10, "pasture_ha": 20, "cows_in_milk": 5, "milk_l_per_day": 15},
        **{"live_fence_m": 500},
    )
    recompute.recompute_dirty()
    return [first, second]


@pytest.mark.parametrize(
    ("indicator", "value", "n"),
    [
        # (22 + 5 x 0.8 + 10 x 0.3 + 1.3 + 10) AU / (20 + 20) ha
        ("stocking_rate", 40.3 / 40, 2),
        ("milk_per_cow", 65 / 15, 2),
        ("milk_per_ha", 65 * 365 / 40, 2),
        # 21 births over 365 + 283 days, by the mean of 25 and 27 cows and heifers
        ("calving_rate", 100 * 11.83 / 26, 1),
        ("weaning_rate", 100 * 8 / 26, 1),
        # adults: 26 and 28; calves 10 and 10
        ("mortality", 100 * 3 / 37, 1),
        ("mortality_adults", 100 * 1 / 27, 1),
        ("mortality_calves", 100 * 2 / 10, 1),
        ("liveweight_sold_per_ha", 1000 / 20, 1),
        ("trees_on_pasture", 300 / 20, 1),
        ("live_fence_km", 1.0, 2),
        ("visits_per_rancher", 1.0, 2),
        ("unvisited_180d", 0.0, 2),
        ("active_share", 100.0, 2),
    ],
)
def test_a_cell_is_what_a_person_computes_by_hand(
    two_ranchers: list[Rancher], indicator: str, value: float, n: int
) -> None:
    found = cell(indicator)
    assert found.value == pytest.approx(value, rel=1e-9)
    assert (found.n_known, found.n_enrolled) == (n, 2)


def test_income_counts_only_with_consent_on_the_last_day(two_ranchers: list[Rancher]) -> None:
    rancher = two_ranchers[0]
    Measurement.objects.filter(visit__rancher=rancher).update(income_pen=4000)
    recompute.mark_dirty(rancher_ids=[rancher.pk])
    recompute.recompute_dirty()
    assert cell("income_per_ha").value is None
    rancher.consents.create(scope="income", period=DateRange(date(2025, 6, 1), None))
    recompute.mark_dirty(rancher_ids=[rancher.pk])
    recompute.recompute_dirty()
    assert cell("income_per_ha").value == 200
    assert cell("income_per_ha", quarter=QUARTER - 3).value is None


def test_a_figure_older_than_eighteen_months_is_unknown_not_zero(
    two_ranchers: list[Rancher],
) -> None:
    last_known = quarters.quarter_of(date(2025, 11, 5)) + 5
    if last_known < quarters.current_quarter():
        assert cell("milk_per_cow", quarter=last_known + 1).value is None
    assert cell("milk_per_cow", quarter=QUARTER + 1).value == pytest.approx(65 / 15)


def test_a_practice_is_adopted_covers_and_is_dropped(db: None) -> None:
    practice = make_practice(intensity_unit="ha", intensity_max_basis="pasture_ha")
    keeps, drops, unseen = make_member(), make_member(), make_member()
    log_visit(keeps, date(2024, 2, 1), [(practice, "adopted", 4)], pasture_ha=20)
    log_visit(drops, date(2024, 2, 1), [(practice, "adopted", 5)], pasture_ha=10)
    log_visit(drops, date(2024, 8, 1), [(practice, "dropped", None)], pasture_ha=10)
    log_visit(keeps, date(2025, 2, 20), [(practice, "adopted", 6)], pasture_ha=20)
    recompute.recompute_dirty()
    early, late = quarters.parse("2024-T1"), quarters.parse("2025-T1")
    rate = cell("adoption_rate", practice=practice, quarter=early)
    assert (rate.value, rate.n_known, rate.n_enrolled) == (100, 2, 3)
    assert cell("adoption_rate", practice=practice, quarter=late).value == 50
    assert cell("coverage", practice=practice, quarter=late).value == pytest.approx(200 / 3)
    assert cell("adoption_intensity", practice=practice, quarter=early).value == 30
    assert cell("adoption_intensity", practice=practice, quarter=late).value == 20
    dropped = cell("dropped_rate", practice=practice, quarter=late)
    assert (dropped.value, dropped.n_known) == (50, 2)
    assert cell("practices_per_rancher", quarter=late).value == 0.5
    assert unseen.practice_facts.count() == 0
    assert keeps.practice_facts.get(from_quarter=late).stage == "sustained"


def test_pasture_change_is_from_the_baseline_date(db: None) -> None:
    Programme.objects.update_or_create(
        id=1, defaults={"name": "Hato", "baseline_on": date(2024, 6, 30)}
    )
    rancher = make_member()
    plot = make_plot(rancher)
    for area, since, until in [
        (30, date(2023, 1, 1), date(2025, 3, 1)),
        (26, date(2025, 3, 1), None),
    ]:
        LandUseArea.objects.create(
            plot=plot, land_use="pasture", area_ha=area, period=DateRange(since, until)
        )
    recompute.mark_dirty(rancher_ids=[rancher.pk])
    recompute.recompute_dirty()
    assert cell("pasture_change_ha").value == -4
    assert cell("pasture_change_ha", quarter=quarters.parse("2024-T3")).value == 0


def test_ranchers_are_counted_by_status_and_once_in_all_cohorts(db: None) -> None:
    make_member("invited")
    both = make_member("active")
    other = Cohort.objects.create(code="otra", name="Otra", phase="scale_up", starts_on=JOINED)
    enrolment = Enrolment.objects.create(rancher=both, cohort=other)
    enrolment.statuses.create(status="paused", period=DateRange(JOINED, None))
    recompute.recompute_dirty()
    assert cell("enrolled", category="invited").value == 1
    assert cell("enrolled", category="active").value == 1
    assert cell("enrolled", category="paused", cohort=other).value == 1
    assert not Cell.objects.filter(indicator="enrolled", category="paused", cohort=None).exists()
    assert cell("active_share").n_enrolled == 1


def test_a_recompute_that_dies_is_done_again(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rancher = make_member()
    log_visit(rancher, date(2025, 11, 5), cows=10, pasture_ha=10)

    class Killed(BaseException):
        pass

    def die(**_kwargs: object) -> int:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("monitoring.bootstraps.fill", die)
        recompute.recompute_dirty()
    assert DirtyRancher.objects.filter(rancher=rancher).exists()
    assert not Cell.objects.exists()
    assert recompute.recompute_dirty() == 1
    assert cell("stocking_rate").value == 1


def test_the_nightly_check_reports_and_mends_a_wrong_cell_and_a_wrong_fact(
    two_ranchers: list[Rancher],
) -> None:
    Cell.objects.filter(pk=cell("milk_per_cow").pk).update(numerator=1, value=99)
    RancherFact.objects.filter(rancher=two_ranchers[0], quarter=QUARTER).update(
        pasture_ha=Decimal(1)
    )
    report = recompute.full_recompute()
    assert report.differences == 3  # a fact's rancher; the cell as stored and as recomputed
    assert {"fact": "rancher_fact", "rancher": str(two_ranchers[0].pk)} in report.examples
    assert cell("milk_per_cow").value == pytest.approx(65 / 15)
    assert recompute.full_recompute().differences == 0
    assert RecomputeReport.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_two_ranchers_lose_nothing_in_the_cell_they_share() -> None:
    coefficients.load_defaults()
    ranchers = [make_member(district=make_district()) for _ in range(8)]
    failures: list[BaseException] = []

    def write_and_recompute(mine: list[Rancher]) -> None:
        try:
            for rancher in mine:
                with transaction.atomic():
                    log_visit(rancher, date(2025, 11, 5), cows=10, pasture_ha=10)
                recompute.recompute_dirty(limit=1)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=write_and_recompute, args=(ranchers[n::2],)) for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    while recompute.recompute_dirty():
        pass
    assert not failures
    stocking = cell("stocking_rate")
    assert (stocking.n_known, stocking.numerator, stocking.denominator) == (8, 8000, 8000)
    assert recompute.full_recompute().differences == 0


@pytest.mark.django_db(transaction=True)
def test_a_write_during_a_recompute_keeps_its_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    rancher = make_member()
    fill = recompute.bootstraps.fill

    def write_meanwhile(**kwargs: Any) -> int:
        def write() -> None:
            with transaction.atomic():
                log_visit(rancher, date(2025, 11, 5), cows=10, pasture_ha=10)
            connections.close_all()

        writer = threading.Thread(target=write)
        writer.start()
        writer.join(timeout=30)
        return fill(**kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("monitoring.bootstraps.fill", write_meanwhile)
        recompute.recompute_dirty()
    assert DirtyRancher.objects.filter(rancher=rancher).exists()
    recompute.recompute_dirty()
    assert cell("stocking_rate").n_known == 1
