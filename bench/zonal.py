"""Tree cover of 1,000, 10,000 and 100,000 plots over a 12,000 x 12,000 px pair of DEFLATE-tiled rasters.

usage: python -m bench.zonal [--sizes 1000 10000 100000] [--side 12000] [--sample 200] [--rounds 3]

`treecover2000` and `lossyear` (and the `datamask` that belongs to them) are written once, seeded, to
var/bench/zonal. Plots are polygons of 5 to 90 ha with 12 corners, strewn at random. Every size is a
process of its own. Compared with:
- rasterstats on the same plots (canopy's mean, loss by value), a sample scaled up: aim 20 x;
- exactextract called plot by plot (canopy's mean, loss by value), a sample scaled up;
- exactextract called once for the sample, scaled up, so that its start is not counted for each plot;
- reading and decoding the pair once, block by block: aim within 2 x at 100,000 plots;
- the same of all three rasters that we read.
Ours and decoding are taken by turns, and the best of the rounds counts for each.
One plot is measured before, as the other ways are imported before: `start` is how long numba's import
and the loading (the first time: compiling, many seconds) of our loops take with it, once a process.
Peak memory is that of the measuring process: aim flat under 1 GB. Of a sample the forest is compared
with exactextract's fractions: the largest difference is told.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.transform import from_origin
from rasterio.windows import Window

from bench.databases import BASE_DIR, machine

SIZES = (1_000, 10_000, 100_000)
PIXEL = 0.00025
BLOCK = 512
WEST, NORTH = -70.0, -10.0
VERSION = "GFC-2024-v1.12"
YEARS = 24
PLOT_HA = (5, 90)
CORNERS = 12
METRES_PER_DEGREE = 110_000
LAYERS = ("treecover2000", "lossyear", "datamask")

_T = TypeVar("_T")


def main() -> None:
    options = _options()
    folder = _rasters(options.side)
    if options.here:
        print(json.dumps(_measure_here(folder, options)))
        return
    print(machine() + f"; {options.side:,} x {options.side:,} px; seconds\n")
    print("| plots | start | ours | rasterstats | against it | exactextract, plot by plot | against it | exactextract, at once | decoding the pair once | ours / that | decoding all three | ours / that | peak memory, MB | largest difference of forest |")  # fmt: skip
    print("| " + " --- |" * 14)
    for size in options.sizes:
        command = [sys.executable, "-m", "bench.zonal", "--here", f"--sizes={size}"]
        command += [f"--side={options.side}", f"--sample={options.sample}"]
        command += [f"--rounds={options.rounds}"]
        done = subprocess.run(command, check=True, cwd=BASE_DIR, stdout=subprocess.PIPE)
        _report(size, json.loads(done.stdout.splitlines()[-1]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="plots")
    parser.add_argument("--side", type=int, default=12_000, help="pixels of a side of the rasters")
    parser.add_argument("--sample", type=int, default=200, help="plots of the slower ways")
    parser.add_argument("--rounds", type=int, default=3, help="of ours and of decoding, by turns")
    parser.add_argument("--here", action="store_true", help="measure one size; print JSON")
    return parser.parse_args()


def _report(size: int, took: dict[str, float]) -> None:
    ours = took["ours"]
    print(
        f"| {size:,} | {took['start']:.1f} | {ours:.2f} | {took['rasterstats']:.0f} | {took['rasterstats'] / ours:.0f} x"
        f" | {took['one_by_one']:.0f} | {took['one_by_one'] / ours:.0f} x | {took['at_once']:.0f}"
        f" | {took['pair']:.2f} | {ours / took['pair']:.2f} x | {took['all']:.2f}"
        f" | {ours / took['all']:.2f} x | {took['peak_mb']:.0f} | {took['difference']:.1e} |",
        flush=True,
    )


def _rasters(side: int) -> Path:
    """The folder of the rasters, written if need be (a minute)."""
    folder = BASE_DIR / "var" / "bench" / f"zonal-{side}"
    if not (folder / "whole").exists():
        folder.mkdir(parents=True, exist_ok=True)
        for layer, values in (("treecover2000", _canopy), ("lossyear", _loss), ("datamask", _mask)):
            print(f"writing {layer}", file=sys.stderr)
            _write(_path(folder, layer), side, values)
        (folder / "whole").touch()
    return folder


def _path(folder: Path, layer: str) -> Path:
    return folder / f"Hansen_{VERSION}_{layer}_10S_070W.tif"


Values = Callable[[np.random.Generator, NDArray[Any], NDArray[Any]], NDArray[np.uint8]]


def _write(path: Path, side: int, values: Values) -> None:
    profile = {
        "driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "uint8",
        "crs": "EPSG:4326", "transform": from_origin(WEST, NORTH, PIXEL, PIXEL), "tiled": True,
        "blockxsize": BLOCK, "blockysize": BLOCK, "compress": "DEFLATE", "num_threads": "ALL_CPUS",
    }  # fmt: skip
    rng = np.random.default_rng(7)
    with rasterio.open(path, "w", **profile) as data:
        for top in range(0, side, BLOCK):
            rows = np.arange(top, min(top + BLOCK, side))[:, None]
            content = values(rng, rows, np.arange(side)[None, :])
            data.write(content, 1, window=Window(0, top, side, len(rows)))


def _canopy(
    rng: np.random.Generator, rows: NDArray[Any], columns: NDArray[Any]
) -> NDArray[np.uint8]:
    """Forest with clearings some kilometres wide, and noise as a sensor's."""
    waves = np.sin(rows / 190) * np.cos(columns / 230) + np.sin(rows / 37 + columns / 53) / 2
    high = np.where(waves > -0.5, 85.0, 12.0) + rng.normal(0, 3, waves.shape)
    return np.clip(high, 0, 100).astype(np.uint8)


