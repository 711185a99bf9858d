"""Outlines of many plots as edges on a pixel grid, cut at the rows and columns of a window.

Coordinates are in pixels of one raster: x columns to the right, y rows downwards, from the top-left
corner. All plots of a batch are cut at once; nothing here loops over plots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class Edges:
    """Directed edges of the rings of plots, ordered by plot: from (x0, y0) to (x1, y1).

    Shells run one way round and holes the other, so sums along them come out signed right.
    """

    plot: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats

    def __len__(self) -> int:
        return len(self.plot)

    def of(self, chosen: NDArray[np.bool_] | slice) -> Edges:
        return Edges(
            self.plot[chosen], self.x0[chosen], self.y0[chosen], self.x1[chosen], self.y1[chosen]
        )

    def with_(self, other: Edges) -> Edges:
        return Edges(
            np.concatenate([self.plot, other.plot]),
            np.concatenate([self.x0, other.x0]),
            np.concatenate([self.y0, other.y0]),
            np.concatenate([self.x1, other.x1]),
            np.concatenate([self.y1, other.y1]),
        )


class Pieces(NamedTuple):
    """Parts of edges within one row each: from x `xa` to `xb` while y advances by `dy` (signed)."""

    plot: Ints
    row: Ints
    xa: Floats
    xb: Floats
    dy: Floats

    def only(self, chosen: Ints) -> Pieces:
        return Pieces(
            self.plot[chosen], self.row[chosen], self.xa[chosen], self.xb[chosen], self.dy[chosen]
        )


class Steps(NamedTuple):
    """Parts of pieces within one column each: middle x, and the signed share `dy` of the piece."""

    piece: Ints
    column: Ints
    middle: Floats
    dy: Floats

    def only(self, chosen: NDArray[np.bool_]) -> Steps:
        return Steps(self.piece[chosen], self.column[chosen], self.middle[chosen], self.dy[chosen])


def edges_of(shapes: Sequence[bytes] | NDArray[np.object_]) -> Edges:
    """Edges, in degrees, of polygons and multipolygons given as WKB; `plot` is the position in
    `shapes`. Raises shapely.errors.GEOSException for what is no WKB."""
    polygons, plot_of = shapely.get_parts(shapely.from_wkb(shapes), return_index=True)
    rings, polygon_of = shapely.get_rings(shapely.orient_polygons(polygons), return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    same = ring_of[1:] == ring_of[:-1]
    start, end = points[:-1][same], points[1:][same]
    plot = plot_of[polygon_of[ring_of[:-1][same]]].astype(np.intp)
    return Edges(plot, start[:, 0], start[:, 1], end[:, 0], end[:, 1])


def cut_at_rows(edges: Edges, *, top: float, bottom: float) -> Pieces:
    """The parts of edges between rows `top` and `bottom`, one for each row that an edge crosses."""
    upper = np.maximum(np.minimum(edges.y0, edges.y1), top)
    lower = np.minimum(np.maximum(edges.y0, edges.y1), bottom)
    inside = upper < lower  # level edges bound no area to their left
    edges, upper, lower = edges.of(inside), upper[inside], lower[inside]
    first = np.floor(upper)
    edge, along = _expand((np.ceil(lower) - first).astype(np.intp))
    row = first[edge] + along
    ya, yb = np.maximum(upper[edge], row), np.minimum(lower[edge], row + 1)
    slope = (edges.x1 - edges.x0) / (edges.y1 - edges.y0)
    x0, y0, slope = edges.x0[edge], edges.y0[edge], slope[edge]
    least = np.minimum(edges.x0, edges.x1)[edge]
    most = np.maximum(edges.x0, edges.x1)[edge]
    xa = np.clip(x0 + (ya - y0) * slope, least, most)
    xb = np.clip(x0 + (yb - y0) * slope, least, most)
    dy = np.where((edges.y1 > edges.y0)[edge], yb - ya, ya - yb)
    return Pieces(edges.plot[edge], row.astype(np.intp), xa, xb, dy)


def cut_at_columns(pieces: Pieces, *, width: int) -> Steps:
    """The parts of pieces, one for each column 0 .. width - 1 that a piece crosses; all that lies
    left of the window counts as column -1, all right of it as column `width`."""
    left, right = np.minimum(pieces.xa, pieces.xb), np.maximum(pieces.xa, pieces.xb)
    first = np.clip(np.floor(left), -1, width)
    last = np.clip(np.ceil(right) - 1, first, width)
    piece, along = _expand((last - first + 1).astype(np.intp))
    column = first[piece] + along
    left, right = left[piece], right[piece]
    a = np.where(along == 0, left, column)
    b = np.where(column == last[piece], right, column + 1)
    span = right - left
    upright = span <= 0
    share = np.where(upright, 1.0, (b - a) / np.where(upright, 1.0, span))
    return Steps(piece, column.astype(np.intp), (a + b) / 2, pieces.dy[piece] * share)


def _expand(counts: Ints) -> tuple[Ints, Ints]:
    """Each position repeated `counts` times, and the number of the repetition from 0."""
    which = np.repeat(np.arange(len(counts), dtype=np.intp), counts)
    starts = np.cumsum(counts) - counts
    return which, np.arange(len(which), dtype=np.intp) - starts[which]
