"""An outline as people have it: drawn (GeoJSON), WKT, or coordinates copied from a GPS or a table."""

from __future__ import annotations

import json
import re
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Polygon
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from ranchers.boundaries import swapped
from ranchers.imports.readers import MOST_BYTES, UnreadableFile, read_file
from ranchers.models import Programme
from ranchers.places import as_multipolygon

MOST_CHARACTERS = 4_000_000
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


class InvalidOutline(ValidationError):
    """The text cannot be read as an outline."""


def read_outline(text: str) -> GEOSGeometry:
    """The shape (WGS 84) that a text holds: GeoJSON, WKT, or one 'longitude latitude' pair per line.

    Pairs may come as 'latitude, longitude' (as phones show them) when only that falls in the
    programme's region. Raises `InvalidOutline`; whether it can be a plot is `check_boundary`'s job.
    """
    text = text.strip()
    if not text:
        raise InvalidOutline(_("Draw the outline, or paste its coordinates, or upload a file."))
    if len(text) > MOST_CHARACTERS:
        raise InvalidOutline(_("The outline is too long."))
    if text.startswith("{"):
        return _from_geojson(text)
    if re.match(r"(MULTI)?POLYGON", text, re.IGNORECASE):
        try:
            return GEOSGeometry(text.encode("ascii", "replace").decode(), srid=4326)
        except (GEOSException, ValueError) as unreadable:
            raise InvalidOutline(_("The WKT text cannot be read.")) from unreadable
    return _from_pairs(text)


def _from_geojson(text: str) -> GEOSGeometry:
    try:
        return _geojson_shape(json.loads(text))
    except InvalidOutline:
        raise
    except (ValueError, TypeError, KeyError, RecursionError, GEOSException, GDALException) as bad:
        raise InvalidOutline(_("The GeoJSON text cannot be read.")) from bad


def _geojson_shape(data: Any) -> GEOSGeometry:
    if data["type"] == "FeatureCollection":
        shapes = [_geojson_shape(feature) for feature in data["features"]]
        if not shapes:
            raise InvalidOutline(_("The GeoJSON text holds no outline."))
        polygons = [polygon for shape in shapes for polygon in as_multipolygon(shape)]
        return as_multipolygon(GEOSGeometry(shapes[0].wkt)) if not polygons else _joined(polygons)
    if data["type"] == "Feature":
        return _geojson_shape(data["geometry"])
    shape = GEOSGeometry(json.dumps(data))
    shape.srid = 4326
    return shape


def _joined(polygons: list[Any]) -> GEOSGeometry:
    joined = polygons[0]
    for polygon in polygons[1:]:
        joined = joined.union(polygon)
    joined.srid = 4326
    return joined


def _from_pairs(text: str) -> GEOSGeometry:
    points = []
    for number, line in enumerate(text.replace(";", "\n").splitlines(), start=1):
        if not line.strip():
            continue
        found = NUMBER.findall(re.sub(r"(?<=\d),(?=\d)", ", ", line))
        if len(found) < 2 or re.search(r"[°'\"]", line):
            message = _("Line %(number)s is not a pair of decimal degrees: %(line)s")
            raise InvalidOutline(message % {"number": number, "line": line.strip()[:40]})
        points.append((float(found[0]), float(found[1])))
    if points and points[0] != points[-1]:
        points.append(points[0])
    if len(points) < 4:
        raise InvalidOutline(_("An outline has at least three corners, one per line."))
    shape = Polygon(points, srid=4326)
    region = Programme.objects.values_list("region", flat=True).first()
    if region is not None and not region.intersects(shape) and region.intersects(swapped(shape)):
        return swapped(shape)
    return shape


def outline_of_form(text: str, upload: UploadedFile | None) -> GEOSGeometry:
    """The shape of an uploaded file with exactly one outline, else that of the text.

    Raises `InvalidOutline`.
    """
    if upload is None:
        return read_outline(text)
    try:
        table = read_file(name=upload.name or "", content=upload.read(MOST_BYTES + 1))
    except UnreadableFile as unreadable:
        raise InvalidOutline(unreadable.messages) from unreadable
    shapes = [row.geometry for row in table.rows if row.geometry is not None]
    if len(shapes) != 1:
        message = _("The file holds %(number)s outlines; here it must hold one.")
        raise InvalidOutline(message % {"number": len(shapes)})
    return shapes[0]
