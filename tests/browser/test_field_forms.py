"""A visit logged without signal, with one thumb: what is written survives, and all of it arrives."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.gis.geos import Polygon
from django.utils.timezone import localdate
from PIL import Image
from playwright.sync_api import Page, expect

from monitoring.coefficients import load_defaults
from monitoring.models import Coefficient, NextStep, Visit
from practices.catalogue import load
from ranchers.boundaries import set_boundary
from ranchers.models import Rancher, User
from ranchers.places import load_places
from ranchers.plots import open_plot
from tests.browser.phones import Phone
from tests.monitoring.factories import make_technician_and_rancher, payload, send

pytestmark = pytest.mark.django_db(transaction=True)

STEP = "01900000-0000-7000-8000-000000000001"
AT_THE_FARM = {"longitude": -69.495, "latitude": -11.395, "accuracy": 6}
BYTES_OF_PHOTOS = """async (visit) => {
  const store = await import("/static/field/store.js");
  const found = [];
  for (const photo of await store.photosOf(visit)) {
    const bytes = new Uint8Array(await (await store.photoBlob(photo.id)).arrayBuffer());
    found.push({...photo, data: btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""))});
  }
  return found;
}"""


@pytest.fixture
def farm(transactional_db: None) -> tuple[User, Rancher]:
    """A technician and a rancher with one plot, an earlier visit and an open next step."""
    load_places()
    load()
    load_defaults()
    technician, rancher = make_technician_and_rancher()
    plot = open_plot(rancher=rancher, name="La Esperanza", by=technician)
    shape = Polygon.from_bbox((-69.50, -11.40, -69.49, -11.39))
    shape.srid = 4326
    set_boundary(plot=plot, geometry=shape, since=date(2020, 1, 1), by=technician)
    before = payload(
        rancher,
        visited_on=str(localdate() - timedelta(days=90)),
        next_steps=[{"id": STEP, "text": "Resembrar el cerco", "practice": "cercos-vivos"}],
    )
    assert send(before, technician).outcome == "created"
    return technician, rancher


def camera_picture() -> bytes:
    """A large photo that tells where it was taken."""
    exif = Image.Exif()
    exif[0x8825] = {1: "S", 2: (11.0, 24.0, 0.0), 3: "W", 4: (69.0, 30.0, 0.0)}
    held = io.BytesIO()
    Image.effect_mandelbrot((2400, 1800), (-2, -1.5, 1, 1.5), 40).convert("RGB").save(
        held, "JPEG", exif=exif
    )
    return held.getvalue()


def begin_visit(phone: Phone, rancher: Rancher) -> Page:
    page = phone.page
    page.get_by_role("link", name=rancher.full_name).click()
    page.get_by_role("button", name="Registrar visita").click()
    expect(page.get_by_role("heading", name="Visita del")).to_be_visible()
    return page


def section(page: Page, name: str) -> None:
    page.locator(".visit-strip").get_by_role("button", name=f"{name}:").click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def saved(page: Page) -> None:
    expect(page.locator(".visit-state")).to_have_text("Guardado en el teléfono")


def at_the_farm(phone: Phone) -> None:
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation(AT_THE_FARM)


def send_all(phone: Phone, *, received: int) -> None:
    phone.network.is_cut = False
    phone.go("Mi día")
    phone.send()
    expect(phone.page.locator("[data-state='received']")).to_have_count(received, timeout=20_000)


def open_visit_of_day_sheet(phone: Phone, item: str) -> None:
    phone.go("Mi día")
    phone.page.locator(f"[data-item='{item}']").click()


def test_a_whole_visit_without_signal_arrives_as_it_was_written(
    phone_of: Callable[..., Phone], farm: tuple[User, Rancher]
) -> None:
    technician, rancher = farm
    phone = phone_of(technician).prepare()
    at_the_farm(phone)
    phone.network.is_cut = True
    page = begin_visit(phone, rancher)
    section(page, "Cuándo y dónde")
    expect(page.get_by_text("Tomada, con precisión de 6 m.")).to_be_visible()
    section(page, "Hato hoy")
    more = page.get_by_role("button", name="Uno más: Vacas", exact=True)
    more.click()
    expect(page.get_by_label("Vacas", exact=True)).to_have_value("20")  # last time's figure first
    more.click()
    page.get_by_role("button", name="Uno menos: Toros", exact=True).click()
    expect(page.get_by_label("Toros", exact=True)).to_have_value("0")
    section(page, "Leche")
    page.get_by_role("button", name="El resto, igual que la última vez").click()
    page.get_by_label("Leche (L al día)", exact=True).fill("250")
    expect(page.get_by_text("Son 25 litros por vaca al día. ¿Es correcto?")).to_be_visible()
    page.get_by_role("button", name="Sí, es correcto").click()
    section(page, "Prácticas vistas")
    practice = page.locator("details", has_text="Cercos vivos")
    practice.locator("summary").click()
    practice.get_by_text("Adoptada", exact=True).click()
    practice.get_by_text("Vi la evidencia").click()
    practice.get_by_label("Cuánto (metros)").fill("350,5")
    section(page, "Próximos pasos")
    page.get_by_label("Resembrar el cerco").check()
    page.get_by_role("button", name="Agregar un paso").click()
    page.get_by_label("Qué se va a hacer").fill("Sembrar 20 plantones")
    page.get_by_role("button", name="3 meses").click()
    section(page, "Notas")
    page.locator("textarea").fill("Todo verde")
    section(page, "Revisar y terminar")
    page.get_by_role("button", name="Terminar la visita").click()
    expect(page.get_by_text("La visita está guardada en el teléfono.")).to_be_visible()
    assert Visit.objects.count() == 1
    send_all(phone, received=2)  # the visit, and the step of the earlier one
    visit = Visit.objects.latest("created_at")
    figures = visit.measurement
    assert (figures.cows, figures.bulls, figures.heifers) == (21, 0, None)
    assert (figures.cows_in_milk, figures.milk_l_per_day, figures.births) == (10, 250, None)
    assert figures.confirmed == ["soft_milk_per_cow_max"]
    assert visit.plot and visit.plot.name == "La Esperanza"
    assert visit.position and not visit.position_is_manual and visit.accuracy_m == 6
    [seen] = visit.observations.all()
    assert (seen.practice.code, seen.stage, seen.evidence_seen) == ("cercos-vivos", "adopted", True)
    assert str(seen.intensity) == "350.50"
    [step] = visit.next_steps.all()
    assert (step.text, step.done_on) == ("Sembrar 20 plantones", None)
    assert visit.notes == "Todo verde"
    assert NextStep.objects.get(pk=STEP).done_on == localdate()


def test_a_visit_goes_on_where_it_was_after_the_battery_died(
    phone_of: Callable[..., Phone], farm: tuple[User, Rancher]
) -> None:
    technician, rancher = farm
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    page = begin_visit(phone, rancher)
    section(page, "Leche")
    page.get_by_label("Vacas en ordeño", exact=True).fill("11")
    saved(page)
    page = phone.reopen()  # the page is closed as a dead battery closes it: nothing is told to it
    page.get_by_role("link", name=rancher.full_name).click()
    page.get_by_role("link", name="Seguir con la visita").click()
    expect(page.get_by_role("heading", name="Leche", exact=True)).to_be_visible()
    expect(page.get_by_label("Vacas en ordeño", exact=True)).to_have_value("11")
    expect(page.get_by_label("Vacas en ordeño", exact=True)).to_be_in_viewport()


def test_two_visits_are_written_side_by_side_and_one_is_thrown_away_and_taken_back(
    phone_of: Callable[..., Phone], farm: tuple[User, Rancher]
) -> None:
    technician, rancher = farm
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    page = begin_visit(phone, rancher)
    section(page, "Notas")
    page.locator("textarea").fill("primera")
    saved(page)
    page.get_by_role("link", name="Atrás").click()
    page.get_by_role("button", name="Empezar otra visita").click()
    section(page, "Notas")
    page.locator("textarea").fill("segunda")
    saved(page)
    page.get_by_role("button", name="Todo", exact=True).click()
    page.get_by_role("button", name="Descartar este borrador").click()
    page.get_by_role("button", name="Descartar", exact=True).click()
    expect(page.get_by_text("Se descartó el borrador.")).to_be_visible()
    assert sorted(one["content"]["notes"] for one in phone.items()) == ["primera"]
    page.get_by_role("button", name="Deshacer").click()
    section(page, "Notas")
    expect(page.locator("textarea")).to_have_value("segunda")
    assert sorted(one["content"]["notes"] for one in phone.items()) == ["primera", "segunda"]


def test_a_photo_is_made_small_and_forgets_where_it_was_taken(
    phone_of: Callable[..., Phone], farm: tuple[User, Rancher]
) -> None:
    technician, rancher = farm
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    page = begin_visit(phone, rancher)
    section(page, "Fotos")
    page.get_by_label("Qué muestra la foto").select_option(label="Cercos vivos")
    picture = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": camera_picture()}
    page.locator("input[type=file]").first.set_input_files(picture)
    expect(page.get_by_role("img", name="Foto: Cercos vivos")).to_be_visible()
    visit = phone.items()[0]["id"]
    [kept] = page.evaluate(BYTES_OF_PHOTOS, visit)
    image = Image.open(io.BytesIO(base64.b64decode(kept["data"])))
    assert image.format == "JPEG"
    assert image.size == (1600, 1200)
    assert not image.getexif()
    assert kept["practice"] == "cercos-vivos"
    page.get_by_role("button", name="Quitar la foto: Cercos vivos").click()
    expect(page.get_by_role("img", name="Foto: Cercos vivos")).to_have_count(0)
    page.get_by_role("button", name="Deshacer").click()
    expect(page.get_by_role("img", name="Foto: Cercos vivos")).to_be_visible()
    [again] = page.evaluate(BYTES_OF_PHOTOS, visit)
    assert again["sha256"] == kept["sha256"]


def test_the_wrong_farm_is_asked_about_and_a_position_is_put_by_hand(
    phone_of: Callable[..., Phone], farm: tuple[User, Rancher]
) -> None:
    technician, rancher = farm
    phone = phone_of(technician).prepare()
    at_the_farm(phone)
    phone.context.set_geolocation(AT_THE_FARM | {"longitude": -69.40})
    phone.network.is_cut = True
    page = begin_visit(phone, rancher)
    section(page, "Cuándo y dónde")
    expect(page.get_by_text("km del predio. ¿Es el predio correcto?")).to_be_visible()
    page.get_by_text("Ponerla a mano").click()
    page.locator(".plain-map").click()
    expect(page.get_by_text("Puesta a mano:")).to_be_visible()
    expect(page.get_by_text("km del predio. ¿Es el predio correcto?")).to_have_count(0)
    saved(page)
    position = phone.items()[0]["content"]["position"]
    assert position["manual"] is True
    assert position["lon"] == pytest.approx(-69.495, abs=0.001)
    assert position["lat"] == pytest.approx(-11.395, abs=0.001)


def test_a_visit_that_came_back_opens_at_its_question_and_is_sent_again(
    phone_of: Callable[..., Phone], farm: tuple[User, Rancher]
) -> None:
    technician, rancher = farm
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    page = begin_visit(phone, rancher)
    section(page, "Leche")
    page.get_by_role("button", name="El resto, igual que la última vez").click()
    section(page, "Revisar y terminar")
    page.get_by_role("button", name="Terminar la visita").click()
    expect(page.get_by_text("La visita está guardada en el teléfono.")).to_be_visible()
    # Meanwhile the office has set a lower limit, which this phone has not heard of.
    Coefficient.objects.filter(code="soft_milk_per_cow_max").update(value=3)
    phone.network.is_cut = False
    phone.go("Mi día")
    phone.send()
    expect(page.locator("[data-state='rejected']")).to_have_count(1, timeout=20_000)
    [item] = phone.items()
    open_visit_of_day_sheet(phone, item["id"])
    expect(page.get_by_role("heading", name="Leche", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sí, es correcto").click()
    section(page, "Revisar y terminar")
    page.get_by_role("button", name="Terminar la visita").click()
    expect(page.get_by_text("La visita está guardada en el teléfono.")).to_be_visible()
    send_all(phone, received=1)
    visit = Visit.objects.get(pk=item["id"])
    assert visit.measurement.confirmed == ["soft_milk_per_cow_max"]


def test_a_sent_visit_is_edited_from_its_version(
    phone_of: Callable[..., Phone], farm: tuple[User, Rancher]
) -> None:
    technician, rancher = farm
    document = payload(rancher, visited_on=str(localdate()), measurements={"cows": 20, "births": 2})
    assert send(document, technician).outcome == "created"
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    page = phone.page
    page.get_by_role("link", name=rancher.full_name).click()
    page.locator(f"a[href='#/visita/{document['id']}']").click()
    expect(page.get_by_role("heading", name="Corregir la visita")).to_be_visible()
    assert phone.items() == []  # looking is not editing
    section(page, "Hato hoy")
    page.get_by_label("Vacas", exact=True).fill("22")
    section(page, "Revisar y terminar")
    page.get_by_role("button", name="Terminar la visita").click()
    expect(page.get_by_text("La visita está guardada en el teléfono.")).to_be_visible()
    send_all(phone, received=1)
    visit = Visit.objects.get(pk=document["id"])
    assert (visit.version, visit.measurement.cows, visit.measurement.births) == (2, 22, 2)
