"""GeoJSON, KML, GPX, zipped Shapefile and GeoPackage."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree as safe_xml
import pyogrio.raw
from defusedxml import DefusedXmlException
from django.contrib.gis.gdal import CoordTransform, GDALException, SpatialReference
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.utils.translation import gettext as _
from pyogrio.errors import DataLayerError, DataSourceError

from ranchers.imports.source import (
    MOST_COLUMNS,
    MOST_ROWS,
    Source,
    SourceRow,
    UnreadableFile,
    storable,
    too_many_rows,
    unpack,
)

NAME = "name"
FARTHEST = 1e9  # metres of any coordinate system, or degrees


def read_geojson(content: bytes) -> Source:
    """A Feature, a FeatureCollection or a bare geometry; an old `crs` member is heeded."""
    try:
        data = json.loads(content.decode("utf-8-sig"))
        kind = data["type"]
        features = data["features"] if kind == "FeatureCollection" else [data]
        epsg = (data.get("crs") or {}).get("properties", {}).get("name", "")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as broken:
        raise UnreadableFile(_("The GeoJSON file is damaged or is not GeoJSON.")) from broken
    if not isinstance(features, list):
        raise UnreadableFile(_("The GeoJSON file is damaged or is not GeoJSON."))
    to_degrees = _to_degrees(epsg if "CRS84" not in str(epsg) else "")
    records = (_geojson_record(feature) for feature in features)
    return _as_source("geojson", records, to_degrees)


def _geojson_record(feature: Any) -> tuple[dict[str, Any], GEOSGeometry | None, str]:
    try:
        if feature["type"] == "Feature":
            geometry, properties = feature["geometry"], feature.get("properties") or {}
        else:
            geometry, properties = feature, {}
        return dict(properties), GEOSGeometry(json.dumps(geometry)) if geometry else None, ""
    except (ValueError, TypeError, KeyError, RecursionError, GEOSException, GDALException):
        return {}, None, _("The geometry cannot be read.")


def read_xml(content: bytes) -> Source:
    """KML or GPX; entities and document types are refused."""
    try:
        root = safe_xml.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as hostile:
        raise UnreadableFile(_("The XML file holds constructs that are not allowed.")) from hostile
    except (ParseError, ValueError, RecursionError) as broken:
        raise UnreadableFile(_("The XML file is damaged or incomplete.")) from broken
    kind = _tag(root)
    if kind == "kml":
        placemarks = (e for e in root.iter() if _tag(e) == "Placemark")
        return _as_source("kml", (_placemark(e) for e in placemarks), None)
    if kind == "gpx":
        tracks = (e for e in root.iter() if _tag(e) in ("trk", "rte"))
        return _as_source("gpx", (_track(e) for e in tracks), None)
    raise UnreadableFile(_("The XML file is neither KML nor GPX."))


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _placemark(placemark: Element) -> tuple[dict[str, Any], GEOSGeometry | None, str]:
    properties: dict[str, Any] = {}
    polygons: list[Polygon] = []
    problem = ""
    for element in placemark.iter():
        tag = _tag(element)
        if tag == "name":
            properties.setdefault(NAME, element.text or "")
        elif tag == "SimpleData":
            properties[element.get("name", "")] = element.text or ""
        elif tag == "Data":
            value = next((e.text for e in element if _tag(e) == "value"), "")
            properties[element.get("name", "")] = value or ""
        elif tag == "Polygon":
            try:
                polygons.append(_kml_polygon(element))
            except (ValueError, GEOSException):
                problem = _("The geometry cannot be read.")
    return properties, MultiPolygon(polygons, srid=4326) if polygons else None, problem


def _kml_polygon(polygon: Element) -> Polygon:
    shell: list[tuple[float, float]] = []
    holes = []
    for side in polygon:
        for element in side.iter():
            if _tag(element) == "coordinates":
                points = [
                    (float(lon), float(lat))
                    for lon, lat in (p.split(",")[:2] for p in (element.text or "").split())
                ]
                if _tag(side) == "innerBoundaryIs":
                    holes.append(points)
                else:
                    shell = points
    return Polygon(shell, *holes, srid=4326)


def _track(track: Element) -> tuple[dict[str, Any], GEOSGeometry | None, str]:
    name = next((e.text for e in track if _tag(e) == "name"), "") or ""
    try:
        points = [
            (float(e.get("lon", "")), float(e.get("lat", "")))
            for e in track.iter()
            if _tag(e) in ("trkpt", "rtept")
        ]
        if points and points[0] != points[-1]:
            points.append(points[0])
        return {NAME: name}, Polygon(points, srid=4326), ""
    except (ValueError, GEOSException):
        return {NAME: name}, None, _("The track has too few points to be an outline.")


def read_shapefile(archive: zipfile.ZipFile) -> Source:
    """The first layer of a zipped Shapefile; without .prj, coordinates must be degrees."""
    members = {Path(m.filename.lower()): m for m in archive.infolist()}
    shp = next(path for path in sorted(members) if path.suffix == ".shp")
    missing = [s for s in (".shx", ".dbf") if shp.with_suffix(s) not in members]
    if missing:
        message = _("The Shapefile lacks %(files)s: compress all its files together.")
        raise UnreadableFile(message % {"files": ", ".join(missing)})
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
            if shp.with_suffix(suffix) in members:
                content = unpack(archive, members[shp.with_suffix(suffix)])
                if suffix == ".shp" and content[:4] != b"\x00\x00\x27\x0a":
                    raise UnreadableFile(_("The Shapefile is damaged."))
                (Path(folder) / f"layer{suffix}").write_bytes(content)
        source = _read_with_gdal("shapefile", Path(folder) / "layer.shp", None)
    if shp.with_suffix(".prj") not in members:
        source.note = _("The Shapefile has no .prj: its coordinates were taken as WGS 84 degrees.")
    return source


def read_geopackage(content: bytes) -> Source:
    """The first layer with features of a GeoPackage."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.gpkg"
        path.write_bytes(content)
        try:
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
                layers = database.execute(
                    "SELECT table_name FROM gpkg_contents WHERE data_type = 'features' LIMIT 1"
                ).fetchall()
        except sqlite3.DatabaseError as broken:
            raise UnreadableFile(_("The GeoPackage is damaged.")) from broken
        if not layers:
            raise UnreadableFile(_("The GeoPackage holds no layer with shapes."))
        return _read_with_gdal("geopackage", path, layers[0][0])


