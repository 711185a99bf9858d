"""Every page that a person can reach by links: usable, in Spanish, light, silent in the console."""

from collections.abc import Callable
from datetime import date

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Page

from monitoring.demo.build import build
from ranchers.models import Role, User
from tests.browser.crawl import compressed_bytes, walk

pytestmark = pytest.mark.django_db(transaction=True)

RANCHERS = 24
PROGRESS_PAGE_BYTES = 60_000
DASHBOARD_BYTES = 200_000


@pytest.fixture
def programme(transactional_db: None) -> date:
    today = localdate()
    build(ranchers=RANCHERS, today=today, advance=lambda _n: None)
    return today


def somebody(role: Role) -> User:
    found = User.objects.filter(role=role).order_by("id").first()
    assert found
    return found


@pytest.mark.parametrize("role", list(Role))
def test_every_page_that_a_role_reaches_is_in_order(
    programme: date,
    role: Role,
    open_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[..., object],
) -> None:
    page = open_as(somebody(role), "/")
    done = walk(page, start="/", axe=axe, shot=shot, who=role)
    assert len(done.seen) >= 3, done.seen
    assert not done.faults, "\n".join(done.faults)


def test_the_pages_before_logging_in_are_in_order(
    programme: date,
    open_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[..., object],
) -> None:
    page = open_as(None, "/cuentas/entrar/")
    done = walk(page, start="/cuentas/entrar/", axe=axe, shot=shot, who="nobody")
    assert "account_login" in done.seen
    assert not done.faults, "\n".join(done.faults)


@pytest.mark.parametrize(
    ("role", "path", "most_bytes"),
    [
        (Role.RANCHER, "/avance/", PROGRESS_PAGE_BYTES),
        (Role.MINISTRY, "/tablero/", DASHBOARD_BYTES),
    ],
)
def test_a_first_visit_stays_within_its_budget(
    programme: date, open_as: Callable[..., Page], role: Role, path: str, most_bytes: int
) -> None:
    page = open_as(somebody(role), "/salud/")
    responses: list = []
    page.on("response", lambda response: responses.append(response))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    tiles = [r for r in responses if r.request.resource_type == "image" and "/tiles/" in r.url]
    weight = compressed_bytes([r for r in responses if r not in tiles])
    assert weight <= most_bytes, sorted((len(r.body()), r.url) for r in responses)[-8:]
