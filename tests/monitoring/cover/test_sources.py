"""Adding, checking and choosing sources: by the published layouts, by declaration, and safely."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from shapely import from_wkb

from monitoring.cover import sources
from monitoring.cover.layouts import InvalidBands, alert_of, layout_of
from monitoring.cover.measuring import measure
from monitoring.cover.remote import InvalidLocation, check_location
from monitoring.cover.tiles import find_tiles, tile_name
from monitoring.models import CoverSource, DirtyCover, SourceStatus
from ranchers.models import Rancher
from tests.monitoring.cover.conftest import NORTH, SIDE, WEST
from tests.monitoring.cover.rasters import VERSION, gathered, gfc_source, shapes_of, write_tile
from tests.monitoring.cover.test_compute import plot_of, square

pytestmark = pytest.mark.django_db
DECLARED = {
    "kind": "declared", "name": "JRC", "version": "V1", "baseline_year": 2020, "last_year": 2020,
    "licence": "CC BY 4.0", "attribution": "JRC",
}  # fmt: skip


@pytest.mark.parametrize(
    ("lon", "lat", "name"),
    [(-69.577, -10.945, "10S_070W"), (-70.2, -10.945, "10S_080W"), (-69.5, -9.9, "00N_070W"), (12, 5, "10N_010E")],
)  # fmt: skip
def test_tiles_are_named_by_their_top_left_corner(lon: float, lat: float, name: str) -> None:
    assert tile_name(lon=lon, lat=lat) == name


def test_the_published_examples_of_alerts_are_read_right() -> None:
    assert [str(part) for part in alert_of(20_001)] == ["2015-01-01", "2"]
    assert [str(part) for part in alert_of(30_055)] == ["2015-02-24", "3"]


def test_a_source_as_published_needs_few_words_and_gets_its_caveat(gfc_folder: Path) -> None:
    source = sources.add(
        by=None, code="gfc", kind="gfc", location=str(gfc_folder), version=VERSION, last_year=2024
    )
    assert (source.baseline_year, source.measures, source.licence) == (2000, "forest", "CC BY 4.0")
    assert "Tambopata" in source.caveat


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"last_year": 2023}, "last_year"),
        ({"version": "1.12"}, "last_year"),
        ({"location": "http://example.com/{tile}.tif"}, "location"),
        ({"location": "/vsicurl/https://example.com/a.tif"}, "location"),
        ({"location": "https://user@example.com/a.tif"}, "location"),
        ({"location": "ftp://example.com/a.tif"}, "location"),
        ({"location": "file:///etc/passwd"}, "location"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(changes: dict[str, object], field: str) -> None:
    fields: dict[str, object] = {
        "code": "x", "kind": "gfc", "location": "/srv/gfc", "version": VERSION, "last_year": 2024,
    }  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        sources.add(by=None, **(fields | changes))
    assert field in refused.value.message_dict
    assert not CoverSource.objects.exists()


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "169.254.169.254", "10.0.0.8", "[::1]", "[fd00::1]"]
)  # fmt: skip
def test_the_server_is_not_sent_to_ask_its_own_network(host: str) -> None:
    with pytest.raises(InvalidLocation):
        check_location(f"https://{host}/gfc.tif")


def test_a_declared_raster_is_read_as_declared(tmp_path: Path) -> None:
    values = np.full((2, 40, 40), 1, np.uint8)
    values[0, :, 20:] = 9  # not forest
    values[0, :5] = 255  # no data
    values[0, 5:10] = 2  # water
    values[1, 10:20] = 21
    path = write_tile(tmp_path / "jrc.tif", values, west=WEST, north=NORTH)
    bands = {
        "forest": {"band": 1, "values": [1], "nodata": [255], "water": [2]},
        "loss": {"band": 2, "year_of_zero": 2000},
    }
    fields = DECLARED | {"code": "jrc", "location": str(path), "bands": bands, "last_year": 2024}
    source = sources.add(by=None, **fields)
    layout = layout_of(source, threshold_pct=30)
    plot = square(0, 0, side=40)
    tiles = find_tiles(source, layout, extents=[plot.extent]).tiles
    found = gathered(
        measure(shapes_of([from_wkb(bytes(plot.wkb))]), tiles, layout, years=4), plots=1
    )
    pixel = found["whole"][0] / 1600
    assert found["land"][0] / pixel == pytest.approx(1200, rel=1e-3)
    assert found["water"][0] / pixel == pytest.approx(200, rel=1e-3)
    assert found["forest"][0] / pixel == pytest.approx(600, rel=1e-3)
    assert (found["lost"][0] / pixel).round().tolist() == [200, 0, 0, 0]


@pytest.mark.parametrize(
    "bands",
    [
        {},
        {"canopy": {"band": 1}, "forest": {"band": 1, "values": [1]}},
        {"canopy": {"band": 0}},
        {"forest": {"band": 1}},
        {"canopy": {"band": 1, "scale": "x"}},
        {"canopy": {"band": 1, "nodata": [70_000]}},
        {"height": {"band": 1}},
        [],
    ],
)
def test_a_declaration_that_cannot_be_is_refused(bands: object) -> None:
    source = CoverSource(kind="declared", bands=bands, baseline_year=2020, last_year=2020)
    with pytest.raises(InvalidBands):
        layout_of(source, threshold_pct=30)


def test_a_check_says_what_there_is_and_what_lacks(rancher: Rancher, gfc_folder: Path) -> None:
    plot_of(rancher, square(10, 10))
    source = gfc_source(gfc_folder)
    source.save()
    found = sources.check(source)
    assert source.status == SourceStatus.READY
    assert found.missing == []
    said = " ".join(found.lines)
    for words in ("10S_070W", f"{SIDE} x {SIDE}", "0.00025", "uint8", "64 x 64"):
        assert words in said
    (gfc_folder / f"Hansen_{VERSION}_lossyear_10S_070W.tif").unlink()
    found = sources.check(source)
    assert (source.status, found.missing) == (SourceStatus.UNREADABLE, ["10S_070W"])


def test_a_dry_check_changes_nothing(rancher: Rancher, gfc_folder: Path) -> None:
    source = gfc_source(gfc_folder)
    source.save()
    assert sources.check(source, dry_run=True).lines
    source.refresh_from_db()
    assert (source.status, source.checked_at, source.fingerprint) == (SourceStatus.NEW, None, "")


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<VRTDataset><SourceFilename>/etc/passwd"])
def test_only_geotiff_is_opened(rancher: Rancher, tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "a.tif"
    place.write_bytes(content)
    source = CoverSource.objects.create(**DECLARED, code="a", measures="forest", location=str(place), bands={"canopy": {"band": 1}})  # fmt: skip
    assert "a.tif" in sources.check(source).problem
    assert source.status == SourceStatus.UNREADABLE


def test_a_raster_in_metres_is_refused_with_the_way_out(rancher: Rancher, tmp_path: Path) -> None:
    values = np.zeros((64, 64), np.uint8)
    place = write_tile(
        tmp_path / "utm.tif", values, west=400_000, north=8_700_000, crs="EPSG:32719"
    )
    source = CoverSource.objects.create(**DECLARED, code="a", measures="forest", location=str(place), bands={"canopy": {"band": 1}})  # fmt: skip
    assert "EPSG:4326" in sources.check(source).problem


def test_another_source_in_use_marks_every_boundary_and_leaves_the_old_figures(
    rancher: Rancher, forest: CoverSource, gfc_folder: Path
) -> None:
    plot_of(rancher, square(10, 10))
    sources.compute_waiting()
    other = gfc_source(gfc_folder, code="other")
    other.save()
    with pytest.raises(sources.CannotActivate):
        sources.activate(other)
    sources.check(other)
    sources.activate(other)
    assert DirtyCover.objects.filter(source=other).count() == 1
    assert forest.covers.count() == 1
    assert CoverSource.objects.get(is_active=True).code == "other"


def test_a_source_that_went_away_says_so_and_holds_up_no_other(
    rancher: Rancher, forest: CoverSource, alerts: CoverSource, gfc_folder: Path
) -> None:
    plot_of(rancher, square(10, 10))
    gfc_folder.rename(gfc_folder.parent / "gone")
    assert sources.compute_waiting() == 1
    forest.refresh_from_db()
    assert forest.status == SourceStatus.UNREADABLE
    assert forest.findings["problem"]
    assert DirtyCover.objects.filter(source=forest).count() == 1


def test_the_command_adds_and_says_why_it_does_not(gfc_folder: Path, rancher: Rancher) -> None:
    said = StringIO()
    arguments = ["cover", "add", "gfc", "gfc", str(gfc_folder), "--source-version", VERSION, "--last-year", "2024"]  # fmt: skip
    call_command(*arguments, "--dry-run", stdout=said)
    assert not CoverSource.objects.exists()
    call_command(*arguments, stdout=said)
    assert "10S_070W" in said.getvalue()
    assert CoverSource.objects.get().status in (SourceStatus.READY, SourceStatus.PARTIAL)
    with pytest.raises(CommandError, match="code"):
        call_command(*arguments, stdout=said)
    with pytest.raises(CommandError, match="no source"):
        call_command("cover", "check", "nothing", stdout=said)
    with pytest.raises(CommandError, match="JSON"):
        call_command(*arguments, "--bands", "{", stdout=said)
    declared = json.dumps({"canopy": {"band": 1, "scale": 2}})
    call_command("cover", "add", "d", "declared", str(gfc_folder), "--source-version", "1", "--name", "D", "--baseline-year", "2020", "--last-year", "2020", "--licence", "x", "--attribution", "y", "--bands", declared, "--dry-run", stdout=said)  # fmt: skip
