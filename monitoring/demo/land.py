"""Lots along the Interoceanic highway: plausible ground, nobody's boundary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from shapely import STRtree, wkt
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from monitoring.demo import parameters as p

# The three towns are where they are; the points in between and past San Lorenzo are schematic.
ROAD = (
    (-69.577, -10.945),
    (-69.562, -11.060),
    (-69.530, -11.180),
    (-69.505, -11.300),
    (-69.487, -11.411),
    (-69.405, -11.441),
    (-69.321, -11.455),
    (-69.270, -11.530),
    (-69.235, -11.610),
)
TOWNS = (ROAD[0], ROAD[4], ROAD[6])
TOWN_RADIUS_M = 900.0
ORIGIN = (-69.45, -11.28)
M_PER_DEGREE_LAT = 110_610.0  # at 11 S, WGS 84
M_PER_DEGREE_LON = 109_200.0  # 111,320 m x cos(11.28 degrees), on the ellipsoid
ROWS = 6  # rows of lots on each side of the road
LATTICE_M = 1_250.0


@dataclass(frozen=True)
class Lot:
    """One lot: EWKT multipolygon, approximate hectares, a point within it (lon, lat)."""

    ewkt: str
    area_ha: float
    point: tuple[float, float]


def roadside_lots(
    *, wanted: list[int], districts: list[str], rng: np.random.Generator
) -> list[list[Lot]]:
    """For each district (WKT of its boundary) up to `wanted` lots that touch no other lot.

    Lots lie wholly in their district, outside the towns; the row beside the road fills first.
    """
    shapes = [wkt.loads(text) for text in districts]
    found: list[list[Lot]] = [[] for _ in shapes]
    taken: list[Polygon] = []
    for row in range(ROWS):
        fresh = [lot for lot in _row(row, rng) if not _in_town(lot)]
        tree = STRtree(taken) if taken else None
        for outline in fresh:
            ground = Polygon([_lonlat(x, y) for x, y in outline.exterior.coords])
            home = _district_of(ground, shapes)
            if home is None or len(found[home]) >= wanted[home]:
                continue
            neighbours = [taken[i] for i in tree.query(outline)] if tree else []
            if any(outline.intersects(other) for other in [*neighbours, *taken[-120:]]):
                continue
            taken.append(outline)
            found[home].append(_lot(ground, outline.area / 10_000))
    return found


def lattice_lot(number: int, rng: np.random.Generator) -> Lot:
    """Lot `number` of an endless grid west of the road, for load only: it heeds no district."""
    column, row = number % 450, number // 450
    x, y = -60_000.0 - column * LATTICE_M, 60_000.0 - row * LATTICE_M
    area_ha = float(rng.uniform(*p.LOT_HA))
    width = min(LATTICE_M - 60, area_ha * 10_000 / (LATTICE_M - 60))
    height = area_ha * 10_000 / width
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    ground = Polygon([_lonlat(a, b) for a, b in corners])
    return _lot(ground, area_ha)


def _row(row: int, rng: np.random.Generator) -> Iterator[Polygon]:
    """The outlines (local metres) of one row on both sides, leg by leg."""
    for start, end in zip(ROAD, ROAD[1:], strict=False):
        a, b = np.array(_metres(*start)), np.array(_metres(*end))
        length = float(np.hypot(*(b - a)))
        along = (b - a) / length
        for side in (1.0, -1.0):
            across = side * np.array([-along[1], along[0]])
            position = 120.0
            while position < length - 400:
                front = float(rng.uniform(280, 620))
                yield _outline(a, along, across, position, front, row, rng)
                position += front + (40.0 if rng.random() < 0.1 else 0.0)


def _outline(
    a: np.ndarray,
    along: np.ndarray,
    across: np.ndarray,
    position: float,
    front: float,
    row: int,
    rng: np.random.Generator,
) -> Polygon:
    least, most = p.LOT_HA
    area_m2 = 10_000 * float(np.clip(rng.lognormal(np.log(52), 0.45), least + 3, most - 10))
    depth = min(area_m2 / front, 2_350.0)
    near = 45.0 + row * 2_600.0
    gap_left, gap_right = rng.uniform(2, 16, size=2)
    left, right = position + gap_left, position + front - gap_right
    back = depth + rng.uniform(-0.07, 0.07, size=3) * depth
    kink = left + (right - left) * float(rng.uniform(0.35, 0.65))
    points = [
        (left, near),
        (kink, near + float(rng.uniform(0, 14))),
        (right, near),
        (right, near + back[0]),
        (kink, near + back[1]),
        (left, near + back[2]),
    ]
    return Polygon([tuple(a + along * s + across * o) for s, o in points])


def _in_town(outline: Polygon) -> bool:
    return any(outline.distance(Point(_metres(*town))) < TOWN_RADIUS_M for town in TOWNS)


def _district_of(ground: Polygon, shapes: list[BaseGeometry]) -> int | None:
    return next((i for i, shape in enumerate(shapes) if shape.contains(ground)), None)


def _lot(ground: Polygon, area_ha: float) -> Lot:
    inside = ground.representative_point()
    ring = ",".join(f"{x:.7f} {y:.7f}" for x, y in ground.exterior.coords)
    return Lot(f"SRID=4326;MULTIPOLYGON((({ring})))", area_ha, (inside.x, inside.y))


def _metres(lon: float, lat: float) -> tuple[float, float]:
    return (lon - ORIGIN[0]) * M_PER_DEGREE_LON, (lat - ORIGIN[1]) * M_PER_DEGREE_LAT


def _lonlat(x: float, y: float) -> tuple[float, float]:
    return ORIGIN[0] + x / M_PER_DEGREE_LON, ORIGIN[1] + y / M_PER_DEGREE_LAT
