"""Cells as files: one row per cell, hidden ones as '< 5' or 'withheld', CSV or XLSX."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO

from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from monitoring.dashboard_filters import SEX_CHOICES
from monitoring.dashboard_pages import Ask
from monitoring.dashboards import Query, read
from monitoring.indicators import Indicator
from monitoring.quarters import label
from monitoring.readings import Reading
from monitoring.wording import unit_of, value_text

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet may take for a formula, full-width signs too."""

Value = str | float | int | None


class UnknownFileKind(ValueError):
    """Neither csv nor xlsx."""


@dataclass(frozen=True)
class LongTable:
    """A sheet: its name, header, rows, and the notes that go with the figures."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Value]]
    notes: Sequence[str]


def slice_name(ask: Ask) -> str:
    """'2026-T3-170302-f': the slice, for a file's name."""
    slice_ = ask.slice_
    return "-".join(
        part for part in (label(slice_.as_of), slice_.district or "", slice_.sex) if part
    )


def long_table(
    ask: Ask, indicator: Indicator, *, queries: Sequence[Query], is_synthetic: bool
) -> LongTable:
    """Every reading of the queries once, in a steady order.

    A row says all that it needs to be understood where it is pasted: unit, n, interval and its
    method, when it was computed, whether it is made up, and the definition.
    """
    found: dict[tuple[object, ...], Reading] = {}
    for query in queries:
        for row in read(query, slice_=ask.slice_, sees_small_cells=ask.sees_small_cells):
            found[row[:7]] = row
    cohorts = {cohort.pk: cohort.name for cohort in ask.places.cohorts}
    districts = {district.pk: district.name for district in ask.places.districts}
    practices: dict[int, str] = {p.pk: p.name for p in ask.practices}
    sexes = {sex: str(name) for sex, name in SEX_CHOICES}

    made_up = data_word(is_synthetic=is_synthetic)

    def line(row: Reading) -> list[Value]:
        return [
            indicator.code, str(indicator.title), unit_of(indicator), label(row.quarter),
            cohorts.get(row.cohort or 0, _("All cohorts")),
            districts.get(row.district or "", _("All districts")), sexes.get(row.sex, row.sex),
            practices.get(row.practice or 0, ""), row.category,
            value_text(row, indicator, with_unit=False) if row.is_hidden else row.value, row.low, row.high, row.n_known,
            row.n_enrolled, row.method, moment_text(row.computed_at), made_up, str(indicator.definition),
        ]  # fmt: skip

    order = sorted(found.values(), key=lambda r: tuple(str(part) for part in (r.quarter, r.cohort or 0, r.practice or 0, r.district or "", r.sex, r.category)))  # fmt: skip
    return LongTable(
        name=indicator.code[:31],
        header=[
            _("code"),
            _("indicator"),
            _("unit"),
            _("quarter"),
            _("cohort"),
            _("district"),
            _("sex"),
            _("practice"),
            _("status"),
            _("value"),
            _("low (95 %)"),
            _("high (95 %)"),
            _("n known"),
            _("n enrolled"),
            _("interval method"),
            _("computed at"),
            _("data"),
            _("definition"),
        ],  # fmt: skip
        rows=[line(row) for row in order],
        notes=[
            f"{indicator.title}: {indicator.definition}",
            _("As of %(quarter)s, from %(since)s.")
            % {"quarter": label(ask.slice_.as_of), "since": label(ask.slice_.since)},
            _("Computed last: %(moment)s.")
            % {
                "moment": moment_text(
                    max((r.computed_at for r in order if r.computed_at), default=None)
                )
            },
            *synthetic_notes(is_synthetic=is_synthetic),
            _(
                "n known: ranchers with a known value; n enrolled: those in the cohort. Interval: 95 %."
            ),
            _("Source: %(source)s") % {"source": indicator.source},
            *([ask.notes[indicator.raster]] if indicator.raster else []),
            hidden_note(),
        ],
    )


def data_word(*, is_synthetic: bool) -> str:
    """What a row says of where its figures come from."""
    return _("synthetic: made up") if is_synthetic else _("observed")


def synthetic_notes(*, is_synthetic: bool) -> list[str]:
    told = _("Synthetic data: people, farms and figures are made up to show how Hato works.")
    return [told] if is_synthetic else []


def hidden_note() -> str:
    return _("'< 5': fewer than five ranchers; 'withheld': it would give such a figure away.")


def moment_text(at: datetime | None) -> str:
    """Local time to the second with its offset, '' for none."""
    return localtime(at).isoformat(timespec="seconds") if at else ""


def render_as(table: LongTable, *, kind: str) -> tuple[bytes, str]:
    """(content, content type). Raises UnknownFileKind."""
    if kind == "csv":
        return _csv(table), "text/csv; charset=utf-8"
    if kind == "xlsx":
        return _xlsx(table), XLSX
    raise UnknownFileKind(kind)


def _safe(value: Value) -> Value:
    """Text that a spreadsheet would run as a formula is quoted."""
    if isinstance(value, str) and (value.startswith(FORMULA_STARTS) or value.lstrip().startswith(FORMULA_STARTS)):  # fmt: skip
        return "'" + value
    return value


def _csv(table: LongTable) -> bytes:
    """UTF-8 with a byte order mark, since Excel takes it for another encoding without."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(table.header)
    writer.writerows([[_safe(value) for value in row] for row in table.rows])
    return ("\ufeff" + out.getvalue()).encode()


def _xlsx(table: LongTable) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 (a new workbook has one sheet)
    sheet.title = table.name
    sheet.append(list(table.header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for row in table.rows:
        sheet.append([_safe(value) for value in row])
    for column in "ABDEFGH":
        sheet.column_dimensions[column].width = 20
    notes = book.create_sheet(_("notes"))
    for note in table.notes:
        notes.append([_safe(note)])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
