"""What a file holds before anyone interprets it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from io import BytesIO

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED_BYTES = 200 * 1024 * 1024
MOST_WORKBOOK_BYTES = 80 * 1024 * 1024  # unpacked; openpyxl takes ten times as much memory
MOST_MEMBERS = 300
MOST_ROWS = 50_000
MOST_COLUMNS = 100


class UnreadableFile(ValidationError):
    """The file cannot be read; the message says what it lacks."""


@dataclass
class SourceRow:
    """One record: `number` as a person counts (a table's first row under the header is 2)."""

    number: int
    values: dict[str, str]
    geometry: GEOSGeometry | None = None
    problem: str = ""


@dataclass
class Source:
    """The records of a file; `kind` is csv, xlsx, geojson, kml, gpx, shapefile or geopackage."""

    kind: str
    columns: list[str]
    rows: list[SourceRow] = field(default_factory=list)
    note: str = ""


def storable(text: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL, and halves of surrogate pairs (as `?`)."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def too_many_rows() -> UnreadableFile:
    return UnreadableFile(
        _("The file has more than %(most)s rows: split it.") % {"most": MOST_ROWS}
    )


def open_zip(content: bytes) -> zipfile.ZipFile:
    """The archive, after looking at its size unpacked, its names and its members.

    Raises `UnreadableFile` for a broken, encrypted or explosive archive and for names that climb
    out of it.
    """
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as broken:
        raise UnreadableFile(_("The compressed file is damaged or incomplete.")) from broken
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED_BYTES:
        raise UnreadableFile(_("The compressed file is too large once unpacked."))
    if any(m.flag_bits & 1 for m in members):
        raise UnreadableFile(_("The file has a password: save it without one."))
    if any(m.filename.startswith(("/", "\\")) or ".." in m.filename for m in members):
        raise UnreadableFile(_("The compressed file has names that are not allowed."))
    return archive


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, never more than its header promises."""
    try:
        with archive.open(member) as opened:
            content = opened.read(member.file_size + 1)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as broken:
        raise UnreadableFile(_("The compressed file is damaged or incomplete.")) from broken
    except Exception as broken:  # zlib.error and its kin share no base class
        raise UnreadableFile(_("The compressed file is damaged or incomplete.")) from broken
    if len(content) > member.file_size:
        raise UnreadableFile(_("The compressed file is too large once unpacked."))
    return content
