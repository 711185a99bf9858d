"""A dashboard on paper: its charts on a few sheets, and those tables that the reader opened."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Page
from pypdf import PdfReader

from monitoring.demo.build import build
from ranchers.models import Role, User

pytestmark = pytest.mark.django_db(transaction=True)

RANCHERS = 24
SHEETS = 5


def printed(page: Page) -> list[str]:
    """The text of each sheet of A4."""
    return [sheet.extract_text() for sheet in PdfReader(BytesIO(page.pdf(format="A4"))).pages]


def test_a_dashboard_prints_its_charts_and_the_tables_that_are_open(
    transactional_db: None, open_as: Callable[..., Page]
) -> None:
    build(ranchers=RANCHERS, today=localdate(), advance=lambda _n: None)
    page = open_as(User.objects.filter(role=Role.MINISTRY).earliest("id"), "/tablero/produccion/")
    page.wait_for_load_state("networkidle")
    heading = "Trimestre"
    bare = printed(page)
    assert len(bare) <= SHEETS
    assert heading not in "\n".join(bare)
    assert "Datos sintéticos" in bare[0]
    assert "Todos los distritos" in bare[0]

    page.locator("details.chart-table > summary").first.click()
    assert "\n".join(printed(page)).count(heading) == 1
    page.locator("details.chart-table > summary").first.click()

    page.evaluate(
        "window.print = () => { window.opened = document.querySelectorAll('details[open]').length }"
    )
    page.get_by_role("button", name="Imprimir con tablas").click()
    assert page.evaluate("window.opened") == page.locator("details.chart-table").count() > 5
    assert page.locator("details.chart-table[open]").count() == 0
