"""The loops over outlines and pixels, compiled by numba. Imported by zonal.py when there is work.

Compiling takes seconds, once for a processor and a version of this file; what was compiled is kept
below settings.COMPILED_ROOT. The functions let go of Python's lock, so that threads run them side
by side. docs/decisions/088-compiled-loops.md.

Coordinates are in pixels: x columns to the right, y rows downwards. An outline's part is a shell and
its holes; `rings` are the points at which rings begin, `parts` the rings at which parts begin (one
number more than there are of them).
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import numba
import numpy as np
from django.conf import settings

from monitoring.cover.zonal import Kind

logger = logging.getLogger(__name__)

NOTHING = 1e-12  # of a pixel: what rounding leaves where an outline is closed
LAND, FOREST, WATER = int(Kind.LAND), int(Kind.FOREST), int(Kind.WATER)


def _compiled(function: Any) -> Any:
    """Compiled at its first call, or read from where it was kept; compiled anew each time if no
    place can be written."""
    place = Path(settings.COMPILED_ROOT)
    try:
        place.mkdir(parents=True, exist_ok=True)
        keeps = os.access(place, os.W_OK | os.X_OK)
    except OSError:
        keeps = False
    if keeps:
        numba.config.CACHE_DIR = str(place)  # type: ignore[attr-defined]
    else:
        logger.warning("%s cannot be written: %s is not kept", place, function.__name__)
    return numba.njit(cache=keeps, nogil=True)(function)


@_compiled
def _direction(x, y, first, last, is_shell):  # type: ignore[no-untyped-def]
    """1 or -1, by which lengths along a ring count so that a shell adds and a hole takes away."""
    doubled = 0.0
    for at in range(first + 1, last - 1):
        doubled += (x[at] - x[first]) * (y[at + 1] - y[first])
        doubled -= (x[at + 1] - x[first]) * (y[at] - y[first])
    return -1.0 if (doubled > 0) == is_shell else 1.0


@_compiled
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
def _cut(cover, first, last, row, xa, xb, dy):  # type: ignore[no-untyped-def]
    """Enter a stretch of outline within one row, from xa to xb while y advances by dy (signed).

    `cover` holds for each pixel how its covered fraction differs from that of the pixel to its left;
    its last column is beside the ground. `first`, `last`: columns of the row with anything in them.
    """
    width = cover.shape[1] - 1
    low, high = min(xa, xb), max(xa, xb)
    if high > width:
        last[row] = width - 1
        if low >= width:
            return
    if low < 0:
        first[row] = 0
        last[row] = max(last[row], 0)
        if high <= 0:
            cover[row, 0] += dy
            return
    column = int(np.floor(low))
    if high <= column + 1:
        here = dy * (column + 1 - (low + high) / 2)
        cover[row, column] += here
        cover[row, column + 1] += dy - here
        first[row] = min(first[row], column)
        last[row] = max(last[row], column + 1)
        return
    dy_by_x = dy / (high - low)
    if low < 0:
        cover[row, 0] += dy_by_x * -low
        low, column = 0.0, 0
    first[row] = min(first[row], column)
    while low < high and column < width:
        end = min(column + 1.0, high)
        part = dy_by_x * (end - low)
        here = part * (column + 1 - (low + end) / 2)
        cover[row, column] += here
        cover[row, column + 1] += part - here
        low = end
        column += 1
    last[row] = max(last[row], column)


@_compiled
def _enter(cover, first, last, x0, y0, x1, y1, turn):  # type: ignore[no-untyped-def]
    """Enter an edge of an outline; `turn` is 1 or -1, its ring's direction."""
    dy = turn
    if y0 > y1:
        x0, y0, x1, y1, dy = x1, y1, x0, y0, -turn
    upper, lower = max(y0, 0.0), min(y1, float(cover.shape[0]))
    if upper >= lower:
        return  # level, or beside the ground
    slope = (x1 - x0) / (y1 - y0)
    least, most = min(x0, x1), max(x0, x1)
    row, begin = int(np.floor(upper)), upper
    xa = min(max(x0 + (begin - y0) * slope, least), most)
    while begin < lower:
        end = min(row + 1.0, lower)
        xb = min(max(x0 + (end - y0) * slope, least), most)
        _cut(cover, first, last, row, xa, xb, dy * (end - begin))
        begin, xa = end, xb
        row += 1


