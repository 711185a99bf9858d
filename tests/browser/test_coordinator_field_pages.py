"""What phones send, as the coordinator sees it in a browser, at phone and desk width."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from monitoring.field.devices import sign_out
from monitoring.models import Conflict, FieldDevice, InboxPayload, Visit
from ranchers.models import Role
from tests import people
from tests.monitoring.factories import make_technician_and_rancher, payload
from tests.monitoring.field.bodies import picture, registration, walk, whole_photo
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


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_of_what_did_not_go_in_by_itself(
    open_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[..., object],
    width: int,
) -> None:
    coordinator = people.staff(Role.COORDINATOR)
    technician, rancher = make_technician_and_rancher()
    first, second = Phone(technician), Phone(technician)
    person, taken = registration(dni=None), registration(dni="45678912", given_names="Julia")
    people.rancher(technician=technician, dni="45678912")
    first.sync(("rancher", person), ("rancher", taken), payload(taken["id"]))
    edit = person | {"base_version": 1}
    first.sync(("rancher", edit | {"community": "Alerta", "birth_year": 1979}))
    second.sync(("rancher", edit | {"community": "Shiringayoc", "district": "170302"}))
    sign_out(FieldDevice.objects.get(pk=second.id), by=coordinator)
    visit = payload(rancher)
    second.sync(visit, ("boundary", walk(rancher)))
    upload = whole_photo(second, visit["id"], picture())
    dni, changed = Conflict.objects.order_by("pk").values_list("pk", flat=True)
    waiting = InboxPayload.objects.filter(outcome="quarantined").order_by("pk")
    page = open_as(coordinator, "/coordinacion/calidad/", width=width)
    for name, path in (
        ("cola", "calidad/"),
        ("visita", f"cuarentena/{waiting[1].pk}/"),
        ("lindero", f"cuarentena/{waiting[0].pk}/"),
        ("foto", f"cuarentena/fotos/{upload.pk}/"),
        ("dni", f"registros/{dni}/"),
        ("registro", f"registros/{changed}/"),
    ):
        page.goto(f"/coordinacion/{path}")
        page.wait_for_load_state("networkidle")
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        shot(page, f"campo-{name}-{width}")
