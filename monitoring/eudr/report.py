"""The report beside the file: every plot, in it or not, why, and what it lost since the cut-off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.db.models import Count
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _

from monitoring.cover.citing import source_words
from monitoring.eudr.candidates import NOTICES, REASONS
from monitoring.exports import LongTable, Value
from monitoring.models import EudrExport, EudrPlot
from ranchers.tables import Column, Table

MOST_ROWS = 250


def reasons_counted(export: EudrExport) -> list[tuple[str, int]]:
    """(why, how many plots) of those left out, the most frequent first."""
    found = dict.fromkeys(REASONS, 0)
    rows = export.plots.filter(is_included=False).values("reasons").annotate(n=Count("id"))
    for reasons, n in rows.values_list("reasons", "n"):
        for code in reasons:
            found[code] += n
    return sorted(
        ((str(REASONS[code]), n) for code, n in found.items() if n), key=lambda pair: -pair[1]
    )


def report_table(export: EudrExport) -> tuple[Table, bool]:
    """The plots as a table, those left out first, and whether there are more than it holds."""
    rows = list(_rows(export)[: MOST_ROWS + 1])
    table = Table.of(
        caption=_("Each plot asked for"),
        columns=[
            Column(_("Plot")),
            Column(_("Rancher")),
            Column(_("In the file")),
            Column(_("Lost since 2020 (ha)"), numeric=True),
            Column(_("Why, and what to know")),
        ],
        rows=[
            [
                (row.plot.name, reverse("ranchers:plot", args=[row.plot_id])),
                (row.plot.rancher.full_name, reverse("ranchers:page", args=[row.plot.rancher_id])),
                _("yes") if row.is_included else _("no"),
                _loss(row),
                " ".join(_words(row)),
            ]
            for row in rows[:MOST_ROWS]
        ],
    )
    return table, len(rows) > MOST_ROWS


def report_sheet(export: EudrExport) -> LongTable:
    """The whole report for a spreadsheet."""
    return LongTable(
        name=_("report"),
        header=[
            _("plot"),
            _("rancher"),
            _("DNI"),
            _("district"),
            _("area (ha)"),
            _("in the file"),
            _("lost since 31 December 2020 (ha)"),
            _("why, and what to know"),
        ],
        rows=list(_lines(export)),
        notes=_notes(export),
    )


def _rows(export: EudrExport):  # type: ignore[no-untyped-def]
    return (
        EudrPlot.objects.filter(export=export)
        .select_related("plot__rancher", "plot__district", "boundary")
        .defer("boundary__boundary")
        .order_by("is_included", "plot__rancher__surnames", "plot__rancher__given_names", "id")
    )


def _lines(export: EudrExport) -> Iterator[Sequence[Value]]:
    for row in _rows(export).iterator(chunk_size=2_000):
        yield [
            row.plot.name,
            row.plot.rancher.full_name,
            row.plot.rancher.dni or "",
            row.plot.district.name,
            float(row.boundary.area_ha) if row.boundary else None,
            _("yes") if row.is_included else _("no"),
            None if row.loss_m2 is None else row.loss_m2 / 10_000,
            " ".join(_words(row)),
        ]


def _notes(export: EudrExport) -> list[str]:
    notes = [
        _("Made for: %(recipient)s") % {"recipient": export.recipient},
        _("Made on %(day)s") % {"day": export.made_at.date().isoformat()},
        _("Loss is what the satellite shows inside the outline of today; it is no judgement."),
    ]
    if export.source:
        notes += [source_words(export.source), export.source.caveat]
    else:
        notes.append(_("No source of forest loss was in use."))
    return [note for note in notes if note]


def _words(row: EudrPlot) -> list[str]:
    return [str(REASONS[code]) for code in row.reasons] + [str(NOTICES[c]) for c in row.notices]


def _loss(row: EudrPlot) -> str:
    return "—" if row.loss_m2 is None else localize(round(Decimal(row.loss_m2) / 10_000, 2))
