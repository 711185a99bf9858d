"""Finding and opening the files of a source: one GeoTIFF, a folder of tiles, or an https address.

Only GeoTIFF is opened (a VRT could point anywhere), from this machine's disk or through remote.py.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import rasterio
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rasterio.io import DatasetReader

from monitoring.cover.layouts import Layout
from monitoring.cover.remote import InvalidLocation, check_location, head, opener_of
from monitoring.models import CoverSource, SourceKind

TILE_DEGREES = 10
TILE_NAME = re.compile(r"(\d{2}[NS]_\d{3}[EW])")
GDAL_OPTIONS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_CACHEMAX": 64,  # MB: every block is read once
}
Bounds = tuple[float, float, float, float]
"""west, south, east, north in degrees."""


class UnreadableTile(ValidationError):
    """A file cannot be opened, or is not on a north-up grid in WGS 84; the message says which."""


@dataclass(frozen=True)
class Tile:
    """The files of one extent, by layer, all on one grid. Degrees; `pixel_deg` is width, height."""

    name: str
    files: dict[str, str]
    west: float
    north: float
    pixel_deg: tuple[float, float]
    width: int
    height: int
    block: tuple[int, int]

    @property
    def is_remote(self) -> bool:
        return any("://" in path for path in self.files.values())

    @property
    def bounds(self) -> Bounds:
        east = self.west + self.width * self.pixel_deg[0]
        return self.west, self.north - self.height * self.pixel_deg[1], east, self.north


@dataclass(frozen=True)
class Found:
    """The tiles there are for an extent, sorted by name, and the names of those that lack."""

    tiles: list[Tile]
    missing: list[str]


def tile_name(*, lon: float, lat: float) -> str:
    """The published name of the 10 x 10 degree tile with a point: its top-left corner, '10S_070W'."""
    top = math.ceil(lat / TILE_DEGREES) * TILE_DEGREES
    left = math.floor(lon / TILE_DEGREES) * TILE_DEGREES
    return f"{abs(top):02d}{'S' if top < 0 else 'N'}_{abs(left):03d}{'W' if left < 0 else 'E'}"


def tile_corner(name: str) -> tuple[int, int]:
    """(west, north) in degrees of a tile by its published name."""
    west, north = int(name[4:7]), int(name[:2])
    return (-west if name[7] == "W" else west), (-north if name[2] == "S" else north)


def tile_names(extents: list[Bounds]) -> list[str]:
    """The names of the tiles that extents touch, sorted."""
    names = set()
    for west, south, east, north in extents:
        for left in range(math.floor(west / 10), math.floor(east / 10) + 1):
            for top in range(math.ceil(south / 10), math.ceil(north / 10) + 1):
                names.add(tile_name(lon=left * 10 + 5, lat=top * 10 - 5))
    return sorted(names)


def find_tiles(source: CoverSource, layout: Layout, *, extents: list[Bounds]) -> Found:
    """Open the tiles of a source that may hold `extents`. Raises InvalidLocation, UnreadableTile."""
    check_location(source.location)
    found, missing = [], []
    with rasterio.Env(**GDAL_OPTIONS):
        for name, files in sorted(_files(source, layout, tile_names(extents)).items()):
            if set(files) == set(layout.layers):
                found.append(_opened(name, files))
            else:
                missing.append(name)
    return Found(found, missing)


def fingerprint(source: CoverSource, tiles: list[Tile]) -> str:
    """A word that changes when a file does, or what is read from it."""
    digest = hashlib.sha256(repr((source.kind, source.bands, source.last_year)).encode())
    for tile in tiles:
        for layer, path in sorted(tile.files.items()):
            digest.update(repr((tile.name, layer, _stamp(path))).encode())
    return digest.hexdigest()


def open_file(path: str) -> DatasetReader:
    """The file as rasterio opens it: GeoTIFF only. Raises UnreadableTile."""
    try:
        if "://" in path:
            return rasterio.open(path, driver="GTiff", opener=opener_of(path))
        return rasterio.open(path, driver="GTiff")
    except rasterio.errors.RasterioIOError as error:
        message = _("%(file)s cannot be read as GeoTIFF.") % {"file": _short(path)}
        raise UnreadableTile(message) from error


def _files(source: CoverSource, layout: Layout, names: list[str]) -> dict[str, dict[str, str]]:
    """Paths by tile and layer; a wanted tile without files is there too, empty."""
    if "://" in source.location:
        return _addresses(source, layout, names)
    place = Path(source.location)
    if place.is_file():
        named = TILE_NAME.search(place.name)
        name = named[1] if named else place.name
        return {name: dict.fromkeys(layout.layers, str(place))}
    if not place.is_dir():
        message = _("%(place)s is neither a file nor a folder.") % {"place": place}
        raise InvalidLocation(message)
    files: dict[str, dict[str, str]] = {name: {} for name in names}
    for path in sorted(place.glob("*.tif*")):
        match = TILE_NAME.search(path.name)
        layer = next((one for one in layout.layers if f"_{one}_" in path.name), "")
        if source.kind == SourceKind.GFC and (not layer or source.version not in path.name):
            continue
        name = match[1] if match else path.name
        if name in files or not match or not names:  # no extent asked for: all there are
            files.setdefault(name, {})[layer] = str(path)
    return files


def _addresses(source: CoverSource, layout: Layout, names: list[str]) -> dict[str, dict[str, str]]:
    place = source.location
    if source.kind == SourceKind.GFC and "{tile}" not in place:
        place = place.rstrip("/") + f"/Hansen_{source.version}_{{layer}}_{{tile}}.tif"
    if "{tile}" not in place:
        return {place.rsplit("/", 1)[-1]: dict.fromkeys(layout.layers, place)}
    found: dict[str, dict[str, str]] = {}
    for name in names:
        paths = {
            one: place.replace("{layer}", one).replace("{tile}", name) for one in layout.layers
        }
        found[name] = {layer: path for layer, path in paths.items() if _stamp(path)}
    return found


def _opened(name: str, files: dict[str, str]) -> Tile:
    tiles = [_tile(name, files, path) for path in dict.fromkeys(files.values())]
    for other in tiles[1:]:
        same = (other.width, other.height, *map(_rounded, (other.west, other.north)))
        if same != (
            tiles[0].width,
            tiles[0].height,
            *map(_rounded, (tiles[0].west, tiles[0].north)),
        ):
            raise UnreadableTile(
                _("The layers of tile %(tile)s differ in extent.") % {"tile": name}
            )
    return tiles[0]


def _rounded(degrees: float) -> float:
    return round(degrees, 7)


def _tile(name: str, files: dict[str, str], path: str) -> Tile:
    with open_file(path) as data:
        grid = data.transform
        if data.crs is None or data.crs.to_epsg() != 4326 or grid.b or grid.d or grid.e >= 0:
            message = _("%(file)s is not on a north-up grid in WGS 84 (EPSG:4326): reproject it.")
            raise UnreadableTile(message % {"file": _short(path)})
        if any(dtype not in ("uint8", "uint16") for dtype in data.dtypes):
            message = _("%(file)s: values must be whole numbers of 8 or 16 bits.")
            raise UnreadableTile(message % {"file": _short(path)})
        return Tile(
            name=name,
            files=files,
            west=grid.c,
            north=grid.f,
            pixel_deg=(grid.a, -grid.e),
            width=data.width,
            height=data.height,
            block=data.block_shapes[0],
        )


_TOLD = ("ETag", "Last-Modified", "Content-Length")


def _stamp(path: str) -> str:
    """Size and time of a file, or what its server says of it; '' where there is none."""
    if "://" not in path:
        try:
            stat = Path(path).stat()
        except FileNotFoundError:
            return ""
        return f"{stat.st_size} {stat.st_mtime_ns}"
    headers = head(path)
    return "" if headers is None else " ".join(headers.get(name, "") for name in _TOLD)


def file_size(path: str) -> int:
    """Bytes of a file, here or at an address."""
    if "://" not in path:
        return Path(path).stat().st_size
    headers = head(path)
    return 0 if headers is None else int(headers.get("Content-Length", 0))


def _short(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def layers_of(tile: Tile) -> Iterator[tuple[str, DatasetReader]]:
    """Each layer of a tile, opened once per file; the caller closes."""
    opened: dict[str, DatasetReader] = {}
    for layer, path in tile.files.items():
        if path not in opened:
            opened[path] = open_file(path)
        yield layer, opened[path]
