"""The file for the European Union: by the rules, by consent, for whom, how long, and who took it."""

from __future__ import annotations

import json
import math
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.timezone import localdate, now
from hypothesis import given
from hypothesis import strategies as st
from kombu.exceptions import OperationalError

from monitoring.eudr import exports
from monitoring.eudr.candidates import Judged
from monitoring.eudr.exports import InvalidExport, request_export, work
from monitoring.eudr.shapes import UnusableShape, outline_json, outline_of
from monitoring.models import CoverSource, EudrDownload, EudrExport, EudrState, PlotCover
from ranchers.boundaries import set_boundary
from ranchers.consents import give_consent, withdraw_consent
from ranchers.models import ConsentScope, Plot, Rancher, Role, User
from tests import people
from tests.monitoring.eudr_rules import faults
from tests.processes import wait_until
from tests.ranchers.shapes import square

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return people.staff(Role.COORDINATOR)


def farm(*, consents: bool = True, shape: GEOSGeometry | None = None, **fields: Any) -> Plot:
    rancher = people.rancher(**fields)
    plot = Plot.objects.create(rancher=rancher, name="La “Esperanza”", district=rancher.district)
    set_boundary(plot=plot, geometry=shape or square(), since=date(2021, 1, 1), by=None)
    if consents:
        give_consent(rancher=rancher, scope=ConsentScope.EUDR, since=localdate(), by=None)
    return plot


def made(by: User, **asked: Any) -> EudrExport:
    given = {"recipient": "Exportadora S.A.", "shape": "point", "keeps_loss": False} | asked
    export = request_export(by=by, **given)
    work(export_id=export.pk)
    export.refresh_from_db()
    return export


def parts(export: EudrExport) -> list[bytes]:
    found = []
    for part in export.files:
        with default_storage.open(f"eudr/{export.pk}/{part['name']}") as file:
            found.append(file.read())
    return found


def features(export: EudrExport) -> list[dict[str, Any]]:
    return [one for part in parts(export) for one in json.loads(part)["features"]]


def loss(plot: Plot, *by_year: int) -> CoverSource:
    source, _made = CoverSource.objects.get_or_create(
        code="gfc",
        defaults={
            **{"name": "GFC", "kind": "gfc", "measures": "forest", "location": "/"},
            **{"version": "1", "baseline_year": 2019, "last_year": 2019 + len(by_year)},
            **{"licence": "CC", "attribution": "UMD", "caveat": "De más.", "is_active": True},
        },
    )
    PlotCover.objects.create(
        boundary=plot.boundaries.get(), source=source, land_m2=10**6, water_m2=0, nodata_m2=0,
        forest_m2=10**6, loss_m2=list(by_year), pixels=9, is_too_small=False, fingerprint="",
        computed_at=now(),
    )  # fmt: skip
    return source


def test_cattle_get_one_point_inside_the_plot_with_the_properties_asked_for(
    coordinator: User,
) -> None:
    plot = farm(given_names="Rosa", surnames='Quispe "la Flaca"')
    export = made(coordinator)
    (content,) = parts(export)
    assert faults(content) == []
    (feature,) = features(export)
    assert feature["geometry"]["type"] == "Point"
    assert feature["properties"] == {
        "ProducerName": 'Rosa Quispe "la Flaca"',
        "ProducerCountry": "PE",
        "ProductionPlace": "La “Esperanza”, Iberia, Tahuamanu, Madre de Dios",
        "Area": float(plot.boundaries.get().area_ha),
    }
    lon, lat = feature["geometry"]["coordinates"]
    assert plot.boundaries.get().boundary.covers(GEOSGeometry(f"SRID=4326;POINT({lon} {lat})"))


def holed() -> MultiPolygon:
    outer, hole, island = square(side=0.02), square(-69.597, -11.347, 0.01), square(-69.594, -11.344, 0.002)  # fmt: skip
    ring = Polygon(outer[0].coords, hole[0].coords)
    return MultiPolygon(ring, Polygon(island[0].coords), srid=4326)


def test_outlines_come_without_holes_and_say_so(coordinator: User) -> None:
    farm(shape=holed())
    export = made(coordinator, shape="polygon")
    (content,) = parts(export)
    assert faults(content) == []
    (feature,) = features(export)
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["properties"]["Area"] == pytest.approx(482.9, abs=1)
    assert "holes_dropped" in export.plots.get().notices


def test_nobody_is_in_the_file_without_consent_to_it_today(coordinator: User) -> None:
    plot = farm(consents=False)
    for scope in ("programme", "ministry", "public"):
        give_consent(rancher=plot.rancher, scope=scope, since=localdate(), by=None)
    export = made(coordinator)
    assert (export.included, export.refused, export.files) == (0, 1, [])
    assert export.plots.get().reasons == ["no_consent"]
    since = localdate() - timedelta(days=9)
    give_consent(rancher=plot.rancher, scope=ConsentScope.EUDR, since=since, by=None)
    assert made(coordinator).included == 1
    withdraw_consent(rancher=plot.rancher, scope=ConsentScope.EUDR, since=localdate(), by=None)
    assert made(coordinator).included == 0


