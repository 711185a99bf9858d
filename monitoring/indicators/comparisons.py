"""How farms that use a practice are compared with others: the indicators' own figures, over other groups.

They are no indicators: a group is not a slice that cells have, and what is said of two groups is their
difference. Definitions stand here, so that pages, files and docs/indicators.md are made from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from monitoring.indicators.cover import COVER
from monitoring.indicators.definition import Indicator, Text
from monitoring.indicators.productivity import PRODUCTIVITY
from monitoring.indicators.trees import TREES
from monitoring.quarters import KNOWN_QUARTERS

COMPARED: tuple[Indicator, ...] = (*PRODUCTIVITY, *TREES, *COVER)
"""Indicators that each rancher has a value of, and that a practice could move."""

NEVER_CHANGES = frozenset({"canopy_pct", "forest_change_ha", "forest_change_pct"})
"""Codes of which no change is told: a baseline stays, and a change since joining is one already."""

YEAR = 4
"""Quarters between the one in which a farm was first seen using a practice and the oldest visit that
counts as a year after."""

APART = YEAR + KNOWN_QUARTERS - 1
"""Quarters from adoption to a figure that is surely of a year after: a figure of a quarter may be of a
visit five quarters older."""


class Group(StrEnum):
    """The farms behind one figure."""

    WITH = "with"
    WITHOUT = "without"
    UNKNOWN = "unknown"
    ADOPTERS = "adopters"
    OTHERS = "others"


@dataclass(frozen=True)
class Comparison:
    """Two groups of farms, the first of which uses the practice."""

    code: str
    title: Text
    definition: Text
    first: Group
    second: Group


SIDE_BY_SIDE = Comparison(
    code="side_by_side",
    title=_("Farms with and without the practice"),
    definition=_(
        "The indicator, aggregated as its definition says, over the ranchers who on the last day of the "
        "quarter have the practice adopted or sustained (with), and over those at another known stage: "
        "planned, on trial or dropped (without). Ranchers whose stage is not known are in neither."
    ),
    first=Group.WITH,
    second=Group.WITHOUT,
)
BEFORE_AND_AFTER = Comparison(
    code="before_and_after",
    title=_("Each farm with itself, before and after"),
    definition=_(
        "Of farms that adopted the practice: the indicator in the quarter minus the indicator in the last "
        "quarter before the practice was first seen in use, over the same farms, whether or not they "
        "still use it. The quarter is at least nine after adoption, so that every figure is of a visit a "
        "year or more after it. Beside it the change, between the same quarters and in the same "
        "proportions, of farms where no visit had seen the practice in use by then; adopters of quarters "
        "for which there is no such farm are left out while there are others. Each figure is the newest "
        "known in 18 months."
    ),
    first=Group.ADOPTERS,
    second=Group.OTHERS,
)
COMPARISONS = (SIDE_BY_SIDE, BEFORE_AND_AFTER)

GROUP_NAMES: dict[Group, Text] = {
    Group.WITH: _("With the practice"),
    Group.WITHOUT: _("Without it"),
    Group.UNKNOWN: _("Stage not known"),
    Group.ADOPTERS: _("Farms that adopted"),
    Group.OTHERS: _("Farms that had not adopted"),
}

NO_PROOF: Text = _(
    "This is no proof that the practice is the cause. The farms chose it, and those that did may differ "
    "in other ways: land, money, other practices, how often they are visited."
)
