"""The dashboard's page of users of a practice beside others: figures with their words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from monitoring import charts, wording
from monitoring.dashboard_filters import UseFilterForm
from monitoring.dashboards import Difference
from monitoring.figures import (
    Board,
    Figure,
    mark,
    reading_cells,
    reading_columns,
    table_caption,
)
from monitoring.indicators import Indicator
from monitoring.indicators.comparisons import (
    BEFORE_AND_AFTER,
    COMPARED,
    COMPARISONS,
    GROUP_NAMES,
    NEVER_CHANGES,
    NO_PROOF,
    SIDE_BY_SIDE,
    Comparison,
)
from monitoring.quarters import label
from monitoring.readings import Reading
from monitoring.use import seen
from monitoring.use.seen import Key, Pair
from practices.models import Practice
from ranchers.models import Cohort
from ranchers.tables import Column, Entry, Table

USING, OTHERS = 5, 3
"""Looks of the two groups on a chart, other than those of the cohorts."""


@dataclass(frozen=True)
class Question:
    """What was asked: one practice, one indicator of it for the charts, one cohort for the tables."""

    practice: Practice
    indicator: Indicator
    cohort: Cohort | None
    practices: Sequence[Practice]
    board: Board

    @property
    def quarter(self) -> int:
        return self.board.slice_.as_of

    @property
    def cohort_name(self) -> str:
        return self.cohort.name if self.cohort else _("All cohorts")

    def url(self, **other: str) -> str:
        return self.board.url("dashboard_page", "con-y-sin", **other)

    def behind(self, reading: Reading | None, cohort: Cohort | None) -> str:
        """The address of who is behind a group's figure, for those who may see them."""
        if reading is None or not self.board.sees_behind:
            return ""
        return self.board.url(
            "use_behind",
            practica=self.practice.code,
            indicador=self.indicator.code,
            cohorte=cohort.code if cohort else UseFilterForm.ALL_COHORTS,
            grupo=reading.category,
        )

    def files(self) -> dict[str, str]:
        """Addresses of the definition and of the practice's comparisons as files."""
        return {
            "definition_url": self.board.url("indicator", self.indicator.code),
            "csv_url": self.board.url("use_export", "csv", practica=self.practice.code),
            "xlsx_url": self.board.url("use_export", "xlsx", practica=self.practice.code),
        }


def draw(question: Question, *, sees_small_cells: bool) -> dict[str, Any]:
    """What the template shows; no figures where they were not made yet."""
    made_at = seen.made_at(question.quarter)
    if made_at is None:
        return {"practice": question.practice, "made_at": None}
    own = seen.pairs(
        seen.of_practice(question.practice.pk, question.quarter), sees_small_cells=sees_small_cells
    )
    every = seen.pairs(
        seen.of_indicator(question.indicator.code, question.quarter),
        sees_small_cells=sees_small_cells,
    )
    return {
        "practice": question.practice,
        "practice_url": question.practice.get_absolute_url(),
        "cohort": question.cohort_name,
        "made_at": made_at,
        "comparisons": COMPARISONS,
        "no_proof": NO_PROOF,
        "figures": _own_figures(question, own),
        "overview": _overview(question, every),
        "tables": [_table(question, own, one) for one in COMPARISONS],
        "chance": _chance(question, own),
    }


def _own_figures(question: Question, own: Mapping[Key, Pair]) -> list[Figure]:
    shown = [SIDE_BY_SIDE]
    if question.indicator.code not in NEVER_CHANGES:
        shown.append(BEFORE_AND_AFTER)
    return [_figure(question, own, one) for one in shown]


def _pair(
    question: Question,
    found: Mapping[Key, Pair],
    comparison: Comparison,
    *,
    cohort: Cohort | None,
    practice: Practice | None = None,
    indicator: Indicator | None = None,
) -> Pair:
    key = Key(
        (practice or question.practice).pk,
        (indicator or question.indicator).code,
        cohort.pk if cohort else None,
        comparison.code,
    )
    return found.get(key, Pair())


