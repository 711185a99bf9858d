"""What one indicator's definition says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class Kind(StrEnum):
    """How a cell's value comes from the sums over its ranchers."""

    SHARE = "share"  # ranchers (or adoptions) with / those known
    RATIO = "ratio"  # sum of numerators / sum of denominators
    MEAN = "mean"  # sum of numerators / number known
    COUNT = "count"  # the number itself
    SURVIVAL = "survival"  # a curve, from SurvivalPoint


class Interval(StrEnum):
    """Which interval is meant; `ratio` is a bootstrap up to 200 ranchers, delta method beyond."""

    WILSON = "wilson"
    RATIO = "ratio"
    GREENWOOD = "greenwood"
    NONE = "none"


class Group(StrEnum):
    ADOPTION = "adoption"
    PRODUCTIVITY = "productivity"
    TREES = "trees"


GROUP_TITLES: dict[Group, Text] = {
    Group.ADOPTION: _("Adoption"),
    Group.PRODUCTIVITY: _("Productivity"),
    Group.TREES: _("Trees and frontier"),
}


@dataclass(frozen=True)
class Indicator:
    """One indicator.

    `numerator` and `denominator` are SQL over the columns of RancherFact, in hundredths; a null in
    either means 'not known for this rancher', and the rancher is left out of both sums. They are
    empty where the engine counts something else (practices, statuses, curves); the definition says
    what. `scale` takes the ratio to `unit` (100 for %, 365 for a day's litres to a year's).
    `raster` says which active cover source feeds it: forest, alerts or none.
    `numerator_unit` is the unit of the cell's numerator / 100: the programme's total.
    """

    code: str
    group: Group
    title: Text
    definition: Text
    unit: Text
    kind: Kind
    interval: Interval
    source: Text
    numerator: str = ""
    denominator: str = ""
    scale: float = 1.0
    per_practice: bool = False
    higher_is_better: bool | None = None
    decimals: int = 1
    spread: bool = False
    numerator_unit: Text = ""
    categories: tuple[str, ...] = ()
    needs_consent: str = ""
    raster: str = ""
    level: str = "cohort x quarter x district x sex"
    since: str = "1.0"

    @cached_property
    def is_scalar(self) -> bool:
        """True when the value of one rancher in one quarter is numerator / denominator."""
        return bool(self.numerator)

    @property
    def is_percent(self) -> bool:
        return self.unit == "%"


VISITS: Text = _("Farm visits: herd, milk and pasture as counted by the technician")
EVENTS: Text = _("Farm visits: events since the previous visit, brought to 12 months by exposure")
SEEN: Text = _("Farm visits: stage of each practice as seen by the technician")
STATUS: Text = _("Enrolment status history")
