"""Server time of the pages that people open most, at three sizes of the programme.

Claim: p95 under 100 ms at every size, and flat: 200,000 ranchers cost no more than 210.
Each size is its own process (the settings hold one database): in-process through the whole
middleware, `--times` requests a page. Each page is measured warm, and the dashboard also just after a
change: a figure of the page changes before every request, so that it is read and drawn anew.
"Just after a change" is what the first reader waits for; everyone else, and the same reader again,
gets the page that was kept. Beside the time on the clock stands that of the processor in Python and
in the database, which other work on the machine does not lengthen; the rest is waiting.
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
from typing import NamedTuple

from bench.databases import BASE_DIR, machine, ready

SIZES = (210, 20_000, 200_000)
WARM_UP = 8
CLAIM_MS = 100.0

Taken = tuple[float, float, float]
"""Milliseconds of one request: on the clock, of the processor in Python, and in the database (a mean)."""


class Measured(NamedTuple):
    """A page to measure; `live` also its part that refreshes itself, `changes` also after a change."""

    what: str
    role: str
    path: str
    live: bool = False
    changes: bool = False


PAGES = (
    Measured("dashboard, summary", "ministry", "/tablero/", live=True, changes=True),
    Measured("dashboard, adoption", "ministry", "/tablero/adopcion/", changes=True),
    Measured("dashboard, production", "ministry", "/tablero/produccion/", changes=True),
    Measured("dashboard, trees", "ministry", "/tablero/arboles/", changes=True),
    Measured("dashboard, with and without", "ministry", "/tablero/con-y-sin/"),
    Measured("dashboard, map", "ministry", "/tablero/mapa/", changes=True),
    Measured("dashboard as the coordinator", "coordinator", "/tablero/", changes=True),
    Measured("progress page", "rancher", "/avance/", live=True),
    Measured("technician's page", "technician", "/mi-ruta/"),
    Measured("coordinator's page", "coordinator", "/coordinacion/"),
    Measured("data to check", "coordinator", "/coordinacion/calidad/"),
    Measured("list of ranchers", "coordinator", "/ganaderos/"),
    Measured("list of ranchers, searched", "coordinator", "/ganaderos/?q=flores"),
)


def main() -> None:
    options = _options()
    if options.here:
        print(json.dumps(_measure_here(options.times)))
        return
    results: dict[int, dict[str, list[Taken]]] = {}
    for size in options.sizes:
        url = ready(size)
        results[size] = _measure_in_process(url, options.times)
    _report(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--times", type=int, default=100, help="requests a page")
    parser.add_argument("--here", action="store_true", help="measure DATABASE_URL; print JSON")
    return parser.parse_args()


def _measure_in_process(url: str, times: int) -> dict[str, list[Taken]]:
    command = [sys.executable, "-m", "bench.pages", "--here", f"--times={times}"]
    done = subprocess.run(
        command,
        check=True,
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DEBUG": "False"},
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measure_here(times: int) -> dict[str, list[Taken]]:
    """Milliseconds of each request, by page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings

    import config.wsgi  # noqa: F401 - a process made ready as in production

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    taken: dict[str, list[Taken]] = {}
    for page in PAGES:
        client = _client(page.role)
        answer = client.get(page.path, secure=True)
        if answer.status_code != 200:
            print(f"{page.path} as {page.role}: {answer.status_code}", file=sys.stderr)
            continue
        addresses = [(page.what, page.path)]
        if page.live:
            addresses.append((f"{page.what}, live part", _live_part(answer.content.decode())))
        for what, address in addresses:
            taken[what] = _times(lambda c=client, a=address: c.get(a, secure=True), times)
        if page.changes:
            after = f"{page.what}, just after a change"
            taken[after] = _times(
                lambda c=client, p=page.path: c.get(p, secure=True), times, before=_change
            )
    return taken


def _client(role: str):  # noqa: ANN202 - a django.test.Client, imported once Django is up
    from django.test import Client

    from ranchers.models import User

    user = User.objects.filter(role=role, is_active=True).order_by("id").first()
    client = Client(headers={"accept-language": "es"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _live_part(html: str) -> str:
    """The address of the page's part that refreshes itself."""
    import html as markup
    import re

    found = re.search(r'data-live="([^"]+)"', html)
    if found is None:
        raise RuntimeError("the page has no part that refreshes itself")
    return markup.unescape(found.group(1))


def _change() -> None:
    """One figure of each indicator changes in the newest quarter, by one rancher more or fewer."""
    from django.db.models import F
    from django.utils.timezone import now

    from monitoring.models import Cell
    from monitoring.quarters import current_quarter

    cells = Cell.objects.filter(quarter=current_quarter(), cohort=None, district=None, sex="")
    step = 1 - 2 * (time.monotonic_ns() // 1000 % 2)
    cells.update(computed_at=now(), n_known=F("n_known") + step)


def _times(
    request: Callable[[], object], times: int, *, before: Callable[[], object] = lambda: None
) -> list[Taken]:
    from bench.processor import database_seconds

    taken: list[tuple[float, float]] = []
    used = 0.0
    for number in range(WARM_UP + times):
        before()
        database = database_seconds()
        began, worked = time.perf_counter(), time.process_time()
        request()
        one = (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000
        if number >= WARM_UP:
            taken.append(one)
            used += (database_seconds() - database) * 1000
    return [(clock, worked, used / times) for clock, worked in taken]


def _report(results: dict[int, dict[str, list[Taken]]]) -> None:
    smallest = min(results)
    print(f"\n{machine()}; milliseconds in the server\n")
    print("| page | ranchers | p50 | p95 | Python | database | p50 against the smallest | p95 under 100 ms |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for what in results[smallest]:
        base = statistics.median(one[0] for one in results[smallest][what])
        for size, pages_taken in results.items():
            taken = pages_taken.get(what)
            if not taken:
                continue
            clock = [one[0] for one in taken]
            worked, database = statistics.median(one[1] for one in taken), taken[0][2]
            p50, p95 = statistics.median(clock), statistics.quantiles(clock, n=20)[18]
            holds = "yes" if p95 < CLAIM_MS else "NO"
            print(f"| {what} | {size:,} | {p50:.1f} | {p95:.1f} | {worked:.1f} | {database:.1f} | {p50 / base:.2f} | {holds} |")  # fmt: skip


if __name__ == "__main__":
    main()
