"""Walking a boundary, and a rancher met for the first time: all of it without signal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection
from playwright.sync_api import Page, expect

from monitoring.coefficients import load_defaults
from monitoring.models import Visit
from practices.catalogue import load
from ranchers.models import Consent, Plot, Rancher
from ranchers.places import load_places
from tests.browser.phones import Phone
from tests.monitoring.factories import make_technician_and_rancher

pytestmark = pytest.mark.django_db(transaction=True)

CORNERS = [
    (-69.5000, -11.4000), (-69.4970, -11.4003), (-69.4940, -11.3998), (-69.4936, -11.3960),
    (-69.4958, -11.3942), (-69.4999, -11.3951),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _programme(transactional_db: None) -> None:
    load_places()
    load()
    load_defaults()


def stand(
    phone: Phone, at: tuple[float, float], *, accuracy: float = 5, points: int | None
) -> None:
    """Walk to a corner and stand there until the phone has so many points."""
    lon, lat = at
    phone.context.set_geolocation({"longitude": lon, "latitude": lat, "accuracy": accuracy})
    if points is not None:
        expect(phone.page.locator(".walk-figures dd").first).to_have_text(str(points))


def send_all(phone: Phone, *, received: int) -> None:
    phone.network.is_cut = False
    phone.go("Mi día")
    phone.send()
    expect(phone.page.locator("[data-state='received']")).to_have_count(received, timeout=20_000)


def area_ha(page: Page) -> float:
    text = page.locator(".walk-figures dd").nth(2).inner_text()
    return float(text.replace(" ha", "").replace(",", ""))


def geodesic_ha(corners: list[tuple[float, float]]) -> float:
    """The area by PostGIS, which integrates over the ellipsoid (GeographicLib)."""
    shape = Polygon([*corners, corners[0]], srid=4326)
    with connection.cursor() as cursor:
        cursor.execute(
            "select ST_Area(ST_GeomFromEWKB(%s)::geography) / 10000", [bytes(shape.ewkb)]
        )
        return float(cursor.fetchone()[0])


def begin_walk(phone: Phone, name: str) -> Page:
    page = phone.page
    page.get_by_role("link", name="Caminar un predio nuevo").click()
    page.get_by_label("Nombre del predio").fill(name)
    page.get_by_role("button", name="Empezar a caminar").click()
    return page


def test_a_walked_boundary_has_its_true_area_and_survives_a_dead_battery(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.context.grant_permissions(["geolocation"])
    phone.network.is_cut = True
    phone.page.get_by_role("link", name=rancher.full_name).click()
    phone.context.set_geolocation(
        {"longitude": CORNERS[0][0], "latitude": CORNERS[0][1], "accuracy": 5}
    )
    page = begin_walk(phone, "El Bajo")
    for number, corner in enumerate(CORNERS[:3], start=1):
        stand(phone, corner, points=number)
    stand(phone, (-69.4900, -11.3990), accuracy=80, points=3)  # too inexact: refused and told
    expect(page.get_by_text("Demasiado impreciso para un punto: ± 80 m.")).to_be_visible()
    stand(phone, (-69.4930, -11.3990), accuracy=20, points=4)  # inexact: taken and marked
    expect(page.get_by_text("1 punto es impreciso")).to_be_visible()
    page.get_by_role("button", name="Deshacer el último punto").click()
    expect(page.locator(".walk-figures dd").first).to_have_text("3")
    page.get_by_role("button", name="Pausar").click()
    stand(phone, (-69.4800, -11.3900), points=None)
    expect(page.locator(".visit-state")).to_have_text("Guardado en el teléfono")
    page = phone.reopen()
    page.get_by_role("link", name=rancher.full_name).click()
    phone.context.set_geolocation(
        {"longitude": CORNERS[3][0], "latitude": CORNERS[3][1], "accuracy": 5}
    )
    page.get_by_role("link", name="Seguir caminando El Bajo").click()
    expect(page.locator(".walk-figures dd").first).to_have_text("3")
    page.get_by_role("button", name="Seguir caminando").click()
    for number, corner in enumerate(CORNERS[3:], start=4):
        stand(phone, corner, points=number)
    assert area_ha(page) == pytest.approx(geodesic_ha(CORNERS), rel=0.005)
    page.get_by_role("button", name="Cerrar y terminar").click()
    page.get_by_role("button", name="Guardarlo").click()
    expect(page.get_by_text("El lindero está guardado.")).to_be_visible()
    expect(page.get_by_text("El Bajo").first).to_be_visible()  # usable for a visit at once
    send_all(phone, received=1)
    plot = Plot.objects.get(rancher=rancher)
    boundary = plot.boundaries.get()
    assert (plot.name, boundary.source) == ("El Bajo", "gps")
    assert float(boundary.area_ha) == pytest.approx(geodesic_ha(CORNERS), rel=1e-4)


def test_a_line_that_crosses_itself_is_told_and_not_saved(phone_of: Callable[..., Phone]) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.context.grant_permissions(["geolocation"])
    phone.page.get_by_role("link", name=rancher.full_name).click()
    bow_tie = [CORNERS[0], CORNERS[3], CORNERS[2], CORNERS[5]]
    phone.context.set_geolocation(
        {"longitude": bow_tie[0][0], "latitude": bow_tie[0][1], "accuracy": 5}
    )
    page = begin_walk(phone, "El Lazo")
    for number, corner in enumerate(bow_tie, start=1):
        stand(phone, corner, points=number)
    expect(page.get_by_text("La línea se cruza aquí.")).to_be_visible()
    page.get_by_role("button", name="Cerrar y terminar").click()
    expect(page.get_by_text("La línea se cruza. Deshaga puntos")).to_be_visible()
    assert [one["state"] for one in phone.items()] == ["draft"]


def test_a_new_rancher_with_boundary_and_visit_arrives_whole(
    phone_of: Callable[..., Phone],
) -> None:
    technician, _known = make_technician_and_rancher()
    technician.districts.set([_known.district])
    phone = phone_of(technician).prepare()
    phone.context.grant_permissions(["geolocation"])
    phone.network.is_cut = True
    page = phone.page
    page.get_by_role("link", name="Registrar un ganadero nuevo").click()
    page.get_by_role("button", name="Registrar", exact=True).click()
    expect(page.get_by_text("Escriba el nombre.").first).to_be_visible()
    page.get_by_label("Nombres").fill("Eusebio")
    page.get_by_label("Apellidos").fill("Condori Apaza")
    page.get_by_label("DNI").fill("04567890")
    page.get_by_label("Teléfono").fill("982 123 456")
    page.get_by_label("Hombre").check()
    page.get_by_label("Año de nacimiento").fill("1971")
    page.get_by_label("Acepta que el programa guarde estos datos").check()
    page.get_by_label("Firmó la hoja").check()
    page.get_by_role("button", name="Registrar", exact=True).click()
    expect(page.get_by_role("heading", name="Eusebio Condori Apaza")).to_be_visible()
    phone.context.set_geolocation(
        {"longitude": CORNERS[0][0], "latitude": CORNERS[0][1], "accuracy": 5}
    )
    begin_walk(phone, "La Primera")
    for number, corner in enumerate(CORNERS, start=1):
        stand(phone, corner, points=number)
    page.get_by_role("button", name="Cerrar y terminar").click()
    page.get_by_role("button", name="Guardarlo").click()
    page.get_by_role("button", name="Registrar visita").click()
    page.get_by_role("button", name="Hato hoy").first.click()
    page.get_by_label("Vacas", exact=True).fill("12")
    page.locator(".visit-strip").get_by_role("button", name="Revisar y terminar:").click()
    page.get_by_role("button", name="Terminar la visita").click()
    expect(page.get_by_text("La visita está guardada en el teléfono.")).to_be_visible()
    states = phone.states()
    assert len(states) == 3
    assert set(states) <= {"queued", "sending"}  # the engine may be trying, in vain, just now
    send_all(phone, received=3)
    rancher = Rancher.objects.get(dni="04567890")
    assert (rancher.full_name, rancher.technician) == ("Eusebio Condori Apaza", technician)
    assert Consent.objects.get(rancher=rancher, scope="programme").how == "Firmó la hoja"
    visit = Visit.objects.get()
    assert (visit.rancher, visit.measurement.cows) == (rancher, 12)
    assert visit.plot and visit.plot.name == "La Primera"
    assert float(visit.plot.boundaries.get().area_ha) == pytest.approx(
        geodesic_ha(CORNERS), rel=1e-4
    )
