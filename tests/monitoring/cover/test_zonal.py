"""What lies in a plot, against one intersection at a time, exactextract and rasterstats."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from rasterstats import zonal_stats
from shapely import MultiPolygon
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from monitoring.cover import measuring, reading
from monitoring.cover.layouts import layout_of
from monitoring.cover.measuring import measure
from monitoring.cover.tiles import Found, find_tiles
from tests.monitoring.cover.rasters import (
    PIXEL,
    VERSION,
    blob,
    gathered,
    geodesic_m2,
    gfc_source,
    pixel_areas,
    shapes_of,
    slow_fractions,
    write_tile,
)

pytestmark = pytest.mark.django_db
ROWS, COLUMNS = 420, 400
WEST, NORTH = -70 - COLUMNS / 2 * PIXEL, -10.9  # half of it on each side of 70 W
YEARS = 24


@pytest.fixture(scope="module")
def ground() -> dict[str, Any]:
    """Two neighbouring tiles' values as one: canopy, year of loss, data mask."""
    rng = np.random.default_rng(7)
    canopy = rng.integers(0, 101, (ROWS, COLUMNS), dtype=np.uint8)
    loss = np.where(
        rng.random((ROWS, COLUMNS)) < 0.12, rng.integers(1, YEARS + 1, (ROWS, COLUMNS)), 0
    )
    mask = np.ones((ROWS, COLUMNS), dtype=np.uint8)
    mask[100:140, 60:180] = 2
    mask[300:330, 220:300] = 0
    return {"treecover2000": canopy, "lossyear": loss.astype(np.uint8), "datamask": mask}


