"""The programme's indicators as data: one definition each, one engine (facts.py, cells.py).

From these definitions come the cells, docs/indicators.md, the captions of charts and the metadata
of the API. A new scalar indicator is one entry here, and a column in sql/rancher_facts.sql when
what it needs is not there yet.
"""

from __future__ import annotations

from collections.abc import Iterable

from monitoring.indicators.adoption import ADOPTION
from monitoring.indicators.cover import COVER
from monitoring.indicators.definition import GROUP_TITLES, Group, Indicator, Interval, Kind, Text
from monitoring.indicators.productivity import PRODUCTIVITY
from monitoring.indicators.trees import TREES

__all__ = [
    "BY_CODE",
    "GROUP_TITLES",
    "INDICATORS",
    "Group",
    "Indicator",
    "Interval",
    "Kind",
    "Text",
    "UnknownIndicator",
    "by_group",
    "get",
    "scalars",
]

INDICATORS: tuple[Indicator, ...] = (*ADOPTION, *PRODUCTIVITY, *TREES, *COVER)
BY_CODE: dict[str, Indicator] = {indicator.code: indicator for indicator in INDICATORS}


class UnknownIndicator(KeyError):
    """No indicator has this code."""


def get(code: str) -> Indicator:
    """The definition with this code. Raises UnknownIndicator."""
    try:
        return BY_CODE[code]
    except KeyError:
        raise UnknownIndicator(code) from None


def scalars() -> list[Indicator]:
    """Those computed from the columns of RancherFact."""
    return [indicator for indicator in INDICATORS if indicator.is_scalar]


def by_group() -> Iterable[tuple[Group, Text, list[Indicator]]]:
    """(group, its title, its indicators), in reading order."""
    for group, title in GROUP_TITLES.items():
        yield group, title, [one for one in INDICATORS if one.group == group]