def _loss(rng: np.random.Generator, rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[np.uint8]:
    """One pixel in twelve was lost, in patches, some year or other."""
    patches = np.sin(rows / 11) * np.sin(columns / 13) > 0.82
    years = (rows // 40 + columns // 55) % YEARS + 1
    lost = patches & (rng.random(patches.shape) < 0.9)
    return np.where(lost, years, 0).astype(np.uint8)


def _mask(
    _rng: np.random.Generator, rows: NDArray[Any], columns: NDArray[Any]
) -> NDArray[np.uint8]:
    river = np.abs(columns - 3_000 - 400 * np.sin(rows / 500)) < 6
    return np.where(river, 2, 1).astype(np.uint8)


def _plots(count: int, side: int) -> NDArray[np.object_]:
    rng = np.random.default_rng(count)
    hectares = rng.uniform(*PLOT_HA, count)
    reach = np.sqrt(hectares * 10_000 / 2.2) / METRES_PER_DEGREE
    angles = np.sort(rng.uniform(0, 2 * np.pi, (count, CORNERS)), axis=1)
    radius = reach[:, None] * rng.uniform(0.6, 1, (count, CORNERS))
    margin, extent = 0.02, side * PIXEL
    lon = WEST + rng.uniform(margin, extent - margin, count)[:, None] + radius * np.cos(angles)
    lat = NORTH - rng.uniform(margin, extent - margin, count)[:, None] + radius * np.sin(angles)
    rings = np.stack([lon, lat], axis=2)
    rings = np.concatenate([rings, rings[:, :1]], axis=1)
    found: NDArray[np.object_] = shapely.polygons(rings)
    return found


def _measure_here(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    (size,) = options.sizes
    plots = _plots(size, options.side)
    outlines = shapely.to_wkb(plots)  # as the database gives them; other ways get shapes
    start = _timed(lambda: _ours(folder, plots[:1], outlines))[0]
    ours, decoded = [], []
    for _round in range(options.rounds):
        took, forest = _timed(lambda: _ours(folder, plots, outlines))
        ours.append(took)
        decoded.append([_timed(lambda one=one: _decode(_path(folder, one)))[0] for one in LAYERS])  # type: ignore[misc]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sample = plots[: min(options.sample, size)]
    scale = size / len(sample)
    from exactextract import exact_extract
    from rasterstats import zonal_stats

    pair = [str(_path(folder, layer)) for layer in ("treecover2000", "lossyear")]
    features = [
        {"type": "Feature", "id": n, "properties": {}, "geometry": shapely.geometry.mapping(plot)}
        for n, plot in enumerate(sample)
    ]
    shapes = [one["geometry"] for one in features]

    def by_rasterstats() -> None:
        zonal_stats(shapes, pair[0], stats=["mean"], nodata=255)
        zonal_stats(shapes, pair[1], categorical=True, nodata=255)

    def by_exactextract(some: list[Any]) -> None:
        exact_extract(pair[0], some, ["mean"])
        exact_extract(pair[1], some, ["unique", "frac"])

    return {
        "start": start,
        "ours": min(ours),
        "peak_mb": peak_mb,
        "rasterstats": scale * _timed(by_rasterstats)[0],
        "one_by_one": scale * _timed(lambda: [by_exactextract([one]) for one in features])[0],
        "at_once": scale * _timed(lambda: by_exactextract(features))[0],
        "pair": min(sum(each[:2]) for each in decoded),
        "all": min(sum(each) for each in decoded),
        "difference": _largest_difference(folder, features, forest, options.side),
    }


def _ours(
    folder: Path, plots: NDArray[np.object_], outlines: NDArray[np.object_]
) -> NDArray[np.float64]:
    """Forest (m2) by plot; all else is measured as well, and let go. `outlines`: the plots as WKB."""
    from monitoring.cover.layouts import layout_of
    from monitoring.cover.measuring import Shapes, measure
    from monitoring.cover.tiles import find_tiles
    from monitoring.models import CoverSource, Measures, SourceKind

    source = CoverSource(
        kind=SourceKind.GFC, measures=Measures.FOREST, location=str(folder), version=VERSION,
        baseline_year=2000, last_year=2000 + YEARS,
    )  # fmt: skip
    layout = layout_of(source, threshold_pct=30)
    bounds = shapely.bounds(plots)
    tiles = find_tiles(source, layout, extents=[tuple(shapely.total_bounds(plots).tolist())]).tiles
    shapes = Shapes(bounds, lambda which: outlines[which])  # type: ignore[arg-type,return-value]
    forest = np.zeros(len(plots))
    for batch in measure(shapes, tiles, layout, years=YEARS):
        forest[batch.plot] = batch.forest
    return forest


def _decode(path: Path) -> None:
    """Read every block of a raster once."""
    with rasterio.Env(GDAL_CACHEMAX=64), rasterio.open(path) as data:
        for window in _strips(data.width, data.height):
            data.read(1, window=window)


def _strips(width: int, height: int) -> Iterator[Window]:
    for top in range(0, height, BLOCK):
        yield Window(0, top, width, min(BLOCK, height - top))


def _largest_difference(
    folder: Path, features: list[Any], forest: NDArray[np.float64], side: int
) -> float:
    """Of forest against exactextract's fractions with the same pixel areas, relative."""
    from exactextract import exact_extract

    from monitoring.cover.zonal import pixel_areas_m2

    areas = pixel_areas_m2(north=NORTH, height_deg=PIXEL, width_deg=PIXEL, rows=side)
    files = [str(_path(folder, layer)) for layer in ("treecover2000", "datamask")]
    worst = 0.0
    canopy, mask = (exact_extract(f, features, ["cell_id", "coverage", "values"]) for f in files)
    for number, (one, two) in enumerate(zip(canopy, mask, strict=True)):
        found = one["properties"]
        m2 = found["coverage"] * areas[found["cell_id"] // side]
        is_forest = (found["values"] >= 30) & (two["properties"]["values"] == 1)
        theirs = float((m2 * is_forest).sum())
        if theirs > 0:
            worst = max(worst, abs(forest[number] / theirs - 1))
    return worst


def _timed(work: Callable[[], _T]) -> tuple[float, _T]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


if __name__ == "__main__":
    main()
