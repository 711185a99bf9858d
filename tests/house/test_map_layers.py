"""The map's picture layers come from the environment, and only their hosts are let in."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from config.map_layers import hosts_of, layers_in

BASE = "https://{s}.tile.example/{z}/{x}/{y}.png"
RIVERS = "https://rios.example:8443/{z}/{x}/{y}.png"


def env_of(**values: str) -> Env:
    env = Env()
    env.ENVIRON = values
    return env


def test_with_nothing_configured_there_is_no_layer_and_no_host() -> None:
    assert layers_in(env_of()) == []
    assert layers_in(env_of(MAP_TILE_URL="", MAP_OVERLAYS="")) == []
    assert hosts_of([]) == []


def test_the_base_map_comes_first_and_only_these_hosts_are_let_in() -> None:
    overlays = json.dumps([{"name": "Ríos", "url": RIVERS, "attribution": "ANA"}])
    layers = layers_in(env_of(MAP_TILE_URL=BASE, MAP_TILE_ATTRIBUTION="OSM", MAP_OVERLAYS=overlays))
    assert [(one["name"], one["attribution"], one["is_base"]) for one in layers] == [
        ("", "OSM", True),
        ("Ríos", "ANA", False),
    ]
    assert hosts_of(layers) == ["https://*.tile.example", "https://rios.example:8443"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"MAP_TILE_URL": "https://tile.example/no-place.png"},
        {"MAP_TILE_URL": "/{z}/{x}/{y}.png"},
        {"MAP_OVERLAYS": '{"name": "one", "url": 5, "more": 1}'},
        {"MAP_OVERLAYS": '[{"url": "https://a.example/{z}/{x}/{y}"}]'},
        {"MAP_OVERLAYS": '["https://a.example/{z}/{x}/{y}"]'},
        {"MAP_OVERLAYS": "not json"},
        {"MAP_TILE_URL": "https://a.example; script-src */{z}/{x}/{y}"},
        {"MAP_TILE_URL": "https://ana:clave@a.example/{z}/{x}/{y}"},
        {"MAP_TILE_URL": "javascript://a.example/{z}/{x}/{y}"},
        {"MAP_TILE_URL": "https://[a/{z}/{x}/{y}"},
        {"MAP_TILE_URL": "https://a.example/{style}/{z}/{x}/{y}"},
        {"MAP_OVERLAYS": json.dumps([{"name": "Ríos", "url": RIVERS}] * 2)},
    ],
)
def test_a_layer_that_cannot_work_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured):
        layers_in(env_of(**wrong))
