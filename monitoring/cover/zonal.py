"""What lies in plots: sums of pixels by the exact fraction that a plot covers of each.

By Green's theorem the integral of f over a polygon is the integral of F dy along its outline, where
F(x, y) is the integral of f over the row from its left end to x. With f constant within a pixel, F
is linear within it, so each part of the outline within one pixel adds dy * F(middle of the part),
exactly. F comes from one running sum per row; the inside of a plot costs nothing. The
covered fraction of a pixel is thus the exact one (planar in degrees, as exactextract's), and each
row has the geodesic area of its pixels as weight. docs/decisions/080-cover-by-outlines.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import radians, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitoring.cover.edges import Edges, Floats, Ints, Pieces, cut_at_columns, cut_at_rows

SEMI_MAJOR_M, FLATTENING = 6_378_137.0, 1 / 298.257223563  # WGS 84 (NIMA TR8350.2, 2000)

# Counters packed in one 63-bit word, so that one running sum serves them all. A row of a window has
# at most 16,383 pixels, and canopy at most 127 a pixel.
WIDEST = (1 << 14) - 1
LAND, WATER, FOREST, CANOPY = 0, 14, 28, 42
COUNTERS = ((LAND, 14), (WATER, 14), (FOREST, 14), (CANOPY, 21))
STEPS_AT_ONCE = 200_000  # arrays that stay in the processor's cache


@dataclass(frozen=True)
class Window:
    """Part of a raster as decoded: rows from `top`, columns from `left`, in pixels of the raster.

    `running` (rows x columns + 1): for each pixel the packed sum of the counters left of it.
    `event_row`, `event_column`, `event`: the pixels where something happened (loss, an alert), in
    reading order, rows and columns of the window, and what.
    """

    top: int
    left: int
    running: NDArray[np.int64]
    event_row: Ints
    event_column: Ints
    event: NDArray[np.int32]

    @property
    def height(self) -> int:
        return self.running.shape[0]

    @property
    def width(self) -> int:
        return self.running.shape[1] - 1


class Events(NamedTuple):
    """Events in plots. Each row alone may be negative or too large; those of one plot and event
    together give the square metres that the plot covers of it."""

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


def running_sums(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each pixel the sum of the words left of it in its row; one column more than `words`."""
    sums = np.empty((words.shape[0], words.shape[1] + 1), dtype=np.int64)
    sums[:, 0] = 0
    np.cumsum(words, axis=1, out=sums[:, 1:])
    return sums


def pixel_areas_m2(*, north: float, height_deg: float, width_deg: float, rows: int) -> Floats:
    """Geodesic area of one pixel of each of `rows` rows from `north` down, in square metres.

    The area between two parallels of the WGS 84 ellipsoid (Snyder 1987, Map Projections, 3-12).
    """
    squared = FLATTENING * (2 - FLATTENING)
    eccentricity = sqrt(squared)
    sine = np.sin(np.radians(north - height_deg * np.arange(rows + 1)))
    bracket = sine / (1 - squared * sine**2) + np.arctanh(eccentricity * sine) / eccentricity
    zone = SEMI_MAJOR_M**2 * (1 - squared) / 2 * bracket
    areas: Floats = (zone[:-1] - zone[1:]) * radians(width_deg)
    return areas


def whole_areas_m2(edges: Edges, *, plots: int, pixel_deg: tuple[float, float]) -> Floats:
    """Square metres of each plot on a grid of pixels of this size, whether there is a raster or not.

    `edges` in degrees. Within a row of pixels degrees count alike, as in `add_up`.
    """
    if not len(edges):
        return np.zeros(plots)
    width, height = pixel_deg
    on_grid = Edges(
        edges.plot, edges.x0 / width, (90 - edges.y0) / height,
        edges.x1 / width, (90 - edges.y1) / height,
    )  # fmt: skip
    top, bottom = int(on_grid.y0.min()), int(on_grid.y0.max()) + 1
    areas = pixel_areas_m2(
        north=90 - top * height, height_deg=height, width_deg=width, rows=bottom - top
    )
    origin = on_grid.x0[0]  # small numbers lose fewer digits; a closed outline does not care
    pieces = cut_at_rows(on_grid, top=top, bottom=bottom)
    weights = ((pieces.xa + pieces.xb) / 2 - origin) * pieces.dy * areas[pieces.row - top]
    whole = np.bincount(pieces.plot, weights=-weights, minlength=plots)
    return whole.astype(np.float64)