def _figure(question: Question, own: Mapping[Key, Pair], comparison: Comparison) -> Figure:
    """A lane for each group, a row for each cohort and for all of them."""
    indicator = question.indicator
    places = [*[(one, one.name) for one in question.board.cohorts], (None, _("All cohorts"))]
    rows = [(name, _pair(question, own, comparison, cohort=one)) for one, name in places]
    series = [
        charts.Series(GROUP_NAMES[comparison.first], (), style=USING),
        charts.Series(GROUP_NAMES[comparison.second], (), style=OTHERS),
    ]
    chosen = _pair(question, own, comparison, cohort=question.cohort)
    title = _finding(question, comparison, chosen)
    drawn = charts.dot_chart(
        charts.RowChart(
            title=title,
            unit=wording.unit_of(indicator),
            decimals=indicator.decimals,
            description=comparison.title,
            series=series,
            rows=[charts.Row(name, [mark(pair.first), mark(pair.second)]) for name, pair in rows],
        )
    )
    columns = [Column(_("Cohort")), *_group_columns(comparison)]
    has_unknown = comparison is SIDE_BY_SIDE
    if has_unknown:
        columns.append(Column(_("n, stage not known"), numeric=True))
    body: list[list[Entry]] = []
    for (cohort, name), (_name, pair) in zip(places, rows, strict=True):
        groups = [(one, question.behind(one, cohort)) for one in (pair.first, pair.second)]
        cells: list[Entry] = [
            cell for one, url in groups for cell in reading_cells(one, indicator, url)
        ]
        unknown = (_count(pair.unknown), question.behind(pair.unknown, cohort))
        ends = [unknown] if has_unknown else []
        body.append([name, *cells, *_difference_cells(pair, indicator), *ends])
    caption = f"{comparison.title}: {table_caption(question.indicator)}"
    notes = [
        _difference_words(chosen, indicator, comparison),
        _unknown_words(chosen) if has_unknown else "",
        question.board.note_of(indicator),
    ]
    parts = [wording.unit_of(indicator), _("95 % interval"), label(question.quarter)]
    return Figure(
        title=title,
        subtitle=" · ".join(part for part in parts if part),
        svg=drawn,
        legend=charts.legend(series),
        table=Table.of(caption=caption, columns=columns, rows=body),
        note=" ".join(filter(None, notes)),
        **question.files(),
    )


def _finding(question: Question, comparison: Comparison, pair: Pair) -> str:
    """The title: what the chosen cohort's two groups show."""
    subject = f"{question.indicator.title}, {question.practice.name} ({question.cohort_name})"
    values = [wording.value_text(one, question.indicator) for one in (pair.first, pair.second)]
    if pair.hidden:
        return _("%(subject)s: too few farms to be told") % {"subject": subject}
    if not any(values):
        return _("%(subject)s: no data yet") % {"subject": subject}
    first, second = (value or _("nobody") for value in values)
    said = {"subject": subject, "first": first, "second": second}
    if comparison is SIDE_BY_SIDE:
        return _("%(subject)s: %(first)s with it, %(second)s without") % said
    return _("%(subject)s: it changed by %(first)s; on farms without it by %(second)s") % said


def _difference_words(pair: Pair, indicator: Indicator, comparison: Comparison) -> str:
    """What may be said of the difference: above, below, or not told apart."""
    found = pair.difference
    if found is None:
        return ""
    sizes = wording.difference_sizes(found, indicator)
    if not found.is_clear:
        return _("The difference, %(size)s (from %(low)s to %(high)s), may be none at all.") % sizes
    if comparison is SIDE_BY_SIDE:
        if found.value > 0:
            return _("With the practice the figure is above that without it by %(size)s (from %(low)s to %(high)s).") % sizes  # fmt: skip
        return _("With the practice the figure is below that without it by %(size)s (from %(low)s to %(high)s).") % sizes  # fmt: skip
    if found.value > 0:
        return _("The change is above that of farms that had not adopted by %(size)s (from %(low)s to %(high)s).") % sizes  # fmt: skip
    return _("The change is below that of farms that had not adopted by %(size)s (from %(low)s to %(high)s).") % sizes  # fmt: skip


def _unknown_words(pair: Pair) -> str:
    if pair.unknown is None or pair.unknown.is_hidden:
        return ""
    return _("In neither group, since their stage is not known: %(n)s.") % {"n": _count(pair.unknown)}  # fmt: skip


def _count(reading: Reading | None) -> str:
    if reading is None:
        return "0"
    return wording.hidden_text(reading) if reading.is_hidden else str(reading.n_known)


def _group_columns(comparison: Comparison) -> list[Column]:
    names = [GROUP_NAMES[group] for group in (comparison.first, comparison.second)]
    return [*reading_columns(names), Column(_("Difference"), numeric=True), Column(_("95 % interval"), numeric=True)]  # fmt: skip


def _difference_cells(pair: Pair, indicator: Indicator) -> list[Entry]:
    found = pair.difference
    if found is None:
        return ["—", "—"]
    number = charts.frame.number_text(found.value, decimals=indicator.decimals)
    return [(number, "", found.value), _difference_interval(found, indicator)]


def _difference_interval(found: Difference, indicator: Indicator) -> str:
    """'0.2 to 0.6', with a word where it may be none."""
    low, high = (
        charts.frame.number_text(end, decimals=indicator.decimals)
        for end in (found.low, found.high)
    )
    if found.is_clear:
        return _("%(low)s to %(high)s") % {"low": low, "high": high}
    return _("%(low)s to %(high)s: may be none") % {"low": low, "high": high}


