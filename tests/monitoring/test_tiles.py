"""Vector tiles: what is drawn at which zoom, for whom, and when a kept tile is let go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import mapbox_vector_tile
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils.timezone import localdate, now

from monitoring import plot_shapes, recompute, tiles
from monitoring.models import CoverSource, PlotCount, PlotCover, PlotShape, ShapeMark
from monitoring.quarters import current_quarter
from monitoring.tile_choices import Choice
from monitoring.tiles import InvalidTile, Tile
from ranchers.boundaries import set_boundary
from ranchers.consents import give_consent, withdraw_consent
from ranchers.models import Cohort, ConsentScope, Plot, Role, User
from ranchers.places import load_places
from ranchers.plots import close_plot
from tests import people
from tests.monitoring.test_recompute import log_visit, make_member
from tests.practices.factories import make_practice
from tests.ranchers.shapes import square

pytestmark = pytest.mark.django_db

TODAY = Choice(quarter=current_quarter())

LON, LAT = -69.595, -11.345
"""Inside the first square."""


def tile_at(z: int, *, lon: float = LON, lat: float = LAT) -> Tile:
    with connection.cursor() as cursor:
        cursor.execute(
            "select floor((st_x(p) + 20037508.342789244) / 40075016.685578488 * 2 ^ %(z)s),"
            " floor((20037508.342789244 - st_y(p)) / 40075016.685578488 * 2 ^ %(z)s)"
            " from st_transform(st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326), 3857) p",
            {"z": z, "lon": lon, "lat": lat},
        )
        x, y = cursor.fetchone()
    return Tile(z, int(x), int(y))


def address(tile: Tile, layer: str = "predios") -> str:
    return f"/mapa/teselas/{layer}/{tile.z}/{tile.x}/{tile.y}.mvt"


def plot(rancher: Any, *, name: str = "Fundo", lon: float = -69.6, side: float = 0.01) -> Plot:
    made = Plot.objects.create(rancher=rancher, name=name, district=rancher.district)
    set_boundary(plot=made, geometry=square(lon=lon, side=side), since=localdate(), by=None)
    return made


def decoded(viewer: User, tile: Tile, **more: Any) -> dict[str, Any]:
    plot_shapes.refresh_all()
    client = Client()
    client.force_login(viewer)
    answer = client.get(address(tile), more)
    assert answer.status_code == 200
    return dict(mapbox_vector_tile.decode(answer.content)) if answer.content else {}


def numbers(viewer: User, tile: Tile) -> set[int]:
    found = decoded(viewer, tile).get("plots", {"features": []})
    return {feature["id"] for feature in found["features"]}


def number_of(one: Plot) -> int:
    return PlotShape.objects.get(plot=one).number


@pytest.fixture
def coordinator() -> User:
    return people.staff(Role.COORDINATOR)


def test_a_new_boundary_is_on_the_map_and_a_redrawn_one_replaces_it(coordinator: User) -> None:
    one = plot(people.rancher())
    (feature,) = decoded(coordinator, tile_at(14))["plots"]["features"]
    before = feature["geometry"]
    name = number_of(one)
    set_boundary(plot=one, geometry=square(side=0.009), since=localdate(), by=None)
    (feature,) = decoded(coordinator, tile_at(14))["plots"]["features"]
    assert feature["geometry"] != before
    assert number_of(one) == name


def test_a_closed_plot_leaves_the_map_and_the_counts(coordinator: User) -> None:
    one = plot(people.rancher())
    assert numbers(coordinator, tile_at(12))
    close_plot(plot=one, on=localdate())
    assert not numbers(coordinator, tile_at(12))
    assert sum(PlotCount.objects.values_list("plots", flat=True)) == 0


def test_each_role_gets_the_plots_it_may_see_and_no_others(coordinator: User) -> None:
    technician = people.technician(people.district())
    outsider = people.technician(people.other_district())
    own = people.rancher(technician=outsider)
    others = people.rancher()
    mine, theirs = plot(own), plot(others, lon=-69.62)
    assert numbers(coordinator, tile_at(10)) == {number_of(mine), number_of(theirs)}
    assert numbers(technician, tile_at(10)) == {number_of(mine), number_of(theirs)}
    assert numbers(outsider, tile_at(10)) == {number_of(mine)}
    assert numbers(people.rancher_user(others), tile_at(10)) == {number_of(theirs)}
    assert numbers(people.rancher_user(people.rancher()), tile_at(10)) == set()


def test_the_ministry_gets_shapes_of_those_who_consent_without_name_or_value() -> None:
    ministry = people.staff(Role.MINISTRY)
    one = people.rancher()
    plot(one)
    plot(people.rancher(), lon=-69.62)
    assert decoded(ministry, tile_at(10)) == {}
    give_consent(rancher=one, scope=ConsentScope.MINISTRY, since=localdate(), by=None)
    (feature,) = decoded(ministry, tile_at(10))["plots"]["features"]
    assert feature["properties"] == {"here": True}
    assert not feature.get("id")


def test_consent_withdrawn_hides_the_plot_at_once_though_no_worker_ran() -> None:
    ministry = people.staff(Role.MINISTRY)
    one = people.rancher()
    plot(one)
    since = localdate() - timedelta(days=30)
    give_consent(rancher=one, scope=ConsentScope.MINISTRY, since=since, by=None)
    client = Client()
    client.force_login(ministry)
    plot_shapes.refresh_all()
    assert client.get(address(tile_at(10))).content
    withdraw_consent(rancher=one, scope=ConsentScope.MINISTRY, since=localdate(), by=None)
    assert ShapeMark.objects.exists()
    assert client.get(address(tile_at(10))).content == b""


def test_far_out_there_are_totals_of_districts_as_far_as_the_reader_sees(coordinator: User) -> None:
    load_places()
    outsider = people.technician(people.other_district())
    plot(people.rancher())
    plot(people.rancher(technician=outsider), lon=-69.65)
    for viewer, seen in ((coordinator, 2), (outsider, 1), (people.staff(Role.MINISTRY), 0)):
        found = decoded(viewer, tile_at(6))["districts"]["features"]
        assert {f["properties"]["ubigeo"] for f in found} == {"170301", "170302", "170303"}
        assert sum(f["properties"]["n"] for f in found) == seen


def test_where_plots_are_too_many_squares_say_how_many(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "MOST_PLOTS", 3)
    one = people.rancher()
    for i in range(5):
        plot(one, name=f"Lote {i}", lon=-69.6 + i * 0.002, side=0.0015)
    for zoom in (8, 9, 10, 11, 12):
        layers = decoded(coordinator, tile_at(zoom))
        assert set(layers) == {"squares"}, zoom
        assert sum(f["properties"]["n"] for f in layers["squares"]["features"]) == 5
    near = tile_at(17, lon=-69.5995, lat=-11.3495)
    assert set(decoded(coordinator, near)) == {"plots"}


def test_a_square_lies_over_the_plots_it_counts(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "MOST_PLOTS", 0)
    plot(people.rancher(), side=0.001)
    monkeypatch.setattr(tiles, "MOST_PLOTS", 1_000)
    tile = tile_at(11)
    (shape,) = decoded(coordinator, tile)["plots"]["features"]
    corner = shape["geometry"]["coordinates"][0][0]
    monkeypatch.setattr(tiles, "MOST_PLOTS", 0)
    cache.clear()
    (point,) = decoded(coordinator, tile)["squares"]["features"]
    side = point["properties"]["side"]
    centre = point["geometry"]["coordinates"]
    assert all(abs(a - b) <= side for a, b in zip(corner, centre, strict=True))


def test_an_unchanged_tile_is_not_sent_again_but_a_changed_one_is(coordinator: User) -> None:
    one = plot(people.rancher())
    plot_shapes.refresh_all()
    client = Client()
    client.force_login(coordinator)
    first = client.get(address(tile_at(12)))
    assert "private" in first["Cache-Control"]
    again = client.get(address(tile_at(12)), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    set_boundary(plot=one, geometry=square(side=0.009), since=localdate(), by=None)
    changed = client.get(address(tile_at(12)), headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_no_role_is_sent_what_was_kept_for_another(coordinator: User) -> None:
    plot(people.rancher())
    assert numbers(coordinator, tile_at(10))
    assert decoded(people.staff(Role.MINISTRY), tile_at(10)) == {}
    assert numbers(people.technician(people.other_district()), tile_at(10)) == set()


def test_a_changed_technician_changes_who_counts_the_plot() -> None:
    outsider = people.technician(people.other_district())
    one = people.rancher()
    plot(one)
    assert numbers(outsider, tile_at(10)) == set()
    one.technician = outsider
    one.save()
    assert numbers(outsider, tile_at(10))
    assert PlotCount.objects.filter(technician=outsider, plots=1).count() == len(plot_shapes.LEVELS)


def test_drawing_bit_by_bit_gives_what_drawing_all_anew_gives(coordinator: User) -> None:
    one, other = people.rancher(), people.rancher()
    plots = [plot(one), plot(other, lon=-69.62), plot(one, name="Otro", lon=-69.65)]
    plot_shapes.refresh_all()
    close_plot(plot=plots[1], on=localdate())
    set_boundary(plot=plots[2], geometry=square(lon=-69.66), since=localdate(), by=None)
    plot_shapes.refresh_all()
    drawn = sorted(PlotShape.objects.values_list())
    counted = sorted(PlotCount.objects.exclude(plots=0).values_list())
    assert plot_shapes.rebuild() == 2
    assert sorted(PlotShape.objects.values_list()) == drawn
    assert sorted(PlotCount.objects.values_list()) == counted


@pytest.mark.parametrize(
    "place", ["21/0/0", "3/8/0", "3/0/8", "-1/0/0", "x/1/1", "1/1/1e3", "9/٣/1"]
)
def test_nonsense_is_refused(coordinator: User, place: str, client: Client) -> None:
    client.force_login(coordinator)
    assert client.get(f"/mapa/teselas/predios/{place}.mvt").status_code == 400
    with pytest.raises(InvalidTile):
        Tile.parse(*place.split("/"))


def test_an_unknown_layer_or_practice_is_not_found(coordinator: User, client: Client) -> None:
    client.force_login(coordinator)
    assert client.get("/mapa/teselas/nada/9/1/1.mvt").status_code == 404
    assert client.get("/mapa/teselas/predios/9/1/1.mvt?practica=nada").status_code == 404


def test_a_shape_leads_to_the_plot_s_page_for_who_may_see_it(coordinator: User) -> None:
    one = plot(people.rancher())
    plot_shapes.refresh_all()
    client = Client()
    client.force_login(coordinator)
    answer = client.get(f"/mapa/predio/{number_of(one)}/")
    assert answer["Location"] == f"/ganaderos/predios/{one.pk}/"
    client.force_login(people.technician(people.other_district()))
    assert client.get(f"/mapa/predio/{number_of(one)}/").status_code == 404


@pytest.fixture
def source() -> CoverSource:
    return CoverSource.objects.create(
        code="gfc", name="GFC", kind="gfc", measures="forest", location="/", version="1",
        baseline_year=2018, last_year=2023, licence="CC", attribution="UMD", is_active=True,
    )  # fmt: skip


def test_a_plot_carries_its_cohort_practices_stage_forest_and_loss_since_2020(
    coordinator: User, source: CoverSource
) -> None:
    practice = make_practice("cercos-nuevos")
    rancher = make_member(district=people.district())
    log_visit(rancher, localdate(), [(practice, "adopted", 400)], cows=10)
    one = plot(rancher)
    PlotCover.objects.create(
        boundary=one.boundaries.get(), source=source, land_m2=1_000_000, water_m2=0, nodata_m2=0,
        forest_m2=600_000, loss_m2=[1, 50_000, 100_000, 0, 50_000], pixels=9, is_too_small=False,
        fingerprint="", computed_at=now(),
    )  # fmt: skip
    recompute.recompute_all()
    chosen = {"practica": practice.code}
    (feature,) = decoded(coordinator, tile_at(11), **chosen)["plots"]["features"]
    assert feature["properties"] == {
        "district": "170302",
        "ha": float(round(one.boundaries.get().area_ha, 1)),
        "cohort": Cohort.objects.get(code="piloto").pk,
        "practices": 1,
        "stage": "adopted",
        "forest": 40,
        "loss": 15.0,
    }


def test_what_is_not_known_is_left_out_never_zero(coordinator: User) -> None:
    plot(people.rancher())
    (feature,) = decoded(coordinator, tile_at(11))["plots"]["features"]
    assert set(feature["properties"]) == {"district", "ha"}


@pytest.mark.parametrize("compute", [recompute.recompute_dirty, recompute.recompute_all])
def test_a_recompute_lets_kept_tiles_go(coordinator: User, compute: Callable[[], object]) -> None:
    practice = make_practice("cercos-nuevos")
    rancher = make_member(district=people.district())
    plot(rancher)
    compute()
    assert (
        "practices" not in decoded(coordinator, tile_at(11))["plots"]["features"][0]["properties"]
    )
    log_visit(rancher, localdate(), [(practice, "adopted", 400)], cows=10)
    compute()
    (feature,) = decoded(coordinator, tile_at(11))["plots"]["features"]
    assert feature["properties"]["practices"] == 1


def test_the_map_opens_where_the_viewer_s_plots_are(coordinator: User) -> None:
    assert tiles.bounds_of_plots(coordinator, TODAY) is None
    one = plot(people.rancher())
    plot_shapes.refresh_all()
    west, south, east, north = tiles.bounds_of_plots(coordinator, TODAY) or [0.0] * 4
    box = one.boundaries.get().boundary.extent
    assert west <= box[2] and box[0] <= east and south <= box[3] and box[1] <= north
    assert east - west < 0.1 and north - south < 0.1
    assert tiles.bounds_of_plots(people.technician(people.other_district()), TODAY) is None
