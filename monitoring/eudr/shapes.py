"""A boundary as the geometry of one feature: rounded, without holes, valid, wound as GeoJSON asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.db import connection

from ranchers.places import as_multipolygon

DECIMALS = 7
"""About a centimetre; the rules ask for six or more."""

Ring = Sequence[tuple[float, float]]


class UnusableShape(ValueError):
    """No valid polygon without holes can be made of the boundary."""


@dataclass(frozen=True)
class Outline:
    """Exterior rings, and what was done to get them: `holes_dropped`, `repaired`."""

    rings: list[Ring]
    notices: list[str]

    def shape(self) -> MultiPolygon:
        return MultiPolygon([Polygon(ring) for ring in self.rings], srid=4326)


def outline_of(boundary: MultiPolygon) -> Outline:
    """The outer rings of a boundary (WGS 84), fit for the file. Raises `UnusableShape`."""
    notices = []
    if _has_holes(boundary):
        notices.append("holes_dropped")
    try:
        shape = _without_holes(boundary)
    except GEOSException as broken:
        raise UnusableShape(str(broken)) from broken
    rounded = _rounded(shape)
    if not rounded.valid:
        # Rounding can make a sliver cross itself, and a filled hole can swallow an island.
        notices.append("repaired")
        rounded = _rounded(_without_holes(as_multipolygon(rounded.buffer(0))))
    if rounded.empty or not rounded.valid:
        raise UnusableShape(rounded.valid_reason)
    return Outline(
        [_wound(polygon) for polygon in rounded if isinstance(polygon, Polygon)], notices
    )


def _has_holes(shape: MultiPolygon) -> bool:
    return any(polygon.num_interior_rings for polygon in shape if isinstance(polygon, Polygon))


def _without_holes(shape: MultiPolygon) -> MultiPolygon:
    filled: GEOSGeometry = MultiPolygon(
        [Polygon(polygon[0].coords) for polygon in shape if isinstance(polygon, Polygon)],
        srid=4326,
    )
    if not filled.valid:
        filled = filled.buffer(0)
        if _has_holes(as_multipolygon(filled)):
            return _without_holes(as_multipolygon(filled))
    return as_multipolygon(filled)


def _rounded(shape: MultiPolygon) -> MultiPolygon:
    polygons = []
    for polygon in shape:
        ring: list[tuple[float, float]] = []
        for lon, lat, *_z in polygon[0].coords:
            corner = (round(lon, DECIMALS), round(lat, DECIMALS))
            if not ring or ring[-1] != corner:
                ring.append(corner)
        if len(ring) > 3:
            polygons.append(Polygon(ring))
    return MultiPolygon(polygons, srid=4326)


def _wound(polygon: Polygon) -> Ring:
    """The outer ring counter-clockwise (RFC 7946, 3.1.6)."""
    corners = [(corner[0], corner[1]) for corner in polygon[0].coords]
    # In whole units of the last decimal: degrees would lose the area of a sliver in rounding.
    whole = [(round(x * 10**DECIMALS), round(y * 10**DECIMALS)) for x, y in corners]
    twice_area = sum(
        x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(whole, whole[1:], strict=False)
    )
    return corners if twice_area > 0 else corners[::-1]


def geodesic_ha(shape: MultiPolygon) -> float:
    """Hectares on the WGS 84 ellipsoid."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select st_area(st_geomfromewkb(%s)::geography) / 10000", [bytes(shape.ewkb)]
        )
        found: float = cursor.fetchone()[0]
    return found


def position(lon: float, lat: float) -> str:
    """One position as JSON text: all decimals written, also where they are nought."""
    return f"[{lon:.{DECIMALS}f},{lat:.{DECIMALS}f}]"


def point_json(inside: tuple[float, float]) -> str:
    return f'{{"type":"Point","coordinates":{position(*inside)}}}'


def outline_json(outline: Outline) -> str:
    rings = [f"[{','.join(position(*corner) for corner in ring)}]" for ring in outline.rings]
    if len(rings) == 1:
        return f'{{"type":"Polygon","coordinates":[{rings[0]}]}}'
    return f'{{"type":"MultiPolygon","coordinates":[{",".join(f"[{ring}]" for ring in rings)}]}}'
