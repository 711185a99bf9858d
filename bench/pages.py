"""Server time of the pages that people open most, at three sizes of the programme.

Claim: p95 under 100 ms at every size, and flat: 200,000 ranchers cost no more than 210.
Each size is its own process (the settings hold one database): in-process through the whole
middleware, warm, `--times` requests a page.
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

from bench.databases import BASE_DIR, machine, ready

SIZES = (210, 20_000, 200_000)
WARM_UP = 8
CLAIM_MS = 100.0


def pages() -> list[tuple[str, str, str]]:
    """(what, role, path) of the pages measured."""
    return [
        ("dashboard", "ministry", "/tablero/"),
        ("dashboard, live part", "ministry", ""),
        ("progress page", "rancher", "/avance/"),
        ("progress page, live part", "rancher", ""),
        ("technician's page", "technician", "/mi-ruta/"),
        ("coordinator's page", "coordinator", "/coordinacion/"),
    ]


def main() -> None:
    options = _options()
    if options.here:
        print(json.dumps(_measure_here(options.times)))
        return
    results: dict[int, dict[str, list[float]]] = {}
    for size in options.sizes:
        url = ready(size)
        results[size] = _measure_in_process(url, options.times)
    _report(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--times", type=int, default=200, help="requests a page")
    parser.add_argument("--here", action="store_true", help="measure DATABASE_URL; print JSON")
    return parser.parse_args()


def _measure_in_process(url: str, times: int) -> dict[str, list[float]]:
    command = [sys.executable, "-m", "bench.pages", "--here", f"--times={times}"]
    done = subprocess.run(
        command,
        check=True,
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DEBUG": "False"},
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measure_here(times: int) -> dict[str, list[float]]:
    """Milliseconds of each request, by page."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    taken: dict[str, list[float]] = {}
    live = ""
    for what, role, path in pages():
        client = _client(role)
        address = path or live
        if not address:
            continue
        answer = client.get(address, follow=True, secure=True)
        if answer.status_code != 200:
            print(f"{address} as {role}: {answer.status_code}", file=sys.stderr)
            live = ""
            continue
        live = _live_part(answer.content.decode()) if path else ""
        address = answer.redirect_chain[-1][0] if answer.redirect_chain else address
        taken[what] = _times(lambda c=client, a=address: c.get(a, secure=True), times)
    return taken


def _client(role: str):  # noqa: ANN202 - a django.test.Client, imported once Django is up
    from django.test import Client

    from ranchers.models import User

    user = User.objects.filter(role=role, is_active=True).order_by("id").first()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _live_part(html: str) -> str:
    """The address of the page's part that refreshes itself, '' if it has none."""
    import html as markup
    import re

    found = re.search(r'data-live="([^"]+)"', html)
    return markup.unescape(found.group(1)) if found else ""


def _times(request: Callable[[], object], times: int) -> list[float]:
    for _ in range(WARM_UP):
        request()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        request()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _report(results: dict[int, dict[str, list[float]]]) -> None:
    smallest = min(results)
    print(f"\n{machine()}; milliseconds in the server, warm\n")
    print("| page | ranchers | p50 | p95 | p50 against the smallest | p95 under 100 ms |")
    print("| --- | --- | --- | --- | --- | --- |")
    for what in results[smallest]:
        base = statistics.median(results[smallest][what])
        for size, pages_taken in results.items():
            taken = pages_taken.get(what)
            if not taken:
                continue
            p50, p95 = statistics.median(taken), statistics.quantiles(taken, n=20)[18]
            holds = "yes" if p95 < CLAIM_MS else "NO"
            print(f"| {what} | {size:,} | {p50:.1f} | {p95:.1f} | {p50 / base:.2f} | {holds} |")


if __name__ == "__main__":
    main()
