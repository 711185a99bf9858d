"""Three-way comparison of contents, property by property."""

from __future__ import annotations

from dataclasses import dataclass

from monitoring.sync.content import Content

_UNIONED = "confirmed"


@dataclass(frozen=True, slots=True)
class Merge:
    """`content`: the current one with what only the incoming side changed. `overlaps`: the names
    of the properties that both sides changed, each to a value of its own."""

    content: Content
    overlaps: list[str]


def changed(before: Content, after: Content) -> set[str]:
    """The names of the properties that differ; a property that is missing is None."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def three_way(*, base: Content, current: Content, incoming: Content) -> Merge:
    """Deleting a visit overlaps with any other change of it, whichever side deleted."""
    ours = changed(base, current) - {_UNIONED}
    theirs = changed(base, incoming) - {_UNIONED}
    overlaps = {name for name in ours & theirs if current.get(name) != incoming.get(name)}
    if ours and theirs and "deleted" in ours ^ theirs:
        overlaps |= theirs - ours | {"deleted"}
    merged = dict(current)
    for name in theirs - ours - overlaps:
        if name in incoming:
            merged[name] = incoming[name]
        else:
            merged.pop(name, None)
    merged[_UNIONED] = sorted({*current.get(_UNIONED, []), *incoming.get(_UNIONED, [])})
    return Merge(content=merged, overlaps=sorted(overlaps))
