"""The loops over outlines and pixels, compiled by numba. Imported by zonal.py when there is work.

Compiling takes seconds, once for a processor and a version of this file; what was compiled is kept
below settings.COMPILED_ROOT. The functions let go of Python's lock, so that threads run them side
by side. docs/decisions/088-compiled-loops.md.

Coordinates are in pixels: x columns to the right, y rows downwards. `x`, `y`, `rings`, `parts`, `plots`
are those of outlines.Outlines. Positions that are used often are unsigned: compiled code then does
not look for negative ones.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import numba
import numpy as np
from django.conf import settings

logger = logging.getLogger(__name__)

NOTHING = 1e-12  # of a pixel: what rounding leaves where an outline is closed


_compiled = numba.njit(nogil=True)


def _kept(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled; what it and all that it calls was compiled to is kept for other processes.

    Where nothing can be written, or what lies there is damaged, it is compiled for this process alone.
    """
    place = Path(settings.COMPILED_ROOT)
    alone = _compiled(function)
    try:
        place.mkdir(parents=True, exist_ok=True)
        numba.config.CACHE_DIR = str(place)  # type: ignore[attr-defined]
        kept = numba.njit(cache=True, nogil=True)(function)
    except (OSError, RuntimeError):  # numba's word for a folder that it cannot write to
        logger.warning("%s cannot be written: %s is not kept", place, function.__name__)
        return alone

    in_use = kept

    @wraps(function)
    def called(*arguments: Any) -> Any:
        nonlocal in_use
        current = in_use
        try:
            return current(*arguments)
        except Exception:  # a full disk, or whatever a damaged file makes of unpickling
            if current is alone:
                raise
            logger.warning(
                "%s is of no use: %s compiled anew", place, function.__name__, exc_info=True
            )
            in_use = alone
            return alone(*arguments)

    return called


@_compiled
def _number(data, at):  # type: ignore[no-untyped-def]
    """Four bytes as a number."""
    found = np.int64(0)
    for byte in range(4):
        found |= np.int64(data[at + byte]) << (8 * byte)
    return found


