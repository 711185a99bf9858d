"""Targets against what was achieved, from cells."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from monitoring import indicators
from monitoring.charts.frame import number_text
from monitoring.indicators import Indicator
from monitoring.models import Cell, Target
from monitoring.quarters import current_quarter, label
from monitoring.wording import unit_of


class Standing(StrEnum):
    """How a target stands; the value is the kind of its badge."""

    REACHED = "good"
    OPEN = "info"
    MISSED = "bad"
    UNKNOWN = "planned"


STANDING_LABELS = {
    Standing.REACHED: _("Reached"),
    Standing.OPEN: _("On the way"),
    Standing.MISSED: _("Not reached in time"),
    Standing.UNKNOWN: _("No data yet"),
}


@dataclass(frozen=True)
class Achievement:
    """One target and the figure of its quarter, or of the last quarter before it is due."""

    target: Target
    indicator: Indicator
    cell: Cell | None
    standing: Standing

    @property
    def title(self) -> str:
        practice = self.target.practice
        return f"{self.indicator.title}: {practice.name}" if practice else str(self.indicator.title)

    @property
    def goal(self) -> str:
        return number_text(self.target.value, decimals=self.indicator.decimals, unit=unit_of(self.indicator))  # fmt: skip

    @property
    def achieved(self) -> str:
        if self.cell is None:
            return "—"
        return number_text(self.cell.value, decimals=self.indicator.decimals, unit=unit_of(self.indicator))  # fmt: skip

    @property
    def interval(self) -> str:
        if self.cell is None or self.cell.low is None or self.cell.high is None:
            return ""
        low = number_text(self.cell.low, decimals=self.indicator.decimals)
        high = number_text(self.cell.high, decimals=self.indicator.decimals)
        return str(_("%(low)s to %(high)s")) % {"low": low, "high": high}

    @property
    def due(self) -> str:
        return label(self.target.quarter)

    @property
    def behind_url(self) -> str:
        """Who is behind the figure achieved; '' without one."""
        if self.cell is None:
            return ""
        cohort, practice = self.target.cohort, self.target.practice
        chosen = {
            "cohorte": cohort.code if cohort else "todas",
            "practica": practice.code if practice else "",
            "hasta": label(self.cell.quarter),
            "estado": self.target.category,
        }
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{reverse('monitoring:behind', args=[self.indicator.code])}?{query}"

    @property
    def standing_label(self) -> str:
        return str(STANDING_LABELS[self.standing])

    @property
    def percent(self) -> int:
        """How far along, 0 to 100, for a goal that is reached by going up."""
        if self.cell is None or self.cell.value is None or self.target.value <= 0:
            return 0
        return max(0, min(100, round(100 * self.cell.value / self.target.value)))

    @property
    def goes_up(self) -> bool:
        return self.indicator.higher_is_better is not False


def achievements() -> list[Achievement]:
    """Every target with its figure, in two queries; a target of an unknown indicator is left out."""
    targets = [
        target
        for target in Target.objects.select_related("cohort", "practice").order_by(
            "cohort__starts_on", "indicator", "practice__order", "quarter"
        )
        if target.indicator in indicators.BY_CODE
    ]
    cells = _cells(targets)
    found = []
    for target in targets:
        indicator = indicators.get(target.indicator)
        cell = cells.get(_key(target, quarter=min(target.quarter, current_quarter())))
        found.append(Achievement(target, indicator, cell, _standing(target, indicator, cell)))
    return found


Key = tuple[str, int, int | None, int | None, str]


def _key(target: Target, *, quarter: int) -> Key:
    return (target.indicator, quarter, target.cohort_id, target.practice_id, target.category)


def _cells(targets: Iterable[Target]) -> dict[Key, Cell]:
    listed = list(targets)
    cells = Cell.objects.filter(
        indicator__in={target.indicator for target in listed},
        quarter__in={min(target.quarter, current_quarter()) for target in listed},
        district__isnull=True,
        sex="",
    )
    return {(c.indicator, c.quarter, c.cohort_id, c.practice_id, c.category): c for c in cells}


def _standing(target: Target, indicator: Indicator, cell: Cell | None) -> Standing:
    if cell is None or cell.value is None:
        return Standing.UNKNOWN
    up = indicator.higher_is_better is not False
    if (cell.value >= target.value) if up else (cell.value <= target.value):
        return Standing.REACHED
    return Standing.OPEN if target.quarter >= current_quarter() else Standing.MISSED
