"""The land-use history of a plot as a table: one row per use, one column per change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ranchers.models import LandUse, LandUseArea, Plot

MOST_CHANGES = 6


@dataclass(frozen=True)
class LandUseRow:
    """One use and its hectares after each change, None where it was not on the plot."""

    label: str
    areas_ha: list[Decimal | None]


@dataclass(frozen=True)
class LandUseTable:
    """The last changes, the newest first; `totals_ha` has the sum after each."""

    changed_on: list[date]
    rows: list[LandUseRow]
    totals_ha: list[Decimal]


def land_use_history(*, plot: Plot, today: date) -> LandUseTable:
    """The table of the last six changes up to today."""
    areas = [a for a in LandUseArea.objects.filter(plot=plot) if a.period.lower <= today]
    edges = sorted({a.period.lower for a in areas}, reverse=True)[:MOST_CHANGES]

    def on(use: str, day: date) -> Decimal | None:
        for area in areas:
            upper = area.period.upper
            if area.land_use == use and area.period.lower <= day and (not upper or day < upper):
                return area.area_ha
        return None

    rows = [
        LandUseRow(str(label), values)
        for use, label in LandUse.choices
        if any(values := [on(use, day) for day in edges])
    ]
    totals = [
        sum((row.areas_ha[i] or Decimal(0) for row in rows), Decimal(0)) for i in range(len(edges))
    ]
    return LandUseTable(changed_on=edges, rows=rows, totals_ha=totals)
