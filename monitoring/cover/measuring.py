"""Cover of many plots from the tiles of a source, tile by tile and strip by strip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from monitoring.cover.edges import Edges, Floats, Ints, edges_of
from monitoring.cover.layouts import Layout
from monitoring.cover.reading import Boxes, Frame, frames, strip_height, windows
from monitoring.cover.tiles import Tile
from monitoring.cover.zonal import (
    COUNTERS,
    NO_EVENTS,
    Events,
    add_up,
    pixel_areas_m2,
    whole_areas_m2,
)

DEFAULT_PIXEL_DEG = (0.00025, 0.00025)


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
            ledger.load(outside)
            yield ledger.take(outside)
    for tile, strips in zip(tiles, strips_of, strict=True):
        yield from _measure_tile(ledger, tile, layout, here=np.flatnonzero(strips))


def _measure_tile(ledger: _Ledger, tile: Tile, layout: Layout, *, here: Ints) -> Iterator[Measured]:
    """Add what a tile says of the plots `here`; those complete with it."""
    box = _boxes(ledger.shapes.bounds[here], tile)
    strips = list(frames(tile, box))
    coming = windows(tile, layout, [frame for strip in strips for frame in strip])
    for strip in strips:
        for frame in strip:
            window = next(coming)
            inside = here[box.in_frame(frame)]
            ledger.load(inside)
            edges = _on_grid(ledger.edges_of(inside), tile)
            areas = _pixel_areas(tile, frame)
            ledger.add_events(add_up(edges, window, areas=areas, counters=ledger.counters))
        done = ledger.finish(here[box.in_rows(strip[0].top, strip[0].bottom)])
        if len(done):
            yield ledger.take(done)


class _Ledger:
    """Sums of the plots that are under way."""

    def __init__(self, shapes: Shapes, *, pixel_deg: tuple[float, float], years: int) -> None:
        n = len(shapes)
        self.shapes, self.pixel_deg, self.years = shapes, pixel_deg, years
        self.strips_left = np.zeros(n, dtype=np.int64)
        self.is_loaded = np.zeros(n, dtype=bool)
        self.whole = np.zeros(n)
        self.counters = np.zeros((n, len(COUNTERS)))
        self.lost = np.zeros((n, years))
        self.alerts: list[Events] = []
        nothing = np.empty(0)
        self.edges = Edges(np.empty(0, np.intp), nothing, nothing, nothing, nothing)

    def load(self, plots: Ints) -> None:
        """Have the edges of these plots at hand."""
        new = plots[~self.is_loaded[plots]]
        if not len(new):
            return
        edges = edges_of(np.array(self.shapes.fetch(new), dtype=object))
        self.whole[new] = whole_areas_m2(edges, plots=len(new), pixel_deg=self.pixel_deg)
        edges = Edges(new[edges.plot], edges.x0, edges.y0, edges.x1, edges.y1)
        self.edges = self.edges.with_(edges)
        self.is_loaded[new] = True

    def edges_of(self, plots: Ints) -> Edges:
        wanted = np.zeros(len(self.shapes), dtype=bool)
        wanted[plots] = True
        return self.edges.of(wanted[self.edges.plot])

    def add_events(self, events: Events) -> None:
        if self.years:
            places = events.plot * self.years + events.event - 1
            np.add.at(self.lost.reshape(-1), places, events.m2)
        elif len(events.plot):
            self.alerts.append(_merged(events))

    def finish(self, in_strip: Ints) -> Ints:
        """Count a strip as done for its plots; those that are complete with it."""
        self.strips_left[in_strip] -= 1
        return in_strip[self.strips_left[in_strip] == 0]

    def take(self, plots: Ints) -> Measured:
        """The sums of complete plots, whose edges are let go."""
        done = np.zeros(len(self.shapes), dtype=bool)
        done[plots] = True
        self.edges = self.edges.of(~done[self.edges.plot])
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


def _on_grid(edges: Edges, tile: Tile) -> Edges:
    width, height = tile.pixel_deg
    return Edges(
        edges.plot,
        (edges.x0 - tile.west) / width,
        (tile.north - edges.y0) / height,
        (edges.x1 - tile.west) / width,
        (tile.north - edges.y1) / height,
    )


def _pixel_areas(tile: Tile, frame: Frame) -> Floats:
    width, height = tile.pixel_deg
    return pixel_areas_m2(
        north=tile.north - frame.top * height,
        height_deg=height,
        width_deg=width,
        rows=frame.bottom - frame.top,
    )


def _pixel_at(latitude: Floats, pixel_deg: tuple[float, float]) -> Floats:
    """Square metres of a pixel around a latitude, to 1 %: to tell what is smaller than one."""
    metres = 111_132.0
    return metres**2 * pixel_deg[0] * pixel_deg[1] * np.cos(np.radians(latitude))