@_compiled
def sums(x, y, rings, parts, plots, chosen, canopy, mask, happened, meaning, areas):  # type: ignore[no-untyped-def]
    """What the ground holds of the `chosen` plots, in square metres.

    `canopy`, `mask`, `happened`: values of the ground's bands, rows x columns; the coordinates count
    from its top-left corner. `meaning`: (mask_state by value of mask; kind by mask_state and value of
    canopy; canopy in % by value; event by value of `happened`; whether events count in forest only;
    events there may be). Returns land, water, forest, canopy (m2 x 1 %) by plot, and of each event in
    a plot: position in `chosen`, event, square metres.
    """
    mask_state, kind_of, canopy_pct, event_of, in_forest_only, events = meaning
    height, width = canopy.shape
    found = np.zeros((len(chosen), 4))
    seen = np.full(events, -1, dtype=np.int64)
    event_m2 = np.zeros(events)
    touched = np.empty(events, dtype=np.int32)
    n = 0
    told_plot = np.empty(1024, dtype=np.int64)
    told_event = np.empty(1024, dtype=np.int32)
    told_m2 = np.empty(1024)
    room = np.zeros(1)
    by_kind = np.zeros(4)
    for place in range(len(chosen)):
        by_kind[:] = 0
        canopy_m2 = 0.0
        touches = 0
        for part in range(plots[chosen[place]], plots[chosen[place] + 1]):
            begin, end = rings[parts[part]], rings[parts[part] + 1]
            if end - begin < 4:
                continue
            left = max(int(np.floor(x[begin:end].min())), 0)
            right = min(int(np.ceil(x[begin:end].max())), width)
            top = max(int(np.floor(y[begin:end].min())), 0)
            bottom = min(int(np.ceil(y[begin:end].max())), height)
            if left >= right or top >= bottom:
                continue
            size = (bottom - top) * (right - left + 1)
            if len(room) < size:
                room = np.zeros(size)
            cover = room[:size].reshape(bottom - top, right - left + 1)
            first = np.full(bottom - top, right - left, dtype=np.int64)
            last = np.full(bottom - top, -1, dtype=np.int64)
            for ring in range(parts[part], parts[part + 1]):
                begin, end = rings[ring], rings[ring + 1]
                turn = _direction(x, y, begin, end, ring == parts[part])
                for at in range(begin, end - 1):
                    _enter(
                        cover, first, last,
                        x[at] - left, y[at] - top, x[at + 1] - left, y[at + 1] - top, turn,
                    )  # fmt: skip
            for row in range(bottom - top):
                fraction = 0.0
                for column in range(first[row], min(last[row], right - left - 1) + 1):
                    fraction += cover[row, column]
                    cover[row, column] = 0
                    if abs(fraction) < NOTHING:
                        continue
                    m2 = fraction * areas[top + row]
                    value = canopy[top + row, left + column]
                    kind = kind_of[mask_state[mask[top + row, left + column]], value]
                    by_kind[kind] += m2
                    if kind in (LAND, FOREST):
                        canopy_m2 += m2 * canopy_pct[value]
                    event = event_of[happened[top + row, left + column]]
                    if event > 0 and (kind == FOREST or not in_forest_only):
                        if seen[event] != place:
                            seen[event] = place
                            event_m2[event] = 0
                            touched[touches] = event
                            touches += 1
                        event_m2[event] += m2
                cover[row, right - left] = 0
        found[place, 0] = by_kind[LAND] + by_kind[FOREST]
        found[place, 1] = by_kind[WATER]
        found[place, 2] = by_kind[FOREST]
        found[place, 3] = canopy_m2
        if n + touches > len(told_m2):
            more = len(told_m2) + touches
            told_plot = np.concatenate((told_plot, np.empty(more, dtype=np.int64)))
            told_event = np.concatenate((told_event, np.empty(more, dtype=np.int32)))
            told_m2 = np.concatenate((told_m2, np.empty(more)))
        for at in range(touches):
            told_plot[n] = place
            told_event[n] = touched[at]
            told_m2[n] = event_m2[touched[at]]
            n += 1
    return found, told_plot[:n], told_event[:n], told_m2[:n]
