"""Time to a vector tile at every zoom, with 100,000 and 1 million plots.

Claim: p95 under 50 ms warm at every zoom with 1 million plots. Columns: `first` a tile that nobody
asked for since the data was loaded, `made` the same again without the cache, `kept` from the cache
(both are warm), `request` the whole of a kept tile through the middleware, `plain` the same without prepared shapes
(a `select ST_AsMVT` over the boundaries, given up after ten seconds). Tiles are those around plots
picked at random; data is made in SQL (bench/tiles.sql).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.databases import BASE_DIR, database_url, machine, make_empty

SIZES = (100_000, 1_000_000)
ZOOMS = tuple(range(6, 19))
CLAIM_MS = 50.0
PLAIN_MS = 10_000
PLAIN_TIMES = 3
SQL = Path(__file__).parent


def main() -> None:
    options = _options()
    if options.here:
        print(json.dumps(_measure_here(options)))
        return
    for size in options.sizes:
        url = _ready(size)
        command = [sys.executable, "-m", "bench.tiles", "--here", f"--times={options.times}"]
        done = subprocess.run(
            command,
            check=True,
            cwd=BASE_DIR,
            env=os.environ | {"DATABASE_URL": url, "DEBUG": "False"},
            stdout=subprocess.PIPE,
        )
        _report(size, json.loads(done.stdout.splitlines()[-1]))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--times", type=int, default=60, help="tiles a zoom")
    parser.add_argument("--here", action="store_true", help="measure DATABASE_URL; print JSON")
    return parser.parse_args()


def _ready(plots: int) -> str:
    """The address of the database with so many plots, made and filled if need be (minutes)."""
    name = f"hato_bench_tiles_{plots}"
    url = database_url(f"tiles_{plots}")
    if make_empty(name):
        print(f"making {name}", file=sys.stderr)
        environment = os.environ | {"DATABASE_URL": url}
        for arguments in (["migrate", "--noinput", "-v0"], ["shell", "-c", FILL % plots]):
            subprocess.run(
                [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
                check=True,
                env=environment,
                stdout=sys.stderr,
            )
    return url


FILL = """
import time
from pathlib import Path
from django.db import connection, transaction
from monitoring import plot_shapes, quarters
from monitoring.demo.bulk import without_constraints
from practices import catalogue
from ranchers.models import User
from ranchers.places import load_places
load_places(); catalogue.load()
User.objects.bulk_create(
    User(email=f"t{n}@bench.example", name=str(n), role="technician") for n in range(60)
)
text = Path('bench/tiles.sql').read_text().replace(':plots', '%d').replace(':quarter', str(quarters.current_quarter()))
tables = ["ranchers_" + name for name in ("rancher", "consent", "plot", "plotboundary")]
with transaction.atomic(), without_constraints([*tables, "monitoring_plotcover"]):
    with connection.cursor() as cursor:
        cursor.execute(text)
with connection.cursor() as cursor:
    cursor.execute("vacuum analyze")
began = time.monotonic()
drawn = plot_shapes.rebuild()
print(f"shapes of {drawn:,} plots drawn and counted in {time.monotonic() - began:.0f} s")
with connection.cursor() as cursor:
    cursor.execute("vacuum analyze")
