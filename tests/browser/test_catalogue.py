"""The catalogue in a real browser: main paths, a phone's width, a screen reader's view, its weight."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import localtime, now
from playwright.sync_api import Page, expect

from practices.catalogue import load
from practices.models import Attendance, FieldDay
from ranchers.models import Role
from tests import people
from tests.practices.pdfs import pdf_with_script, plain_pdf

pytestmark = pytest.mark.django_db(transaction=True)
OpenAs = Callable[..., Page]


@pytest.fixture(autouse=True)
def _catalogue(transactional_db: None) -> None:
    load()


@pytest.mark.parametrize("width", [320, 1366])
def test_a_rancher_finds_a_practice_and_reads_its_manual(
    open_as: OpenAs, axe: Callable[[Page], list[str]], width: int
) -> None:
    page = open_as(people.rancher_user(people.rancher()), "/practicas/", width=width)
    assert axe(page) == []
    page.get_by_role("link", name="Cercos vivos").click()
    assert axe(page) == []
    page.get_by_role("link", name="Leer el manual").click()
    expect(page.get_by_role("heading", name="Errores comunes")).to_be_visible()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_manual_is_light(open_as: OpenAs) -> None:
    user = people.rancher_user(people.rancher())
    page = open_as(user, "/practicas/cercos-vivos/")
    asked: list[int] = []
    page.on("requestfinished", lambda r: asked.append(r.sizes()["responseBodySize"]))
    page.goto("/practicas/cercos-vivos/manual/")
    page.wait_for_load_state("networkidle")
    assert sum(asked) < 60_000


def test_a_technician_announces_a_field_day_and_records_who_came(
    open_as: OpenAs, axe: Callable[[Page], list[str]]
) -> None:
    technician = people.technician(people.district())
    came = people.rancher(technician=technician)
    page = open_as(technician, "/practicas/dias-de-campo/", width=360)
    page.get_by_role("link", name="Anunciar un día de campo").click()
    page.get_by_label("Título").fill("Cercos que prenden")
    an_hour_ago = localtime(now() - timedelta(hours=1))
    page.get_by_label("Día y hora").fill(f"{an_hour_ago:%Y-%m-%dT%H:%M}")
    page.get_by_label("Distrito").select_option(label=people.district().name)
    page.get_by_label("Lugar de encuentro").fill("Km 12, puerta azul")
    page.get_by_label("Cercos vivos").check()
    assert axe(page) == []
    page.get_by_role("button", name="Anunciar").click()
    expect(page.get_by_role("heading", name="Cercos que prenden")).to_be_visible()
    page.get_by_role("link", name="Asistencia").click()
    page.get_by_role("button", name=f"Asistió {came.full_name}").click()
    expect(page.get_by_text("1 persona asistió")).to_be_visible()
    assert axe(page) == []
    assert Attendance.objects.get().rancher == came
    assert FieldDay.objects.get().created_by == technician


def test_the_coordinator_publishes_a_pdf_and_a_hostile_one_is_refused(
    open_as: OpenAs, axe: Callable[[Page], list[str]]
) -> None:
    page = open_as(people.staff(Role.COORDINATOR), "/practicas/cercos-vivos/manual/es/publicar/")
    for content, words in (
        (pdf_with_script(), "El PDF trae dentro programas"),
        (plain_pdf(), "Se publicó la edición 2."),
    ):
        page.get_by_label("PDF").set_input_files(
            {"name": "guia.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        page.get_by_role("button", name="Publicar").click()
        expect(page.get_by_text(words).first).to_be_visible()
        assert axe(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Descargar PDF").click()
    assert download.value.suggested_filename == "cercos-vivos-es-v2.pdf"
