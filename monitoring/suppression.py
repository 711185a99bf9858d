"""Which small cells must not be shown to people who may not see a person's figures.

A cell with one to four ranchers behind it is hidden. Where it could be worked out by subtraction
from a total that is shown, more cells are hidden: in every sum of siblings, the hidden ones are at
least two and hold at least five ranchers together. The decision is made on the whole table of an
indicator's quarter (cohort x district x sex x category), never on the page's slice, so that two
pages side by side give no more than one.

Counts by status are tied to what every other figure says of the same place: its n tells how many
are enrolled, the share of active ranchers how many of these are. `hidden_statuses` decides on the
statuses and on that share together (docs/decisions/041).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ranchers.access import SMALL_CELL
from ranchers.models import Status

MINIMUM = SMALL_CELL
OTHERS = "~others"
"""The category of those who are enrolled and not active: supported or paused."""


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
    return _hidden(_in_order({place: n for place, n in counts.items() if n}))


def hidden_statuses(counts: Mapping[AnyPlace, int]) -> frozenset[AnyPlace]:
    """The places to hide, from the number of ranchers by status (the category) at each place.

    A place of category '' among them: the share of active ranchers there must be hidden as well.
    """
    return _hidden_statuses(_in_order(counts))


def _in_order(counts: Mapping[AnyPlace, int]) -> tuple[tuple[AnyPlace, int], ...]:
    """One order however the counts came: two decisions on one table that differ tell it together."""
    return tuple(sorted(counts.items(), key=lambda one: _name(one[0])))


class _Sum(NamedTuple):
    """Siblings that add up (or nearly) to a total."""

    parts: Sequence[Place]
    total: Place
    total_goes_first: bool

    def has_any(self, places: AbstractSet[Place]) -> bool:
        return self.total in places or not places.isdisjoint(self.parts)


def _small(counts: Mapping[Place, int]) -> set[Place]:
    return {place for place, n in counts.items() if 0 < n < MINIMUM}


@lru_cache(maxsize=4096)
def _hidden(table: tuple[tuple[AnyPlace, int], ...]) -> frozenset[AnyPlace]:
    counts = {Place(*place): n for place, n in table}
    hidden = _small(counts)
    if not hidden:
        return frozenset()
    sums = _sums(counts)
    beside = _by_place(sums)
    while _spread(sums, counts=counts, hidden=hidden, beside=beside) or _loosen(
        sums, counts=counts, hidden=hidden
    ):
        pass
    return frozenset(hidden)


@lru_cache(maxsize=1024)
def _hidden_statuses(table: tuple[tuple[AnyPlace, int], ...]) -> frozenset[AnyPlace]:
    counts = {Place(*place): n for place, n in table}
    if not _small(counts):
        return frozenset()
    wheres = list(dict.fromkeys(place._replace(category="") for place in counts))
    for where in wheres:
        n = {status: counts.setdefault(where._replace(category=status), 0) for status in Status}
        counts[where._replace(category=OTHERS)] = n[Status.SUPPORTED] + n[Status.PAUSED]
    hidden, sums = _small(counts), _sums(counts)
    enrolled: dict[AnyPlace, int] = {
        w: counts[w._replace(category=Status.ACTIVE)] + counts[w._replace(category=OTHERS)]
        for w in wheres
    }
    gone = hidden_places(enrolled)  # decided alone, since every figure's n tells it
    counts |= {Place(*where): n for where, n in enrolled.items()}
    links = [link for where in wheres for link in _links(where)]
    beside = _by_place([*sums, *links])
    changed = True
    while changed:
        changed = _spread(sums, counts=counts, hidden=hidden, beside=beside)
        for where in wheres:
            extra = _linked(where, counts=counts, hidden=hidden, is_gone=where in gone) - hidden
            hidden |= extra
            changed = changed or bool(extra)
        if not changed:
            known = [*sums, *links, *_sums({where: counts[where] for where in wheres})]
            changed = _loosen(
                known, counts=counts, hidden=hidden, settled=enrolled.keys(), gone=gone
            )
    unsaid = {w for w in wheres if w in gone or w._replace(category=Status.ACTIVE) in hidden}
    return frozenset({place for place in hidden if place.category != OTHERS} | unsaid)


def _links(where: Place) -> list[_Sum]:
    """Active + others = enrolled, and supported + paused = others."""
    others = where._replace(category=OTHERS)
    supported, paused = (where._replace(category=s) for s in (Status.SUPPORTED, Status.PAUSED))
    return [
        _Sum((where._replace(category=Status.ACTIVE), others), where, False),
        _Sum((supported, paused), others, False),
    ]


def _linked(
    where: Place, *, counts: Mapping[Place, int], hidden: AbstractSet[Place], is_gone: bool
) -> set[Place]:
    """What to hide besides at one place, since active + others = enrolled and supported + paused =
    others: of each sum one hidden number alone could be worked out. A nought needs no company."""
    active, others = where._replace(category=Status.ACTIVE), where._replace(category=OTHERS)
    parts = [where._replace(category=status) for status in (Status.SUPPORTED, Status.PAUSED)]
    extra: set[Place] = set()
    if is_gone:
        if active not in hidden and others not in hidden:
            extra.add(max((active, others), key=lambda part: counts[part]))
    elif counts[active] and active in hidden:
        extra.add(others)
    elif counts[others] and others in hidden:
        extra.add(active)
    gone = [part for part in parts if part in hidden and counts[part]]
    if others in hidden | extra and counts[others] and not gone:
        extra.add(max(parts, key=lambda part: counts[part]))
    elif len(gone) == 1 and others not in hidden | extra:
        extra |= set(parts)
    return extra


def _sums(counts: Mapping[Place, int]) -> list[_Sum]:
    """Every sum in the table. Cohorts overlap little, and 'all cohorts' is the figure that readers
    miss least: it goes before a cohort does."""
    found: list[_Sum] = []
    for field, total in (("cohort", None), ("district", None), ("sex", "")):
        siblings: dict[Place, list[Place]] = {}
        for place in counts:
            parent = place._replace(**{field: total})  # type: ignore[arg-type]
            if place != parent and parent in counts:
                siblings.setdefault(parent, []).append(place)
        found += [_Sum(parts, parent, field == "cohort") for parent, parts in siblings.items()]
    return found


def _by_place(sums: Iterable[_Sum]) -> Mapping[Place, Sequence[_Sum]]:
    """The sums that each place is a member of."""
    found: dict[Place, list[_Sum]] = {}
    for one in sums:
        for place in (*one.parts, one.total):
            found.setdefault(place, []).append(one)
    return found


def _spread(
    sums: Iterable[_Sum],
    *,
    counts: Mapping[Place, int],
    hidden: set[Place],
    beside: Mapping[Place, Sequence[_Sum]],
) -> bool:
    """Hide besides what each sum needs; whether that was anything."""
    before = len(hidden)
    for one in sums:
        hidden |= _protect(one, counts=counts, hidden=hidden, beside=beside)
    return len(hidden) > before


def _protect(
    one: _Sum,
    *,
    counts: Mapping[Place, int],
    hidden: AbstractSet[Place],
    beside: Mapping[Place, Sequence[_Sum]],
) -> set[Place]:
    """What to hide besides, so that nothing hidden in the sum can be worked out: first what would
    have company in its other sums, and so draws nothing more after it."""
    gone = [place for place in one.parts if place in hidden]
    if bool(gone) == (one.total in hidden):
        return set()  # nothing hidden; or more than one, with the total
    shown = [place for place in one.parts if place not in hidden]

    def draws(place: Place) -> int:
        others = (each for each in beside[place] if each is not one)
        return sum(not each.has_any(hidden) for each in others)

    shown.sort(key=lambda p: (draws(p), *_dispensable(p, counts)))
    if not gone:
        return set(shown[:1])
    for extra in range(len(shown) + 1):
        together = [*gone, *shown[:extra]]
        if len(together) >= 2 and sum(counts[p] for p in together) >= MINIMUM:
            return {one.total} if extra and one.total_goes_first else set(shown[:extra])
    return {one.total}


def _dispensable(place: Place, counts: Mapping[Place, int]) -> tuple[bool, int, list[str]]:
    """The order in which to hide what is not small: little before much, and nothing last."""
    return counts[place] == 0, counts[place], _name(place)


def _name(place: AnyPlace) -> list[str]:
    return [str(part) for part in place]


def _loosen(
    sums: Sequence[_Sum],
    *,
    counts: Mapping[Place, int],
    hidden: set[Place],
    settled: AbstractSet[AnyPlace] = frozenset(),
    gone: Collection[AnyPlace] = (),
) -> bool:
    """Where all sums together still tell a hidden small number, hide one more beside it; whether
    that was needed. `settled`: places that are decided elsewhere, `gone` the hidden ones of them."""
    told = _worked_out(sums, counts=counts, hidden=hidden | {Place(*place) for place in gone})
    before = len(hidden)
    for place in told:
        reach = {place}
        while beside := [one for one in sums if not reach.isdisjoint((*one.parts, one.total))]:
            members = {member for one in beside for member in (*one.parts, one.total)}
            shown = members - hidden - settled
            if shown:
                hidden.add(min(shown, key=lambda p: _dispensable(p, counts)))
                break
            if members <= reach:
                break
            reach |= members
    return len(hidden) > before


def _worked_out(
    sums: Sequence[_Sum], *, counts: Mapping[Place, int], hidden: AbstractSet[Place]
) -> list[Place]:
    """The hidden small numbers that the sums give away: those whose own unit vector is in the row
    space of the equations, with what is known moved to their right-hand sides."""
    unknown = hidden - _told_noughts(sums, counts=counts, hidden=hidden)
    column = {place: i for i, place in enumerate(sorted(unknown, key=_name))}
    entries = [
        [*((column[p], -1.0) for p in one.parts if p in column), *((column[p], 1.0) for p in (one.total,) if p in column)]
        for one in sums
    ]  # fmt: skip
    rows = [row for row in entries if row]
    if not rows:
        return []
    equations = np.zeros((len(rows), len(column)))
    for number, row in enumerate(rows):
        for i, sign in row:
            equations[number, i] += sign
    sizes, vectors = np.linalg.eigh(equations.T @ equations)  # its range is their row space
    basis = vectors[:, sizes > 1e-9]
    told = (basis**2).sum(axis=1) > 1 - 1e-9  # the length of the unit vector within it
    return [p for p, i in column.items() if told[i] and 0 < counts[p] < MINIMUM]


def _told_noughts(
    sums: Sequence[_Sum], *, counts: Mapping[Place, int], hidden: AbstractSet[Place]
) -> set[Place]:
    """Hidden parts that are known to be noughts, since what is shown of their sum leaves nothing."""
    told: set[Place] = set()
    before = -1
    while len(told) > before:
        before = len(told)
        for one in sums:
            unknown = [p for p in one.parts if p in hidden and p not in told]
            if (one.total not in hidden or one.total in told) and not any(
                counts[p] for p in unknown
            ):
                told.update(unknown)
    return told