def test_a_plot_that_lost_forest_since_2020_is_left_out_unless_kept_and_named_either_way(
    coordinator: User,
) -> None:
    lost, kept, before = farm(), farm(), farm()
    loss(lost, 0, 0, 7_000)
    loss(kept, 0, 0, 0)
    loss(before, 7_000, 0, 0)  # the year 2020 is before the cut-off
    export = made(coordinator)
    assert (export.included, export.refused) == (2, 1)
    row = export.plots.get(plot=lost)
    assert (row.reasons, row.loss_m2) == (["loss"], 7_000)
    assert export.plots.get(plot=before).loss_m2 == 0
    export = made(coordinator, keeps_loss=True)
    assert (export.included, export.refused) == (3, 0)
    assert export.plots.get(plot=lost).notices == ["loss"]


def test_loss_that_is_not_known_is_said_and_never_taken_for_none(coordinator: User) -> None:
    farm()
    row = made(coordinator).plots.get()
    assert (row.notices, row.loss_m2) == (["loss_unknown"], None)


def test_only_the_ranchers_chosen_are_in_the_file(coordinator: User) -> None:
    one = farm()
    farm()
    export = made(coordinator, ranchers=[one.rancher])
    assert [row.plot for row in export.plots.all()] == [one]
    with pytest.raises(InvalidExport):
        made(coordinator, ranchers=[people.rancher()])


def test_a_large_file_is_split_below_the_limit(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MOST_BYTES", 900)
    for _n in range(7):
        farm()
    export = made(coordinator)
    contents = parts(export)
    assert len(contents) > 2
    assert all(len(content) <= 900 and not faults(content) for content in contents)
    assert len(features(export)) == 7
    assert [part["bytes"] for part in export.files] == [len(content) for content in contents]


def test_features_of_more_than_25_mb_go_into_files_that_are_each_taken(coordinator: User) -> None:
    """With the true limit: 54 outlines of 20,000 corners are 28 MB."""
    turns = [2 * math.pi * n / 20_000 for n in range(20_000)]
    ring = [(-69.5 + 0.02 * math.cos(t), -11.4 + 0.02 * math.sin(t)) for t in turns]
    plot = farm()
    outline = outline_of(MultiPolygon(Polygon([*ring, ring[0]]), srid=4326))
    text = exports.feature(Judged(plot, geometry=outline_json(outline), area_ha=1_500.0))
    export = request_export(recipient="X", shape="polygon", keeps_loss=False, by=coordinator)
    files = exports.Parts(export)
    for _n in range(54):
        files.add(text)
    export.files = files.close()
    contents = parts(export)
    assert [len(content) <= 25_000_000 for content in contents] == [True, True]
    assert sum(map(len, contents)) > 25_000_000
    assert sum(len(json.loads(content)["features"]) for content in contents) == 54
    assert faults(contents[-1]) == []


corner = st.tuples(st.integers(0, 60), st.integers(0, 60))
rings = st.lists(corner, min_size=3, max_size=9, unique=True)


@given(outer=rings, others=st.lists(rings, max_size=2), step=st.sampled_from([2e-8, 3e-7, 1e-4]))
def test_any_outline_gives_a_file_by_the_rules_or_is_refused(
    outer: list[tuple[int, int]], others: list[list[tuple[int, int]]], step: float
) -> None:
    """Also with corners so near that rounding joins them, and with holes that leave the outline."""

    def ring(corners: list[tuple[int, int]]) -> list[tuple[float, float]]:
        found = [(-69.5 + x * step, -11.4 + y * step) for x, y in corners]
        return [*found, found[0]]

    shape = GEOSGeometry(Polygon(ring(outer), *map(ring, others)).wkt, srid=4326)
    shape = shape if shape.valid else shape.make_valid()
    from ranchers.places import as_multipolygon

    try:
        outline = outline_of(as_multipolygon(shape))
    except UnusableShape:
        return
    words = '{"ProducerName":"a","ProducerCountry":"PE","ProductionPlace":"b","Area":1.5}'
    text = f'{{"type":"Feature","properties":{words},"geometry":{outline_json(outline)}}}'
    content = f'{{"type":"FeatureCollection","features":[{text}]}}'.encode()
    assert faults(content) == []


def test_the_checker_itself_finds_what_is_wrong() -> None:
    good = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"ProducerName":"a",'
        '"ProducerCountry":"PE","ProductionPlace":"b","Area":1.5},"geometry":{"type":"Polygon",'
        '"coordinates":[[[-69.5000000,-11.4000000],[-69.4000000,-11.4000000],'
        "[-69.4000000,-11.3000000],[-69.5000000,-11.4000000]]]}}]}"
    )
    assert faults(good.encode()) == []
    for old, new in (
        ("-69.5000000,-11.4000000],[-69.4", "-69.5,-11.4],[-69.4"),
        ('"PE"', '"Perú"'),
        ('"Area":1.5', '"Area":0.0'),
        ('"type":"FeatureCollection"', '"type":"FeatureCollection","crs":{}'),
        ("[-69.4000000,-11.3000000],[-69.5000000,-11.4000000]]", "[-69.4000000,-11.3000000]]"),
        ("[-69.4000000,-11.4000000],[-69.4000000,-11.3000000]", "[-69.4000000,-11.3000000],[-69.4000000,-11.4000000]"),
        ('"Polygon"', '"LineString"'),
    ):  # fmt: skip
        assert old in good
        assert faults(good.replace(old, new, 1).encode()), new


