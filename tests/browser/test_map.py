"""The map of plots in a real browser: drawn, coloured, chosen by mouse and by keyboard, told in words."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import mapbox_vector_tile
import pytest
from django.utils.timezone import localdate
from PIL import Image
from playwright.sync_api import Page, expect

from monitoring import plot_shapes, recompute
from monitoring.charts.maps import SHADES
from ranchers.access import plots_for
from ranchers.boundaries import set_boundary
from ranchers.consents import give_consent
from ranchers.models import Plot, PlotBoundary, Role, User
from ranchers.places import load_places
from tests import people
from tests.monitoring.test_recompute import log_visit, make_member
from tests.practices.factories import make_practice
from tests.ranchers.shapes import square

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def programme(transactional_db: None) -> None:
    """Five plots side by side, whose ranchers use none to four practices."""
    load_places()
    practices = [make_practice(f"practica-{n}") for n in range(4)]
    people.staff(Role.COORDINATOR)
    people.staff(Role.MINISTRY)
    people.technician(people.district())
    for n in range(5):
        rancher = make_member(district=people.district())
        log_visit(rancher, localdate(), [(one, "adopted", 9) for one in practices[:n]], cows=10)
        give_consent(rancher=rancher, scope="ministry", since=localdate(), by=None)
        plot = Plot.objects.create(rancher=rancher, name="Fundo", district=rancher.district)
        shape = square(lon=-69.6 + n * 0.02, side=0.015)
        set_boundary(plot=plot, geometry=shape, since=localdate(), by=None)
    recompute.recompute_all()
    plot_shapes.refresh_all()


def somebody(role: str) -> User:
    return User.objects.get(role=role)


def ready(page: Page) -> Counter[tuple[int, int, int]]:
    """How many pixels of each colour the map shows, as the reader sees it."""
    page.wait_for_selector("[data-plot-map][data-ready]")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    picture = Image.open(io.BytesIO(page.locator("[data-plot-map]").screenshot())).convert("RGB")
    return Counter(picture.get_flattened_data())


def test_plots_are_drawn_in_the_colours_of_the_legend(
    programme: None, open_as: Callable[..., Page]
) -> None:
    page = open_as(somebody(Role.COORDINATOR), "/mapa/")
    by_cohort = ready(page)
    assert near(by_cohort, "#b3470b") > 500
    expect(page.locator("[data-plot-status]")).to_have_text(re.compile("5 predios"))
    page.get_by_label("Color según").select_option("practicas")
    page.wait_for_url(re.compile("valor=practicas"))
    by_practices = ready(page)
    assert near(by_practices, "#b3470b") == 0
    assert all(near(by_practices, colour) > 100 for colour in SHADES[1:3])


DECODED = """async () => {
  const names = performance.getEntriesByType("resource").map((one) => one.name);
  const sent = await Promise.all(names.filter((name) => name.includes(".mvt")).map(async (name) =>
    (await fetch(name)).arrayBuffer()));
  const bytes = sent.sort((a, b) => b.byteLength - a.byteLength)[0];
  const { decode } = await import("/static/js/vector_tile.js");
  return [Array.from(new Uint8Array(bytes)), decode(bytes, 4096)];
}"""


@pytest.mark.parametrize("zoom", [7, 12])
def test_our_decoder_reads_what_another_one_reads(
    programme: None, open_as: Callable[..., Page], zoom: int
) -> None:
    viewer = somebody(Role.COORDINATOR)
    place = middle_of_a_plot(viewer).partition("/")[2]
    page = open_as(viewer, f"/mapa/?lugar={zoom}/{place}")
    ready(page)
    sent, ours = page.evaluate(DECODED)
    layers = mapbox_vector_tile.decode(bytes(sent), default_options={"y_coord_down": True})
    theirs = [one for layer in layers.values() for one in layer["features"]]
    assert len(ours) == len(theirs) > 0
    for mine, other in zip(ours, theirs, strict=True):
        assert (mine["id"], mine["properties"]) == (other.get("id", 0), other["properties"])
        rings = other["geometry"]["coordinates"]
        while isinstance(rings[0][0], list):
            rings = rings[0]
        assert [mine["at"]["x"], mine["at"]["y"]] == list(rings[0])


def near(pixels: Counter[tuple[int, int, int]], colour: str) -> int:
    """Pixels of a legend's colour, drawn a little transparent over the ground."""
    wanted = [round(0.88 * int(colour[i : i + 2], 16) + 0.12 * 241) for i in (1, 3, 5)]
    return sum(
        n
        for pixel, n in pixels.items()
        if all(abs(a - b) <= 8 for a, b in zip(pixel, wanted, strict=True))
    )


