"""Reading a tile window by window, each block decoded once, ahead of the one who adds up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window as Extent

from monitoring.cover.layouts import IS_LAND, Band, Layout
from monitoring.cover.tiles import GDAL_OPTIONS, Tile, layers_of
from monitoring.cover.zonal import FOREST, WIDEST, Floats, Window, running_sums

FEWEST_ROWS = 256  # of a strip: blocks of one row are read many at a time


@dataclass(frozen=True)
class Frame:
    """Pixels of a tile that are read at once: rows [top, bottom), columns [left, right)."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True)
class Boxes:
    """Bounding boxes of plots in pixels of a tile; `y` runs downwards."""

    left: Floats
    top: Floats
    right: Floats
    bottom: Floats

    def in_rows(self, top: int, bottom: int) -> NDArray[np.bool_]:
        return (self.top < bottom) & (self.bottom > top)

    def in_frame(self, frame: Frame) -> NDArray[np.bool_]:
        across = (self.left < frame.right) & (self.right > frame.left)
        return across & self.in_rows(frame.top, frame.bottom)


def strip_height(tile: Tile) -> int:
    """Rows that are read at once: whole blocks, at least FEWEST_ROWS."""
    rows = tile.block[0]
    return rows * max(1, -(-FEWEST_ROWS // rows))


def frames(tile: Tile, boxes: Boxes) -> Iterator[list[Frame]]:
    """For each strip of a tile that holds plots, from north to south, the frames that cover them."""
    height, block = strip_height(tile), tile.block[1]
    first = max(0, int(boxes.top.min() // height)) if len(boxes.top) else 0
    for top in range(first * height, tile.height, height):
        bottom = min(top + height, tile.height)
        inside = boxes.in_rows(top, bottom)
        if inside.any():
            spans = _spans(boxes.left[inside], boxes.right[inside], tile.width, block)
            yield [Frame(top, bottom, left, right) for left, right in spans]


def _spans(left: Floats, right: Floats, width: int, block: int) -> list[tuple[int, int]]:
    """Columns that hold plots, in whole blocks, none wider than a window may be."""
    blocks = np.zeros(-(-width // block) + 1, dtype=np.int64)
    first = np.clip(np.floor(left / block), 0, len(blocks) - 1).astype(int)
    after = np.clip(np.ceil(right / block), 0, len(blocks) - 1).astype(int)
    np.add.at(blocks, first, 1)
    np.add.at(blocks, after, -1)
    used = np.flatnonzero(np.diff(np.r_[0, (np.cumsum(blocks) > 0).astype(int), 0]))
    widest = max(1, WIDEST // block) * block
    spans = []
    for begin, end in zip(used[::2] * block, np.minimum(used[1::2] * block, width), strict=True):
        step = min(widest, WIDEST)
        spans += [(at, int(min(at + step, end))) for at in range(int(begin), int(end), step)]
    return spans


def windows(tile: Tile, layout: Layout, wanted: Sequence[Frame]) -> Iterator[Window]:
    """Decode the frames in order; while one is used the next is decoded in a thread.

    Raises rasterio.errors.RasterioIOError when a file turns out to be damaged.
    """
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(**GDAL_OPTIONS))
        data = {layer: stack.enter_context(one) for layer, one in layers_of(tile)}
        decoder = _Decoder(layout, data)
        ahead = stack.enter_context(ThreadPoolExecutor(1))
        coming = None
        for frame in wanted:
            following = ahead.submit(decoder.window, frame)
            if coming is not None:
                yield coming.result()
            coming = following
        if coming is not None:
            yield coming.result()


class _Decoder:
    """Turns the bands of a frame into packed running sums and events."""

    def __init__(self, layout: Layout, data: dict[str, DatasetReader]) -> None:
        self.layout, self.data = layout, data
        self.words = layout.words()
        # Nearly all pixels are land: their words come from one table that fits the nearest cache.
        self.land_words = np.ascontiguousarray(self.words[IS_LAND])
        self.land_values = np.flatnonzero(layout.mask_state == IS_LAND)

    def window(self, frame: Frame) -> Window:
        shape = (frame.bottom - frame.top, frame.right - frame.left)
        words = self._words(frame, shape)
        rows, columns, events = self._events(frame, words)
        return Window(frame.top, frame.left, running_sums(words), rows, columns, events)

    def _words(self, frame: Frame, shape: tuple[int, int]) -> NDArray[np.int64]:
        if self.layout.canopy is None:
            words = np.full(shape, self.land_words[0])
            canopy = None
        else:
            canopy = self._read(self.layout.canopy, frame)
            words = self.land_words[canopy]
        if self.layout.mask is not None:
            mask = self._read(self.layout.mask, frame).reshape(-1)
            odd = np.flatnonzero(self._is_not_land(mask))
            state = self.layout.mask_state[mask[odd]]
            value = 0 if canopy is None else canopy.reshape(-1)[odd]
            words.reshape(-1)[odd] = self.words[state, value]
        return words

    def _is_not_land(self, mask: NDArray[Any]) -> NDArray[np.bool_]:
        if len(self.land_values) == 1:
            not_land: NDArray[np.bool_] = mask != self.land_values[0]
            return not_land
        return ~np.isin(mask, self.land_values)

    def _events(
        self, frame: Frame, words: NDArray[np.int64]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int32]]:
        if self.layout.events is None:
            return np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.int32)
        values = self._read(self.layout.events, frame)
        # A search in one dimension is several times faster than one in two.
        rows, columns = np.divmod(np.flatnonzero(values.reshape(-1) != 0), values.shape[1])
        events = self.layout.event[values[rows, columns]]
        told = events > 0
        if self.layout.events_in_forest:
            told &= (words[rows, columns] >> FOREST & 1) == 1
        return rows[told], columns[told], events[told]

    def _read(self, band: Band, frame: Frame) -> NDArray[Any]:
        extent = Extent.from_slices((frame.top, frame.bottom), (frame.left, frame.right))
        values: NDArray[Any] = self.data[band.layer].read(band.index, window=extent)
        return values
