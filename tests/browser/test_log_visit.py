"""A technician logs a visit with one thumb; a doubtful figure is asked about, and then it is in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from monitoring.models import Visit
from tests.monitoring.factories import make_technician_and_rancher, payload, send

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_visit_is_logged_on_a_phone(open_as: Callable[..., Page]) -> None:
    technician, rancher = make_technician_and_rancher()
    send(payload(rancher), technician)
    page = open_as(technician, "/mi-ruta/?ver=all", width=360)
    page.locator(".route__actions").get_by_role("link", name="Registrar visita").click()
    cows = page.get_by_label("Vacas", exact=True)
    more = page.get_by_role("button", name="Uno más: Vacas", exact=True)
    more.click()
    expect(cows).to_have_value("20")  # the first tap brings last time's figure
    more.click()
    expect(cows).to_have_value("21")
    page.get_by_label("Vacas en ordeño", exact=True).fill("10")
    page.get_by_label("Leche (L al día)", exact=True).fill("250")
    page.get_by_role("button", name="Guardar la visita").click()
    expect(page.get_by_role("heading", name="¿Es correcto?")).to_be_visible()
    expect(cows).to_have_value("21")
    page.get_by_label("Sí, es correcto").check()
    page.get_by_role("button", name="Guardar la visita").click()
    expect(page.get_by_role("heading", name="La visita está guardada")).to_be_visible()
    visit = Visit.objects.latest("created_at")
    assert visit.measurement.cows == 21
    assert visit.measurement.confirmed == ["soft_milk_per_cow_max"]
