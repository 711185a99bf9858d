"""Vector tiles of plots, as one viewer may see them.

Far out a tile holds the districts with their totals; nearer the plots, or, where there are too many
to tell apart, squares with how many lie in each. docs/decisions/085-tiles.md says why.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet, Sum

from monitoring import plot_shapes
from monitoring.dashboards import known_quarters
from monitoring.models import CoverSource, Measures, PlotCount, PlotShape
from monitoring.models.cover import CUTOFF_YEAR
from practices.models import Practice
from ranchers.access import (
    STAFF,
    Viewer,
    counts_for,
    district_codes_of,
    has_role,
    plots_for,
    role_of,
    sees_names,
)
from ranchers.models import Role

SQL = Path(__file__).parent / "sql"
CONTENT_TYPE = "application/vnd.mapbox-vector-tile"
LAYERS = ("predios", "distritos")
LARGEST_ZOOM = 20
PLOTS_FROM_ZOOM = 8
"""Farther out there are only totals of districts."""

MOST_PLOTS = 1_000
"""With more, a tile of 256 pixels gives each plot eight by eight at most: squares say more, and 1,500
took 50 ms where 1,000 take 35 (docs/benchmarks.md)."""

EXTENT = 4096
SQUARES_HALVINGS = 5
"""A tile has 32 x 32 squares, fewer from zoom 12 on: plots are counted by tiles of zoom 16."""

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


def etag(viewer: Viewer, *, practice: Practice | None) -> str:
    """A word that changes with the data, with what the viewer may see, and with the practice."""
    words = f"{plot_shapes.stamp()} {scope_of(viewer)} {practice.pk if practice else ''}"
    return sha256(words.encode()).hexdigest()[:24]


def tile_for(
    viewer: Viewer, *, layer: str, tile: Tile, practice: Practice | None, word: str
) -> bytes:
    """The tile for a viewer; `word` is the `etag` by which it is kept. Empty when nothing is there."""
    key = f"tile:{word}:{layer}:{tile.z}:{tile.x}:{tile.y}"
    found: bytes | None = cache.get(key)
    if found is None:
        found = draw(viewer, layer=layer, tile=tile, practice=practice)
        cache.set(key, found, CACHE_SECONDS)
    return found


def draw(viewer: Viewer, *, layer: str, tile: Tile, practice: Practice | None) -> bytes:
    """The tile, made from the database."""
    is_staff = has_role(viewer, *STAFF)  # a rancher's few plots need no totals
    if layer == "distritos" or (is_staff and tile.z < PLOTS_FROM_ZOOM):
        return _districts(viewer, tile)
    if is_staff and tile.z <= plot_shapes.LEVELS[-1]:
        level = _level(tile.z)
        inside = _counts(viewer).filter(level=level, cell__range=tile.cells(level))
        if (inside.aggregate(n=Sum("plots"))["n"] or 0) > MOST_PLOTS:
            return _squares(viewer, tile)
    return _plots(viewer, tile, practice)


def bounds_of_plots(viewer: Viewer) -> list[float] | None:
    """West, south, east, north of the plots that the viewer sees; None without any, or when they are
    so many and so far apart that all of the ground may as well be shown."""
    level = plot_shapes.LEVELS[1]
    rows = _counts(viewer).filter(level=level, plots__gt=0).values_list("cell", flat=True)
    cells = set(rows.order_by().distinct()[: MOST_CELLS + 1])
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


def _counts(viewer: Viewer) -> QuerySet[PlotCount]:
    return counts_for(viewer, PlotCount.objects.all())


def _districts(viewer: Viewer, tile: Tile) -> bytes:
    seen, parameters = _where(_counts(viewer))
    return _run(
        _sql("tile_districts", seen=seen),
        {
            **_place(tile),
            **parameters,
            "level": plot_shapes.LEVELS[0],
            "tolerance": 360 / (1 << tile.z) / 512,  # half a pixel, in degrees
        },
    )


def _squares(viewer: Viewer, tile: Tile) -> bytes:
    level = _level(min(tile.z + SQUARES_HALVINGS, plot_shapes.LEVELS[-1]))
    finer = level - tile.z
    halvings = min(finer, SQUARES_HALVINGS)
    first, last = tile.cells(level)
    seen, parameters = _where(_counts(viewer))
    return _run(
        _sql("tile_squares", seen=seen),
        {
            **parameters,
            "level": level,
            "first": first,
            "last": last,
            "side": EXTENT >> halvings,
            "shift": 2 * (finer - halvings),
        },
    )


_VALUES = """
s.number, s.place_id as district, round(s.area_ha, 1)::float as ha,
(select min(c) from unnest(t.cohorts) c) as cohort, f.practices_in_use as practices, :stage as stage,
round(100.0 * (c.forest_m2 - l.lost_m2) / nullif(c.land_m2, 0))::int as forest,
round(l.since_m2 / 10000.0, 2)::float as loss,
"""

_JOINS = """
left join monitoring_rancherfact f on f.rancher_id = s.rancher_id and f.quarter = %(quarter)s
left join monitoring_stratum t on t.id = f.stratum_id
left join monitoring_plotcover c on c.boundary_id = s.boundary_id and c.source_id = %(source)s
left join lateral (
    select sum(lost) as lost_m2, sum(lost) filter (where n > %(cutoff)s) as since_m2
    from unnest(c.loss_m2) with ordinality lost_in(lost, n)
) l on c.forest_m2 is not null
"""

_STAGE = """
left join monitoring_practicefact pf on pf.rancher_id = s.rancher_id and pf.practice_id = %(practice)s
    and pf.from_quarter <= %(quarter)s and pf.to_quarter > %(quarter)s
