"""A plot's own page: every outline, its forest by source, alerts and visits, for whom it may concern."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from monitoring.models import CoverSource, PlotCover, Visit
from ranchers.boundaries import set_boundary
from ranchers.land_use import set_land_use
from ranchers.models import LandUse, Plot, PlotBoundary, Role, User
from tests import people
from tests.ranchers.shapes import square

pytestmark = pytest.mark.django_db


@pytest.fixture
def plot() -> Plot:
    rancher = people.rancher()
    made = Plot.objects.create(rancher=rancher, name="La Esperanza", district=rancher.district)
    set_boundary(plot=made, geometry=square(), since=date(2020, 1, 1), by=None)
    return made


def source(**fields: Any) -> CoverSource:
    given = {
        **{"code": "gfc", "name": "Bosque de prueba", "kind": "gfc", "measures": "forest"},
        **{"location": "/", "version": "v1.13", "baseline_year": 2018, "last_year": 2023},
        **{"licence": "CC", "attribution": "UMD/GLAD", "is_active": True},
    }
    return CoverSource.objects.create(**given | fields)


def cover(boundary: PlotBoundary, of: CoverSource, **fields: Any) -> PlotCover:
    given = {
        **{"land_m2": 1_200_000, "water_m2": 0, "nodata_m2": 0, "canopy_pct": 55.0},
        **{"forest_m2": 600_000, "loss_m2": [0, 50_000, 100_000, 0, 50_000], "pixels": 1_500},
        **{"is_too_small": False, "fingerprint": "", "computed_at": now()},
    }
    return PlotCover.objects.create(boundary=boundary, source=of, **given | fields)


def page(plot: Plot, viewer: User) -> str:
    client = Client()
    client.force_login(viewer)
    answer = client.get(f"/ganaderos/predios/{plot.pk}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_outline_is_drawn_with_its_change(plot: Plot) -> None:
    set_boundary(plot=plot, geometry=square(side=0.0095), since=date(2023, 5, 1), by=None)
    html = page(plot, people.staff(Role.COORDINATOR))
    assert html.count('class="outline-picture"') == 2
    assert "(-10 %)" in html
    assert "stroke-dasharray" in html


def test_what_is_not_computed_says_so_and_is_no_zero(plot: Plot) -> None:
    html = page(plot, people.staff(Role.COORDINATOR))
    assert "Sin calcular para el contorno de hoy" in html


def test_forest_is_told_with_its_source_and_of_today_s_outline_only(plot: Plot) -> None:
    gfc = source(is_synthetic=True)
    old = plot.boundaries.get()
    cover(old, gfc, forest_m2=900_000)
    set_boundary(plot=plot, geometry=square(side=0.0095), since=date(2023, 5, 1), by=None)
    coordinator = people.staff(Role.COORDINATOR)
    assert "Sin calcular para el contorno de hoy" in page(plot, coordinator)
    cover(plot.boundaries.get(period__endswith=None), gfc)
    html = page(plot, coordinator)
    assert "De las 60,0 ha de bosque de 2018 quedaban 40,0 ha en 2023" in html
    assert "15,00 ha perdidas desde el 31 de diciembre de 2020" in html
    assert "Bosque de prueba v1.13" in html and "Datos sintéticos" in html
    assert html.count("Bosque de prueba v1.13 (sintético)") == 2


def test_alerts_are_listed_newest_first(plot: Plot) -> None:
    alerts = source(
        code="glad",
        kind="alerts",
        measures="alerts",
        baseline_year=None,
        last_year=None,
        covers_from=date(2020, 1, 1),
        covers_until=date(2026, 1, 1),
    )
    coordinator = people.staff(Role.COORDINATOR)
    found = cover(plot.boundaries.get(), alerts, forest_m2=None, loss_m2=[])
    assert "Ninguna alerta del" in page(plot, coordinator)
    found.alerts.create(day=date(2022, 3, 1), confidence=2, area_m2=900)
    found.alerts.create(day=date(2024, 8, 9), confidence=4, area_m2=12_300)
    html = page(plot, coordinator)
    assert html.index("9 ago 2024") < html.index("1 mar 2022")
    assert "1,23" in html or "1.23" in html


def test_a_rancher_reads_the_days_of_visits_but_not_the_technician_s_notes(plot: Plot) -> None:
    visit = Visit.objects.create(
        rancher=plot.rancher,
        plot=plot,
        visited_on=localdate() - timedelta(days=2),
        technician=people.technician(name="Teo Técnico"),
        content_hash="0" * 64,
        notes="no lo dice",
    )
    assert f"/visitas/{visit.pk}/" in page(plot, people.staff(Role.COORDINATOR))
    html = page(plot, people.rancher_user(plot.rancher))
    assert f"/visitas/{visit.pk}/" not in html
    assert "no lo dice" not in html
    assert "Visitas a este predio" in html


def test_the_page_takes_as_many_queries_with_many_outlines(
    plot: Plot, django_assert_max_num_queries: Any
) -> None:
    gfc = source()
    for year in range(2021, 2026):
        side = 0.0095 - (year - 2020) / 5000
        set_boundary(plot=plot, geometry=square(side=side), since=date(year, 1, 1), by=None)
    for boundary in plot.boundaries.all():
        cover(boundary, gfc)
    client = Client()
    client.force_login(people.staff(Role.COORDINATOR))
    with django_assert_max_num_queries(26):
        client.get(f"/ganaderos/predios/{plot.pk}/")


def test_land_use_over_time_is_drawn_and_told(plot: Plot) -> None:
    coordinator = people.staff(Role.COORDINATOR)
    assert "chart__svg--stack" not in page(plot, coordinator)
    for day, pasture in ((date(2021, 1, 1), "20"), (date(2024, 1, 1), "26.5")):
        set_land_use(
            plot=plot,
            areas_ha={LandUse.PASTURE: Decimal(pasture), LandUse.FOREST: Decimal(60)},
            since=day,
            by=None,
        )
    html = page(plot, coordinator)
    assert "Pasto, con y sin árboles: 20,0 ha el 1 ene 2021 y 26,5 ha hoy" in html
    assert html.count("<rect") >= 4 and "Bosque, desde el 1 ene 2021: 60,0 ha" in html
    assert "Hectáreas desde cada cambio" in html
