"""The published rules for the geolocation file, checked on its bytes by means that the exporter does not use.

Written from the Commission's file description and RFC 7946 alone: json and shapely, no Django.
"""

from __future__ import annotations

import json
import re
from typing import Any

from shapely.geometry import Polygon

LIMIT_BYTES = 25_000_000
KEYS = {"ProducerName", "ProducerCountry", "ProductionPlace", "Area"}


class Number(str):
    """A number as it is written in the file, so that its decimals can be counted."""

    def decimals(self) -> int:
        return len(self.partition(".")[2])


def faults(content: bytes) -> list[str]:
    """What is against the rules; empty when the file would be taken."""
    found = []
    if len(content) > LIMIT_BYTES:
        found.append("larger than 25 MB")
    try:
        document = json.loads(content.decode("utf-8"), parse_float=Number, parse_int=Number)
    except ValueError as wrong:
        return [f"not JSON: {wrong}"]
    if document.get("type") != "FeatureCollection" or set(document) != {"type", "features"}:
        found.append("not a bare FeatureCollection")
    for i, feature in enumerate(document.get("features", [])):
        found += [f"feature {i}: {fault}" for fault in _feature(feature)]
    return found


def _feature(feature: dict[str, Any]) -> list[str]:
    found = []
    if feature.get("type") != "Feature":
        found.append("not a Feature")
    properties = feature.get("properties", {})
    if set(properties) != KEYS:
        found.append(f"properties {sorted(properties)}")
    if not re.fullmatch("[A-Z]{2}", properties.get("ProducerCountry", "")):
        found.append("country is not two capital letters")
    for key in ("ProducerName", "ProductionPlace"):
        if not isinstance(properties.get(key), str) or not properties[key].strip():
            found.append(f"no {key}")
    area = properties.get("Area")
    if not isinstance(area, Number) or float(area) <= 0 or area.decimals() > 4:
        found.append(f"area {area!r}")
    geometry = feature.get("geometry") or {}
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        return found + _position(coordinates)
    if kind == "Polygon":
        return found + _polygon(coordinates)
    if kind == "MultiPolygon":
        found += [fault for polygon in coordinates for fault in _polygon(polygon)]
        if not found and not _apart([_shape(polygon) for polygon in coordinates]):
            found.append("parts overlap")
        return found
    return [*found, f"geometry {kind}"]


def _position(position: Any) -> list[str]:
    if not (isinstance(position, list) and len(position) == 2):
        return [f"position {position!r}"]
    lon, lat = position
    if not all(isinstance(number, Number) for number in position):
        return [f"position {position!r}"]
    found = []
    if not (-180 <= float(lon) <= 180 and -90 <= float(lat) <= 90):
        found.append(f"outside the world: {position}")
    if lon.decimals() < 6 or lat.decimals() < 6:
        found.append(f"fewer than six decimals: {position}")
    return found


def _polygon(rings: Any) -> list[str]:
    if len(rings) != 1:
        return ["has holes"]
    (ring,) = rings
    found = [fault for position in ring for fault in _position(position)]
    if len(ring) < 4 or ring[0] != ring[-1]:
        found.append("ring is short or open")
    if any(a == b for a, b in zip(ring, ring[1:], strict=False)):
        found.append("the same corner twice in a row")
    if found:
        return found
    shape = _shape(rings)
    if not shape.is_valid:
        found.append("the ring crosses or touches itself")
    if not shape.exterior.is_ccw:
        found.append("outer ring is not counter-clockwise")
    return found


def _shape(rings: Any) -> Polygon:
    return Polygon([(float(lon), float(lat)) for lon, lat in rings[0]])


def _apart(shapes: list[Polygon]) -> bool:
    return all(a.intersection(b).area == 0 for i, a in enumerate(shapes) for b in shapes[i + 1 :])
