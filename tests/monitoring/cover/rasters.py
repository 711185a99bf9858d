"""Small tiles in the published layouts, and a slow way to say what lies in a plot."""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from django.db import connection
from numpy.typing import NDArray
from rasterio.transform import from_origin
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from monitoring.cover.measuring import Measured, Shapes
from monitoring.models import CoverSource, Measures, SourceKind

PIXEL = 0.00025
VERSION = "GFC-2024-v1.12"


def write_tile(
    path: Path, values: NDArray[Any], *, west: float, north: float, **profile: Any
) -> Path:
    """A north-up GeoTIFF in WGS 84 with PIXEL degrees a pixel; `values` rows x columns (x bands)."""
    bands = values if values.ndim == 3 else values[None]
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = {
        "driver": "GTiff", "height": bands.shape[1], "width": bands.shape[2], "count": bands.shape[0],
        "dtype": bands.dtype, "crs": "EPSG:4326", "transform": from_origin(west, north, PIXEL, PIXEL),
        "compress": "DEFLATE", "tiled": True, "blockxsize": 64, "blockysize": 64,
    }  # fmt: skip
    with rasterio.open(path, "w", **(settings | profile)) as data:
        data.write(bands)
    return path


def gfc_source(folder: Path | str, **changes: Any) -> CoverSource:
    """A source in the layout of Global Forest Change, not saved."""
    fields: dict[str, Any] = {
        "code": "gfc", "name": "Global Forest Change", "kind": SourceKind.GFC,
        "measures": Measures.FOREST, "location": str(folder), "version": VERSION,
        "baseline_year": 2000, "last_year": 2024, "licence": "CC BY 4.0", "attribution": "UMD/GLAD",
    }  # fmt: skip
    return CoverSource(**(fields | changes))


def alerts_source(location: Path, **changes: Any) -> CoverSource:
    fields: dict[str, Any] = {
        "code": "alerts", "name": "Alerts", "kind": SourceKind.ALERTS, "measures": Measures.ALERTS,
        "location": str(location), "version": "2025", "covers_from": "2015-01-01",
        "covers_until": "2025-12-31", "licence": "CC BY 4.0", "attribution": "GFW",
    }  # fmt: skip
    return CoverSource(**(fields | changes))


def shapes_of(polygons: list[BaseGeometry]) -> Shapes:
    wkb = shapely.to_wkb(polygons)
    return Shapes(bounds=shapely.bounds(polygons), fetch=lambda which: wkb[which])


def gathered(batches: Any, *, plots: int) -> dict[str, NDArray[Any]]:
    """All batches of a measuring as arrays by plot; alerts as (plot, code, m2) rows."""
    found: dict[str, Any] = {}
    alerts = []
    seen = np.zeros(plots, dtype=int)
    for batch in batches:
        seen[batch.plot] += 1
        for name in Measured.__dataclass_fields__:
            value = getattr(batch, name)
            if name == "alerts":
                alerts += [(int(p), int(e), float(m)) for p, e, m in zip(*value, strict=True)]
            elif name != "plot":
                column = found.setdefault(name, np.zeros((plots, *value.shape[1:])))
                column[batch.plot] = value
    assert (seen == 1).all(), "each plot is measured exactly once"
    return found | {"alerts": alerts}


def slow_fractions(
    plot: BaseGeometry, *, rows_columns: tuple[int, int], west: float, north: float
) -> list[tuple[int, int, float]]:
    """(row, column, part) of each pixel that a plot covers, one intersection at a time, by shapely's
    overlay: independent of what is tested."""
    left, bottom, right, top = plot.bounds
    rows = range(int((north - top) / PIXEL), int((north - bottom) / PIXEL) + 1)
    columns = range(int((left - west) / PIXEL), int((right - west) / PIXEL) + 1)
    shapely.prepare(plot)
    found = []
    for row in rows:
        for column in columns:
            x, y = west + column * PIXEL, north - row * PIXEL
            pixel = shapely.box(x, y - PIXEL, x + PIXEL, y)
            part = pixel if plot.contains_properly(pixel) else plot.intersection(pixel)
            if part.area and row < rows_columns[0] and column < rows_columns[1]:
                found.append((row, column, part.area / pixel.area))
    return found


def geodesic_m2(shapes: list[BaseGeometry]) -> list[float]:
    """Areas on the WGS 84 ellipsoid by PostGIS (GeographicLib), independent of our formula."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select st_area(st_geomfromwkb(w, 4326)::geography) from unnest(%s) with ordinality u (w, n)"
            " order by n",
            [[shape.wkb for shape in shapes]],
        )
        return [area for (area,) in cursor.fetchall()]


def pixel_areas(*, north: float, rows: int) -> NDArray[np.float64]:
    """Geodesic square metres of a pixel of each row."""
    tops = [north - row * PIXEL for row in range(rows)]
    return np.array(geodesic_m2([shapely.box(0, top - PIXEL, PIXEL, top) for top in tops]))


def blob(
    rng: np.random.Generator, *, lon: float, lat: float, radius: float, corners: int
) -> Polygon:
    """A star-shaped plot around a point; radius in degrees."""
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    reach = radius * rng.uniform(0.4, 1, corners)
    return Polygon(np.c_[lon + reach * np.cos(angles), lat + reach * np.sin(angles)]).buffer(0)
