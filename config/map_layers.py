"""The picture layers under and over the maps, as the environment names them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

TEXTS = ("name", "url", "attribution")
_SHAPE = "MAP_OVERLAYS must be a JSON list of {name, url, attribution}."
_ADDRESS = re.compile(
    r"https?://(\{s\}\.)?[a-z0-9.-]+(:[0-9]+)?/(\{[sxyzr]\}|[^\s{};'\"<>])*", re.IGNORECASE
)
"""Nothing that could end a directive of the policy; no other placeholder than Leaflet knows."""


def layers_in(env: Env) -> list[dict[str, Any]]:
    """Every layer as {name, url, attribution, is_base}, the base map first. Raises ImproperlyConfigured.

    MAP_TILE_URL is the base map, which is always on; each of MAP_OVERLAYS is switched on and off.
    """
    layers: list[dict[str, Any]] = []
    if url := env.str("MAP_TILE_URL", default=""):
        told = env.str("MAP_TILE_ATTRIBUTION", default="")
        layers.append({"name": "", "url": url, "attribution": told, "is_base": True})
    for given in _overlays(env.str("MAP_OVERLAYS", default="")):
        if not isinstance(given, dict) or not given.get("name") or set(given) - set(TEXTS):
            raise ImproperlyConfigured(_SHAPE)
        layers.append({key: str(given.get(key, "")) for key in TEXTS} | {"is_base": False})
    for layer in layers:
        if not _ADDRESS.fullmatch(layer["url"]) or not all(
            part in layer["url"] for part in ("{z}", "{x}", "{y}")
        ):
            raise ImproperlyConfigured(f"{layer['url']!r} is no address with {{z}}/{{x}}/{{y}}.")
    if len({layer["name"] for layer in layers}) < len(layers):
        raise ImproperlyConfigured("Two of MAP_OVERLAYS have one name.")
    return layers


def _overlays(text: str) -> list[Any]:
    if not text.strip():
        return []
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(_SHAPE) from error
    return found if isinstance(found, list) else [found]


def hosts_of(layers: list[dict[str, Any]]) -> list[str]:
    """What the content security policy has to let in; {s} stands for any first part of a host."""
    parts = (urlsplit(layer["url"]) for layer in layers)
    return sorted({f"{one.scheme}://{one.netloc.replace('{s}', '*')}" for one in parts})
