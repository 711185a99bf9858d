"""The dashboard's page of trees: forest seen by satellites year by year, then what visits count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from monitoring import charts, figures, wording
from monitoring.cover import citing
from monitoring.figures import Board, Figure, mark, reading_cells
from monitoring.indicators import Indicator
from monitoring.models import Measures
from monitoring.quarters import label
from monitoring.readings import Reading
from ranchers.models import Cohort
from ranchers.tables import Column, Entry, Table

CHANGE = ("forest_change_pct", "forest_change_ha")
CARDS = ("loss_ha", "loss_since_cutoff_ha", "forest_ha", "alerts", "forest_per_head", "canopy_pct")
COVER = (*CHANGE, *CARDS)
COUNTED = ("trees_on_pasture", "live_fence_km", "pasture_change_ha")
BY_YEAR = ("forest_change_pct", "loss_ha", "loss_since_cutoff_ha", "forest_ha")
BY_QUARTER = ("alerts", "forest_per_head")


def draw(board: Board, wanted: Sequence[Indicator]) -> dict[str, Any]:
    """What the template shows. The full words on the sources stand once above the figures, so that
    each figure says its source in a line."""
    by_code = {one.code: one for one in wanted}
    active = citing.active_sources()
    short = {name: citing.short_words(source) for name, source in active.items()}
    brief = replace(board, notes=short)
    forest = active.get(Measures.FOREST)
    last_year = (forest.last_year if forest else None) or 0
    return {
        "sources": [active[name] for name in Measures.values if name in active],
        "sources_url": reverse("monitoring:cover_sources") if board.sees_behind else "",
        "has_forest": forest is not None,
        "is_synthetic": any(source.is_synthetic for source in active.values()),
        "change": [figures.comparison(board, by_code[code]) for code in CHANGE],
        "cards": [figures.comparison(board, by_code[code]) for code in CARDS],
        "cover_figures": [
            *[by_year(brief, by_code[code], last_year=last_year) for code in BY_YEAR],
            *[figures.over_time(brief, by_code[code]) for code in BY_QUARTER],
        ],
        "comparisons": [figures.comparison(board, by_code[code]) for code in COUNTED],
        "figures": [figures.over_time(board, by_code[code]) for code in COUNTED],
    }


def year_ends(*, since: int, as_of: int, last_year: int) -> dict[int, int]:
    """The quarter to read for each full year: its last one, and for the newest year that the source
    knows the newest quarter asked for, whose figures of rasters are still those of that year."""
    last = min((as_of + 1) // 4 - 1, last_year)
    quarters = {year: year * 4 + 3 for year in range(since // 4, last + 1)}
    return quarters | ({last: as_of} if last in quarters else {})


def by_year(board: Board, indicator: Indicator, *, last_year: int) -> Figure:
    """Each cohort's line by year up to `last_year`, with bands; the table has every value, interval
    and n."""
    ends = year_ends(since=board.slice_.since, as_of=board.slice_.as_of, last_year=last_year)
    lines = {
        cohort: [board.at(indicator, cohort, quarter=quarter) for quarter in ends.values()]
        for cohort in board.cohorts
    }
    series = [
        charts.Series(
            label=cohort.name,
            marks=[mark(r, x=year, label=str(year)) for year, r in zip(ends, line, strict=True)],
            style=board.style(cohort),
        )
        for cohort, line in lines.items()
    ]
    latest = [line[-1] if line else None for line in lines.values()]
    title = wording.finding(indicator, cohorts=board.cohorts, readings=latest)
    drawn = charts.line_chart(
        charts.LineChart(
            title=title,
            unit=wording.unit_of(indicator),
            decimals=indicator.decimals,
            description=_("Lines by year, one for each cohort."),
            series=series,
            x_ticks=[(year, str(year)) for year in ends],
        )
    )
    said = [figures.compared(board, indicator, latest), board.note_of(indicator)]
    return Figure(
        title=title,
        subtitle=" · ".join(
            [wording.unit_of(indicator), _("band: 95 % interval"), _("by year, up to the last full one")]
        ),
        svg=drawn,
        legend=charts.legend(series),
        table=_year_table(board, indicator, ends=ends, lines=lines),
        note=" ".join(filter(None, said)),
        **board.links(indicator),
    )  # fmt: skip


def _year_table(
    board: Board,
    indicator: Indicator,
    *,
    ends: Mapping[int, int],
    lines: Mapping[Cohort, Sequence[Reading | None]],
) -> Table:
    columns = [Column(_("Year"))]
    for cohort in lines:
        columns += [Column(cohort.name, numeric=True), Column(_("95 % interval"), numeric=True), Column("n", numeric=True)]  # fmt: skip
    rows: list[list[Entry]] = []
    for at, (year, quarter) in reversed(list(enumerate(ends.items()))):
        row: list[Entry] = [str(year)]
        for cohort, line in lines.items():
            behind = board.behind(line[at], indicator, cohort, hasta=label(quarter))
            row += reading_cells(line[at], indicator, behind)
        rows.append(row)
    unit = wording.unit_of(indicator)
    return Table.of(caption=f"{indicator.title} ({unit})", columns=columns, rows=rows)
