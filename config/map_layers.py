"""The picture layers under and over the maps, as the environment names them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

TEXTS = ("name", "url", "attribution")


def layers_in(env: Env) -> list[dict[str, Any]]:
    """Every layer as {name, url, attribution, is_base}, the base map first. Raises ImproperlyConfigured.

    MAP_TILE_URL is the base map, which is always on; each of MAP_OVERLAYS is switched on and off.
    """
    layers: list[dict[str, Any]] = []
    if url := env.str("MAP_TILE_URL", default=""):
        told = env.str("MAP_TILE_ATTRIBUTION", default="")
        layers.append({"name": "", "url": url, "attribution": told, "is_base": True})
    overlays = env.json("MAP_OVERLAYS", default=[])
    for given in overlays if isinstance(overlays, list) else [overlays]:
        if not isinstance(given, dict) or not given.get("name") or set(given) - set(TEXTS):
            message = "MAP_OVERLAYS must be a JSON list of {name, url, attribution}."
            raise ImproperlyConfigured(message)
        layers.append({key: str(given.get(key, "")) for key in TEXTS} | {"is_base": False})
    for layer in layers:
        if not all(part in layer["url"] for part in ("://", "{z}", "{x}", "{y}")):
            raise ImproperlyConfigured(f"{layer['url']!r} is no address with {{z}}/{{x}}/{{y}}.")
    return layers


def hosts_of(layers: list[dict[str, Any]]) -> list[str]:
    """What the content security policy has to let in; {s} stands for any first part of a host."""
    parts = (urlsplit(layer["url"]) for layer in layers)
    return sorted({f"{one.scheme}://{one.netloc.replace('{s}', '*')}" for one in parts})