def middle_of_a_plot(viewer: User) -> str:
    """A place in the address, over a plot that the viewer sees."""
    boundaries = PlotBoundary.objects.filter(plot__in=plots_for(viewer), period__endswith=None)
    point = boundaries[0].boundary.point_on_surface
    return f"13/{point.y:.5f}/{point.x:.5f}"


def test_the_plot_in_the_middle_opens_with_the_keyboard_alone(
    programme: None, open_as: Callable[..., Page]
) -> None:
    viewer = somebody(Role.COORDINATOR)
    page = open_as(viewer, f"/mapa/?lugar={middle_of_a_plot(viewer)}")
    ready(page)
    page.locator("[data-plot-map]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-plot-chosen] a")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/ganaderos/predios/"))


def test_a_click_says_what_is_known_of_the_plot(
    programme: None, open_as: Callable[..., Page]
) -> None:
    viewer = somebody(Role.TECHNICIAN)
    page = open_as(viewer, f"/mapa/?lugar={middle_of_a_plot(viewer)}", width=360)
    ready(page)
    page.locator("[data-plot-map]").click()
    expect(page.locator("[data-plot-chosen]")).to_contain_text("Abrir el predio")


def test_the_ministry_sees_shapes_and_no_figures(
    programme: None, open_as: Callable[..., Page]
) -> None:
    viewer = somebody(Role.MINISTRY)
    page = open_as(viewer, f"/mapa/?lugar={middle_of_a_plot(viewer)}")
    ready(page)
    page.locator("[data-plot-map]").click()
    expect(page.locator("[data-plot-chosen]")).to_be_empty()
    assert page.get_by_label("Color según").count() == 0


@pytest.mark.parametrize("width", [360, 1366])
def test_a_base_map_and_an_overlay_that_is_switched_on(
    programme: None,
    open_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    settings: Any,
    live_server: Any,
    width: int,
) -> None:
    tiles = live_server.url + "/salud/?{layer}/{{z}}/{{x}}/{{y}}"
    settings.MAP_LAYERS = [
        {
            "name": "",
            "url": tiles.format(layer="base"),
            "attribution": "Base & Co",
            "is_base": True,
        },
        {
            "name": "Ríos <b>",
            "url": tiles.format(layer="rios"),
            "attribution": "",
            "is_base": False,
        },
    ]
    asked: list[str] = []
    page = open_as(somebody(Role.COORDINATOR), "/", width=width)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(live_server.url + "/mapa/")
    ready(page)
    assert any("?base/" in url for url in asked)
    assert not any("?rios/" in url for url in asked)
    expect(page.locator(".leaflet-control-attribution")).to_have_text("Base & Co")
    if width < 768:
        page.locator(".leaflet-control-layers-toggle").press("Enter")
    page.get_by_label("Ríos <b>").press("Space")
    expect(page.get_by_label("Ríos <b>")).to_be_checked()
    page.wait_for_load_state("networkidle")
    assert any("?rios/" in url for url in asked)
    assert axe(page) == []


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.MINISTRY])
@pytest.mark.parametrize("width", [360, 1366])
def test_the_map_is_usable_by_everybody(
    programme: None,
    open_as: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    shot: Callable[..., object],
    role: str,
    width: int,
) -> None:
    page = open_as(somebody(role), "/mapa/?valor=practicas", width=width)
    ready(page)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"mapa-{role}-{width}")
