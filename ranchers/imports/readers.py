"""Reading any accepted file into a `Source`. The kind is told by the content, never by the name."""

from __future__ import annotations

import os

from django.utils.translation import gettext as _

from ranchers.imports.shapes import (
    read_geojson,
    read_geopackage,
    read_shapefile,
    read_xml,
)
from ranchers.imports.source import (
    MOST_BYTES,
    MOST_WORKBOOK_BYTES,
    Source,
    UnreadableFile,
    open_zip,
    unpack,
)
from ranchers.imports.tables import read_csv, read_xlsx

__all__ = ["MOST_BYTES", "UnreadableFile", "read_file"]


def read_file(*, name: str, content: bytes) -> Source:
    """The records of a CSV, XLSX, GeoJSON, KML, KMZ, GPX, zipped Shapefile or GeoPackage.

    Geometries are WGS 84. Only Shapefile and GeoPackage reach GDAL, after their magic numbers
    were seen, from a private folder under names of our own. Raises `UnreadableFile`.
    """
    if not content:
        raise UnreadableFile(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise UnreadableFile(_("The file is larger than 20 MB: split it."))
    start = content[:512].lstrip(b"\xef\xbb\xbf \r\n\t")
    if content.startswith(b"PK"):
        source = _read_zip(content)
    elif content.startswith(b"SQLite format 3\x00"):
        source = read_geopackage(content)
    elif start.startswith((b"{", b"[")):
        source = read_geojson(content)
    elif start.startswith(b"<"):
        source = read_xml(content)
    elif b"\x00" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(_not_known(name))
    else:
        source = read_csv(content)
    if not source.rows:
        raise UnreadableFile(_("The file holds no records."))
    return source


def _read_zip(content: bytes) -> Source:
    archive = open_zip(content)
    members = {m.filename.lower(): m for m in archive.infolist() if not m.is_dir()}
    if "xl/workbook.xml" in members:
        if sum(member.file_size for member in members.values()) > MOST_WORKBOOK_BYTES:
            raise UnreadableFile(_("The compressed file is too large once unpacked."))
        return read_xlsx(content)
    kml = [m for filename, m in members.items() if filename.endswith(".kml")]
    if kml:
        return read_xml(unpack(archive, kml[0]))
    if any(filename.endswith(".shp") for filename in members):
        return read_shapefile(archive)
    raise UnreadableFile(_("The compressed file holds no Shapefile (.shp)."))


def _not_known(name: str) -> str:
    ending = os.path.splitext(name)[1][:10]  # noqa: PTH122
    if ending.lower() == ".xls":
        return _("The old .xls format is not read: save the workbook as .xlsx or .csv.")
    return _(
        "This kind of file is not known. Accepted: CSV, XLSX, GeoJSON, KML, GPX, "
        "zipped Shapefile and GeoPackage."
    )
