"""What monitoring knows of one plot: its forest and losses by outline, alerts, and visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.formats import date_format, localize
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from monitoring.charts import LineChart, Mark, Series, line_chart
from monitoring.cover.citing import source_words
from monitoring.figures import Figure
from monitoring.models import CoverSource, Measures, PlotAlert, PlotCover, Visit
from monitoring.models.cover import CUTOFF_YEAR
from monitoring.plot_land_use import land_use_figure
from monitoring.visits import visits_for
from ranchers.access import Viewer, has_role
from ranchers.models import Plot, PlotBoundary, Role
from ranchers.plot_sections import Section
from ranchers.tables import Column, Table

MOST_VISITS = 10
MOST_ALERTS = 20


@dataclass(frozen=True)
class CoverContent:
    """Tree cover of a plot as the page shows it; `is_waiting`: the outline of today is not computed."""

    figure: Figure | None
    table: Table | None
    sources: list[CoverSource]
    is_waiting: bool
    too_small: bool = False


@dataclass(frozen=True)
class AlertContent:
    """Alerts on today's outline; `source` None: no source of alerts is in use."""

    source: CoverSource | None
    is_computed: bool
    rows: list[PlotAlert]
    more: int = 0

    @property
    def words(self) -> str:
        return source_words(self.source) if self.source else ""


@dataclass(frozen=True)
class VisitContent:
    """Visits at a plot, newest first; a rancher gets the days alone."""

    rows: list[tuple[date, str, str]]
    more_url: str = ""


def sections(
    *, plot: Plot, boundaries: Sequence[PlotBoundary], viewer: Viewer
) -> Sequence[Section]:
    """Land use, cover, alerts and visits of a plot whose record the viewer may see."""
    covers = list(
        PlotCover.objects.filter(boundary__in=boundaries)
        .select_related("source")
        .prefetch_related(Prefetch("alerts", PlotAlert.objects.order_by("-day", "-confidence")))
    )
    today = next((one for one in boundaries if one.period.upper is None), None)
    use = land_use_figure(plot=plot, today=localdate())
    return [
        *([Section("monitoring/plot/land_use.html", use, place="land_use")] if use else []),
        Section("monitoring/plot/cover.html", cover_of(covers, boundaries, today)),
        Section("monitoring/plot/alerts.html", alerts_of(covers, today)),
        Section("monitoring/plot/visits.html", visits_at(plot, viewer)),
    ]


def cover_of(
    covers: Sequence[PlotCover], boundaries: Sequence[PlotBoundary], today: PlotBoundary | None
) -> CoverContent:
    """The forest of today's outline by year, and every outline by every source in a table."""
    of_forest = [one for one in covers if one.source.measures == Measures.FOREST]
    current = [one for one in of_forest if today and one.boundary_id == today.pk]
    active = next((one for one in current if one.source.is_active), None)
    order = {boundary.pk: i for i, boundary in enumerate(boundaries)}
    by_id = {boundary.pk: boundary for boundary in boundaries}
    of_forest.sort(key=lambda one: (order[one.boundary_id], not one.source.is_active))
    return CoverContent(
        figure=_forest_figure(active) if active and active.forest_ha is not None else None,
        table=_cover_table(of_forest, by_id) if of_forest else None,
        sources=list({one.source_id: one.source for one in of_forest}.values()),
        is_waiting=today is not None and active is None,
        too_small=bool(active and active.is_too_small),
    )


