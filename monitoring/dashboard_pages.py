"""The pages of the dashboard: which cells each is made of, and the figures it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from monitoring import figures, indicators, timelines, trees_page
from monitoring.adoption_curves import adoption_figure, curves, curves_stamp
from monitoring.cover import citing
from monitoring.dashboard_filters import (
    FilterForm,
    MapFilterForm,
    Places,
    PracticeFilterForm,
    UseFilterForm,
)
from monitoring.dashboards import Query, Readings, Slice, read, stamp
from monitoring.district_maps import district_map
from monitoring.figures import Board
from monitoring.indicators import Indicator
from monitoring.models import Measures
from monitoring.use import page as use_page
from monitoring.use import seen
from practices.models import Practice
from ranchers.access import Viewer, role_of, sees_names, sees_small_cells

HEADLINES = ("active_share", "practices_per_rancher", "stocking_rate", "milk_per_cow", "trees_on_pasture", "unvisited_180d")  # fmt: skip
PRODUCTION = ("stocking_rate", "milk_per_cow", "milk_per_ha", "liveweight_sold_per_ha", "calving_rate", "weaning_rate", "mortality", "mortality_calves")  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """A reader's request for a page: the choices, already checked, and what the reader may see."""

    form: FilterForm
    places: Places
    practices: Sequence[Practice]
    sees_small_cells: bool
    role: str

    @classmethod
    def of(cls, form_class: type[FilterForm], words: Mapping[str, Any], *, viewer: Viewer) -> Ask:
        """What the words of an address ask for. Of the viewer nothing but the role counts."""
        places = Places.load(with_outlines=issubclass(form_class, MapFilterForm))
        more: dict[str, Any] = {}
        if issubclass(form_class, PracticeFilterForm):
            more["practices"] = list(Practice.objects.filter(is_active=True))
        if issubclass(form_class, MapFilterForm):
            more["indicators"] = [
                i for i in indicators.INDICATORS if i.kind not in {"count", "survival"}
            ]
            more["has_values"] = sees_names(viewer)
        return cls(
            form=form_class(words, places=places, **more),
            places=places,
            practices=more.get("practices", []),
            sees_small_cells=sees_small_cells(viewer),
            role=str(role_of(viewer)),
        )

    @property
    def slice_(self) -> Slice:
        return self.form.slice_()

    def board(self, query: Query) -> Board:
        slice_ = self.slice_
        return Board(
            readings=read(query, slice_=slice_, sees_small_cells=self.sees_small_cells),
            cohorts=self.places.cohorts,
            slice_=slice_,
            query=self.form.chosen(),
            sees_behind=self.sees_small_cells,
            notes=self.notes if any(one.raster for one in query.indicators) else {},
        )

    @cached_property
    def notes(self) -> dict[str, str]:
        """What stands beside figures of a raster, by what it measures."""
        active = citing.active_sources()
        return {one: citing.words_beside(active.get(one)) for one in Measures.values}

    def fingerprint(self) -> tuple[object, ...]:
        """The reader's choices, and every name that stands on a page."""
        return (
            self.slice_,
            sorted(self.form.chosen().items()),
            [(cohort.pk, cohort.code, cohort.name) for cohort in self.places.cohorts],
            [(district.pk, district.name) for district in self.places.districts],
            [(p.pk, p.code, p.name, p.intensity_max_basis) for p in self.practices],
        )

    def adoption_curves(self, board: Board, practice: Practice) -> figures.Figure:
        found = curves(
            practice,
            cohorts=self.places.cohorts,
            sees_small_cells=self.sees_small_cells,
            as_of=self.slice_.as_of,
        )
        return adoption_figure(board, practice, found=found)

    def series_of(self, codes: Sequence[str], *, practices: Sequence[int] = ()) -> Query:
        slice_ = self.slice_
        return Query(
            indicators=[indicators.get(code) for code in codes],
            first_quarter=slice_.since,
            last_quarter=slice_.as_of,
            practices=practices,
        )

    def latest_of(
        self, codes: Sequence[str], *, practices: Sequence[int] = (), by_district: bool = False
    ) -> Query:
        as_of = self.slice_.as_of
        wanted = [indicators.get(code) for code in codes]
        return Query(wanted, as_of, as_of, practices=practices, by_district=by_district)


