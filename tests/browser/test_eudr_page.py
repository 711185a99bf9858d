"""The file for the European Union in a real browser: asked for, made, taken, at phone and desk width."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page

from ranchers.boundaries import set_boundary
from ranchers.consents import give_consent
from ranchers.models import Plot, Role
from tests import people
from tests.monitoring.eudr_rules import faults
from tests.ranchers.shapes import square

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("width", [360, 1366])
def test_a_coordinator_makes_and_takes_the_file(
    open_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[..., object],
    width: int,
) -> None:
    for n in range(2):
        rancher = people.rancher()
        plot = Plot.objects.create(rancher=rancher, name="Fundo", district=rancher.district)
        set_boundary(
            plot=plot, geometry=square(lon=-69.6 + n / 50), since=date(2021, 1, 1), by=None
        )
        if n:
            give_consent(rancher=rancher, scope="eudr", since=date(2024, 1, 1), by=None)
    page = open_as(people.staff(Role.COORDINATOR), "/ue/", width=width)
    assert axe(page) == []
    shot(page, f"ue-{width}")
    page.get_by_label("A quién va el archivo").fill("Exportadora S.A.")
    page.get_by_label("He preguntado").check()
    page.get_by_role("button", name="Hacer el archivo").click()
    page.wait_for_url("**/ue/*-*/")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"ue-archivo-{width}")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Descargar").first.click()
    assert faults(taken.value.path().read_bytes()) == []
    page.goto(f"/ganaderos/predios/{plot.pk}/")
    assert axe(page) == []
    shot(page, f"predio-{width}")
