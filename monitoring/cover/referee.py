"""A referee of stored figures: exactextract measures plots at random once more.

Fractions, reading and sums are not those of zonal.py and pixels.py; what values mean (layouts.py) and the
areas of pixels are the same.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

import numpy as np
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from rasterio.io import DatasetReader
from rasterio.windows import Window as Extent
from shapely import from_wkb
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from monitoring.cover import marks
from monitoring.cover.compute import tiles_of
from monitoring.cover.layouts import Layout, alert_of, layout_of
from monitoring.cover.tiles import GDAL_OPTIONS, Tile, layers_of
from monitoring.cover.zonal import COUNTERS, Meaning, pixel_areas_m2
from monitoring.models import CoverSource, Measures, PlotCover

# Stored areas are rounded, the loss of a year as a difference of two; exactextract's fractions have seven
# digits.
ROUNDING_M2, RELATIVE = 1.5, 1e-6

Figures = defaultdict[str, float]
"""Square metres by name; canopy in m2 x 1 %."""


@dataclass(frozen=True)
class Difference:
    """A figure of a boundary on which the two do not agree; square metres."""

    boundary_id: str
    figure: str
    stored: float
    measured: float


@dataclass(frozen=True)
class Verdict:
    """How many boundaries and figures were compared, the largest difference, and those too large."""

    boundaries: int
    figures: int
    largest_m2: float
    differences: list[Difference]


def judge(source: CoverSource, *, count: int) -> Verdict:
    """Measure `count` stored boundaries at random with exactextract, and compare.

    Boundaries that wait to be measured again are left out. Raises InvalidLocation, InvalidBands,
    UnreadableTile.
    """
    layout = layout_of(source, threshold_pct=marks.threshold_pct())
    covers = list(
        PlotCover.objects.filter(source=source)
        .exclude(boundary__in=source.waiting.values("boundary"))
        .select_related("boundary")
        .prefetch_related("alerts")
        .order_by("?")[:count]
    )
    shapes = [from_wkb(bytes(cover.boundary.boundary.wkb)) for cover in covers]
    measured: list[Figures] = [defaultdict(float) for _cover in covers]
    for tile in tiles_of(source, layout).tiles:
        with ExitStack() as stack:
            stack.enter_context(rasterio.Env(**GDAL_OPTIONS))
            data = {layer: stack.enter_context(one) for layer, one in layers_of(tile)}
            for shape, figures in zip(shapes, measured, strict=True):
                _measure(shape, tile, data, layout, layout.meaning(), source, figures)
    pairs = list(zip(covers, measured, strict=True))
    return _verdict([(cover, _stored(cover, source), figures) for cover, figures in pairs])


def _measure(
    shape: BaseGeometry,
    tile: Tile,
    data: dict[str, DatasetReader],
    layout: Layout,
    meaning: Meaning,
    source: CoverSource,
    figures: Figures,
) -> None:
    """Add what a tile holds of a shape to its figures, in square metres."""
    width, height = tile.pixel_deg
    west, south, east, north = shape.bounds
    left = max(int((west - tile.west) / width), 0)
    right = min(int((east - tile.west) / width) + 1, tile.width)
    top = max(int((tile.north - north) / height), 0)
    bottom = min(int((tile.north - south) / height) + 1, tile.height)
    if left >= right or top >= bottom:
        return
    extent = Extent.from_slices((top, bottom), (left, right))
    grid = NumPyRasterSource(
        np.zeros((bottom - top, right - left)),
        tile.west + left * width, tile.north - bottom * height,
        tile.west + right * width, tile.north - top * height,
    )  # fmt: skip
    feature = {"type": "Feature", "properties": {}, "geometry": mapping(shape)}
    (found,) = exact_extract(grid, [feature], ["cell_id", "coverage"])
    cells = np.asarray(found["properties"]["cell_id"], dtype=np.intp)
    areas = pixel_areas_m2(
        north=tile.north, height_deg=height, width_deg=width, rows=bottom - top, first=top
    )
    m2 = np.asarray(found["properties"]["coverage"], dtype=float) * areas[cells // (right - left)]
    value = {
        band: data[band.layer].read(band.index, window=extent).reshape(-1)[cells]
        for band in layout.bands
    }
    state = meaning.mask_state[value[layout.mask] if layout.mask else np.zeros_like(cells)]
    holds = meaning.holds[state, value[layout.canopy] if layout.canopy else np.zeros_like(cells)]
    names = _counters(source)
    for name, sums in zip(names, m2 @ holds[:, : len(names)], strict=True):
        figures[name] += sums
    if layout.events:
        event = np.where(holds[:, meaning.needed] > 0, meaning.event[value[layout.events]], 0)
        for one in np.unique(event[event > 0]).tolist():
            figures[_event_name(source, one)] += m2[event == one].sum()


def _counters(source: CoverSource) -> tuple[str, ...]:
    return COUNTERS if source.measures == Measures.FOREST else COUNTERS[:2]


def _event_name(source: CoverSource, event: int) -> str:
    if source.measures == Measures.ALERTS:
        return _alert_name(*alert_of(event))
    return f"loss {(source.baseline_year or 0) + event}"


def _alert_name(day: date, confidence: int) -> str:
    return f"alert {day} of confidence {confidence}"


def _stored(cover: PlotCover, source: CoverSource) -> Figures:
    """The stored figures by the names that _measure gives them."""
    figures: Figures = defaultdict(float, land=cover.land_m2, water=cover.water_m2)
    if source.measures == Measures.ALERTS:
        for alert in cover.alerts.all():
            figures[_alert_name(alert.day, alert.confidence)] = alert.area_m2
        return figures
    figures["forest"] = cover.forest_m2 or 0
    figures["canopy"] = (cover.canopy_pct or 0) * cover.land_m2
    for number, lost in enumerate(cover.loss_m2, 1):
        figures[_event_name(source, number)] = lost
    return figures


def _verdict(compared: list[tuple[PlotCover, Figures, Figures]]) -> Verdict:
    largest, count, apart = 0.0, 0, []
    for cover, stored, measured in compared:
        allowed = ROUNDING_M2 + RELATIVE * (cover.land_m2 + cover.water_m2 + cover.nodata_m2)
        for figure in sorted(stored.keys() | measured.keys()):
            unit = 100 if figure == "canopy" else 1  # m2 x 1 %: as square metres of closed canopy
            ours, theirs = stored[figure] / unit, measured[figure] / unit
            count += 1
            largest = max(largest, abs(ours - theirs))
            if abs(ours - theirs) > allowed:
                apart.append(Difference(str(cover.boundary_id), figure, ours, theirs))
    return Verdict(len(compared), count, largest, apart)
