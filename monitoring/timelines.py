"""Figures over time: a line per cohort by quarter or by year, with the table behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from monitoring import charts, wording
from monitoring.figures import (
    Board,
    Figure,
    cohort_columns,
    compared,
    mark,
    reading_cells,
    subtitle,
    table_caption,
)
from monitoring.indicators import Indicator
from monitoring.quarters import label, last_full_year
from monitoring.readings import Reading
from practices.models import Practice
from ranchers.models import Cohort
from ranchers.tables import Entry, Table


class Step(NamedTuple):
    """One step on the time axis: where it stands, its name, and the quarter whose figure it shows."""

    x: int
    name: str
    quarter: int


Lines = Mapping[Cohort, Sequence[Reading | None]]


def over_time(board: Board, indicator: Indicator, *, practice: Practice | None = None) -> Figure:
    """Each cohort's line by quarter."""
    first, last = board.slice_.since, board.slice_.as_of
    return _timeline(
        board,
        indicator,
        steps=[Step(quarter, label(quarter), quarter) for quarter in range(first, last + 1)],
        ticks=year_ticks(first, last),
        first_column=_("Quarter"),
        description=_("Lines by quarter, one for each cohort."),
        subtitle=subtitle(indicator, as_of=last),
        practice=practice,
    )


def by_year(board: Board, indicator: Indicator, *, last_year: int) -> Figure:
    """Each cohort's line by year up to `last_year`."""
    ends = year_ends(since=board.slice_.since, as_of=board.slice_.as_of, last_year=last_year)
    said = [wording.unit_of(indicator), _("band: 95 % interval"), _("by year, up to the last full one")]  # fmt: skip
    return _timeline(
        board,
        indicator,
        steps=[Step(year, str(year), quarter) for year, quarter in ends.items()],
        ticks=[(year, str(year)) for year in ends],
        first_column=_("Year"),
        description=_("Lines by year, one for each cohort."),
        subtitle=" · ".join(said),
    )


def year_ticks(first: int, last: int) -> list[tuple[float, str]]:
    """One tick at the first quarter of each year."""
    years = range(-(-first // 4), last // 4 + 1)
    return [(year * 4, str(year)) for year in years] or [(first, label(first))]


def year_ends(*, since: int, as_of: int, last_year: int) -> dict[int, int]:
    """The quarter to read for each full year: its last one, and for the newest year that the source
    knows the newest quarter asked for, whose figures of rasters are still those of that year."""
    last = min(last_full_year(as_of), last_year)
    quarters = {year: year * 4 + 3 for year in range(since // 4, last + 1)}
    return quarters | ({last: as_of} if last in quarters else {})


def _timeline(
    board: Board,
    indicator: Indicator,
    *,
    steps: Sequence[Step],
    ticks: Sequence[tuple[float, str]],
    first_column: str,
    description: str | Promise,
    subtitle: str,
    practice: Practice | None = None,
) -> Figure:
    """A line per cohort with its bands; the table has every value, interval and n."""
    of = {"practice": practice.pk} if practice else {}
    lines = {
        cohort: [board.at(indicator, cohort, quarter=step.quarter, **of) for step in steps]
        for cohort in board.cohorts
    }
    series = [
        charts.Series(
            label=cohort.name,
            marks=[mark(r, x=step.x, label=step.name) for step, r in zip(steps, line, strict=True)],
            style=board.style(cohort),
        )
        for cohort, line in lines.items()
    ]
    latest = [line[-1] if line else None for line in lines.values()]
    title = wording.finding(
        indicator, cohorts=board.cohorts, readings=latest, of=practice.name if practice else ""
    )
    drawn = charts.line_chart(
        charts.LineChart(
            title=title,
            unit=wording.unit_of(indicator),
            decimals=indicator.decimals,
            description=description,
            series=series,
            x_ticks=ticks,
        )
    )
    address = {"practica": practice.code} if practice else {}
    return Figure(
        title=title,
        subtitle=subtitle,
        svg=drawn,
        legend=charts.legend(series),
        table=Table.of(
            caption=table_caption(indicator),
            columns=cohort_columns(first_column, board.cohorts),
            rows=_rows(board, indicator, steps=steps, lines=lines, address=address),
        ),
        note=" ".join(filter(None, [compared(board, indicator, latest), board.note_of(indicator)])),
        **board.links(indicator, **address),
    )


def _rows(
    board: Board,
    indicator: Indicator,
    *,
    steps: Sequence[Step],
    lines: Lines,
    address: Mapping[str, str],
) -> list[list[Entry]]:
    """The newest step first."""
    rows: list[list[Entry]] = []
    for i, step in reversed(list(enumerate(steps))):
        row: list[Entry] = [step.name]
        for cohort, line in lines.items():
            behind = board.behind(line[i], indicator, cohort, hasta=label(step.quarter), **address)
            row += reading_cells(line[i], indicator, behind)
        rows.append(row)
    return rows