def _forest_figure(cover: PlotCover) -> Figure:
    forest, loss = cover.forest_by_year(), cover.loss_by_year()
    years = list(forest)
    first, last = forest[years[0]], forest[years[-1]]
    since = cover.loss_since()
    title = _("%(left)s ha of the %(first)s ha of forest of %(year)s were left in %(last)s") % {
        "left": localize(round(last, 1)),
        "first": localize(round(first, 1)),
        "year": years[0],
        "last": years[-1],
    }
    step = max(1, len(years) // 5)
    chart = LineChart(
        title=title,
        unit="ha",
        decimals=1,
        description=_("Forest on today’s outline at the end of each year."),
        series=[Series(_("Forest"), [Mark(x=y, value=float(ha)) for y, ha in forest.items()], style=5)],
        x_ticks=[(year, str(year)) for year in years[::step]],
    )  # fmt: skip
    lost = (
        _("%(ha)s ha lost since 31 December %(year)s.") % {"ha": localize(round(since, 2)), "year": CUTOFF_YEAR}
        if since
        else _("No loss seen since 31 December %(year)s.") % {"year": CUTOFF_YEAR}
    )  # fmt: skip
    source = cover.source
    return Figure(
        title=title,
        subtitle=lost,
        svg=line_chart(chart),
        note=" ".join(filter(None, [source_words(source), source.caveat])),
        table=Table.of(
            caption=_("Forest by year"),
            columns=[
                Column(_("Year")),
                Column(_("Forest at its end (ha)"), numeric=True),
                Column(_("Lost in it (ha)"), numeric=True),
            ],
            rows=[
                (str(year), localize(round(ha, 2)), localize(round(loss[year], 2)) if year in loss else "—")
                for year, ha in forest.items()
            ],
            sortable=False,
            stacks=False,
        ),
    )  # fmt: skip


def _cover_table(covers: Sequence[PlotCover], boundaries: dict) -> Table:
    rows = []
    for cover in covers:
        boundary = boundaries[cover.boundary_id]
        forest = cover.forest_by_year()
        left = list(forest.values())[-1] if forest else None
        name = str(cover.source)
        if cover.source.is_synthetic:
            name = _("%(source)s (synthetic)") % {"source": name}
        rows.append(
            (
                date_format(boundary.period.lower, "j b Y"),
                name,
                "—" if cover.canopy_pct is None else localize(round(cover.canopy_pct)),
                "—" if left is None else localize(round(left, 2)),
                localize(round(cover.loss_since(), 2)) if forest else "—",
                date_format(cover.computed_at, "j b Y"),
            )
        )
    return Table.of(
        caption=_("Tree cover of each outline, by source"),
        columns=[
            Column(_("Outline since")),
            Column(_("Source")),
            Column(_("Canopy (%)"), numeric=True),
            Column(_("Forest now (ha)"), numeric=True),
            Column(_("Lost since 2020 (ha)"), numeric=True),
            Column(_("Computed")),
        ],
        rows=rows,
        sortable=False,
    )


def alerts_of(covers: Sequence[PlotCover], today: PlotBoundary | None) -> AlertContent:
    """The newest alerts on today's outline by the source in use."""
    source = CoverSource.objects.filter(is_active=True, measures=Measures.ALERTS).first()
    found = next(
        (c for c in covers if source and today and c.source_id == source.pk and c.boundary_id == today.pk),
        None,
    )  # fmt: skip
    rows = list(found.alerts.all()) if found else []
    return AlertContent(source, found is not None, rows[:MOST_ALERTS], len(rows[MOST_ALERTS:]))


def visits_at(plot: Plot, viewer: Viewer) -> VisitContent:
    """(day, who visited, address) of the newest visits at the plot."""
    if has_role(viewer, Role.RANCHER):
        days = Visit.objects.filter(plot=plot, deleted_at=None).order_by("-visited_on")
        return VisitContent(
            [(day, "", "") for day in days.values_list("visited_on", flat=True)[:MOST_VISITS]]
        )
    found = visits_for(viewer).filter(plot=plot, deleted_at=None).order_by("-visited_on", "-id")
    rows = [
        (
            visit.visited_on,
            visit.technician.name if visit.technician else "",
            reverse("monitoring:visit", args=[visit.pk]),
        )
        for visit in found[:MOST_VISITS]
    ]
    return VisitContent(rows, f"{reverse('monitoring:visits')}?rancher={plot.rancher_id}")