def _table(question: Question, own: Mapping[Key, Pair], comparison: Comparison) -> Table:
    """Every indicator of the chosen cohort, a cell for each group and for their difference."""
    rows: list[list[Entry]] = []
    for one in COMPARED:
        if comparison is BEFORE_AND_AFTER and one.code in NEVER_CHANGES:
            continue
        pair = _pair(question, own, comparison, cohort=question.cohort, indicator=one)
        rows.append(
            [
                (table_caption(one), question.url(indicador=one.code)),
                *(_in_full(group, one) for group in (pair.first, pair.second)),
                _difference_in_full(pair, one),
            ]
        )
    groups = [Column(GROUP_NAMES[group]) for group in (comparison.first, comparison.second)]
    return Table.of(
        caption=f"{comparison.title}: {question.practice.name}, {question.cohort_name}, {label(question.quarter)}",
        columns=[Column(_("Indicator")), *groups, Column(_("Difference"))],
        rows=rows,
    )


def _in_full(reading: Reading | None, indicator: Indicator) -> Entry:
    """'1.7 (1.6 to 1.8), n = 67'."""
    if reading is None:
        return "—"
    text = wording.value_text(reading, indicator, with_unit=False)
    interval = wording.interval_text(reading, indicator)
    parts = f"{text} ({interval})" if interval else text
    return (f"{parts}, n = {reading.n_known}" if reading.n_known else parts, "", reading.value)


def _difference_in_full(pair: Pair, indicator: Indicator) -> Entry:
    found = pair.difference
    if found is None:
        return "—"
    number = charts.frame.number_text(found.value, decimals=indicator.decimals)
    return (f"{number} ({_difference_interval(found, indicator)})", "", found.value)


def _chance(question: Question, own: Mapping[Key, Pair]) -> str:
    """How many of the differences can be told from none, beside what chance alone would give."""
    found = [
        pair.difference
        for one in COMPARED
        for comparison in COMPARISONS
        for pair in [_pair(question, own, comparison, cohort=question.cohort, indicator=one)]
    ]
    told = [one for one in found if one]
    if not told:
        return ""
    return _(
        "Of %(all)s differences in these two tables, %(clear)s can be told from none. By chance alone "
        "about one in twenty would be, and one in ten where a group has only ten farms."
    ) % {"all": len(told), "clear": sum(one.is_clear for one in told)}


def _overview(question: Question, every: Mapping[Key, Pair]) -> Figure:
    """One indicator over all practices: the two differences, the largest change first."""
    indicator = question.indicator
    shown = [SIDE_BY_SIDE, BEFORE_AND_AFTER]
    found = {
        practice: [
            _pair(question, every, one, cohort=question.cohort, practice=practice) for one in shown
        ]
        for practice in question.practices
    }

    def size(practice: Practice) -> float:
        differences = [pair.difference for pair in reversed(found[practice])]
        return next((one.value for one in differences if one), float("-inf"))

    ordered = sorted(found, key=size, reverse=True)
    series = [
        charts.Series(_("With minus without"), (), style=USING),
        charts.Series(_("Change of adopters minus change of others"), (), style=1),
    ]
    told = [pair.difference for pairs in found.values() for pair in pairs[1:] if pair.difference]
    title = _(
        "%(subject)s: the change of farms that adopted can be told from that of others for %(clear)s of %(all)s practices"
    ) % {
        "subject": indicator.title,
        "clear": sum(one.is_clear for one in told),
        "all": len(told),
    }
    drawn = charts.dot_chart(
        charts.RowChart(
            title=title,
            unit=wording.unit_of(indicator),
            decimals=indicator.decimals,
            series=series,
            rows=[charts.Row(p.name, [_difference_mark(pair) for pair in found[p]]) for p in ordered],
        )
    )  # fmt: skip
    columns = [Column(_("Practice"))]
    for one in series:
        columns += [Column(one.label, numeric=True), Column(_("95 % interval"), numeric=True)]
    rows: list[list[Entry]] = [
        [
            (p.name, question.url(practica=p.code)),
            *[cell for pair in found[p] for cell in _difference_cells(pair, indicator)],
        ]
        for p in ordered
    ]
    subtitle = [wording.unit_of(indicator), _("95 % interval"), question.cohort_name, label(question.quarter)]  # fmt: skip
    return Figure(
        title=title,
        subtitle=" · ".join(part for part in subtitle if part),
        svg=drawn,
        legend=charts.legend(series),
        table=Table.of(caption=table_caption(question.indicator), columns=columns, rows=rows),
        note=question.board.note_of(indicator),
        definition_url=question.board.url("indicator", indicator.code),
    )


def _difference_mark(pair: Pair) -> charts.Mark:
    if pair.hidden:
        return charts.Mark(x=0, value=None, label=wording.hidden_text(pair.hidden))
    found = pair.difference
    if found is None:
        return charts.Mark(x=0, value=None)
    return charts.Mark(x=0, value=found.value, low=found.low, high=found.high)