"""


def _plots(viewer: Viewer, tile: Tile, practice: Practice | None) -> bytes:
    """The plots with their values; shapes alone for who may not see a single rancher's figures."""
    seen, parameters = _seen_plots(viewer)
    values, joins = "", ""
    if sees_names(viewer):
        values = _VALUES.replace(":stage", "pf.stage" if practice else "null")
        joins = _JOINS + (_STAGE if practice else "")
        source = forest_source()
        parameters |= {
            "quarter": known_quarters()[-1],
            "practice": practice.pk if practice else 0,
            "source": source.pk if source else 0,
            "cutoff": CUTOFF_YEAR - (source.baseline_year or 0) if source else 0,
        }
    else:
        values = "null::bigint as number,"
    band = "far" if tile.z <= 10 else "middle" if tile.z <= 13 else "near"
    return _run(
        _sql("tile_plots", seen=seen, band=band, values=values, joins=joins),
        {
            **_place(tile),
            **parameters,
            "margin": WORLD_M / (1 << tile.z) * 32 / EXTENT,
            "most": 2 * MOST_PLOTS,
        },
    )


def forest_source() -> CoverSource | None:
    """The source of forest and loss that the figures go by, if there is one."""
    return CoverSource.objects.filter(is_active=True, measures=Measures.FOREST).first()


def _seen_plots(viewer: Viewer) -> tuple[str, dict[str, Any]]:
    """The condition on s.plot_id that only plots of `plots_for(viewer)` meet."""
    if has_role(viewer, Role.COORDINATOR):
        return "true", {}
    sql, given = plots_for(viewer).order_by().values("pk").query.sql_with_params()
    named, parameters = _named(sql, given)
    seen = f"s.plot_id in ({named})"
    if not has_role(viewer, *STAFF):
        return seen, parameters
    # The shape's own copies first: far cheaper than to ask of every plot under the tile.
    rows = counts_for(viewer, PlotShape.objects.all())
    copies, more = _where(rows, prefix="copy")
    copies = copies.replace(f'"{PlotShape._meta.db_table}".', "s.")
    return f"({copies}) and {seen}", parameters | more


def _where(rows: QuerySet[Any], *, prefix: str = "seen") -> tuple[str, dict[str, Any]]:
    """The condition alone of a queryset of one table, to stand in another statement."""
    try:
        sql, given = rows.order_by().values("is_shared").query.sql_with_params()
    except EmptyResultSet:
        return "false", {}
    named, parameters = _named(sql, given, prefix=prefix)
    return named.partition(" WHERE ")[2] or "true", parameters


def _named(sql: str, given: tuple[Any, ...], *, prefix: str = "seen") -> tuple[str, dict[str, Any]]:
    """Positional parameters as named ones, so that they can stand beside others."""
    parts = sql.split("%s")
    names = [f"{prefix}_{i}" for i in range(len(given))]
    text = parts[0] + "".join(f"%({n})s{rest}" for n, rest in zip(names, parts[1:], strict=True))
    return text, dict(zip(names, given, strict=True))


def _sql(name: str, **parts: str) -> str:
    text = re.sub(r"--[^\n]*", "", (SQL / f"{name}.sql").read_text())
    return re.sub(r"(?<!:):(seen|band|values|joins)\b", lambda m: parts[m[1]], text)


def _place(tile: Tile) -> dict[str, int]:
    return {"z": tile.z, "x": tile.x, "y": tile.y}


def _run(sql: str, parameters: dict[str, Any]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""
