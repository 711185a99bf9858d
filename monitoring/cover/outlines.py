"""Outlines of many plots as flat arrays, which compiled loops go over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


class Outlines(NamedTuple):
    """`x`, `y` of all points; the points at which rings begin, the rings at which parts begin (the
    shell, then its holes), the parts at which plots begin; each of these one longer than there are.
    """

    x: Floats
    y: Floats
    rings: Ints
    parts: Ints
    plots: Ints

    def on_grid(self, *, west: float, north: float, pixel_deg: tuple[float, float]) -> Outlines:
        """From degrees to pixels of a grid: x columns to the right, y rows down from its corner."""
        width, height = pixel_deg
        return self._replace(x=(self.x - west) / width, y=(north - self.y) / height)


def outlines_of(shapes: Sequence[bytes] | NDArray[np.object_]) -> Outlines:
    """Outlines, in degrees, of polygons and multipolygons given as WKB.

    Raises shapely.errors.GEOSException for what is no WKB."""
    polygons, plot_of = shapely.get_parts(shapely.from_wkb(shapes), return_index=True)
    rings, part_of = shapely.get_rings(polygons, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    return Outlines(
        np.ascontiguousarray(points[:, 0]),
        np.ascontiguousarray(points[:, 1]),
        _begins(ring_of, len(rings)),
        _begins(part_of, len(polygons)),
        _begins(plot_of, len(shapes)),
    )


def _begins(owners: Ints, count: int) -> Ints:
    """Where each of `count` owners begins in a sorted list that says the owner of each item."""
    return np.searchsorted(owners, np.arange(count + 1)).astype(np.intp)
