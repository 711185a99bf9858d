"""What the map of plots can be coloured by, and the same plots as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring.charts.maps import SHADES
from monitoring.cover.citing import source_words
from monitoring.models import CoverSource, PlotCover, PlotShape, PracticeFact, RancherFact
from monitoring.models.cover import CUTOFF_YEAR
from monitoring.tile_choices import Choice
from monitoring.tile_rows import Rows
from monitoring.tiles import forest_source
from practices.models import Practice, Stage
from ranchers.access import Viewer, plots_for
from ranchers.models import Cohort, District
from ranchers.tables import Column, Table

MOST_ROWS = 250
UNKNOWN = "#ffffff"
COHORT_COLOURS = ("#b3470b", "#0a5c92", "#5b5b5b", "#7b3f8f", "#1d6f4c")
"""The series colours of hato.css, in the order of the cohorts: the same on every page."""

CHOICES = {
    "cohorte": gettext_lazy("Cohort"),
    "etapa": gettext_lazy("Stage of a practice"),
    "practicas": gettext_lazy("Practices in use"),
    "bosque": gettext_lazy("Forest"),
    "perdida": gettext_lazy("Forest lost since 2020"),
}
"""What plots can be coloured by."""

Text = str | Promise


@dataclass(frozen=True)
class Shade:
    """One class of the legend: a value, or for amounts the lowest that belongs to it."""

    colour: str
    label: Text
    at: int | float | str | None


@dataclass(frozen=True)
class Value:
    """Something to colour plots by: the tile's property, its classes, and what a reader must know."""

    code: str
    attribute: str
    shades: Sequence[Shade]
    is_amount: bool = False
    note: Text = ""

    @property
    def title(self) -> Text:
        return CHOICES[self.code]

    def for_script(self) -> dict[str, Any]:
        return {
            "attribute": self.attribute,
            "amount": self.is_amount,
            "shades": [{"at": s.at, "colour": s.colour, "label": str(s.label)} for s in self.shades],
        }  # fmt: skip


def amounts(*lows: float, unit: str, colours: Sequence[str] = SHADES) -> list[Shade]:
    """Classes from each number up to the next; the last is open."""
    shades = []
    for i, low in enumerate(lows):
        high = lows[i + 1] if i + 1 < len(lows) else None
        words = {"low": localize(low), "high": localize(high), "unit": unit}
        label = (
            _("%(low)s %(unit)s or more") % words
            if high is None
            else _("%(low)s to less than %(high)s %(unit)s") % words
        )
        shades.append(Shade(colours[i], label, low))
    return shades


_STAGES: Mapping[str, str] = {
    Stage.PLANNED: "#dbe7f3",
    Stage.TRIAL: "#9dc3e0",
    Stage.ADOPTED: "#3f86bd",
    Stage.SUSTAINED: "#0b3c6b",
    Stage.DROPPED: "#b3470b",
}
_LOSS = ("#eceae4", "#fbd89a", "#ef9d3c", "#bf5a0c", "#6e2606")


def values(*, cohorts: Sequence[Cohort], practice: Practice | None) -> list[Value]:
    """Everything that plots can be coloured by; the stage is that of the practice chosen."""
    unknown = Shade(UNKNOWN, _("Not known"), None)
    source = forest_source()
    forest_note = _forest_note(source) if source else _("Tree cover has not been computed yet.")
    counts = [Shade(SHADES[0], _("None"), 0)] + [
        Shade(SHADES[i + 1], label, low)
        for i, (low, label) in enumerate(
            ((1, _("1 or 2")), (3, _("3 to 5")), (6, _("6 to 9")), (10, _("10 or more")))
        )
    ]
    loss = [Shade(_LOSS[0], _("None"), 0)] + amounts(0.01, 0.5, 2, 5, unit="ha", colours=_LOSS[1:])
    return [
        Value(
            "cohorte",
            "cohort",
            [
                *(Shade(COHORT_COLOURS[i % 5], c.name, c.pk) for i, c in enumerate(cohorts)),
                Shade(UNKNOWN, _("In no cohort today"), None),
            ],
        ),
        Value(
            "etapa",
            "stage",
            [*(Shade(c, Stage(s).label, s) for s, c in _STAGES.items()), unknown],
            note=_("As known from the visits of the last 18 months: %(practice)s.") % {"practice": practice.name}
            if practice
            else "",
        ),
        Value("practicas", "practices", [*counts, unknown], is_amount=True),
        Value(
            "bosque",
            "forest",
            [*amounts(0, 20, 40, 60, 80, unit="%"), unknown],
            is_amount=True,
            note=forest_note,
        ),
        Value(
            "perdida",
            "loss",
            [*loss, unknown],
            is_amount=True,
            note=forest_note,
        ),
    ]  # fmt: skip


