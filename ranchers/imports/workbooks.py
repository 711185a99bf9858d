"""Workbooks for people: the template to fill in, and the wrong rows of an import to mend."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from ranchers.models import ImportBatch, RowOutcome

TEMPLATE = [
    ("DNI", "01234567"),
    ("Apellidos", "Quispe Mamani"),
    ("Nombres", "Rosa"),
    ("Celular", "982123456"),
    ("Sexo", "F"),
    ("Año de nacimiento", "1975"),
    ("Distrito", "Iberia"),
    ("Comunidad", "Primavera"),
    ("Asociación", ""),
    ("Predio", "La Esperanza"),
    ("Código", "UC-0001"),
    ("Tenencia", "Posesión"),
    ("Contorno", "-69.60 -11.35; -69.59 -11.35; -69.59 -11.34; -69.60 -11.34"),
    ("Cohorte", ""),
    ("Estado", ""),
]


def template_workbook() -> bytes:
    """An XLSX file with the known headers and one example row."""
    return _workbook([header for header, _example in TEMPLATE], [[e for _header, e in TEMPLATE]])


def wrong_rows_workbook(batch: ImportBatch) -> bytes:
    """The rows with errors as they came, with the errors in a last column; to mend and import."""
    rows = batch.rows.filter(outcome=RowOutcome.ERROR).order_by("number")
    extra = ["WKT"] if rows.exclude(geometry=None).exists() else []
    return _workbook(
        [*batch.columns, *extra, _("Errors")],
        (
            [
                *(row.raw.get(column, "") for column in batch.columns),
                *([row.geometry.wkt if row.geometry else ""] if extra else []),
                f"{row.number}: " + " ".join(row.errors),
            ]
            for row in rows.iterator(chunk_size=500)
        ),
    )


def neutral(text: str) -> str:
    """Text that a spreadsheet cannot take for a formula; numbers stay as they are.

    A quote goes before = + - @ and control characters, and the reader takes it away again.
    """
    if text and text[0] in "=+-@\t\r\n" and not text.lstrip("+-").replace(".", "", 1).isdecimal():
        text = "'" + text
    return "".join(c for c in text if c.isprintable() or c == "\n")[:32_000]


def _workbook(header: list[str], rows: Iterable[list[str]]) -> bytes:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise RuntimeError("a new workbook has a sheet")
    sheet.append([neutral(str(name)) for name in header])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([neutral(str(value)) for value in row])
    for number, column in enumerate(sheet.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 22
        for cell in column:
            cell.number_format = "@"  # text: the zeros at the start of a DNI stay
    out = BytesIO()
    book.save(out)
    return out.getvalue()
