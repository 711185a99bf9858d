"""The synthetic programme: shaped like the real one, plausible, never beside real data."""

from collections.abc import Iterator
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from pytest_django.plugin import DjangoDbBlocker

from monitoring.demo.build import COMPUTED, build, clear
from monitoring.indicators.comparisons import BEFORE_AND_AFTER
from monitoring.models import (
    Cell,
    Conflict,
    DataFlag,
    InboxPayload,
    Measurement,
    Photo,
    UseFigure,
    UseQuarter,
    Visit,
)
from monitoring.use.seen import Key, pairs
from practices.models import FieldDay
from ranchers import boundaries, registration
from ranchers.models import (
    EnrolmentStatus,
    LandUseArea,
    PlotBoundary,
    Programme,
    Rancher,
    Role,
    User,
)

TODAY = date(2026, 6, 15)


def make(ranchers: int = 210) -> None:
    build(ranchers=ranchers, today=TODAY, advance=lambda _n: None)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The programme, made once and committed, since making it takes a while; cleared afterwards."""
    with django_db_blocker.unblock():
        make()
        yield
        clear()
        left = [model.__name__ for model in COMPUTED if model._default_manager.exists()]
        assert left == [], "clearing the programme leaves what was computed of it"
        with connection.cursor() as cursor:
            cursor.execute(
                "truncate practices_principle, ranchers_district, ranchers_programme cascade"
            )


@pytest.fixture
def programme(loaded: None, db: None) -> None:
    """What `make` made; a test's own changes are undone."""


