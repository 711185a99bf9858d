"""Vector tiles of plots, as one viewer may see them.

Far out a tile holds the districts with their totals; nearer the plots, or, where there are too many
to tell apart, squares with how many lie in each. docs/decisions/085-tiles.md says why.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.core.cache import cache

from monitoring import plot_shapes
from monitoring.models import CoverSource, Measures
from monitoring.models.cover import CUTOFF_YEAR
from monitoring.tile_choices import Choice
from monitoring.tile_rows import Rows, run, statement
from ranchers.access import (
    STAFF,
    Viewer,
    district_codes_of,
    has_role,
    role_of,
    sees_names,
)
from ranchers.models import Role

CONTENT_TYPE = "application/vnd.mapbox-vector-tile"
LAYERS = ("predios", "distritos")
LARGEST_ZOOM = 20
PLOTS_FROM_ZOOM = 8
"""Farther out there are only totals of districts."""

MOST_PLOTS = 700
"""With more, a tile of 256 pixels gives each plot ten by ten at most: squares say more. The time to make
a tile grows with its plots; this many keep it well under 50 ms (docs/benchmarks.md)."""

EXTENT = 4096
SQUARES_HALVINGS = 5
"""A tile has 32 x 32 squares, fewer from zoom 12 on: plots are counted by tiles of zoom 16."""

_FINEST = plot_shapes.LEVELS[-1]

MOST_CELLS = 4_000
"""Squares of 5 km looked at to find where the plots are."""

CACHE_SECONDS = 3_600
WORLD_M = 40_075_016.685578488


class InvalidTile(ValueError):
    """The numbers do not name a tile."""


@dataclass(frozen=True)
class Tile:
    """Zoom, column and row in the usual scheme (Web Mercator, row 0 in the north)."""

    z: int
    x: int
    y: int

    @classmethod
    def parse(cls, z: str, x: str, y: str) -> Tile:
        """Raises `InvalidTile` for what is no number, too large, or outside the world."""
        if not all(re.fullmatch(r"[0-9]{1,7}", text) for text in (z, x, y)):
            raise InvalidTile("zoom, column and row are whole numbers")
        tile = cls(int(z), int(x), int(y))
        if tile.z > LARGEST_ZOOM or max(tile.x, tile.y) >= 1 << tile.z:
            raise InvalidTile(f"no such tile up to zoom {LARGEST_ZOOM}")
        return tile

    @property
    def cell(self) -> int:
        """The tile as one number: the bits of column and row interleaved."""
        found = 0
        for bit in range(self.z):
            found |= (self.x >> bit & 1) << 2 * bit | (self.y >> bit & 1) << 2 * bit + 1
        return found

    def cells(self, level: int) -> tuple[int, int]:
        """The first and last cell of a finer (or the same) level inside this tile."""
        bits = 2 * (level - self.z)
        return self.cell << bits, ((self.cell + 1) << bits) - 1


def scope_of(viewer: Viewer) -> str:
    """A word for what the viewer sees: two viewers share tiles only when it is the same."""
    role = role_of(viewer)
    if role == Role.TECHNICIAN:
        return f"technician-{viewer.pk}-{'-'.join(sorted(district_codes_of(viewer)))}"
    if role == Role.RANCHER:
        return f"rancher-{getattr(viewer, 'rancher_id', None)}"
    return str(role)


def etag(viewer: Viewer, *, choice: Choice) -> str:
    """A word that changes with the data, with what the viewer may see, and with the choice."""
    words = f"{plot_shapes.stamp()} {scope_of(viewer)} {choice.key}"
    return sha256(words.encode()).hexdigest()[:24]


def tile_for(viewer: Viewer, *, layer: str, tile: Tile, choice: Choice, word: str) -> bytes:
    """The tile for a viewer; `word` is the `etag` by which it is kept. Empty when nothing is there."""
    key = f"tile:{word}:{layer}:{tile.z}:{tile.x}:{tile.y}"
    found: bytes | None = cache.get(key)
    if found is None:
        found = draw(viewer, layer=layer, tile=tile, choice=choice)
        cache.set(key, found, CACHE_SECONDS)
    return found


def draw(viewer: Viewer, *, layer: str, tile: Tile, choice: Choice) -> bytes:
    """The tile, made from the database."""
    return _drawn(viewer, layer, tile, choice) or b""


def _drawn(viewer: Viewer, layer: str, tile: Tile, choice: Choice) -> bytes | None:
    rows = Rows.of(viewer, choice)
    is_staff = has_role(viewer, *STAFF)  # a rancher's few plots need no totals
    if layer == "distritos" or (is_staff and tile.z < PLOTS_FROM_ZOOM):
        return _districts(rows, tile)
    if is_staff and tile.z <= _FINEST:
        level = _level(tile.z)
        inside = rows.number(level=level, cells=tile.cells(level), fine=tile.cells(_FINEST))
        if inside > MOST_PLOTS:
            return _squares(rows, tile)
    return _plots(viewer, rows, tile, choice)


def bounds_of_plots(viewer: Viewer, choice: Choice) -> list[float] | None:
    """West, south, east, north of the plots that the viewer sees and chose; None without any, or when
    they are so many and so far apart that all of the ground may as well be shown.

    Kept as tiles are: among a million plots it takes the database longer than the rest of the page.
    """
    key = f"bounds:{etag(viewer, choice=choice)}"
    kept: tuple[list[float] | None] | None = cache.get(key)
    if kept is None:
        kept = (_bounds_of_plots(viewer, choice),)
        cache.set(key, kept, CACHE_SECONDS)
    return kept[0]


def _bounds_of_plots(viewer: Viewer, choice: Choice) -> list[float] | None:
    level = plot_shapes.LEVELS[1]
    cells = Rows.of(viewer, choice).cells(level, most=MOST_CELLS + 1)
    if not cells or len(cells) > MOST_CELLS:
        return None
    columns = [_even_bits(cell) for cell in cells]
    lines = [_even_bits(cell >> 1) for cell in cells]
    return [
        _lon(min(columns), level),
        _lat(max(lines) + 1, level),
        _lon(max(columns) + 1, level),
        _lat(min(lines), level),
    ]


def _even_bits(cell: int) -> int:
    return sum((cell >> 2 * bit & 1) << bit for bit in range(LARGEST_ZOOM))


def _lon(column: int, z: int) -> float:
    return column / (1 << z) * 360 - 180


def _lat(row: int, z: int) -> float:
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / (1 << z)))))


def _level(z: int) -> int:
    """The coarsest squares that are no larger than a tile of this zoom."""
    return next(level for level in plot_shapes.LEVELS if level >= z)


def _districts(rows: Rows, tile: Tile) -> bytes | None:
    counted = rows.counted(level=plot_shapes.LEVELS[0], cells=(0, 0), fine=None)
    found: bytes | None = run(
        statement("tile_districts", counted=counted),
        {
            **_place(tile),
            **rows.parameters,
            "tolerance": 360 / (1 << tile.z) / 512,  # half a pixel, in degrees
        },
    )
    return found


def _squares(rows: Rows, tile: Tile) -> bytes | None:
    level = _FINEST if rows.are_chosen else _level(min(tile.z + SQUARES_HALVINGS, _FINEST))
    finer = level - tile.z
    halvings = min(finer, SQUARES_HALVINGS)
    counted = rows.counted(level=level, cells=tile.cells(level), fine=tile.cells(_FINEST))
    found: bytes | None = run(
        statement("tile_squares", counted=counted),
        {
            **rows.parameters,
            "first": tile.cells(level)[0],
            "side": EXTENT >> halvings,
            "shift": 2 * (finer - halvings),
        },
    )
    return found


_VALUES = """
s.number, s.place_id as district, round(s.area_ha, 1)::float as ha,
t.cohorts[1] as cohort, f.practices_in_use as practices, :stage as stage,
round(100.0 * (c.forest_m2 - :lost) / nullif(c.land_m2, 0))::int as forest,
case when c.forest_m2 is not null then round((:since) / 10000.0, 2)::float end as loss,
"""

_JOINS = """
left join monitoring_rancherfact f on f.rancher_id = s.rancher_id and f.quarter = %(quarter)s
left join monitoring_stratum t on t.id = f.stratum_id
left join monitoring_plotcover c on c.boundary_id = s.boundary_id and c.source_id = %(source)s
"""

_STAGE = """
left join monitoring_practicefact pf on pf.rancher_id = s.rancher_id and pf.practice_id = %(practice)s
    and pf.from_quarter <= %(quarter)s and pf.to_quarter > %(quarter)s