"""


def _measure_here(options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of each tile, by zoom and column, and p95 of other roles."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client

    from monitoring import tiles
    from monitoring.dashboards import known_quarters
    from monitoring.tile_choices import Choice
    from practices.models import Practice
    from ranchers.models import Role, User

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    practice = Practice.objects.earliest("id")
    choice = Choice(quarter=known_quarters()[-1], practice=practice.pk)
    viewers = {role: _viewer(role) for role in (Role.COORDINATOR, Role.TECHNICIAN, Role.MINISTRY)}
    coordinator = viewers[Role.COORDINATOR]
    client = Client()
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    assert User.objects.filter(pk=coordinator.pk).exists()
    found: dict[str, Any] = {}
    for z in ZOOMS:
        columns: dict[str, list[float]] = {}
        sizes = []
        for tile in _places(connection, z, options.times):
            word = tiles.etag(coordinator, choice=choice)

            def make(viewer: Any = coordinator, at: Any = tile) -> bytes:
                return tiles.draw(viewer, layer="predios", tile=at, choice=choice)

            def keep(at: Any = tile, word: str = word) -> bytes:
                return tiles.tile_for(
                    coordinator, layer="predios", tile=at, choice=choice, word=word
                )

            path = f"/mapa/teselas/predios/{z}/{tile.x}/{tile.y}.mvt?practica={practice.code}"
            _note(columns, "first", make)
            sizes.append(len(make()))
            _note(columns, "made", make)
            keep()
            _note(columns, "kept", keep)
            client.get(path, secure=True)
            _note(columns, "request", lambda at=path: client.get(at, secure=True))
            for role in (Role.TECHNICIAN, Role.MINISTRY):
                _note(columns, str(role), lambda who=viewers[role], at=tile: make(who, at))
        for tile in _places(connection, z, PLAIN_TIMES):
            columns.setdefault("plain", []).append(_plain(connection, tile, practice.pk))
        found[str(z)] = {"ms": columns, "bytes": statistics.median(sizes)}
        cache.clear()
    return found


def _viewer(role: str) -> Any:
    from ranchers.models import District, User

    user, _made = User.objects.get_or_create(
        email=f"{role}@bench.example", defaults={"name": str(role), "role": role}
    )
    if role == "technician":
        user.districts.set(District.objects.order_by("ubigeo")[:1])
    return user


def _places(connection: Any, z: int, times: int) -> list[Any]:
    """Tiles of a zoom, each around a plot picked at random (always the same ones)."""
    from monitoring.tiles import Tile

    with connection.cursor() as cursor:
        cursor.execute(
            "select x, y from (select floor((st_x(p) + 20037508.342789244) / 40075016.685578488"
            " * 2 ^ %(z)s)::int as x, floor((20037508.342789244 - st_y(p)) / 40075016.685578488"
            " * 2 ^ %(z)s)::int as y from (select st_centroid(near) as p from monitoring_plotshape"
            " where number %% 997 = %(z)s order by plot_id limit %(times)s) a) b",
            {"z": z, "times": times},
        )
        return [Tile(z, x, y) for x, y in cursor.fetchall()]


def _note(columns: dict[str, list[float]], name: str, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    columns.setdefault(name, []).append((time.perf_counter() - began) * 1000)


def _plain(connection: Any, tile: Any, practice: int) -> float:
    from django.db import OperationalError

    from monitoring import quarters

    given = {
        **{"z": tile.z, "x": tile.x, "y": tile.y},
        **{"practice": practice, "quarter": quarters.current_quarter()},
    }
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(f"set statement_timeout = {PLAIN_MS}")
        try:
            cursor.execute((SQL / "tiles_plain.sql").read_text(), given)
        except OperationalError:
            return float(PLAIN_MS)
        finally:
            cursor.execute("set statement_timeout = 0")
    return (time.perf_counter() - began) * 1000


def _p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[18] if len(taken) > 1 else taken[0]


def _report(size: int, found: dict[str, Any]) -> None:
    print(f"\n{size:,} plots; {machine()}; milliseconds, p50 / p95\n")
    print(
        "| zoom | first | made | kept | request | technician, made | ministry, made | plain p50"
        " | plain / made | KB | p95 under 50 ms |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for z, at in found.items():
        ms = at["ms"]
        cells = [
            f"{statistics.median(ms[name]):.0f} / {_p95(ms[name]):.0f}"
            for name in ("first", "made", "kept", "request", "technician", "ministry")
        ]
        plain = statistics.median(ms["plain"])
        more = "> " if plain >= PLAIN_MS else ""
        ratio = plain / statistics.median(ms["made"])
        worst = max(_p95(ms[name]) for name in ("made", "kept", "technician", "ministry"))
        holds = "yes" if worst < CLAIM_MS else "NO"
        print(
            f"| {z} | {' | '.join(cells)} | {more}{plain:.0f} | {more}{ratio:.0f} x"
            f" | {at['bytes'] / 1024:.0f} | {holds} |"
        )


if __name__ == "__main__":
    main()