def scalar(sql: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return float(cursor.fetchone()[0])


def test_it_has_the_shape_of_the_real_programme(programme: None) -> None:
    now = EnrolmentStatus.objects.filter(period__contains=TODAY)
    by_phase = dict(now.values_list("enrolment__cohort__phase").annotate(n=Count("id")).order_by())
    active = now.filter(status="active", enrolment__cohort__phase="scale_up").count()
    assert by_phase == {"pilot": 10, "scale_up": 200}
    assert active == 75
    assert {"supported", "paused", "left", "invited"} <= set(now.values_list("status", flat=True))
    assert Programme.objects.get().is_synthetic
    assert User.objects.filter(role=Role.TECHNICIAN).count() == 3
    assert FieldDay.objects.filter(starts_at__date__gt=TODAY).count() == 3


def test_nobody_was_visited_in_the_pandemic_nor_before_joining(programme: None) -> None:
    assert Visit.objects.filter(visited_on__range=("2020-03-16", "2020-09-30")).count() == 0
    assert Visit.objects.filter(visited_on__gt=TODAY).count() == 0
    assert Visit.objects.dates("visited_on", "year").count() >= 7
    assert (
        scalar(
            """select count(*) from monitoring_visit v where not exists (
               select from ranchers_enrolment e join ranchers_enrolmentstatus s
               on s.enrolment_id = e.id where e.rancher_id = v.rancher_id
               and s.status <> 'invited' and s.period @> v.visited_on)"""
        )
        < 0.01 * Visit.objects.count()
    )


def test_what_is_loaded_in_bulk_would_pass_the_forms(programme: None) -> None:
    for rancher in Rancher.objects.all():
        assert registration.clean_name(rancher.given_names) == rancher.given_names
        assert registration.clean_name(rancher.surnames) == rancher.surnames
        assert registration.clean_dni(rancher.dni) == rancher.dni
        assert registration.clean_phone(rancher.phone) == rancher.phone
    for row in PlotBoundary.objects.select_related("plot")[:40]:
        check = boundaries.check_boundary(geometry=row.boundary, plot=row.plot, on=TODAY)
        assert check.acceptable, check.problems
        assert check.overlaps == []
        assert abs(check.area_ha - row.area_ha) < row.area_ha / 1000


def test_every_plot_lies_in_its_district_beside_no_other(programme: None) -> None:
    assert (
        scalar(
            """select count(*) from ranchers_plotboundary b join ranchers_plot p on p.id = b.plot_id
           join ranchers_district d on d.ubigeo = p.district_id
           where not st_contains(d.boundary, b.boundary)"""
        )
        == 0
    )
    assert (
        scalar(
            """select count(*) from ranchers_plotboundary a join ranchers_plotboundary b
           on a.id < b.id and st_overlaps(a.boundary, b.boundary)"""
        )
        == 0
    )
    assert scalar("select min(area_ha) from ranchers_plotboundary") > 15
    assert scalar("select max(area_ha) from ranchers_plotboundary") < 160


def test_land_uses_never_add_up_to_more_than_the_plot(programme: None) -> None:
    assert LandUseArea.objects.exists()
    assert (
        scalar(
            """select max(used.ha / b.area_ha) from ranchers_plotboundary b join (
               select plot_id, sum(area_ha) as ha from ranchers_landusearea
               where period @> current_date group by plot_id) used using (plot_id)"""
        )
        < 1.02
    )


def test_a_reader_finds_that_adopters_carry_more_animals(programme: None) -> None:
    stocking = """
        select avg((cows + 1.3 * bulls + .8 * heifers + .8 * steers + .6 * yearlings + .3 * calves
                    + equines) / pasture_ha)
        from monitoring_measurement m join monitoring_visit v on v.id = m.visit_id
        where visited_on > '2025-06-15' and {} exists (
            select from practices_stageinterval s join practices_practice p on p.id = s.practice_id
            where s.rancher_id = v.rancher_id and p.code in ('pastoreo-rotacional',
            'arboles-dispersos') and s.stage = 'sustained' and s.period @> v.visited_on)"""
    adopters, others = scalar(stocking.format("")), scalar(stocking.format("not"))
    assert others < 1.25
    assert adopters > others + 0.3


def test_a_reader_finds_that_women_keep_records_more(programme: None) -> None:
    share = """
        select avg(case when exists (
            select from practices_stageinterval s join practices_practice p on p.id = s.practice_id
            where s.rancher_id = r.id and p.code = 'registros' and s.stage in
            ('adopted', 'sustained')) then 1.0 else 0 end) from ranchers_rancher r where sex = '{}'"""
    assert scalar(share.format("f")) > scalar(share.format("m")) + 0.1


def test_the_last_year_came_in_through_the_one_write_path(programme: None) -> None:
    recent = Visit.objects.filter(visited_on__gte=date(2025, 6, 15))
    assert recent.count() > 200
    assert not recent.filter(payload=None).exists()
    assert not InboxPayload.objects.filter(received_at__date__gt=TODAY).exists()
    assert Photo.objects.count() > 20
    assert Conflict.objects.filter(settled_at=None).count() == 1
    assert 0 < DataFlag.objects.filter(closed_at=None).count() < 40


def test_figures_are_there_to_look_at(programme: None) -> None:
    assert Cell.objects.filter(indicator="stocking_rate", n_known__gte=10).exists()


@pytest.mark.parametrize(
    ("practice", "indicator", "sign"),
    [
        ("pastoreo-rotacional", "stocking_rate", 1),
        ("arboles-dispersos", "trees_on_pasture", 1),
        ("cercos-vivos", "live_fence_km", 1),
        ("manejo-reproductivo", "calving_rate", 1),
        ("plan-de-predio", "pasture_change_ha", -1),
        ("analisis-suelo", "milk_per_cow", 0),
    ],
)
def test_a_reader_finds_the_change_that_was_put_in_and_none_that_was_not(
    programme: None, practice: str, indicator: str, sign: int
) -> None:
    quarter = UseQuarter.objects.latest("quarter").quarter
    figures = UseFigure.objects.filter(quarter=quarter, practice__code=practice)
    found = pairs(figures, sees_small_cells=True)
    pair = found[Key(figures[0].practice_id, indicator, None, BEFORE_AND_AFTER.code)]
    assert pair.difference is not None
    told = pair.difference.is_clear * (1 if pair.difference.value > 0 else -1)
    assert told == sign


def test_no_visit_holds_more_milk_than_cows_could_give(programme: None) -> None:
    measured = Measurement.objects.count()
    missing = Measurement.objects.filter(milk_l_per_day=None).count()
    assert 0.05 < missing / measured < 0.3
    assert Visit.objects.count() == measured


def test_reset_asks_first(programme: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("demo", "--reset", "--ranchers", "20")
    assert Rancher.objects.count() == 210


def test_run_again_it_makes_nothing_and_prints_the_logins(programme: None) -> None:
    out = StringIO()
    call_command("demo", stdout=out)
    assert "already here" in out.getvalue()
    assert "coordinacion@hato.example" in out.getvalue()
    assert out.getvalue().count("/entrar/") == 3