def post(client: Client, **changes: Any) -> Any:
    data = {"recipient": "Exportadora S.A.", "shape": "point", "confirmed": "on", "dni": ""}
    return client.post("/ue/", data | changes)


def test_the_page_asks_for_the_confirmation_and_makes_the_file(
    coordinator: User, client: Client
) -> None:
    plot = farm()
    client.force_login(coordinator)
    assert post(client, confirmed="").status_code == 422
    assert post(client, dni="00000001").status_code == 422
    assert not EudrExport.objects.exists()
    answer = post(client, dni=plot.rancher.dni)
    export = EudrExport.objects.get()
    assert answer["Location"] == f"/ue/{export.pk}/"
    html = client.get(answer["Location"]).content.decode()
    assert "hato-ue-" in html and "Perdido desde 2020" in html


def test_who_took_a_file_is_on_record_and_an_expired_one_is_gone(
    coordinator: User, client: Client
) -> None:
    farm()
    export = made(coordinator)
    name = export.files[0]["name"]
    client.force_login(coordinator)
    answer = client.get(f"/ue/{export.pk}/archivo/{name}")
    assert faults(answer.content) == []
    assert "no-store" in answer["Cache-Control"]
    assert EudrDownload.objects.get().by == coordinator
    assert client.get(f"/ue/{export.pk}/archivo/otro.geojson").status_code == 404
    EudrExport.objects.update(expires_at=now() - timedelta(seconds=1))
    assert client.get(f"/ue/{export.pk}/archivo/{name}").status_code == 404
    assert exports.delete_expired() == 1
    export.refresh_from_db()
    assert export.state == EudrState.EXPIRED
    assert not default_storage.exists(f"eudr/{export.pk}/{name}")
    assert export.plots.count() == 1  # what was exported stays on record


def test_the_report_says_why_and_no_cell_of_it_runs_as_a_formula(
    coordinator: User, client: Client
) -> None:
    farm(consents=False, surnames="=cmd()")
    export = made(coordinator)
    client.force_login(coordinator)
    text = client.get(f"/ue/{export.pk}/informe.csv").content.decode("utf-8-sig")
    assert "no ha dado su consentimiento" in text
    assert not re.search(r"(^|,)=", text, re.M)
    assert client.get(f"/ue/{export.pk}/informe.xlsx").content.startswith(b"PK")


def test_work_asked_for_twice_is_done_once(coordinator: User) -> None:
    farm()
    export = made(coordinator)
    work(export_id=export.pk)
    assert export.plots.count() == 1


def test_a_failed_export_leaves_no_file_behind(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm()
    export = request_export(recipient="X", shape="point", keeps_loss=False, by=coordinator)
    monkeypatch.setattr(exports, "COUNTRY", object())
    with pytest.raises(TypeError):
        work(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == EudrState.FAILED
    assert not export.plots.exists()


@pytest.mark.django_db(transaction=True)
def test_many_plots_are_written_at_once_when_no_worker_can_be_asked(
    coordinator: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(**_how: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(exports, "DIRECT_PLOTS", 0)
    monkeypatch.setattr("monitoring.tasks.write_eudr_export.apply_async", nobody)
    farm()
    client.force_login(coordinator)
    post(client)
    assert EudrExport.objects.get().state == EudrState.DONE


def test_many_plots_are_left_to_the_worker(
    coordinator: User, client: Client, worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "DIRECT_PLOTS", 0)
    farm()
    client.force_login(coordinator)
    post(client)
    export = EudrExport.objects.get()

    def is_done() -> bool:
        export.refresh_from_db()
        return export.state == EudrState.DONE

    wait_until(is_done, seconds=30, what="the file")
    assert client.get(f"/ue/{export.pk}/avance/").status_code == 204
    assert Rancher.objects.count() == export.included == 1