def _forest_note(source: CoverSource) -> str:
    until = _("Up to %(year)s.") % {"year": source.last_year}
    return " ".join(filter(None, [source_words(source), until, source.caveat]))


def totals(viewer: Viewer, choice: Choice) -> Table:
    """Plots and hectares by district, as far as the viewer sees plots and chose them; for staff."""
    by_place = Rows.of(viewer, choice).by_place()
    rows: list[tuple[str, str, str]] = []
    for district in District.objects.all():
        plots, area_ha = by_place.get(district.pk, (0, Decimal(0)))
        rows.append((district.name, localize(plots), localize(round(area_ha))))
    return Table.of(
        caption=_("Plots drawn on the map, by district"),
        columns=[
            Column(_("District")),
            Column(_("Plots"), numeric=True),
            Column(_("Area (ha)"), numeric=True),
        ],
        rows=rows,
        sortable=False,
    )


def drawn_plots(viewer: Viewer, choice: Choice) -> list[PlotShape]:
    """The first plots by rancher's name, each with the values the map shows; one more than
    `MOST_ROWS` when there are more. For viewers who may see names."""
    quarter = choice.quarter
    facts = RancherFact.objects.filter(rancher=OuterRef("rancher"), quarter=quarter)
    known = PracticeFact.objects.filter(
        rancher=OuterRef("rancher"),
        practice=choice.practice,
        from_quarter__lte=quarter,
        to_quarter__gt=quarter,
    )
    rows: QuerySet[PlotShape] = PlotShape.objects.filter(plot__in=plots_for(viewer))
    if choice.district:
        rows = rows.filter(place=choice.district)
    if choice.is_of_some_ranchers:
        rows = rows.filter(Exists(facts.filter(stratum__in=choice.strata())))
    return list(
        rows.select_related("plot__rancher", "place")
        .annotate(
            cohorts=Subquery(facts.values("stratum__cohorts")[:1]),
            practices=Subquery(facts.values("practices_in_use")[:1]),
            stage=Subquery(known.values("stage")[:1]),
        )
        .defer("far", "middle", "near")
        .order_by(
            F("plot__rancher__surnames"),
            "plot__rancher__given_names",
            "plot__rancher_id",
            "plot__name",
        )[: MOST_ROWS + 1]
    )


def table(viewer: Viewer, choice: Choice, *, cohorts: Sequence[Cohort]) -> tuple[Table, bool]:
    """The plots of the map with all their values, and whether there are more than the table holds."""
    found = drawn_plots(viewer, choice)
    rows = found[:MOST_ROWS]
    source = forest_source()
    covers = {
        cover.boundary_id: cover
        for cover in PlotCover.objects.filter(
            source=source, boundary__in=[row.boundary_id for row in rows]
        )
    }
    names = {one.pk: one.name for one in cohorts}
    columns = [
        Column(_("Plot")),
        Column(_("Rancher")),
        Column(_("District")),
        Column(_("Area (ha)"), numeric=True),
        Column(_("Cohort")),
        Column(_("Practices in use"), numeric=True),
        Column(_("Stage")),
        Column(_("Forest (%)"), numeric=True),
        Column(_("Lost since 2020 (ha)"), numeric=True),
    ]
    return (
        Table.of(
            caption=_("The plots of the map"),
            columns=columns,
            rows=[_row(row, covers.get(row.boundary_id), names, source, choice) for row in rows],
        ),
        len(found) > MOST_ROWS,
    )


def _row(
    row: Any, cover: PlotCover | None, names: Mapping[int, str], source: Any, choice: Choice
) -> list[Any]:
    forest, loss = "—", "—"
    if cover and source:
        cover.source = source
        year = choice.last_full_year
        left = [area for of, area in cover.forest_by_year().items() if of <= year]
        if left and cover.land_m2:
            forest = localize(round(100 * left[-1] / cover.land_ha))
            lost = cover.loss_by_year().items()
            since = [area for of, area in lost if CUTOFF_YEAR < of <= year]
            loss = localize(round(sum(since, Decimal(0)), 2))
    cohorts = ", ".join(names[c] for c in row.cohorts or () if c in names)
    return [
        (row.plot.name, reverse("ranchers:plot", args=[row.plot_id])),
        row.plot.rancher.full_name,
        row.place.name,
        localize(round(row.area_ha, 1)),
        cohorts or "—",
        "—" if row.practices is None else str(row.practices),
        str(Stage(row.stage).label) if row.stage else "—",
        forest,
        loss,
    ]
