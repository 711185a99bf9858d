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


def outlines_of(shapes: Sequence[bytes]) -> Outlines:
    """Outlines, in degrees, of polygons and multipolygons given as WKB.

    Raises shapely.errors.GEOSException for what is no WKB, ValueError for other shapes."""
    found = _read(shapes)
    if (
        found is None
    ):  # other byte order, a third dimension, a reference system: not as PostGIS gives
        found = _read(shapely.to_wkb(shapely.from_wkb(shapes), byte_order=1, output_dimension=2))
    if found is None:
        raise ValueError("shapes that are neither polygons nor multipolygons")
    return found


def _read(shapes: Sequence[bytes]) -> Outlines | None:
    from monitoring.cover import pixels  # numba takes half a second: web processes never need it

    ends = np.cumsum([len(shape) for shape in shapes], dtype=np.int64)
    data = np.frombuffer(b"".join(shapes), dtype=np.uint8)
    points, rings, parts, plots, is_read = pixels.read_wkb(data, ends)
    if not is_read:
        return None
    x, y = np.ascontiguousarray(points.view(np.float64).T)
    return Outlines(x, y, rings, parts, plots)