def add_up(edges: Edges, window: Window, *, areas: Floats, counters: Floats) -> Events:
    """Add what a window holds of each plot to `counters` (plots x land, water, forest, canopy x 1 %;
    square metres), and return the events.

    `edges` in pixels of the raster, those of one plot together; `areas` the square metres of a
    pixel in each row of the window.
    """
    found: list[Events] = []
    for part in _portions(edges, window):
        pieces = cut_at_rows(part, top=window.top, bottom=window.top + window.height)
        row, dy = pieces.row - window.top, pieces.dy * -areas[pieces.row - window.top]
        pieces = Pieces(pieces.plot, row, pieces.xa - window.left, pieces.xb - window.left, dy)
        _add_counters(pieces, window, counters)
        if len(window.event):
            found.append(_events(pieces, window))
    return Events.joined([NO_EVENTS, *found])


def _portions(edges: Edges, window: Window) -> list[Edges]:
    """Edges in portions of about STEPS_AT_ONCE steps."""
    bottom = window.top + window.height
    rows = np.minimum(np.maximum(edges.y0, edges.y1), bottom)
    rows = np.maximum(rows - np.maximum(np.minimum(edges.y0, edges.y1), window.top), 0)
    columns = np.minimum(np.abs(edges.x1 - edges.x0), window.width)
    before = np.cumsum(rows + columns + 1)
    if not len(before):
        return []
    cuts = np.searchsorted(before, np.arange(STEPS_AT_ONCE, before[-1], STEPS_AT_ONCE))
    bounds = [0, *np.unique(cuts).tolist(), len(before)]
    pairs = zip(bounds, bounds[1:], strict=False)
    return [edges.of(slice(first, last)) for first, last in pairs if first < last]


def _add_counters(pieces: Pieces, window: Window, counters: Floats) -> None:
    steps = cut_at_columns(pieces, width=window.width)
    if (beside := steps.column < 0).any():
        steps = steps.only(~beside)  # left of the window the sum is nought
    if not len(steps.piece):
        return
    plot = pieces.plot[steps.piece]
    flat = window.running.reshape(-1)
    at = pieces.row[steps.piece] * (window.width + 1) + steps.column
    left = flat[at]
    inside = steps.column < window.width
    pixel = flat[at + inside] - left
    within = steps.middle - steps.column
    starts = np.flatnonzero(np.r_[True, plot[1:] != plot[:-1]])
    for number, (shift, bits) in enumerate(COUNTERS):
        mask = (1 << bits) - 1
        sums = (left >> shift & mask) + within * (pixel >> shift & mask)
        counters[plot[starts], number] += np.add.reduceat(sums * steps.dy, starts)


def _events(pieces: Pieces, window: Window) -> Events:
    """Every part of an outline with each event of its row that it crosses or has on its left."""
    pieces = pieces.only(np.lexsort((pieces.row, pieces.plot)))
    new = (pieces.plot[1:] != pieces.plot[:-1]) | (pieces.row[1:] != pieces.row[:-1])
    starts = np.flatnonzero(np.r_[len(pieces.plot) > 0, new])
    group = np.cumsum(np.r_[len(pieces.plot) > 0, new]) - 1
    if not len(starts):
        return NO_EVENTS
    leftmost = np.minimum.reduceat(np.minimum(pieces.xa, pieces.xb), starts)
    rightmost = np.maximum.reduceat(np.maximum(pieces.xa, pieces.xb), starts)
    place = window.event_row * (window.width + 2) + window.event_column
    base = pieces.row[starts] * (window.width + 2)
    limits = (np.clip(edge, 0, window.width) for edge in (np.floor(leftmost), np.ceil(rightmost)))
    first, last = (np.searchsorted(place, base + limit.astype(np.intp)) for limit in limits)
    counts = (last - first)[group]
    piece = np.repeat(np.arange(len(group)), counts)
    if not len(piece):
        return NO_EVENTS
    ahead = np.arange(len(piece)) - (np.cumsum(counts) - counts)[piece]
    event = first[group][piece] + ahead
    column = window.event_column[event]
    share = _share_right_of(column, pieces.xa[piece], pieces.xb[piece])
    m2 = share * pieces.dy[piece]
    told = m2 != 0
    return Events(pieces.plot[piece], window.event[event], m2).only(told)


def _share_right_of(column: Ints, xa: Floats, xb: Floats) -> Floats:
    """Mean over x from xa to xb of the part of the pixel `column` that lies left of x."""
    a, b = xa - column, xb - column
    span = b - a
    flat = np.abs(span) < 1e-9
    slanted = (_area_under(b) - _area_under(a)) / np.where(flat, 1.0, span)
    return np.where(flat, np.clip((a + b) / 2, 0, 1), slanted)


def _area_under(x: Floats) -> Floats:
    """The integral of clip(x, 0, 1) from 0 to x."""
    inside = np.clip(x, 0, 1)
    over: Floats = np.maximum(x - 1, 0)
    return inside * inside / 2 + over
