"""Which small cells must not be shown to people who may not see a person's figures.

A cell with one to four ranchers behind it is hidden. Where it could be worked out by subtraction
from a total that is shown, more cells are hidden: in every sum of siblings, the hidden ones are at
least two and hold at least five ranchers together. The decision is made on the whole table of an
indicator's quarter (cohort x district x sex x category), never on the page's slice, so that two
pages side by side give no more than one.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from ranchers.access import SMALL_CELL

MINIMUM = SMALL_CELL


class Place(NamedTuple):
    """A cell's place in the table of one indicator, quarter and practice; None or '' is the total."""

    cohort: int | None
    district: str | None
    sex: str
    category: str


AnyPlace = tuple[int | None, str | None, str, str]
"""A place as a plain tuple: equal to it, and quicker to make by the thousand."""


def hidden_places(counts: Mapping[AnyPlace, int]) -> frozenset[AnyPlace]:
    """The places to hide, from the number of ranchers behind each place of the whole table."""
    return _hidden(tuple(counts.items()))


class _Sum(NamedTuple):
    """Siblings that add up (or nearly) to a total; `spare` is a total that may go instead of them."""

    parts: Sequence[Place]
    spare: Place | None


@lru_cache(maxsize=4096)
def _hidden(table: tuple[tuple[AnyPlace, int], ...]) -> frozenset[AnyPlace]:
    counts = {Place(*place): n for place, n in table}
    hidden = {place for place, n in counts.items() if 0 < n < MINIMUM}
    sums = _sums(counts) if hidden else []
    changed = True
    while changed:
        changed = False
        for one in sums:
            extra = _protect(one, counts=counts, hidden=hidden)
            if extra:
                hidden |= extra
                changed = True
    return frozenset(hidden)


def _sums(counts: Mapping[Place, int]) -> list[_Sum]:
    """Every sum in the table. Cohorts overlap little, and 'all cohorts' is the figure that readers
    miss least: it goes before a cohort does."""
    found: list[_Sum] = []
    for field, total in (("cohort", None), ("district", None), ("sex", ""), ("category", "")):
        siblings: dict[Place, list[Place]] = {}
        for place in counts:
            parent = place._replace(**{field: total})  # type: ignore[arg-type]
            siblings.setdefault(parent, []).append(place)
        for parent, members in siblings.items():
            parts = [member for member in members if member != parent]
            if len(parts) > 1 and (parent in counts or field == "category"):
                found.append(_Sum(parts, parent if field == "cohort" else None))
    return found


def _protect(one: _Sum, *, counts: Mapping[Place, int], hidden: set[Place]) -> set[Place]:
    """What to hide besides, so that no hidden part can be worked out."""
    present = [place for place in one.parts if counts[place] > 0]
    gone = [place for place in present if place in hidden]
    if not gone or (len(gone) >= 2 and sum(counts[p] for p in gone) >= MINIMUM):
        return set()
    if one.spare is not None:
        return set() if one.spare in hidden else {one.spare}
    extra: set[Place] = set()
    for place in sorted((p for p in present if p not in hidden), key=lambda p: (counts[p], str(p))):
        extra.add(place)
        together = [*gone, *extra]
        if len(together) >= 2 and sum(counts[p] for p in together) >= MINIMUM:
            break
    return extra
