"""Made-up tiles in the published layouts: to try the programme on, to test and to show.

The ground is invented but hangs together with the plots on record: forest with a few rivers, pasture
along the front of each plot, cleared backwards from there year by year as the plot's land-use history
says (and guessed back to 2000), so that clearing slows where the history slows. The files are full
10 x 10 degree tiles with the published names, types and pixel size; only blocks that hold plots are
written, the rest is empty (no data).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
import shapely
from django.db import connection, transaction
from django.utils.timezone import localdate
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.io import DatasetWriter
from rasterio.transform import from_origin
from rasterio.windows import Window as Extent

from monitoring.cover import sources
from monitoring.cover.layouts import ALERT_DAY_ZERO, CONFIDENCE_STEP, GFC_BASE_YEAR, GFC_LAYERS
from monitoring.cover.tiles import Bounds, tile_corner, tile_names
from monitoring.models import CoverSource, SourceKind
from ranchers.models import Programme

SEED = 2018
PIXEL_DEG = 0.00025
SIDE = 40_000  # pixels of a published tile
BLOCK = 512
ALERT_PIXEL_DEG = 0.0001  # integrated alerts are published on a grid of 10 m
ALERT_SIDE = 100_000
ALERT_BLOCK = 256  # five of them are one BLOCK of the coarser grid
FINER = (5, 2)  # pixels of alerts on the side of two of forest
SHARE_IN_2000 = 0.55  # of the pasture at the first record, already there in 2000
ALERTS_SEEN = 0.85  # of what was cleared
FALSE_ALERTS = 0.0004
SOURCES = "synthetic-gfc", "synthetic-alerts"

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """One plot as the tiles are painted: its outline (degrees) and the share of it that is open by
    the end of each year from 2000 on."""

    number: int
    outline: shapely.Geometry
    open_by_year: Floats


def make(
    *, folder: Path, seed: int = SEED, advance: Callable[[int], object] = lambda n: None
) -> list[CoverSource]:
    """Write tiles for all plots on record and register them, marked synthetic; the two sources.

    In a synthetic programme they feed the indicators. Same plots, history and seed: same tiles.
    `advance(n)` hears of each n blocks written.
    """
    today = localdate()
    last_year = today.year - 1
    version = f"GFC-{last_year}-v1.{last_year - 2012}"
    for old in [*folder.glob("gfc/*.tif"), *folder.glob("alerts/*.tif")]:
        old.unlink()
    for tile, blocks in sorted(_blocks(_grounds(last_year)).items()):
        painter = Painter(tile, seed=seed, today=today)
        _write_tile(folder, blocks, painter, version=version, advance=advance)
    return _register(folder, version, last_year, today)


@transaction.atomic
def _register(folder: Path, version: str, last_year: int, today: date) -> list[CoverSource]:
    CoverSource.objects.filter(code__in=SOURCES).delete()
    forest, alerts = (
        {**sources.PUBLISHED[kind], "kind": kind, "code": code, "is_synthetic": True}
        for kind, code in zip((SourceKind.GFC, SourceKind.ALERTS), SOURCES, strict=True)
    )
    made = [
        sources.add(
            by=None, **forest | {"location": str(folder / "gfc"), "version": version},
            last_year=last_year,
        ),
        sources.add(
            by=None, **alerts | {"location": str(folder / "alerts"), "version": str(today.year)},
            covers_until=today,
        ),
    ]  # fmt: skip
    if Programme.objects.filter(is_synthetic=True).exists():
        for source in made:
            sources.check(source)
            sources.activate(source)
    return made


def _grounds(last_year: int) -> Iterator[Ground]:
    """Newest boundary of each plot with its history of open land."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct on (b.plot_id) b.plot_id, st_asbinary(b.boundary), b.area_ha"
            " from ranchers_plotboundary b order by b.plot_id, lower(b.period) desc nulls last"
        )
        plots = cursor.fetchall()
        cursor.execute(
            "select u.plot_id, date_part('year', coalesce(lower(u.period), '2000-01-01'))::int,"
            " sum(u.area_ha)::float8 from ranchers_landusearea u"
            " where u.land_use in ('pasture', 'silvopasture') group by 1, 2 order by 1, 2"
        )
        history = defaultdict(list)
        for plot, year, area_ha in cursor.fetchall():
            history[plot].append((year, area_ha))
    years = np.arange(GFC_BASE_YEAR, last_year + 2)
    for number, (plot, wkb, area_ha) in enumerate(plots):
        yield Ground(
            number,
            shapely.from_wkb(bytes(wkb)),
            _open_by_year(history[plot], float(area_ha), years),
        )