def _read_with_gdal(kind: str, path: Path, layer: str | None) -> Source:
    try:
        meta, _fids, shapes, fields = pyogrio.raw.read(
            path, layer=layer, max_features=MOST_ROWS + 1, force_2d=True
        )
    except (DataSourceError, DataLayerError, ValueError, RuntimeError) as broken:
        raise UnreadableFile(_("The file with the shapes is damaged.")) from broken
    if shapes is None:
        raise UnreadableFile(_("The file holds no shapes."))
    names = [str(name) for name in meta["fields"]][:MOST_COLUMNS]
    records = (
        (
            {name: column[i] for name, column in zip(names, fields, strict=False)},
            *_from_wkb(shapes[i]),
        )
        for i in range(len(shapes))
    )
    return _as_source(kind, records, _to_degrees(meta.get("crs") or ""))


def _from_wkb(wkb: bytes | None) -> tuple[GEOSGeometry | None, str]:
    try:
        return (GEOSGeometry(memoryview(wkb)) if wkb else None), ""
    except (GEOSException, ValueError):
        return None, _("The geometry cannot be read.")


def _to_degrees(crs: str) -> CoordTransform | None:
    """The transformation from a reference system to WGS 84; None when there is nothing to do."""
    if not crs:
        return None
    try:
        system = SpatialReference(_epsg_number(crs) or crs)
        if system.geographic and system.name in ("WGS 84", "GCS_WGS_1984"):
            return None
        return CoordTransform(system, SpatialReference(4326))
    except (GDALException, TypeError, ValueError) as unknown:
        raise UnreadableFile(_("The coordinate system of the file is not known.")) from unknown


def _epsg_number(crs: str) -> int | None:
    authority, _colon, number = (
        crs.replace("urn:ogc:def:crs:", "").replace("::", ":").partition(":")
    )
    return int(number) if authority.upper() == "EPSG" and number.isdigit() else None


def _as_source(
    kind: str,
    records: Iterable[tuple[dict[str, Any], GEOSGeometry | None, str]],
    to_degrees: CoordTransform | None,
) -> Source:
    source = Source(kind, [])
    columns: dict[str, None] = {}
    for number, (properties, geometry, problem) in enumerate(records, start=1):
        if number > MOST_ROWS:
            raise too_many_rows()
        values = {
            storable(str(k))[:80]: _text(v) for k, v in list(properties.items())[:MOST_COLUMNS]
        }
        columns.update(dict.fromkeys(values))
        if geometry is not None and to_degrees is not None:
            try:
                geometry.transform(to_degrees)
            except (GDALException, GEOSException):
                geometry, problem = None, _("The coordinates do not fit the coordinate system.")
        if geometry is not None and not _is_drawable(geometry):
            geometry, problem = None, _("The geometry cannot be read.")
        if geometry is not None:
            geometry.srid = 4326
        source.rows.append(SourceRow(number, values, geometry, problem))
    source.columns = list(columns)
    return source


def _is_drawable(geometry: GEOSGeometry) -> bool:
    """Whether the coordinates are numbers of this world: GEOS hangs on infinite ones, dies of 1e300."""
    return geometry.empty or all(abs(side) <= FARTHEST for side in geometry.extent)


def _text(value: Any) -> str:
    if value is None or value != value:  # NaN, as GDAL gives for an empty number
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return storable(str(value)).strip()[:2_000]
