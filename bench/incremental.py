"""How long one visit takes to reach the cells.

usage: python -m bench.incremental [--sizes 2000 20000 200000] [--visits 100]

Each size is a process of its own on a database that bench/databases.py makes and keeps. Each round
changes the herd, the milk and a stage seen at the newest visit of a rancher, marks the rancher and
recomputes, on a connection that a worker keeps. Claims: p50 under 100 ms, and the largest size within
1.5 x of the smallest. Beside the time stands the processor time of Python and of the database, which
other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from bench.databases import BASE_DIR, machine, ready

if TYPE_CHECKING:
    from monitoring.models import Visit

SIZES = (2_000, 20_000, 200_000)
WARM_UP = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--visits", type=int, default=100)
    parser.add_argument("--here", action="store_true", help="measure DATABASE_URL; print JSON")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(_measure_here(options.visits)))
        return
    print(machine() + "; milliseconds\n")
    print(
        "| ranchers | p50 | p95 | least | processor | p50 against the smallest | p50 under 100 ms |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    base = 0.0
    for size in options.sizes:
        found = _measure_in_process(ready(size), options.visits)
        base = base or found["p50"]
        holds = "yes" if found["p50"] < 100 else "NO"
        print(f"| {size:,} | {found['p50']:.0f} | {found['p95']:.0f} | {found['least']:.0f} | {found['processor']:.0f} | {found['p50'] / base:.2f} x | {holds} |", flush=True)  # fmt: skip


def _measure_in_process(url: str, visits: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.incremental", "--here", f"--visits={visits}"],
        check=True,
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DEBUG": "False"},
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measure_here(rounds: int) -> dict[str, float]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from bench.processor import database_seconds
    from monitoring import recompute
    from monitoring.models import Visit

    while recompute.recompute_dirty():
        pass
    newest = Visit.objects.filter(
        measurement__cows__isnull=False,
        measurement__milk_l_per_day__isnull=False,
        observations__stage="adopted",
        deleted_at=None,
        rancher__facts__isnull=False,
    ).order_by("-visited_on", "pk")
    visits = list(newest.distinct()[: rounds + WARM_UP])
    times, processor = [], []
    for number, visit in enumerate(visits):
        _change(visit)
        recompute.mark_dirty(rancher_ids=[visit.rancher_id])
        used = time.process_time() + database_seconds()
        began = time.perf_counter()
        recompute.recompute_dirty()
        taken = time.perf_counter() - began
        if number >= WARM_UP:
            times.append(taken * 1000)
            processor.append((time.process_time() + database_seconds() - used) * 1000)
    return {
        "p50": statistics.median(times),
        "p95": statistics.quantiles(times, n=20)[-1],
        "least": min(times),
        "processor": statistics.mean(processor),
    }


def _change(visit: Visit) -> None:
    """A cow more, a tenth of a litre more or less, and a practice that was in use tried again."""
    from decimal import Decimal

    from monitoring.models import Measurement

    taken = Measurement.objects.get(visit=visit)
    taken.cows = (taken.cows or 0) + 1
    taken.milk_l_per_day = (taken.milk_l_per_day or Decimal(0)) + Decimal("0.1")
    taken.save()
    seen = visit.observations.filter(stage="adopted").first()
    if seen:
        seen.stage = "trial"
        seen.save()


if __name__ == "__main__":
    main()