@dataclass(frozen=True)
class Page:
    """One page: its place in the address, its tab, the cells it is made of and how it is drawn."""

    slug: str
    title: str | Promise
    icon: str
    queries: Callable[[Ask], list[Query]]
    draw: Callable[[Ask, list[Query]], dict[str, Any]]
    form: type[FilterForm] = FilterForm
    template: str = "monitoring/dashboard/figures.html"
    lead: str | Promise = ""
    curves_of: Callable[[Ask], Practice | None] = lambda ask: None
    own_stamp: Callable[[Ask], str] = lambda ask: ""

    def stamp(self, ask: Ask) -> str:
        """A word that changes whenever a figure of the page does."""
        queries = self.queries(ask)
        newest, total = stamp(queries)
        practice = self.curves_of(ask)
        curves = f"-{curves_stamp(practice, as_of=ask.slice_.as_of)}" if practice else ""
        has_cover = any(one.raster for query in queries for one in query.indicators)
        cover = f"-{citing.stamp()}" if has_cover else ""
        return f"{newest.timestamp() if newest else 0}-{total}{curves}{cover}{self.own_stamp(ask)}"

    def context(self, ask: Ask) -> dict[str, Any]:
        return self.draw(ask, self.queries(ask))


def _draw_series(ask: Ask, queries: list[Query]) -> dict[str, Any]:
    board = ask.board(queries[0])
    wanted = queries[0].indicators
    return {
        "comparisons": [figures.comparison(board, indicator) for indicator in wanted],
        "figures": [timelines.over_time(board, indicator) for indicator in wanted],
    }


def _summary_queries(ask: Ask) -> list[Query]:
    return [ask.series_of(HEADLINES), ask.latest_of(["enrolled"])]


def _draw_summary(ask: Ask, queries: list[Query]) -> dict[str, Any]:
    board, status = ask.board(queries[0]), ask.board(queries[1])
    shown = [indicators.get(code) for code in ("practices_per_rancher", "stocking_rate", "trees_on_pasture")]  # fmt: skip
    return {
        "comparisons": [figures.comparison(board, one) for one in queries[0].indicators],
        "figures": [
            figures.funnel(status, indicators.get("enrolled")),
            *[timelines.over_time(board, indicator) for indicator in shown],
        ],
    }


def _chosen_practice(ask: Ask) -> Practice | None:
    chosen = ask.form.practice() if isinstance(ask.form, PracticeFilterForm) else None
    return chosen or next(iter(ask.practices), None)


def _adoption_queries(ask: Ask) -> list[Query]:
    everyone = [practice.pk for practice in ask.practices]
    one = _chosen_practice(ask)
    queries = [
        ask.latest_of(["adoption_rate", "adoption_intensity"], practices=everyone),
        ask.latest_of(["enrolled"]),
    ]
    if one:
        queries.append(ask.series_of(["adoption_rate", "coverage"], practices=[one.pk]))
    return queries


def _draw_adoption(ask: Ask, queries: list[Query]) -> dict[str, Any]:
    board, status = ask.board(queries[0]), ask.board(queries[1])
    rate, intensity = queries[0].indicators
    measured = [p for p in ask.practices if p.intensity_max_basis != "none"]
    drawn = [
        figures.by_practice(board, rate, practices=ask.practices),
        figures.by_practice(board, intensity, practices=measured),
        figures.funnel(status, indicators.get("enrolled")),
    ]
    one = _chosen_practice(ask)
    if one and len(queries) > 2:
        over_time = ask.board(queries[2])
        drawn += [timelines.over_time(over_time, i, practice=one) for i in queries[2].indicators]
        drawn.insert(3, ask.adoption_curves(over_time, one))
    return {"figures": drawn}


def _map_choice(ask: Ask) -> tuple[Indicator, Practice | None]:
    chosen = ask.form.indicator() if isinstance(ask.form, MapFilterForm) else None
    indicator = chosen or indicators.get("active_share")
    return indicator, _chosen_practice(ask) if indicator.per_practice else None


