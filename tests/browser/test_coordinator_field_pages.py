"""What phones send, as the coordinator sees it in a browser: an export file, phone and desk width."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from monitoring.models import Visit
from ranchers.models import Role
from tests import people
from tests.monitoring.factories import make_technician_and_rancher, payload
from tests.monitoring.field.bodies import picture, registration
from tests.monitoring.field.exports import as_bytes, export, photo_of
from tests.monitoring.field.phone import Phone

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [360, 1366])
def test_a_coordinator_imports_the_file_of_a_phone(
    open_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[..., object],
    width: int,
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = Phone(technician)
    visit, wrong = payload(rancher), payload(rancher, measurements={"cows": -3})
    items = [("rancher", registration()), visit, wrong]
    exported = export(phone, *items, photos=[photo_of(visit["id"], picture())])
    page = open_as(people.staff(Role.COORDINATOR), "/telefonos/", width=width)
    page.get_by_role("link", name="Importar el archivo").click()
    assert axe(page) == []
    shot(page, f"archivo-de-telefono-{width}")
    page.get_by_label("Archivo que guardó el teléfono").set_input_files(
        {"name": "hato-202603011700.json", "mimeType": "", "buffer": as_bytes(exported)}
    )
    page.get_by_role("button", name="Ver qué contiene").click()
    page.get_by_role("heading", name="Qué contiene").wait_for()
    assert axe(page) == []
    shot(page, f"archivo-de-telefono-visto-{width}")
    page.get_by_role("button", name="Importar todo").click()
    page.get_by_text("Importado. Abajo").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"archivo-de-telefono-importado-{width}")
    assert Visit.objects.get().technician == technician
