"""The main job, end to end: a visit logged in a browser, and the figures that others see change.

Real server, real worker, real Chromium. The ministry's dashboard and the rancher's progress page
are already open; nobody touches them.
"""

import time
from collections.abc import Callable

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from monitoring.demo import staff
from monitoring.demo.build import build
from monitoring.models import Measurement, Visit
from ranchers.models import AccessCard, Rancher, Role, User
from tests.processes import Worker

pytestmark = pytest.mark.django_db(transaction=True)

RANCHERS = 24
PROMISED_SECONDS = 5


@pytest.fixture
def pilot_rancher(transactional_db: None) -> Rancher:
    """A rancher of the pilot with a card, in a programme that holds its figures."""
    build(ranchers=RANCHERS, today=localdate(), advance=lambda _n: None)
    card = AccessCard.objects.filter(rancher__enrolments__cohort__phase="pilot").get()
    return card.rancher


def test_a_visit_changes_the_dashboard_and_the_progress_page_within_five_seconds(
    pilot_rancher: Rancher,
    worker: Worker,
    open_as: Callable[..., Page],
    shot: Callable[..., object],
) -> None:
    ministry = open_as(User.objects.filter(role=Role.MINISTRY).first(), "/tablero/produccion/")
    rancher = open_as(User.objects.get(rancher=pilot_rancher), "/avance/", width=360)
    seen_by_ministry = ministry.locator(".compare").filter(has_text="Leche por vaca").first
    seen_by_rancher = rancher.locator("[data-figure=milk_per_cow] .figure__value")
    expect(seen_by_rancher).to_be_visible()
    expect(seen_by_ministry).to_be_visible()
    ministry.wait_for_load_state("networkidle")
    figures_before, litres_before = seen_by_ministry.inner_text(), seen_by_rancher.inner_text()
    technician = open_as(None, "/cuentas/entrar/", width=360)
    log_in(technician, email=str(pilot_rancher.technician.email))

    fill_in_a_visit(technician, pilot_rancher)
    began = time.monotonic()
    technician.get_by_role("button", name="Guardar la visita").click()
    technician.wait_for_url("**/visitas/recibo/**")

    expect(seen_by_rancher).not_to_have_text(litres_before, timeout=left_ms(began))
    expect(seen_by_ministry).not_to_have_text(figures_before, timeout=left_ms(began))
    took = time.monotonic() - began
    for page, name in ((ministry, "ministry"), (rancher, "rancher"), (technician, "technician")):
        shot(page, f"end-to-end-{name}")
    assert took <= PROMISED_SECONDS
    visit = Visit.objects.filter(rancher=pilot_rancher).latest("created_at")
    assert visit.technician == pilot_rancher.technician
    assert "11,5" in seen_by_rancher.inner_text()


def log_in(page: Page, *, email: str) -> None:
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(staff.PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/mi-ruta/**")


def fill_in_a_visit(page: Page, rancher: Rancher) -> None:
    """As many cows in milk as last time, each giving 11.5 litres."""
    last = Measurement.objects.filter(visit__rancher=rancher, cows_in_milk__gt=0)
    in_milk = last.latest("visit__visited_on").cows_in_milk
    assert in_milk
    page.goto(f"/visitas/nueva/{rancher.pk}/")
    page.locator("#f-visited_on").fill(localdate().isoformat())
    page.locator("[name='m.cows_in_milk']").fill(str(in_milk))
    page.locator("[name='m.milk_l_per_day']").fill(str(in_milk * 11.5))


def left_ms(began: float) -> float:
    return max(PROMISED_SECONDS - (time.monotonic() - began), 0.1) * 1000
