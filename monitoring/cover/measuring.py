"""Cover of many plots from the tiles of a source, tile by tile and strip by strip."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from monitoring.cover.layouts import Layout
from monitoring.cover.outlines import Floats, Ints, Outlines, outlines_of
from monitoring.cover.reading import Boxes, Frame, Reader, frames, strip_height
from monitoring.cover.tiles import Tile
from monitoring.cover.zonal import (
    COUNTERS,
    NO_EVENTS,
    Events,
    pixel_areas_m2,
    sums_of,
    whole_areas_m2,
)

DEFAULT_PIXEL_DEG = (0.00025, 0.00025)
MOST_THREADS = 8
AHEAD = 2  # portions under way for each thread


@dataclass(frozen=True)
class Shapes:
    """Outlines to measure: their bounding boxes (n x west, south, east, north; degrees), and how to
    get the WKB of some of them when their turn comes."""

    bounds: Floats
    fetch: Callable[[Ints], Sequence[bytes]]

    def __len__(self) -> int:
        return len(self.bounds)


@dataclass(frozen=True)
class Measured:
    """Plots that are complete, by position in the shapes. Square metres; `canopy` in m2 x 1 %.

    `lost` is plots x years (baseline + 1 first) for a source of forest, `alerts` for one of alerts.
    """

    plot: Ints
    whole: Floats
    land: Floats
    water: Floats
    forest: Floats
    canopy: Floats
    pixels: Floats
    lost: Floats
    alerts: Events


@dataclass(frozen=True)
class _Portion:
    """A frame of a tile and the plots in it: `chosen` of `outlines` (pixels of the tile), which are
    `plots` of the shapes. `closed`: the plots of whom a strip is done with it."""

    frame: Frame
    outlines: Outlines
    chosen: Ints
    plots: Ints
    closed: Ints


def thread_count() -> int:
    """How many threads decode and add up: one for each processor that we may use, up to a limit that
    bounds memory."""
    return min(len(os.sched_getaffinity(0)), MOST_THREADS)


def measure(
    shapes: Shapes, tiles: Sequence[Tile], layout: Layout, *, years: int
) -> Iterator[Measured]:
    """What the tiles say of each shape, in batches as shapes are complete; every shape comes once.

    Each block of a tile that holds plots is decoded once. What no tile covers is in `whole` only.
    `years`: how many years of loss there may be; 0 for a source of alerts.
    """
    ledger = _Ledger(
        shapes, pixel_deg=tiles[0].pixel_deg if tiles else DEFAULT_PIXEL_DEG, years=years
    )
    strips_of = [_strips(_boxes(shapes.bounds, tile), tile) for tile in tiles]
    for strips in strips_of:
        ledger.strips_left += strips
    for outside in np.array_split(
        np.flatnonzero(ledger.strips_left == 0), len(shapes) // 5_000 + 1
    ):
        if len(outside):
            ledger.outlines(outside)
            yield ledger.take(outside)
    for tile, strips in zip(tiles, strips_of, strict=True):
        yield from _measure_tile(ledger, tile, layout, here=np.flatnonzero(strips))


def _measure_tile(ledger: _Ledger, tile: Tile, layout: Layout, *, here: Ints) -> Iterator[Measured]:
    """Add what a tile says of the plots `here`; those complete with it."""
    meaning = layout.meaning()
    threads = 1 if tile.is_remote else thread_count()  # a remote file keeps chunks for each handle

    def sums(portion: _Portion) -> tuple[Floats, Events]:
        ground = reader.ground(portion.frame)
        areas = _pixel_areas(tile, portion.frame)
        return sums_of(portion.chosen, portion.outlines, ground, meaning, areas=areas)

    with Reader(tile, layout, threads=threads) as reader, ThreadPoolExecutor(threads) as pool:
        for portion, (counters, events) in _in_order(pool, sums, _portions(ledger, tile, here)):
            ledger.add(portion.plots, counters, events)
            done = ledger.finish(portion.closed)
            if len(done):
                yield ledger.take(done)


def _portions(ledger: _Ledger, tile: Tile, here: Ints) -> Iterator[_Portion]:
    """The work on a tile, from north to south."""
    box = _boxes(ledger.shapes.bounds[here], tile)
    for strip in frames(tile, box):
        inside = box.in_rows(strip[0].top, strip[0].bottom)
        plots, boxes = here[inside], box.only(inside)
        outlines = ledger.outlines(plots)
        outlines = outlines.on_grid(west=tile.west, north=tile.north, pixel_deg=tile.pixel_deg)
        for frame in strip:
            chosen = np.flatnonzero(boxes.in_frame(frame))
            closed = plots if frame is strip[-1] else plots[:0]
            yield _Portion(frame, outlines, chosen, plots[chosen], closed)


def _in_order(
    pool: Executor,
    work: Callable[[_Portion], tuple[Floats, Events]],
    portions: Iterator[_Portion],
) -> Iterator[tuple[_Portion, tuple[Floats, Events]]]:
    """Each portion with its result, in their order, while the next few are worked on.

    Sums are added in this order, whatever the number of threads: the same to the last bit.
    """
    coming: deque[tuple[_Portion, Future[tuple[Floats, Events]]]] = deque()
    try:
        for portion in portions:
            coming.append((portion, pool.submit(work, portion)))
            if len(coming) > AHEAD * thread_count():
                first, result = coming.popleft()
                yield first, result.result()
        while coming:
            first, result = coming.popleft()
            yield first, result.result()
    finally:
        for _portion, result in coming:
            result.cancel()


class _Ledger:
    """Sums of the plots that are under way."""

    def __init__(self, shapes: Shapes, *, pixel_deg: tuple[float, float], years: int) -> None:
        n = len(shapes)
        self.shapes, self.pixel_deg, self.years = shapes, pixel_deg, years
        self.strips_left = np.zeros(n, dtype=np.int64)
        self.whole = np.zeros(n)
        self.counters = np.zeros((n, len(COUNTERS)))
        self.lost = np.zeros((n, years))
        self.alerts: list[Events] = []

    def outlines(self, plots: Ints) -> Outlines:
        """The outlines of these plots, in degrees; their whole areas are noted."""
        outlines = outlines_of(self.shapes.fetch(plots))
        self.whole[plots] = whole_areas_m2(outlines, pixel_deg=self.pixel_deg)
        return outlines

    def add(self, plots: Ints, counters: Floats, events: Events) -> None:
        """Add what a frame holds of plots; `events.plot` is the position in `plots`."""
        self.counters[plots] += counters
        events = events._replace(plot=plots[events.plot])
        if self.years:
            places = events.plot * self.years + events.event - 1
            np.add.at(self.lost.reshape(-1), places, events.m2)
        elif len(events.plot):
            self.alerts.append(events)

    def finish(self, in_strip: Ints) -> Ints:
        """Count a strip as done for its plots; those that are complete with it."""
        self.strips_left[in_strip] -= 1
        return in_strip[self.strips_left[in_strip] == 0]

    def take(self, plots: Ints) -> Measured:
        """The sums of complete plots."""
        done = np.zeros(len(self.shapes), dtype=bool)
        done[plots] = True
        events = Events.joined([NO_EVENTS, *self.alerts])
        of_done = done[events.plot]
        self.alerts = [events.only(~of_done)]
        land, water, forest, canopy = self.counters[plots].T
        bounds = self.shapes.bounds[plots]
        pixel = _pixel_at((bounds[:, 1] + bounds[:, 3]) / 2, self.pixel_deg)
        return Measured(
            plots, self.whole[plots], land, water, forest, canopy,
            pixels=self.whole[plots] / pixel,
            lost=self.lost[plots],
            alerts=_merged(events.only(of_done)),
        )  # fmt: skip


def _merged(events: Events) -> Events:
    """One row for each plot and event."""
    keys = (events.plot.astype(np.int64) << 32) | events.event
    unique, place = np.unique(keys, return_inverse=True)
    m2 = np.bincount(place, weights=events.m2, minlength=len(unique)).astype(np.float64)
    return Events((unique >> 32).astype(np.intp), (unique & 0xFFFFFFFF).astype(np.int32), m2)


def _boxes(bounds: Floats, tile: Tile) -> Boxes:
    width, height = tile.pixel_deg
    return Boxes(
        left=(bounds[:, 0] - tile.west) / width,
        top=(tile.north - bounds[:, 3]) / height,
        right=(bounds[:, 2] - tile.west) / width,
        bottom=(tile.north - bounds[:, 1]) / height,
    )


def _strips(boxes: Boxes, tile: Tile) -> Ints:
    """How many strips of a tile each plot lies in."""
    height = strip_height(tile)
    first = np.floor(np.maximum(boxes.top, 0) / height)
    after = np.ceil(np.minimum(boxes.bottom, tile.height) / height)
    apart = (boxes.right <= 0) | (boxes.left >= tile.width)
    apart |= (boxes.bottom <= 0) | (boxes.top >= tile.height)
    return np.where(apart, 0, np.maximum(after - first, 0)).astype(np.intp)


def _pixel_areas(tile: Tile, frame: Frame) -> Floats:
    width, height = tile.pixel_deg
    return pixel_areas_m2(
        north=tile.north,
        height_deg=height,
        width_deg=width,
        rows=frame.bottom - frame.top,
        first=frame.top,
    )


def _pixel_at(latitude: Floats, pixel_deg: tuple[float, float]) -> Floats:
    """Square metres of a pixel around a latitude, to 1 %: to tell what is smaller than one."""
    metres = 111_132.0
    return metres**2 * pixel_deg[0] * pixel_deg[1] * np.cos(np.radians(latitude))