@_kept
def read_wkb(data, ends):  # type: ignore[no-untyped-def]
    """Outlines of shapes in little-endian WKB, one after the other in `data`; `ends`: where each ends.

    Returns points (n x 2, as 64 bits each), rings, parts, plots; and whether all were polygons or
    multipolygons of two dimensions. No byte beyond a shape's end is read.
    """
    points = np.empty((len(data) // 16, 2), dtype=np.uint64)
    rings = np.empty(len(data) // 4 + 1, dtype=np.int64)
    parts = np.empty(len(data) // 9 + 1, dtype=np.int64)
    plots = np.empty(len(ends) + 1, dtype=np.int64)
    n = ring = part = at = 0
    for plot in range(len(ends)):
        plots[plot] = part
        end = ends[plot]
        left = 1  # polygons to come
        if at + 9 <= end and data[at] == 1 and _number(data, at + 1) == 6:
            left = _number(data, at + 5)
            at += 9
        while left:
            if at + 9 > end or data[at] != 1 or _number(data, at + 1) != 3:
                return points[:n], rings[:ring], parts[:part], plots, False
            more = _number(data, at + 5)
            at += 9
            left -= 1
            if not more:
                continue  # an empty polygon
            parts[part] = ring
            part += 1
            while more:
                count = _number(data, at) if at + 4 <= end else -1
                if count < 0 or at + 4 + 16 * count > end:
                    return points[:n], rings[:ring], parts[:part], plots, False
                at += 4
                more -= 1
                rings[ring] = n
                ring += 1
                for point in range(n, n + count):
                    for axis in range(2):
                        bits = np.uint64(0)
                        for byte in range(8):
                            bits |= np.uint64(data[at + byte]) << np.uint64(8 * byte)
                        points[point, axis] = bits
                        at += 8
                n += count
        if at != end:
            return points[:n], rings[:ring], parts[:part], plots, False
    rings[ring], parts[part], plots[len(ends)] = n, ring, part
    return points[:n], rings[: ring + 1], parts[: part + 1], plots, True


@_compiled
def _direction(x, y, first, last, is_shell):  # type: ignore[no-untyped-def]
    """1 or -1, by which lengths along a ring count so that a shell adds and a hole takes away."""
    doubled = 0.0
    for at in range(first + 1, last - 1):
        doubled += (x[at] - x[first]) * (y[at + 1] - y[first])
        doubled -= (x[at + 1] - x[first]) * (y[at] - y[first])
    return -1.0 if (doubled > 0) == is_shell else 1.0


@_kept
def whole_areas(x, y, rings, parts, plots, top, areas):  # type: ignore[no-untyped-def]
    """Square metres of each plot; `areas`: of a pixel in each row from `top` down.

    By Green's theorem, row by row: dy times the middle x of each stretch of an outline.
    """
    found = np.zeros(len(plots) - 1)
    for plot in range(len(plots) - 1):
        for part in range(plots[plot], plots[plot + 1]):
            for ring in range(parts[part], parts[part + 1]):
                first, last = rings[ring], rings[ring + 1]
                along = 0.0
                origin = x[first]  # small numbers lose fewer digits
                for at in range(first, last - 1):
                    x0, y0, x1, y1 = x[at] - origin, y[at], x[at + 1] - origin, y[at + 1]
                    if y0 == y1:
                        continue
                    down = y1 > y0
                    if not down:
                        x0, y0, x1, y1 = x1, y1, x0, y0
                    slope = (x1 - x0) / (y1 - y0)
                    begin, xa = y0, x0
                    row = int(np.floor(y0))
                    stretch = 0.0
                    while begin < y1:
                        end = min(row + 1.0, y1)
                        xb = x0 + (end - y0) * slope
                        stretch += (end - begin) * (xa + xb) / 2 * areas[row - top]
                        begin, xa = end, xb
                        row += 1
                    along += -stretch if down else stretch
                if last - first > 3:
                    found[plot] += along * _direction(x, y, first, last, ring == parts[part])
    return found


@_compiled
def _enter(changes, stride, height, first, last, x0, y0, x1, y1, turn):  # type: ignore[no-untyped-def]
    """Enter an edge of an outline; `turn` is 1 or -1, its ring's direction.

    `changes` (height x stride, flat) holds for each pixel how its covered fraction differs from that of
    the pixel to its left; the last column is beside the ground. `first`, `last`: between which columns a
    row has anything.
    """
    dy = turn
    if y0 > y1:
        x0, y0, x1, y1, dy = x1, y1, x0, y0, -turn
    begin, lower = max(y0, 0.0), min(y1, float(height))
    if begin >= lower:
        return  # level, or beside the ground
    width = float(stride - 1)
    slope = (x1 - x0) / (y1 - y0)
    least, most = min(x0, x1), max(x0, x1)
    row = np.uintp(begin)
    xa = min(max(x0 + (begin - y0) * slope, least), most)
    while begin < lower:
        end = min(float(row) + 1.0, lower)
        xb = min(max(x0 + (end - y0) * slope, least), most)
        low, high = min(xa, xb), max(xa, xb)
        step = dy * (end - begin)
        beside = row * np.uintp(stride)
        begin, xa = end, xb
        if low < width:
            column = np.int64(max(low, 0.0))
            first[row] = min(first[row], column)
            if high <= column + 1.0 and (low >= 0 or high <= 0):
                # The part of the pixel that lies right of the middle; of an edge left of it, all.
                part = step * min(column + 1.0 - (low + high) / 2, 1.0)
                at = beside + np.uintp(column)
                changes[at] += part
                changes[at + np.uintp(1)] += step - part
                last[row] = max(last[row], column + 1)
            else:
                by_x = step / (high - low)
                if low < 0:
                    changes[beside] -= by_x * low
                    low = 0.0
                high = min(high, width)
                while low < high:
                    right = min(column + 1.0, high)
                    step = by_x * (right - low)
                    part = step * (column + 1.0 - (low + right) / 2)
                    at = beside + np.uintp(column)
                    changes[at] += part
                    changes[at + np.uintp(1)] += step - part
                    low = right
                    column += 1
                last[row] = max(last[row], column)
        if high >= width:
            last[row] = stride - 2
        row += np.uintp(1)


@_compiled
def _extent(values, most):  # type: ignore[no-untyped-def]
    """From which to before which pixel of 0 .. most - 1 the values reach."""
    return max(int(np.floor(values.min())), 0), min(int(np.ceil(values.max())), most)


@_compiled
def _add_pixels(changes, stride, first, last, corner, width, bands, areas, meaning, found, place, events):  # type: ignore[no-untyped-def]  # fmt: skip
    """Add the pixels of a part to `found`, and what happened in them to `events`; undo `changes`.

    `corner`: row and column of the ground where `changes` begins. `events`: see `sums`.
    """
    canopy, mask, happened = bands
    mask_state, holds, event_of, needed, _most = meaning
    seen, event_m2, touched, touches = events
    land, water, forest, canopy_m2 = found
    for row in range(len(first)):
        fraction = 0.0
        area = areas[corner[0] + row]
        here = np.uintp(row * stride)
        there = np.uintp((corner[0] + row) * width + corner[1])
        for column in range(np.uintp(first[row]), np.uintp(min(last[row], stride - 2) + 1)):
            fraction += changes[here + column]
            changes[here + column] = 0
            m2 = fraction * area
            value = np.uintp(canopy[there + column])
            state = np.uintp(mask_state[np.uintp(mask[there + column])])
            land += m2 * holds[state, value, 0]
            water += m2 * holds[state, value, 1]
            forest += m2 * holds[state, value, 2]
            canopy_m2 += m2 * holds[state, value, 3]
            event = event_of[np.uintp(happened[there + column])]
            if event > 0 and abs(fraction) > NOTHING and holds[state, value, needed] > 0:
                if seen[event] != place:
                    seen[event] = place
                    event_m2[event] = 0
                    touched[touches] = event
                    touches += 1
                event_m2[event] += m2
        changes[here + np.uintp(stride - 1)] = 0
    return (land, water, forest, canopy_m2), (seen, event_m2, touched, touches)


@_compiled
def _longer(told, by):  # type: ignore[no-untyped-def]
    """The same columns with as much room again and `by` more."""
    more = len(told[0]) + by
    return (
        np.concatenate((told[0], np.empty(more, dtype=np.int64))),
        np.concatenate((told[1], np.empty(more, dtype=np.int32))),
        np.concatenate((told[2], np.empty(more))),
    )


@_kept
def sums(x, y, rings, parts, plots, chosen, bands, areas, meaning):  # type: ignore[no-untyped-def]
    """What a ground holds of the `chosen` plots, in square metres.

    `bands`: those of a zonal.Ground, rows x columns; coordinates count from its top-left corner.
    `areas`: square metres of a pixel by row; `meaning`: a zonal.Meaning. Returns zonal.COUNTERS by
    plot, and of each event in a plot: position in `chosen`, event, square metres.
    """
    height, width = bands[0].shape
    flat = (bands[0].reshape(-1), bands[1].reshape(-1), bands[2].reshape(-1))
    found = np.zeros((len(chosen), 4))
    most = meaning[-1]
    # Of each event: the plot that was last seen to have it, and how much; those of this plot, listed.
    seen, event_m2 = np.full(most, -1, dtype=np.int64), np.zeros(most)
    touched = np.empty(most, dtype=np.int32)
    told = (np.empty(1024, dtype=np.int64), np.empty(1024, dtype=np.int32), np.empty(1024))
    n = 0
    changes = np.zeros(1)
    for place in range(len(chosen)):
        here = (0.0, 0.0, 0.0, 0.0)
        events = (seen, event_m2, touched, 0)
        for part in range(plots[chosen[place]], plots[chosen[place] + 1]):
            begin, end = rings[parts[part]], rings[parts[part] + 1]
            if end - begin < 4:
                continue
            left, right = _extent(x[begin:end], width)
            top, bottom = _extent(y[begin:end], height)
            if left >= right or top >= bottom:
                continue
            stride = right - left + 1
            if len(changes) < (bottom - top) * stride:
                changes = np.zeros((bottom - top) * stride)
            first = np.full(bottom - top, stride, dtype=np.int64)
            last = np.full(bottom - top, -1, dtype=np.int64)
            for ring in range(parts[part], parts[part + 1]):
                begin, end = rings[ring], rings[ring + 1]
                turn = _direction(x, y, begin, end, ring == parts[part])
                for at in range(begin, end - 1):
                    x0, y0, x1, y1 = x[at] - left, y[at] - top, x[at + 1] - left, y[at + 1] - top
                    _enter(changes, stride, bottom - top, first, last, x0, y0, x1, y1, turn)
            here, events = _add_pixels(
                changes, stride, first, last, (top, left), width, flat, areas, meaning,
                here, place, events,
            )  # fmt: skip
        found[place, 0], found[place, 1], found[place, 2], found[place, 3] = here
        touches = events[3]
        if n + touches > len(told[0]):
            told = _longer(told, touches)
        told[0][n : n + touches] = place
        told[1][n : n + touches] = touched[:touches]
        told[2][n : n + touches] = event_m2[touched[:touches]]
        n += touches
    return found, told[0][:n], told[1][:n], told[2][:n]