def _map_queries(ask: Ask) -> list[Query]:
    indicator, practice = _map_choice(ask)
    of = [practice.pk] if practice else []
    return [ask.latest_of([indicator.code], practices=of, by_district=True)]


def _draw_map(ask: Ask, queries: list[Query]) -> dict[str, Any]:
    indicator, practice = _map_choice(ask)
    board = ask.board(queries[0])
    cohorts = ask.form.cohorts() if isinstance(ask.form, MapFilterForm) else ask.places.cohorts
    return {
        "figures": [
            district_map(board, indicator, cohort=cohort, districts=ask.places.districts, practice=practice)
            for cohort in cohorts
        ]
    }  # fmt: skip


def use_question(ask: Ask) -> use_page.Question | None:
    """What a reader of the comparisons asked; None without a practice."""
    practice = _chosen_practice(ask)
    if practice is None or not isinstance(ask.form, UseFilterForm):
        return None
    moved = indicators.BY_CODE.get(practice.moves_indicator, indicators.get("stocking_rate"))
    indicator = ask.form.indicator() or moved
    return use_page.Question(
        practice=practice,
        indicator=indicator,
        cohort=ask.form.cohort(),
        practices=ask.practices,
        board=Board(
            Readings(),
            ask.places.cohorts,
            ask.slice_,
            query=ask.form.chosen(),
            sees_behind=ask.sees_small_cells,
            notes=ask.notes if indicator.raster else {},
        ),
    )


def _use_stamp(ask: Ask) -> str:
    made_at = seen.made_at(ask.slice_.as_of)
    return f"-{made_at.timestamp() if made_at else 0}-{citing.stamp()}"


def _draw_use(ask: Ask, _queries: list[Query]) -> dict[str, Any]:
    question = use_question(ask)
    if question is None:
        return {}
    return use_page.draw(question, sees_small_cells=ask.sees_small_cells)


def _series_page(slug: str, title: Promise, icon: str, codes: Sequence[str], lead: Promise) -> Page:
    return Page(
        slug=slug,
        title=title,
        icon=icon,
        queries=lambda ask: [ask.series_of(codes)],
        draw=_draw_series,
        lead=lead,
    )


PAGES: Mapping[str, Page] = {
    page.slug: page
    for page in (
        Page(
            slug="resumen",
            title=_("Summary"),
            icon="chart",
            queries=_summary_queries,
            draw=_draw_summary,
            lead=_("The cohorts side by side: where they are today and how they came here."),
        ),
        Page(
            slug="adopcion",
            title=_("Adoption"),
            icon="leaf",
            queries=_adoption_queries,
            draw=_draw_adoption,
            curves_of=_chosen_practice,
            form=PracticeFilterForm,
            lead=_("Which practices are in use, by how many, and on how much of the farm."),
        ),
        _series_page("produccion", _("Production"), "milk", PRODUCTION, _("What the herd gives and how much land it takes.")),
        Page(
            slug="arboles",
            title=_("Trees"),
            icon="tree",
            queries=lambda ask: [ask.series_of((*trees_page.COVER, *trees_page.COUNTED))],
            draw=lambda ask, queries: trees_page.draw(ask.board(queries[0]), queries[0].indicators),
            template="monitoring/dashboard/trees.html",
            lead=_("The forest that satellites see on the farms, and the trees and pasture that visits count."),
        ),
        Page(
            slug="con-y-sin",
            title=_("With and without"),
            icon="same",
            queries=lambda ask: [],
            draw=_draw_use,
            own_stamp=_use_stamp,
            form=UseFilterForm,
            template="monitoring/dashboard/use.html",
            lead=_("Farms that use a practice beside farms that do not, and beside themselves before they did."),
        ),
        Page(
            slug="mapa",
            title=_("Map"),
            icon="map",
            queries=_map_queries,
            draw=_draw_map,
            form=MapFilterForm,
            lead=_("Where the plots are, and one figure by district, a map for each cohort."),
        ),
    )
}  # fmt: skip
