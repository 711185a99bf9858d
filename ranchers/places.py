"""The places that the programme works in: the districts of Tahuamanu and the region around them.

Ubigeo: INEI (17....) and RENIEC (16....) number the departments differently, so both are kept.
The boundaries in `data/tahuamanu.geojson` are schematic (`District.boundary_is_schematic`): right
in order, neighbours and area, not surveyed. A site with the official limits replaces them.
"""

from __future__ import annotations

import json
from pathlib import Path

from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, MultiPolygon, Point, Polygon
from django.db import transaction

from ranchers.models import District, Programme

DATA = Path(__file__).parent / "data" / "tahuamanu.geojson"
# Schematic limits must not turn away a real plot beside the border: about 5 km of tolerance.
REGION_MARGIN_DEGREES = 0.05


@transaction.atomic
def load_places() -> list[District]:
    """Create or refresh the three districts and the region; safe to run again and again.

    A boundary that is no longer schematic (someone loaded the official one) is left alone, and so
    is a region that someone has set.
    """
    features = json.loads(DATA.read_text(encoding="utf-8"))["features"]
    districts = [_load_district(feature) for feature in features]
    programme, _created = Programme.objects.get_or_create(
        id=1, defaults={"name": "Ganadería regenerativa de Tahuamanu"}
    )
    if programme.region is None:
        programme.region = region_of(districts)
        programme.save(update_fields=["region"])
    return districts


def _load_district(feature: dict) -> District:
    properties = feature["properties"]
    district, created = District.objects.get_or_create(
        ubigeo=properties["ubigeo"],
        defaults={
            "ubigeo_reniec": properties["ubigeo_reniec"],
            "name": properties["name"],
            "province": properties["province"],
            "department": properties["department"],
        },
    )
    if created or district.boundary_is_schematic:
        district.boundary = as_multipolygon(GEOSGeometry(json.dumps(feature["geometry"])))
        district.boundary_is_schematic = True
        district.capital_point = Point(properties["capital"], srid=4326)
        district.save()
    return district


def region_of(districts: list[District]) -> MultiPolygon:
    """The union of the districts with a margin of `REGION_MARGIN_DEGREES` (WGS 84)."""
    shapes = [district.boundary for district in districts if district.boundary]
    union: GEOSGeometry = shapes[0]
    for shape in shapes[1:]:
        union = union.union(shape)
    region = as_multipolygon(union.buffer(REGION_MARGIN_DEGREES, quadsegs=3))
    region.srid = 4326
    return region


def as_multipolygon(geometry: GEOSGeometry) -> MultiPolygon:
    """The polygons of a geometry as one multipolygon in the same reference system.

    Points and lines are left out; an empty multipolygon when there is no polygon at all.
    """
    if isinstance(geometry, MultiPolygon):
        return geometry
    parts: list[Polygon]
    if isinstance(geometry, Polygon):
        parts = [geometry]
    elif isinstance(geometry, GeometryCollection):
        parts = [
            polygon
            for member in geometry
            for polygon in as_multipolygon(member)
            if isinstance(polygon, Polygon)
        ]
    else:
        parts = []
    return MultiPolygon(parts, srid=geometry.srid)


def district_at(point: Point) -> District | None:
    """The district that covers a point (WGS 84), or None outside all of them."""
    return District.objects.filter(boundary__covers=point).first()
