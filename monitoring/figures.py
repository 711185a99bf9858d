"""Charts with their words and tables, made from readings. No queries here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from monitoring import charts, wording
from monitoring.dashboards import Readings, Slice, difference
from monitoring.indicators import Indicator, Interval
from monitoring.quarters import label
from monitoring.readings import Reading
from practices.models import Practice
from ranchers.models import Cohort, Status
from ranchers.tables import Column, Entry, Table


@dataclass(frozen=True)
class Figure:
    """What `parts/chart.html` shows."""

    title: str
    subtitle: str
    svg: SafeString
    legend: SafeString | str = ""
    table: Table | None = None
    note: str = ""
    definition_url: str = ""
    csv_url: str = ""
    xlsx_url: str = ""


@dataclass(frozen=True)
class ComparedValue:
    """One cohort's figure on a comparison card."""

    cohort: str
    style: int
    value: str
    interval: str
    n: str
    behind_url: str = ""

    @property
    def is_word(self) -> bool:
        """Whether it is 'withheld' rather than a number, and so set smaller."""
        return self.value.isalpha()


@dataclass(frozen=True)
class Comparison:
    """One indicator, cohort beside cohort, with their difference in words."""

    title: str
    unit: str
    values: Sequence[ComparedValue]
    difference: str
    definition_url: str


@dataclass(frozen=True)
class Board:
    """What every figure of one page shares: the readings, the cohorts and the reader's choices."""

    readings: Readings
    cohorts: Sequence[Cohort]
    slice_: Slice
    query: Mapping[str, str] = field(default_factory=dict)
    sees_behind: bool = False
    notes: Mapping[str, str] = field(
        default_factory=dict
    )  # beside figures of a raster, by its kind

    def style(self, cohort: Cohort) -> int:
        return list(self.cohorts).index(cohort) + 1

    def latest(self, indicator: Indicator, cohort: Cohort, **place: object) -> Reading | None:
        return self.at(indicator, cohort, quarter=self.slice_.as_of, **place)

    def at(
        self, indicator: Indicator, cohort: Cohort | None, *, quarter: int, **place: object
    ) -> Reading | None:
        where = {"district": self.slice_.district, "sex": self.slice_.sex, **place}
        return self.readings.get(
            indicator.code,
            quarter=quarter,
            cohort=cohort.pk if cohort else None,
            **where,  # type: ignore[arg-type]
        )

    def url(self, name: str, *args: str, **more: str) -> str:
        query = urlencode({**self.query, **more})
        return _address(name, args) + (f"?{query}" if query else "")

    def behind(
        self, reading: Reading | None, indicator: Indicator, cohort: Cohort, **more: str
    ) -> str:
        """The address of who is behind a figure, for those who may see them; '' without a figure."""
        if not self.sees_behind or reading is None:
            return ""
        return self.url("behind", indicator.code, cohorte=cohort.code, **more)

    def note_of(self, indicator: Indicator) -> str:
        """What must stand beside every figure of this indicator: the source that it is from."""
        return self.notes.get(indicator.raster, "")

    def links(self, indicator: Indicator, **more: str) -> dict[str, str]:
        return {
            "definition_url": self.url("indicator", indicator.code, **more),
            "csv_url": self.url("export", indicator.code, "csv", **more),
            "xlsx_url": self.url("export", indicator.code, "xlsx", **more),
        }


@cache
def _address(name: str, args: tuple[str, ...]) -> str:
    return reverse(f"monitoring:{name}", args=args)


def mark(reading: Reading | None, *, x: float = 0.0, label: str = "") -> charts.Mark:
    if reading is None:
        return charts.Mark(x=x, value=None, label="")
    if reading.within:
        low, high = reading.within
        return charts.Mark(x=x, value=None, low=low, high=high, n=reading.n_known, label=label)
    if reading.is_hidden:
        return charts.Mark(x=x, value=None, label=wording.hidden_text(reading))
    return charts.Mark(
        x=x,
        value=reading.value,
        low=reading.low,
        high=reading.high,
        n=reading.n_known,
        label=label,
    )


def subtitle(indicator: Indicator, *, as_of: int) -> str:
    parts = [wording.unit_of(indicator)] if indicator.unit else []
    if indicator.interval != Interval.NONE:
        parts.append(_("band: 95 % interval"))
    parts.append(_("up to %(quarter)s") % {"quarter": label(as_of)})
    return " · ".join(parts)


def compared(board: Board, indicator: Indicator, latest: Sequence[Reading | None]) -> str:
    """The difference of the second cohort from the first, in words."""
    if len(board.cohorts) < 2:
        return ""
    return wording.difference_text(
        difference(latest[0], latest[1]),
        indicator,
        first=board.cohorts[0].name,
        second=board.cohorts[1].name,
    )


def cohort_columns(first: str, cohorts: Sequence[Cohort]) -> list[Column]:
    """The heads of a table whose rows hold `reading_cells` of each cohort."""
    return [Column(first), *reading_columns([cohort.name for cohort in cohorts])]


def reading_columns(names: Iterable[str | Promise]) -> list[Column]:
    """The heads of the `reading_cells` of each of these."""
    columns: list[Column] = []
    for name in names:
        columns += [Column(name, numeric=True), Column(_("95 % interval"), numeric=True), Column("n", numeric=True)]  # fmt: skip
    return columns


def table_caption(indicator: Indicator) -> str:
    unit = wording.unit_of(indicator)
    return f"{indicator.title} ({unit})" if unit else str(indicator.title)


