"""A map of areas shaded by value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.utils.safestring import SafeString

from monitoring.charts.frame import (
    INK,
    STRONG_LINE,
    WIDTH,
    Chart,
    Drawing,
    Mark,
    Scale,
    Text,
    element,
    mark_text,
    number_text,
)

# One hue from light to dark, legible in grey; text on the two darkest is white.
SHADES: Sequence[str] = ("#e6efe2", "#bcd8bd", "#7fb58d", "#3d8560", "#12502f")
UNKNOWN = "#ffffff"
HALO: dict[str, Any] = {
    "fill": INK,
    "paint_order": "stroke",
    "stroke": "#fff",
    "stroke_width": "4",
    "text_anchor": "middle",
}


@dataclass(frozen=True)
class Area:
    """One area: WGS 84 boundary (or none), its name and its figure; `note` replaces an absent figure."""

    name: Text
    boundary: GEOSGeometry | None
    mark: Mark
    note: Text = ""


@dataclass(frozen=True)
class MapChart(Chart):
    areas: Sequence[Area] = field(default_factory=tuple)
    breaks: Sequence[float] = (20, 40, 60, 80)


def map_chart(chart: MapChart) -> SafeString:
    """Areas shaded by class of value, each with its name and figure; equirectangular at mid-latitude."""
    drawable = [area for area in chart.areas if area.boundary is not None]
    if not drawable:
        return Drawing(chart=chart, height=40, kind="map").svg()
    boxes = [area.boundary.extent for area in drawable if area.boundary is not None]
    west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
    east, north = max(b[2] for b in boxes), max(b[3] for b in boxes)
    shrink = math.cos(math.radians((south + north) / 2))
    height = min((WIDTH - 20) * (north - south) / ((east - west) * shrink), 520.0)
    width = height * (east - west) * shrink / (north - south)
    left = (WIDTH - width) / 2
    x_scale = Scale((west, east), (left, left + width))
    y_scale = Scale((south, north), (10 + height, 10))
    drawing = Drawing(chart=chart, height=round(height + 64), kind="map")
    _hatch(drawing)
    for area in drawable:
        _draw_area(drawing, chart, area, x_scale=x_scale, y_scale=y_scale)
    for area in drawable:
        _draw_label(drawing, chart, area, x_scale=x_scale, y_scale=y_scale)
    _draw_key(drawing, chart, top=height + 24)
    return drawing.svg()


def shade(value: float | None, breaks: Sequence[float]) -> int | None:
    """The class of a value: 0 below the first break; None for no value."""
    return None if value is None else sum(value >= limit for limit in breaks)


def _hatch(drawing: Drawing) -> None:
    ground = element("rect", width="8", height="8", fill=UNKNOWN)
    stripe = element("path", d="M0 8L8 0", stroke=STRONG_LINE, stroke_width="1")
    drawing.add(
        "defs",
        element(
            "pattern", ground, stripe, id="no-data", width="8", height="8",
            patternUnits="userSpaceOnUse",
        ),
    )  # fmt: skip


def _rings(boundary: GEOSGeometry) -> list[tuple[tuple[float, ...], ...]]:
    polygons = boundary if isinstance(boundary, MultiPolygon) else [boundary]
    return [ring.coords for polygon in polygons if isinstance(polygon, Polygon) for ring in polygon]


def _draw_area(
    drawing: Drawing, chart: MapChart, area: Area, *, x_scale: Scale, y_scale: Scale
) -> None:
    if area.boundary is None:
        return
    path = "".join(
        "M"
        + "L".join(f"{x_scale(corner[0]):.1f} {y_scale(corner[1]):.1f}" for corner in ring)
        + "Z"
        for ring in _rings(area.boundary)
    )
    shade_class = shade(area.mark.value, chart.breaks)
    hint = mark_text(chart, label=area.name, mark=area.mark) if shade_class is not None else f"{area.name}: {area.note or '—'}"  # fmt: skip
    drawing.add(
        "path", hint=hint, d=path, stroke=INK, stroke_width="1.2", fill_rule="evenodd",
        class_=f"area area--{'none' if shade_class is None else shade_class}",
        fill="url(#no-data)" if shade_class is None else SHADES[shade_class],
    )  # fmt: skip


def _draw_label(
    drawing: Drawing, chart: MapChart, area: Area, *, x_scale: Scale, y_scale: Scale
) -> None:
    if area.boundary is None:
        return
    place = area.boundary.point_on_surface
    x, y = x_scale(place.x), y_scale(place.y)
    figure = number_text(area.mark.value, decimals=chart.decimals, unit=chart.unit) if area.mark.value is not None else area.note or "—"  # fmt: skip
    drawing.text(area.name, x=x, y=y - 3, font_weight="600", **HALO)
    drawing.text(figure, x=x, y=y + 15, **HALO)


def _draw_key(drawing: Drawing, chart: MapChart, *, top: float) -> None:
    step = (WIDTH - 20) / len(SHADES)
    for i, colour in enumerate(SHADES):
        x = 10 + i * step
        drawing.add("rect", x=x, y=top, width=step, height="12", fill=colour, stroke=INK, stroke_width="0.6")  # fmt: skip
    for i, limit in enumerate(chart.breaks):
        decimals = 0 if float(limit).is_integer() else 1
        unit = chart.unit if i == len(chart.breaks) - 1 else ""
        drawing.text(
            number_text(limit, decimals=decimals, unit=unit), x=10 + (i + 1) * step, y=top + 28,
            text_anchor="middle",
        )  # fmt: skip