def _open_by_year(
    history: list[tuple[int, float]], area_ha: float, years: NDArray[np.int64]
) -> Floats:
    """Share of a plot without forest by the end of each year; never less than the year before."""
    if not history:
        history = [(2010, area_ha * 0.45)]
    first, open_ha = history[0]
    known = [(GFC_BASE_YEAR, open_ha * SHARE_IN_2000), (first - 1, open_ha * 0.97), *history]
    if first <= GFC_BASE_YEAR:
        known = history
    at, ha = zip(*known, strict=True)
    shares = np.interp(years, at, np.array(ha) / area_ha)
    return np.maximum.accumulate(np.clip(shares, 0.02, 0.97))


def _blocks(grounds: Iterable[Ground]) -> dict[str, dict[tuple[int, int], list[Ground]]]:
    """By tile and block (row, column): the plots that touch it."""
    found: dict[str, dict[tuple[int, int], list[Ground]]] = defaultdict(lambda: defaultdict(list))
    for ground in grounds:
        bounds = ground.outline.bounds
        for tile in tile_names([bounds]):
            left, top, right, bottom = _pixels(bounds, tile)
            for row in range(top // BLOCK, bottom // BLOCK + 1):
                for column in range(left // BLOCK, right // BLOCK + 1):
                    found[tile][row, column].append(ground)
    return found


def _pixels(bounds: Bounds, tile: str) -> tuple[int, int, int, int]:
    """First and last column and row of a tile that a box touches: left, top, right, bottom."""
    west, south, east, north = bounds
    left, top = tile_corner(tile)
    found = np.array([west - left, top - north, east - left, top - south]) / PIXEL_DEG
    x0, y0, x1, y1 = np.clip(np.floor(found), 0, SIDE - 1).astype(int).tolist()
    return x0, y0, x1, y1


@dataclass(frozen=True)
class Layers:
    """The values of one block, as published."""

    treecover2000: Bytes
    lossyear: Bytes
    datamask: Bytes
    alerts: NDArray[np.uint16]


class Painter:
    """Invents the ground of one tile, the same for the same seed."""

    def __init__(self, tile: str, *, seed: int, today: date) -> None:
        self.tile, self.seed, self.today = tile, seed, today
        self.last_year = today.year - 1
        self.corner = tile_corner(tile)
        rng = np.random.default_rng([seed, *(abs(one) for one in self.corner)])
        self.canopy = rng.random((SIDE // 48 + 2, SIDE // 48 + 2))
        self.rivers = rng.random((SIDE // 900 + 2, SIDE // 900 + 2))

    def block(self, row: int, column: int, grounds: list[Ground]) -> Layers:
        """The values of a block that these plots touch (the last row and column are cut short)."""
        top, left = row * BLOCK, column * BLOCK
        shape = min(BLOCK, SIDE - top), min(BLOCK, SIDE - left)
        rng = np.random.default_rng([self.seed, row, column])
        high = 80 + 14 * _smooth(self.canopy, 48, top, left, shape) + rng.normal(0, 2, shape)
        is_water = np.abs(_smooth(self.rivers, 900, top, left, shape) - 0.5) < 0.004
        made = Layers(
            np.clip(high, 0, 100).astype(np.uint8),
            np.zeros(shape, np.uint8),
            np.where(is_water, 2, 1).astype(np.uint8),
            np.zeros(shape, np.uint16),
        )
        false_alarm = rng.random(shape) < FALSE_ALERTS
        made.alerts[false_alarm] = self._alerts(rng, np.full(false_alarm.sum(), self.last_year))
        for ground in grounds:
            self._clear(made, ground, top, left)
        made.treecover2000[is_water] = made.lossyear[is_water] = made.alerts[is_water] = 0
        return made

    def _clear(self, made: Layers, ground: Ground, top: int, left: int) -> None:
        """Open a plot from one side, its nearest part first, up to its share in each year."""
        x0, y0, x1, y1 = _pixels(ground.outline.bounds, self.tile)
        west, north = self.corner
        grid = from_origin(west + x0 * PIXEL_DEG, north - y0 * PIXEL_DEG, PIXEL_DEG, PIXEL_DEG)
        shape = (y1 - y0 + 1, x1 - x0 + 1)
        inside = rasterize([(ground.outline, 1)], shape, transform=grid, dtype="uint8") == 1
        rng = np.random.default_rng([self.seed, ground.number])
        angle, patches = (
            rng.uniform(0, 2 * np.pi),
            rng.random((shape[0] // 6 + 3, shape[1] // 6 + 3)),
        )
        rows, columns = np.nonzero(inside)
        depth = np.cos(angle) * columns + np.sin(angle) * rows
        depth = depth + 12 * _smooth(patches, 6, 0, 0, shape)[rows, columns]
        rank = np.argsort(np.argsort(depth)) / max(len(depth), 1)
        year = np.searchsorted(ground.open_by_year, rank, side="right")  # 0: open in 2000 already
        pasture = rng.integers(0, 26, len(rank))
        cleared = (year > 0) & (year < len(ground.open_by_year))
        seen = cleared & (year + GFC_BASE_YEAR > 2014) & (rng.random(len(rank)) < ALERTS_SEEN)
        codes = np.zeros(len(rank), np.uint16)
        codes[seen] = self._alerts(rng, year[seen] + GFC_BASE_YEAR)
        loss = np.where(cleared & (year + GFC_BASE_YEAR <= self.last_year), year, 0)
        row, column = rows + y0 - top, columns + x0 - left
        here = (row >= 0) & (column >= 0)
        here &= (row < made.lossyear.shape[0]) & (column < made.lossyear.shape[1])
        place = row[here], column[here]
        made.lossyear[place] = loss[here]
        made.alerts[place] = codes[here]
        opened = here & (year == 0)
        made.treecover2000[row[opened], column[opened]] = pasture[opened]

    def _alerts(self, rng: np.random.Generator, years: NDArray[np.int64]) -> NDArray[np.uint16]:
        """Values of alerts on some day of each year, none after today."""
        first = np.array([date(int(year), 1, 1).toordinal() for year in years], dtype=np.int64)
        last = np.minimum(first + 364, self.today.toordinal())
        days = rng.integers(first, last + 1) - ALERT_DAY_ZERO.toordinal()
        confidence = rng.choice([2, 3, 4], size=len(years), p=[0.25, 0.45, 0.3])
        return (confidence * CONFIDENCE_STEP + days).astype(np.uint16)


def _smooth(lattice: Floats, period: int, top: int, left: int, shape: tuple[int, int]) -> Floats:
    """Values between the points of a lattice that stand `period` pixels apart (bilinear)."""
    y, x = (top + np.arange(shape[0])) / period, (left + np.arange(shape[1])) / period
    row, column = y.astype(int), x.astype(int)
    v, u = (y - row)[:, None], (x - column)[None, :]
    upper = lattice[row][:, column] * (1 - u) + lattice[row][:, column + 1] * u
    lower = lattice[row + 1][:, column] * (1 - u) + lattice[row + 1][:, column + 1] * u
    between: Floats = upper * (1 - v) + lower * v
    return between


def _write_tile(
    folder: Path,
    blocks: dict[tuple[int, int], list[Ground]],
    painter: Painter,
    *,
    version: str,
    advance: Callable[[int], object],
) -> None:
    """Write the files of one tile; blocks without plots are left out (SPARSE_OK)."""
    (folder / "gfc").mkdir(parents=True, exist_ok=True)
    (folder / "alerts").mkdir(parents=True, exist_ok=True)
    names = {
        layer: folder / "gfc" / f"Hansen_{version}_{layer}_{painter.tile}.tif"
        for layer in GFC_LAYERS
    } | {"alerts": folder / "alerts" / f"{painter.tile}.tif"}
    with ExitStack() as stack:
        files = {
            layer: stack.enter_context(_new_tile(path, painter.corner, fine=layer == "alerts"))
            for layer, path in names.items()
        }
        for (row, column), grounds in sorted(blocks.items()):
            values = painter.block(row, column, grounds)
            height, width = values.lossyear.shape
            extent = Extent(column * BLOCK, row * BLOCK, width, height)
            for layer in GFC_LAYERS:
                files[layer].write(getattr(values, layer), 1, window=extent)
            sides = (column * BLOCK, row * BLOCK, width, height)
            fine = Extent(*(side * FINER[0] // FINER[1] for side in sides))
            files["alerts"].write(_finer(values.alerts), 1, window=fine)
            advance(1)


def _finer(values: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The same ground on the grid of the alerts: each of its pixels as the one that its middle is in."""
    more, of = FINER
    rows, columns = ((np.arange(n * more // of) * 2 + 1) * of // (2 * more) for n in values.shape)
    return values[rows][:, columns]


def _new_tile(path: Path, corner: tuple[int, int], *, fine: bool) -> DatasetWriter:
    side, pixel_deg, block = (
        (ALERT_SIDE, ALERT_PIXEL_DEG, ALERT_BLOCK) if fine else (SIDE, PIXEL_DEG, BLOCK)
    )
    data = rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side,
        count=1,
        dtype="uint16" if fine else "uint8",
        crs="EPSG:4326",
        transform=from_origin(*corner, pixel_deg, pixel_deg),
        tiled=True,
        blockxsize=block,
        blockysize=block,
        compress="DEFLATE",
        SPARSE_OK="TRUE",
    )
    data.update_tags(
        TIFFTAG_IMAGEDESCRIPTION="Sintético: inventado por Hato, no es una observación"
    )
    return data
