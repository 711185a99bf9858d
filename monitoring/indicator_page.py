"""One indicator: its figures over time, by district and by sex."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from monitoring import figures, timelines, wording
from monitoring.dashboard_filters import SEX_CHOICES, PracticeFilterForm
from monitoring.dashboard_pages import Ask
from monitoring.dashboards import Query, Readings
from monitoring.figures import Board
from monitoring.indicators import Indicator, Kind
from practices.models import Practice
from ranchers.tables import Table


def chosen_practice(ask: Ask, indicator: Indicator) -> Practice | None:
    if not indicator.per_practice:
        return None
    chosen = ask.form.practice() if isinstance(ask.form, PracticeFilterForm) else None
    return chosen or next(iter(ask.practices), None)


def indicator_queries(ask: Ask, indicator: Indicator) -> list[Query]:
    """Every quarter of the slice; and of the last quarter, all districts and sexes."""
    if indicator.kind == Kind.SURVIVAL:
        return []
    practice = chosen_practice(ask, indicator)
    of = [practice.pk] if practice else []
    last = ask.slice_.as_of
    return [
        ask.series_of([indicator.code], practices=of),
        Query([indicator], last, last, practices=of, by_district=True, by_sex=True),
    ]


def indicator_figures(ask: Ask, indicator: Indicator) -> dict[str, Any]:
    queries = indicator_queries(ask, indicator)
    practice = chosen_practice(ask, indicator)
    if not queries:
        board = Board(
            Readings(),
            ask.places.cohorts,
            ask.slice_,
            ask.form.chosen(),
            sees_behind=ask.sees_small_cells,
        )
        return {
            "practice": practice,
            "figures": [ask.adoption_curves(board, practice)] if practice else [],
        }
    over_time, places = ask.board(queries[0]), ask.board(queries[1])
    if indicator.categories:
        return {"practice": practice, "figures": [figures.funnel(over_time, indicator)]}
    return {
        "practice": practice,
        "figures": [timelines.over_time(over_time, indicator, practice=practice)],
        "tables": [
            _by_district(places, ask, indicator, practice=practice),
            _by_sex(places, indicator, practice=practice),
        ],
    }


def _by_district(
    board: Board, ask: Ask, indicator: Indicator, *, practice: Practice | None
) -> Table:
    of = {"practice": practice.pk} if practice else {}
    behind = {"practica": practice.code} if practice else {}
    rows: list[list[Any]] = []
    for key, name in [(None, _("All districts")), *((d.pk, d.name) for d in ask.places.districts)]:
        row: list[Any] = [name]
        for cohort in board.cohorts:
            reading = board.latest(indicator, cohort, district=key, **of)
            url = board.behind(reading, indicator, cohort, distrito=key or "", **behind)
            row += figures.reading_cells(reading, indicator, url)
        rows.append(row)
    return Table.of(
        caption=_("By district (%(unit)s)") % {"unit": wording.unit_of(indicator) or "n"},
        columns=figures.cohort_columns(_("District"), board.cohorts),
        rows=rows,
    )


def _by_sex(board: Board, indicator: Indicator, *, practice: Practice | None) -> Table:
    of = {"practice": practice.pk} if practice else {}
    behind = {"practica": practice.code} if practice else {}
    rows: list[list[Any]] = []
    for sex, name in SEX_CHOICES:
        row: list[Any] = [name]
        for cohort in board.cohorts:
            reading = board.latest(indicator, cohort, sex=sex, **of)
            url = board.behind(reading, indicator, cohort, sexo=sex, **behind)
            row += figures.reading_cells(reading, indicator, url)
        rows.append(row)
    return Table.of(
        caption=_("By sex (%(unit)s)") % {"unit": wording.unit_of(indicator) or "n"},
        columns=figures.cohort_columns(_("Sex"), board.cohorts),
        rows=rows,
    )
