"""The outlines of a plot over time: each drawn small, with how it differs from the one before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.gis.geos import MultiPolygon, Polygon
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ranchers.models import PlotBoundary
from ranchers.places import as_multipolygon

SIZE = 72
MARGIN = 4


@dataclass(frozen=True)
class OutlineVersion:
    """One outline; `change_ha` and `change_pct` are against the one before, None for the first."""

    boundary: PlotBoundary
    picture: SafeString
    change_ha: Decimal | None
    change_pct: Decimal | None


def outline_history(boundaries: Sequence[PlotBoundary]) -> list[OutlineVersion]:
    """The versions in the order given (the newest first), all drawn at one scale and place."""
    if not boundaries:
        return []
    place = _Place([row.boundary for row in boundaries])
    versions = []
    for row, before in zip(boundaries, [*boundaries[1:], None], strict=True):
        change = row.area_ha - before.area_ha if before else None
        share = change / before.area_ha * 100 if before and change is not None else None
        picture = place.draw(row.boundary, before.boundary if before else None)
        versions.append(OutlineVersion(row, picture, change, share))
    return versions


class _Place:
    """Degrees to the units of the picture: equirectangular at the plots' middle latitude."""

    def __init__(self, shapes: Sequence[MultiPolygon]) -> None:
        boxes = [shape.extent for shape in shapes]
        self.west, south = min(b[0] for b in boxes), min(b[1] for b in boxes)
        east, self.north = max(b[2] for b in boxes), max(b[3] for b in boxes)
        self.shrink = math.cos(math.radians((south + self.north) / 2))
        self.scale = SIZE / max((east - self.west) * self.shrink, self.north - south)
        self.width = (east - self.west) * self.shrink * self.scale + 2 * MARGIN
        self.height = (self.north - south) * self.scale + 2 * MARGIN

    def draw(self, shape: MultiPolygon, before: MultiPolygon | None) -> SafeString:
        old = ""
        if before is not None:
            old = format_html(
                '<path d="{}" fill="none" stroke="#b3470b" stroke-width="1.5" stroke-dasharray="4 3"/>',
                self._path(before),
            )
        return format_html(
            '<svg class="outline-picture" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
            '<path d="{}" fill="#bcd8bd" stroke="#12402a" stroke-width="1.5" fill-rule="evenodd"/>{}</svg>',
            *(f"{number:.0f}" for number in (self.width, self.height, self.width, self.height)),
            _("The outline, with the one before dashed") if old else _("The outline"),
            self._path(shape),
            old,
        )

    def _path(self, shape: MultiPolygon) -> str:
        simple = as_multipolygon(shape.simplify(0.25 / self.scale, preserve_topology=True))
        return "".join(
            "M" + "L".join(self._point(lon, lat) for lon, lat, *_z in ring.coords) + "Z"
            for polygon in simple
            if isinstance(polygon, Polygon)
            for ring in polygon
        )

    def _point(self, lon: float, lat: float) -> str:
        x = (lon - self.west) * self.shrink * self.scale + MARGIN
        y = (self.north - lat) * self.scale + MARGIN
        return f"{x:.1f} {y:.1f}"
