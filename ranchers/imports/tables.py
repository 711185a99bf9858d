"""CSV and XLSX."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from ranchers.imports.source import (
    MOST_COLUMNS,
    MOST_ROWS,
    Source,
    SourceRow,
    UnreadableFile,
    too_many_rows,
)

SEPARATORS = ";,\t|"


def read_csv(content: bytes) -> Source:
    """A table of text: UTF-8, UTF-16 or Windows-1252; separated by ; , tab or |."""
    text = _decoded(content)
    header = text.splitlines()[0] if text.strip() else ""
    separator = max(SEPARATORS, key=header.count)
    if header.count(separator) == 0 and len(header) > 200:
        raise UnreadableFile(_("This is not a table: its first row has no column names."))
    csv.field_size_limit(2_000_000)
    try:
        rows = list(_limited(csv.reader(io.StringIO(text, newline=""), delimiter=separator)))
    except csv.Error as broken:
        raise UnreadableFile(_("The CSV file is damaged: a quote is not closed.")) from broken
    return _as_source("csv", rows)


def read_xlsx(content: bytes) -> Source:
    """The first sheet of a workbook, values as they were last calculated."""
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = list(_limited(_cells(row) for row in book.worksheets[0].iter_rows(values_only=True)))
        book.close()
    except UnreadableFile:
        raise
    except Exception as broken:  # openpyxl raises what its XML and zip parts raise
        raise UnreadableFile(_("The workbook is damaged or is not an .xlsx file.")) from broken
    return _as_source("xlsx", rows)


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnreadableFile(_("The text encoding is not known: save the file as CSV UTF-8."))


def _limited(rows: Any) -> Any:
    for number, row in enumerate(rows):
        if number > MOST_ROWS + 20:
            raise too_many_rows()
        yield row[:MOST_COLUMNS]


def _cells(row: tuple[Any, ...]) -> list[str]:
    return [_cell_text(value) for value in row[:MOST_COLUMNS]]


def _cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _as_source(kind: str, rows: list[list[str]]) -> Source:
    """The first row with text is the header; rows without text are left out."""
    numbered = [
        (number, [cell.strip() for cell in row])
        for number, row in enumerate(rows, start=1)
        if any(cell.strip() for cell in row)
    ]
    if not numbered:
        raise UnreadableFile(_("The file holds no records."))
    columns = _unique(numbered[0][1])
    source = Source(kind, columns)
    for number, cells in numbered[1:]:
        extra = [cell for cell in cells[len(columns) :] if cell]
        row = SourceRow(number, dict(zip(columns, [*cells, *[""] * len(columns)], strict=False)))
        if extra:
            row.problem = _("The row has more cells than there are columns.")
        source.rows.append(row)
    return source


def _unique(header: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for position, name in enumerate(header, start=1):
        name = name[:80] or _("Column %(number)s") % {"number": position}
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names
