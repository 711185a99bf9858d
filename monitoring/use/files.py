"""The comparisons of one practice as a file: a row for each group and each difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.utils.translation import gettext as _

from monitoring.exports import (
    LongTable,
    Value,
    data_word,
    hidden_note,
    moment_text,
    synthetic_notes,
)
from monitoring.indicators import Indicator
from monitoring.indicators.comparisons import (
    COMPARED,
    COMPARISONS,
    GROUP_NAMES,
    NO_PROOF,
    Comparison,
    Group,
)
from monitoring.quarters import label
from monitoring.readings import Reading
from monitoring.use import seen
from monitoring.use.page import Question
from monitoring.use.seen import Key, Pair
from monitoring.wording import unit_of, value_text
from ranchers.models import Cohort


def use_table(
    question: Question, *, notes: Mapping[str, str], sees_small_cells: bool, is_synthetic: bool
) -> LongTable:
    """Every indicator, cohort and group of a practice's quarter, hidden figures as on the page.

    `notes`: what stands beside figures of a raster, by what it measures.
    """
    figures = seen.of_practice(question.practice.pk, question.quarter)
    found = seen.pairs(figures, sees_small_cells=sees_small_cells)
    moment = moment_text(seen.made_at(question.quarter))
    made_up = data_word(is_synthetic=is_synthetic)
    cohorts: list[Cohort | None] = [*question.board.cohorts, None]
    rows = [
        [
            question.practice.code, question.practice.name, label(question.quarter),
            cohort.name if cohort else _("All cohorts"), str(comparison.title),
            one.code, str(one.title), unit_of(one), *line, moment, made_up,
        ]
        for comparison in COMPARISONS
        for one in COMPARED
        for cohort in cohorts
        for line in _lines(
            found.get(Key(question.practice.pk, one.code, cohort.pk if cohort else None, comparison.code)),
            comparison,
            one,
        )
    ]  # fmt: skip
    return LongTable(
        name=question.practice.code[:31],
        header=[
            _("code"), _("practice"), _("quarter"), _("cohort"), _("comparison"), _("indicator code"),
            _("indicator"), _("unit"), _("group"), _("value"), _("low (95 %)"), _("high (95 %)"),
            _("n known"), _("interval method"), _("computed at"), _("data"),
        ],
        rows=rows,
        notes=[
            *(f"{one.title}: {one.definition}" for one in COMPARISONS),
            str(NO_PROOF),
            *synthetic_notes(is_synthetic=is_synthetic),
            *notes.values(),
            hidden_note(),
        ],
    )  # fmt: skip


def _lines(
    pair: Pair | None, comparison: Comparison, indicator: Indicator
) -> Iterator[Sequence[Value]]:
    """Both groups, their difference, and how many are in neither."""
    if pair is None:
        return
    for group, one in ((comparison.first, pair.first), (comparison.second, pair.second)):
        if one is not None:
            yield _line(group, one, indicator)
    found = pair.difference
    if found is not None:
        yield [_("difference"), found.value, found.low, found.high, None, "MOVER"]
    if pair.unknown is not None:
        yield _line(Group.UNKNOWN, pair.unknown, indicator)


def _line(group: Group, one: Reading, indicator: Indicator) -> Sequence[Value]:
    value = value_text(one, indicator, with_unit=False) if one.is_hidden else one.value
    return [str(GROUP_NAMES[group]), value, one.low, one.high, one.n_known, one.method]
