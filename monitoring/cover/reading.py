"""Which parts of a tile hold plots, and decoding them, each block once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from queue import SimpleQueue

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader
from rasterio.windows import Window as Extent

from monitoring.cover.layouts import Layout
from monitoring.cover.outlines import Floats
from monitoring.cover.tiles import GDAL_OPTIONS, Tile, layers_of
from monitoring.cover.zonal import Ground

FEWEST_ROWS = 256  # of a strip: blocks of one row are read many at a time
MOST_COLUMNS = 4096  # of a frame, unless blocks are wider: enough frames for all threads


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

    def only(self, chosen: NDArray[np.bool_]) -> Boxes:
        return Boxes(self.left[chosen], self.top[chosen], self.right[chosen], self.bottom[chosen])

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
    """Columns that hold plots, in whole blocks: apart where a block between holds none, and at every
    MOST_COLUMNS or so of the tile, whichever the plots, so that sums are the same among others."""
    blocks = np.zeros(-(-width // block) + 1, dtype=np.int64)
    first = np.clip(np.floor(left / block), 0, len(blocks) - 1).astype(int)
    after = np.clip(np.ceil(right / block), 0, len(blocks) - 1).astype(int)
    np.add.at(blocks, first, 1)
    np.add.at(blocks, after, -1)
    used = np.flatnonzero(np.diff(np.r_[0, (np.cumsum(blocks) > 0).astype(int), 0]))
    step = max(1, MOST_COLUMNS // block) * block
    spans = []
    for begin, end in zip(used[::2] * block, np.minimum(used[1::2] * block, width), strict=True):
        cuts = [begin, *range((begin // step + 1) * step, end, step), end]
        spans += [(int(one), int(other)) for one, other in pairwise(cuts)]
    return spans


class Reader:
    """Decodes grounds of a tile, on several threads at once; a handle is used by one at a time.

    Raises rasterio.errors.RasterioIOError when a file turns out to be damaged.
    """

    def __init__(self, tile: Tile, layout: Layout, *, threads: int) -> None:
        self.tile, self.layout, self.threads = tile, layout, threads
        self._open = ExitStack()
        self._handles: SimpleQueue[dict[str, DatasetReader]] = SimpleQueue()

    def __enter__(self) -> Reader:
        with self._open as stack:
            stack.enter_context(rasterio.Env(**GDAL_OPTIONS))
            for _thread in range(self.threads):
                self._handles.put(
                    {layer: stack.enter_context(data) for layer, data in layers_of(self.tile)}
                )
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_raised: object) -> None:
        self._open.close()

    def ground(self, frame: Frame) -> Ground:
        data = self._handles.get()
        try:
            with rasterio.Env(**GDAL_OPTIONS):  # an Env is of one thread
                extent = Extent.from_slices((frame.top, frame.bottom), (frame.left, frame.right))
                read = {
                    band: data[band.layer].read(band.index, window=extent)
                    for band in self.layout.bands
                }
        finally:
            self._handles.put(data)
        any_band = next(iter(read.values()))
        canopy, mask, happened = (
            any_band if band is None else read[band]
            for band in (self.layout.canopy, self.layout.mask, self.layout.events)
        )
        return Ground(frame.top, frame.left, canopy, mask, happened)
