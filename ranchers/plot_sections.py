"""Parts of a plot's page that other apps know: cover, alerts, visits.

`ranchers` may not import `monitoring`, so `monitoring` offers: its app config calls
`offer_sections(provider)` once, and the page asks every provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ranchers.access import Viewer
from ranchers.models import Plot, PlotBoundary


@dataclass(frozen=True)
class Section:
    """A template, and the one word `section` that it reads. `place` is the part of the page that it
    belongs into ('land_use'); without one it stands below."""

    template: str
    content: Any
    place: str = ""


class Provider(Protocol):
    def __call__(
        self, *, plot: Plot, boundaries: Sequence[PlotBoundary], viewer: Viewer
    ) -> Sequence[Section]:
        """What there is to say of a plot whose record the viewer may see; newest boundary first."""


_providers: list[Provider] = []


def offer_sections(provider: Provider) -> None:
    """Have `provider` asked for every plot's page; offering twice is the same as once."""
    if provider not in _providers:
        _providers.append(provider)


def sections_of(*, plot: Plot, boundaries: Sequence[PlotBoundary], viewer: Viewer) -> list[Section]:
    """The sections of every provider, in the order in which they were offered."""
    return [
        section
        for provider in _providers
        for section in provider(plot=plot, boundaries=boundaries, viewer=viewer)
    ]
