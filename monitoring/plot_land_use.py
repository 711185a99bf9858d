"""The land-use history of a plot as a drawing: hectares of each use since each change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from monitoring.charts import Layer, Mark, StackChart, stack_chart, stack_key
from monitoring.figures import Figure
from ranchers.models import LandUse, LandUseArea, Plot

COLOURS = {
    LandUse.FOREST: ("#1d4d36", True),
    LandUse.REGROWTH: ("#a9d08e", False),
    LandUse.SILVOPASTURE: ("#2f7d7a", True),
    LandUse.PASTURE: ("#f0d264", False),
    LandUse.FODDER: ("#b3470b", True),
    LandUse.CROPS: ("#9dc3e0", False),
    LandUse.OTHER: ("#5b5b5b", True),
}
"""From the bottom up, dark and light in turn: neighbours differ in grey print, too."""


def land_use_figure(*, plot: Plot, today: date) -> Figure | None:
    """The drawing, None where nothing was recorded before today."""
    areas = [a for a in LandUseArea.objects.filter(plot=plot) if a.period.lower < today]
    if not areas:
        return None
    changed_on = sorted({a.period.lower for a in areas} | {a.period.upper for a in areas if a.period.upper and a.period.upper < today})  # fmt: skip
    days = [*changed_on, today]
    layers = []
    for use, (colour, is_dark) in COLOURS.items():
        marks = [
            Mark(
                x=day.toordinal(),
                value=float(_on(areas, use, day)),
                label=_("since %(day)s") % {"day": date_format(day, "j b Y")},
            )
            for day in days
        ]
        if any(mark.value for mark in marks):
            layers.append(Layer(use.label, colour, marks, is_dark))
    if not layers:
        return None
    title = _finding(areas, days[0], today)
    return Figure(
        title=title,
        subtitle=_("Land use, as recorded on the plot’s page and at visits."),
        svg=stack_chart(
            StackChart(
                title=title,
                unit="ha",
                decimals=1,
                description=_("Hectares of each use since each change; the table has the figures."),
                layers=layers,
                x_ticks=_years(days),
            )
        ),
        legend=stack_key(layers),
    )


def _finding(areas: Sequence[LandUseArea], first: date, today: date) -> str:
    """What became of the pasture, which is what the programme asks."""

    def pasture(day: date) -> Decimal:
        return _on(areas, LandUse.PASTURE, day) + _on(areas, LandUse.SILVOPASTURE, day)

    words = {
        "then": localize(round(pasture(first), 1)),
        "now": localize(round(pasture(today), 1)),
        "day": date_format(first, "j b Y"),
    }
    if pasture(first) == pasture(today):
        return _("%(now)s ha of pasture, as on %(day)s") % words
    return _("Pasture, with and without trees: %(then)s ha on %(day)s, %(now)s ha today") % words


def _on(areas: Sequence[LandUseArea], use: str, day: date) -> Decimal:
    for area in areas:
        upper = area.period.upper
        if area.land_use == use and area.period.lower <= day and (upper is None or day < upper):
            return area.area_ha
    return Decimal(0)


def _years(days: Sequence[date]) -> list[tuple[float, str]]:
    """Ticks at the beginning of years, five at most; at both ends where no year begins between."""
    years = [y for y in range(days[0].year, days[-1].year + 1) if date(y, 1, 1) >= days[0]]
    step = -(-len(years) // 5) or 1
    found: list[tuple[float, str]] = [(date(y, 1, 1).toordinal(), str(y)) for y in years[::step]]
    return found or [(d.toordinal(), date_format(d, "j b Y")) for d in (days[0], days[-1])]
