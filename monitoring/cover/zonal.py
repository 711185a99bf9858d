"""What lies in plots: sums of pixels by the exact fraction that a plot covers of each.

Each edge of an outline is cut at the rows and columns of the raster. A piece within one pixel changes
the covered fraction of that pixel by dy times the part of it to the right of the piece's middle, and
of all pixels to its right by dy; so one running sum along a row gives every fraction, exactly
(planar in degrees, as exactextract's). Each row has the geodesic area of its pixels as weight.
docs/decisions/080-cover-by-outlines.md, 088-compiled-loops.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import radians, sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitoring.cover.outlines import Floats, Ints, Outlines

SEMI_MAJOR_M, FLATTENING = 6_378_137.0, 1 / 298.257223563  # WGS 84 (NIMA TR8350.2, 2000)
COUNTERS = ("land", "water", "forest", "canopy")


@dataclass(frozen=True)
class Ground:
    """Part of a raster as decoded, rows from `top`, columns from `left`, in pixels of the raster.

    `canopy`, `mask`, `happened` are values of bands; a band that a source lacks is any other with a
    table that gives it no meaning.
    """

    top: int
    left: int
    canopy: NDArray[Any]
    mask: NDArray[Any]
    happened: NDArray[Any]

    @property
    def height(self) -> int:
        return self.canopy.shape[0]


class Meaning(NamedTuple):
    """What values of a ground's bands stand for.

    `mask_state`: state by value of `mask`; `holds`: by state and value of `canopy` the COUNTERS of a
    pixel; `event` by value of `happened` (0: nothing), which counts in pixels of the counter
    `needed`; `events`: more than the largest event.
    """

    mask_state: NDArray[np.uint8]
    holds: Floats
    event: NDArray[np.int32]
    needed: int
    events: int


class Events(NamedTuple):
    """Square metres that plots cover of events (a year of loss, an alert)."""

    plot: Ints
    event: NDArray[np.int32]
    m2: Floats

    def only(self, chosen: NDArray[np.bool_]) -> Events:
        return Events(self.plot[chosen], self.event[chosen], self.m2[chosen])

    @classmethod
    def joined(cls, parts: Sequence[Events]) -> Events:
        return cls(
            np.concatenate([part.plot for part in parts]),
            np.concatenate([part.event for part in parts]),
            np.concatenate([part.m2 for part in parts]),
        )


NO_EVENTS = Events(np.empty(0, np.intp), np.empty(0, np.int32), np.empty(0))


def pixel_areas_m2(
    *, north: float, height_deg: float, width_deg: float, rows: int, first: int = 0
) -> Floats:
    """Geodesic area of one pixel of each of `rows` rows of a grid, in square metres.

    `north`: latitude of the grid's upper end; `first`: its row to begin with. An area is the same to
    the last bit wherever the rows begin.

    The area between two parallels of the WGS 84 ellipsoid (Snyder 1987, Map Projections, 3-12).
    """
    squared = FLATTENING * (2 - FLATTENING)
    eccentricity = sqrt(squared)
    sine = np.sin(np.radians(north - height_deg * np.arange(first, first + rows + 1)))
    bracket = sine / (1 - squared * sine**2) + np.arctanh(eccentricity * sine) / eccentricity
    zone = SEMI_MAJOR_M**2 * (1 - squared) / 2 * bracket
    areas: Floats = (zone[:-1] - zone[1:]) * radians(width_deg)
    return areas


def whole_areas_m2(outlines: Outlines, *, pixel_deg: tuple[float, float]) -> Floats:
    """Square metres of each plot on a grid of pixels of this size, whether there is a raster or not.

    `outlines` in degrees. Within a row of pixels degrees count alike, as in `sums_of`.
    """
    if not len(outlines.x):
        return np.zeros(len(outlines.plots) - 1)
    from monitoring.cover import pixels

    width, height = pixel_deg
    on_grid = outlines.on_grid(west=0, north=90, pixel_deg=pixel_deg)
    top, bottom = int(on_grid.y.min()), int(on_grid.y.max()) + 1
    areas = pixel_areas_m2(
        north=90, height_deg=height, width_deg=width, rows=bottom - top, first=top
    )
    found: Floats = pixels.whole_areas(*on_grid, top, areas)
    return found


def sums_of(
    chosen: Ints, outlines: Outlines, ground: Ground, meaning: Meaning, *, areas: Floats
) -> tuple[Floats, Events]:
    """What a ground holds of the `chosen` plots: COUNTERS (plots x 4; square metres, canopy x 1 %) and
    the events, whose `plot` is the position in `chosen`.

    `outlines` in pixels of the raster; `areas` the square metres of a pixel in each row of the ground.
    Runs without Python's lock.
    """
    from monitoring.cover import pixels

    bands = (ground.canopy, ground.mask, ground.happened)
    x, y = outlines.x - ground.left, outlines.y - ground.top
    counters, *events = pixels.sums(x, y, *outlines[2:], chosen, bands, areas, tuple(meaning))
    return counters, Events(*events)