def reading_cells(reading: Reading | None, indicator: Indicator, url: str = "") -> list[Entry]:
    """Value (leading to `url`), interval and n of a reading, as table cells."""
    value = reading.value if reading else None
    return [
        (wording.value_text(reading, indicator, with_unit=False) or "—", url, value),
        wording.interval_text(reading, indicator) or "—",
        wording.n_text(reading) or "—",
    ]


def comparison(board: Board, indicator: Indicator) -> Comparison:
    """The latest figure of each cohort and what may be said of their difference."""
    latest = [board.latest(indicator, cohort) for cohort in board.cohorts]
    values = [
        ComparedValue(
            cohort=cohort.name,
            style=board.style(cohort),
            value=wording.value_text(reading, indicator, with_unit=False),
            interval=wording.interval_text(reading, indicator),
            n=wording.n_text(reading),
            behind_url=board.behind(reading, indicator, cohort),
        )
        for cohort, reading in zip(board.cohorts, latest, strict=True)
    ]
    return Comparison(
        title=str(indicator.title),
        unit=wording.unit_of(indicator),
        values=values,
        difference=compared(board, indicator, latest),
        definition_url=board.url("indicator", indicator.code),
    )


def by_practice(board: Board, indicator: Indicator, *, practices: Sequence[Practice]) -> Figure:
    """One row per practice, the most adopted of the last cohort first; a dot per cohort."""
    found = {
        practice: [
            board.latest(indicator, cohort, practice=practice.pk) for cohort in board.cohorts
        ]
        for practice in practices
    }

    def weight(practice: Practice) -> float:
        values = [
            reading.value for reading in found[practice] if reading and reading.value is not None
        ]
        return values[-1] if values else -1.0

    ordered = sorted(found, key=weight, reverse=True)
    series = [charts.Series(c.name, (), style=board.style(c)) for c in board.cohorts]
    title = _practices_title(indicator, ordered=ordered, found=found)
    drawn = charts.dot_chart(
        charts.RowChart(
            title=title,
            unit=wording.unit_of(indicator),
            decimals=indicator.decimals,
            series=series,
            rows=[charts.Row(p.name, [mark(r) for r in found[p]]) for p in ordered],
            maximum=100 if indicator.is_percent else None,
        )
    )
    columns = cohort_columns(_("Practice"), board.cohorts)
    rows: list[list[Entry]] = [
        [
            (p.name, board.url("indicator", indicator.code, practica=p.code)),
            *[
                cell
                for cohort, reading in zip(board.cohorts, found[p], strict=True)
                for cell in reading_cells(
                    reading, indicator, board.behind(reading, indicator, cohort, practica=p.code)
                )
            ],
        ]
        for p in ordered
    ]
    return Figure(
        title=title,
        subtitle=subtitle(indicator, as_of=board.slice_.as_of),
        svg=drawn,
        legend=charts.legend(series),
        table=Table.of(caption=str(indicator.title), columns=columns, rows=rows),
        **board.links(indicator),
    )


def _practices_title(
    indicator: Indicator,
    *,
    ordered: Sequence[Practice],
    found: Mapping[Practice, Sequence[Reading | None]],
) -> str:
    known = [p for p in ordered if any(r and r.value is not None for r in found[p])]
    if not known:
        return _("%(subject)s: no data yet") % {"subject": indicator.title}
    return _("%(subject)s: most for %(most)s, least for %(least)s") % {
        "subject": indicator.title,
        "most": known[0].name.lower(),
        "least": known[-1].name.lower(),
    }


def funnel(board: Board, indicator: Indicator) -> Figure:
    """Ranchers by status on the last day of the quarter, a lane per cohort."""
    found = {
        status: [board.latest(indicator, c, category=status.value) for c in board.cohorts]
        for status in Status
    }
    totals = [
        sum((reading.value or 0.0) for row in found.values() if (reading := row[i]) is not None)
        for i in range(len(board.cohorts))
    ]
    series = [charts.Series(c.name, (), style=board.style(c)) for c in board.cohorts]

    def step(i: int, reading: Reading | None) -> charts.Mark:
        drawn = mark(reading)
        if drawn.value is None or not totals[i]:
            return charts.Mark(0, drawn.value if reading else 0.0, label=drawn.label)
        share = charts.frame.number_text(100 * drawn.value / totals[i], decimals=0, unit="%")
        hidden = any(r is not None and r.is_hidden for r in (row[i] for row in found.values()))
        return charts.Mark(0, drawn.value, label="" if hidden else share)

    active = [(c, found[Status.ACTIVE][i]) for i, c in enumerate(board.cohorts)]
    said = [wording.in_cohort(wording.value_text(r, indicator), c) for c, r in active if r]
    title = _("Active ranchers: %(said)s") % {"said": "; ".join(said) or _("no data yet")}
    rows = [
        charts.Row(s.label, [step(i, r) for i, r in enumerate(row)]) for s, row in found.items()
    ]
    table_rows: list[list[Entry]] = [
        [
            str(s.label),
            *[
                (
                    wording.value_text(r, indicator) or "0",
                    board.behind(r, indicator, c, estado=s.value),
                )
                for c, r in zip(board.cohorts, row, strict=True)
            ],
        ]
        for s, row in found.items()
    ]
    columns = [Column(_("Status")), *[Column(c.name, numeric=True) for c in board.cohorts]]
    return Figure(
        title=title,
        subtitle=_("Ranchers by status on the last day of %(quarter)s")
        % {"quarter": label(board.slice_.as_of)},
        svg=charts.funnel_chart(charts.RowChart(title=title, decimals=0, series=series, rows=rows)),
        legend=charts.legend(series),
        table=Table.of(caption=str(indicator.title), columns=columns, rows=table_rows),
        **board.links(indicator),
    )