@pytest.fixture(scope="module")
def folder(ground: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("gfc")
    for layer, values in ground.items():
        for tile, west, part in (
            ("00N_080W", WEST, values[:, : COLUMNS // 2]),
            ("00N_070W", -70.0, values[:, COLUMNS // 2 :]),
        ):
            name = f"Hansen_{VERSION}_{layer}_{tile.replace('00N', '10S')}.tif"
            write_tile(place / name, part, west=west, north=NORTH)
    return place


def random_plots(count: int) -> list[BaseGeometry]:
    """Plots of all sorts: some with a hole, of several parts, over the border, tiny, off the tiles."""
    rng = np.random.default_rng(11)
    plots: list[BaseGeometry] = []
    while len(plots) < count:
        lon = rng.uniform(WEST + 0.004, WEST + COLUMNS * PIXEL - 0.004)
        lat = rng.uniform(NORTH - ROWS * PIXEL + 0.004, NORTH - 0.004)
        kind = len(plots) % 5
        radius = rng.uniform(0.0003, 0.003)
        plot = blob(rng, lon=lon, lat=lat, radius=radius, corners=int(rng.integers(3, 40)))
        if kind == 1:
            plot = plot.difference(plot.centroid.buffer(radius * 0.2))
        elif kind == 2:
            other = blob(rng, lon=lon + 0.004, lat=lat, radius=radius, corners=8)
            plot = shapely.union(plot, other)
        elif kind == 3:
            plot = blob(
                rng, lon=-70 + rng.uniform(-1, 1) * radius / 2, lat=lat, radius=radius, corners=9
            )
        elif kind == 4:
            plot = blob(rng, lon=lon, lat=lat, radius=PIXEL * rng.uniform(0.2, 1.5), corners=5)
        if plot.is_valid and plot.area > (PIXEL / 50) ** 2:
            plots.append(MultiPolygon([plot]) if plot.geom_type == "Polygon" else plot)
    return plots


def found_in(folder: Path, plots: list[BaseGeometry]) -> Found:
    source = gfc_source(folder)
    layout = layout_of(source, threshold_pct=30)
    extents = [tuple(one) for one in shapely.bounds(plots).tolist()]
    return find_tiles(source, layout, extents=extents)  # type: ignore[arg-type]


def measured(folder: Path, plots: list[BaseGeometry], *, threshold: int = 30) -> dict[str, Any]:
    layout = layout_of(gfc_source(folder), threshold_pct=threshold)
    tiles = found_in(folder, plots).tiles
    return gathered(measure(shapes_of(plots), tiles, layout, years=YEARS), plots=len(plots))


def test_500_plots_agree_with_one_intersection_at_a_time(
    folder: Path, ground: dict[str, Any]
) -> None:
    plots = random_plots(500)
    ours = measured(folder, plots)
    canopy, loss, mask = ground["treecover2000"], ground["lossyear"], ground["datamask"]
    areas = pixel_areas(north=NORTH, rows=ROWS)
    for number, plot in enumerate(plots):
        slow = {"land": 0.0, "water": 0.0, "forest": 0.0, "canopy": 0.0, "whole": 0.0}
        lost = np.zeros(YEARS)
        for row, column, part in slow_fractions(
            plot, rows_columns=canopy.shape, west=WEST, north=NORTH
        ):
            m2 = part * areas[row]
            is_land = mask[row, column] == 1
            is_forest = is_land and canopy[row, column] >= 30
            slow["whole"] += m2
            slow["land"] += m2 * is_land
            slow["water"] += m2 * (mask[row, column] == 2)
            slow["canopy"] += m2 * is_land * canopy[row, column]
            slow["forest"] += m2 * is_forest
            if is_forest and loss[row, column]:
                lost[loss[row, column] - 1] += m2
        for name, value in slow.items():
            assert ours[name][number] == pytest.approx(value, rel=1e-6, abs=1e-3), (number, name)
        assert ours["lost"][number] == pytest.approx(lost, rel=1e-6, abs=1e-3), number


def test_the_fractions_are_those_of_exactextract(folder: Path, ground: dict[str, Any]) -> None:
    plots = [plot for plot in random_plots(120) if plot.bounds[0] > -70]
    tile = folder / f"Hansen_{VERSION}_treecover2000_10S_070W.tif"
    features = [
        {"type": "Feature", "id": n, "properties": {}, "geometry": mapping(plot)}
        for n, plot in enumerate(plots)
    ]
    theirs = exact_extract(str(tile), features, ["cell_id", "coverage"])
    ours = measured(folder, plots)
    width = COLUMNS // 2
    mask, canopy = (ground[name][:, width:].reshape(-1) for name in ("datamask", "treecover2000"))
    areas = pixel_areas(north=NORTH, rows=ROWS)
    for number, feature in enumerate(theirs):
        cells, coverage = feature["properties"]["cell_id"], feature["properties"]["coverage"]
        m2 = coverage * areas[cells // width]
        forest = (mask[cells] == 1) & (canopy[cells] >= 30)
        assert ours["forest"][number] == pytest.approx((m2 * forest).sum(), rel=1e-5, abs=1e-2)


def test_rasterstats_differs_where_a_pixel_is_cut_and_only_there(
    folder: Path, ground: dict[str, Any]
) -> None:
    """It counts a pixel whole when its middle is inside. So it is off by at most half a pixel for each
    pixel that the outline cuts, and for a plot of whole pixels the two agree."""
    tile = str(folder / f"Hansen_{VERSION}_datamask_10S_070W.tif")
    plots = [plot for plot in random_plots(150) if plot.bounds[0] > -70 + 2 * PIXEL]
    ours = measured(folder, plots)
    theirs = zonal_stats([mapping(plot) for plot in plots], tile, categorical=True, nodata=255)
    areas = pixel_areas(north=NORTH, rows=ROWS)
    pixel = areas.mean()
    for number, (plot, counts) in enumerate(zip(plots, theirs, strict=True)):
        cut = plot.length / PIXEL * 2 + 8  # an outline cuts at most so many pixels
        difference = ours["land"][number] / pixel - counts.get(1, 0)
        assert abs(difference) <= cut / 2
    # Among the random ones it is wrong by far more than the 0.1 % that we allow ourselves.
    off = [
        abs(ours["land"][n] / pixel / counts[1] - 1)
        for n, counts in enumerate(theirs)
        if counts.get(1)
    ]
    assert np.median(off) > 1e-3
    whole = shapely.box(-70 + 20 * PIXEL, NORTH - 30 * PIXEL, -70 + 30 * PIXEL, NORTH - 20 * PIXEL)
    exact = measured(folder, [whole])["land"][0]
    (counted,) = zonal_stats(
        [mapping(whole.buffer(-PIXEL / 9))], tile, categorical=True, nodata=255
    )
    assert counted == {1: 100}
    assert exact == pytest.approx(10 * areas[20:30].sum(), rel=1e-6)


def test_water_and_no_data_are_not_land_without_trees(folder: Path) -> None:
    def square(row: int, column: int) -> BaseGeometry:
        x, y = WEST + column * PIXEL, NORTH - row * PIXEL
        return shapely.box(x, y - 9.5 * PIXEL, x + 9.5 * PIXEL, y)

    water, nothing, off = square(110, 100), square(305, 250), square(ROWS + 20, 100)
    ours = measured(folder, [water, nothing, off])
    assert ours["water"] == pytest.approx([ours["whole"][0], 0, 0], abs=1e-4)
    assert ours["land"] == pytest.approx([0, 0, 0], abs=1e-4)
    assert ours["forest"] == pytest.approx([0, 0, 0], abs=1e-4)
    assert (ours["whole"] > 60_000).all()


def test_the_whole_is_the_geodesic_area_of_the_plot(folder: Path) -> None:
    plots = random_plots(60)
    assert measured(folder, plots)["whole"] == pytest.approx(geodesic_m2(plots), rel=1e-4)


def test_a_plot_smaller_than_a_pixel_says_so(folder: Path) -> None:
    x, y = -70 + 10.3 * PIXEL, NORTH - 10.3 * PIXEL
    small, large = (shapely.box(x, y - side, x + side, y) for side in (PIXEL * 0.5, PIXEL * 3))
    pixels = measured(folder, [small, large])["pixels"]
    assert pixels == pytest.approx([0.25, 9], rel=0.01)


def test_plots_are_the_same_to_the_last_bit_alone_and_among_others(folder: Path) -> None:
    plots = random_plots(40)
    together = measured(folder, plots)
    for number in (0, 3, 17):
        alone = measured(folder, [plots[number]])
        for name in ("whole", "land", "water", "forest", "canopy", "lost"):
            assert (alone[name][0] == together[name][number]).all(), (number, name)


@pytest.mark.parametrize("threads", [1, 3, 8])
def test_figures_are_the_same_to_the_last_bit_on_any_number_of_threads(
    folder: Path, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plots = random_plots(200)
    expected = measured(folder, plots)
    before = set(threading.enumerate())
    monkeypatch.setattr(measuring, "thread_count", lambda: threads)
    found = measured(folder, plots)
    for name, values in expected.items():
        assert np.array_equal(found[name], values), name
    assert set(threading.enumerate()) == before, "a thread is left"


def test_a_plot_cut_between_frames_is_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plots = random_plots(200)
    expected = measured(folder, plots)
    monkeypatch.setattr(
        reading, "MOST_COLUMNS", 64
    )  # each frame one block wide: many plots are cut
    found = measured(folder, plots)
    for name in ("whole", "land", "water", "forest", "canopy", "lost"):
        assert found[name] == pytest.approx(expected[name], rel=1e-9, abs=1e-6), name


def test_giving_up_half_way_leaves_no_thread(folder: Path) -> None:
    plots = random_plots(200)
    before = set(threading.enumerate())
    layout = layout_of(gfc_source(folder), threshold_pct=30)
    batches = measure(shapes_of(plots), found_in(folder, plots).tiles, layout, years=YEARS)
    while not next(batches).land.any():
        pass
    batches.close()
    assert set(threading.enumerate()) == before