"""


def _plots(viewer: Viewer, rows: Rows, tile: Tile, choice: Choice) -> bytes | None:
    """The plots with their values; shapes alone for who may not see a single rancher's figures."""
    # Without numbers: a plot that lies in two tiles is counted in the one that holds its inside.
    values, joins = "null::bigint as number, s.cell between %(first)s and %(last)s as here,", ""
    first, last = tile.cells(_FINEST) if tile.z <= _FINEST else (0, 1 << 62)
    more: dict[str, Any] = {"first": first, "last": last}
    if sees_names(viewer):
        source = forest_source()
        baseline = (source.baseline_year if source else None) or 0
        until = min(choice.last_full_year, (source.last_year if source else None) or 0) - baseline
        parts = {
            "stage": "pf.stage" if choice.practice else "null",
            "lost": _lost(1, until),
            "since": _lost(CUTOFF_YEAR - baseline + 1, until),
        }
        values = re.sub(r"(?<!:):(stage|lost|since)\b", lambda m: parts[m[1]], _VALUES)
        joins = _JOINS + (_STAGE if choice.practice else "")
        more = {
            "quarter": choice.quarter,
            "practice": choice.practice or 0,
            "source": source.pk if source else 0,
        }
    band = "far" if tile.z <= 10 else "middle" if tile.z <= 13 else "near"
    margin = WORLD_M / (1 << tile.z) * 32 / EXTENT
    found: bytes | None = run(
        statement("tile_plots", parts=rows.parts(band), seen=rows.seen, values=values, joins=joins),
        {
            **_place(tile),
            **rows.parameters,
            **more,
            "margin": margin,
            "most": 2 * MOST_PLOTS,
        },
    )
    return found


def _lost(first: int, last: int) -> str:
    """The sum of some years' losses, written out: to unnest the array takes as long as all the rest."""
    terms = [f"coalesce(c.loss_m2[{n}], 0)" for n in range(first, last + 1)]
    return f"({' + '.join(terms) or 0})"


def forest_source() -> CoverSource | None:
    """The source of forest and loss that the figures go by, if there is one."""
    return CoverSource.objects.filter(is_active=True, measures=Measures.FOREST).first()


def _place(tile: Tile) -> dict[str, int]:
    return {"z": tile.z, "x": tile.x, "y": tile.y}
