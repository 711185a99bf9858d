"""The full recompute of all facts and cells, against DuckDB, a bare scan and a naive loop over the ORM.

usage: python -m bench.recompute [--sizes 2000 20000 200000] [--sample 200]

Each size is a process of its own on a database that bench/databases.py makes and keeps. Compared with:
- DuckDB computing the same cells from Parquet on as many threads as the recompute has connections
  (bench/duckdb_cells.py); every cell of the two is compared, and any that differs is told;
- a sequential scan of the same tables that reads every row;
- the naive loop: one quarter's stocking rate and milk, rancher by rancher, from the visits, for a
  sample of ranchers, scaled to all ranchers, quarters and scalar indicators: a lower bound.
Claims: within 3 x of DuckDB; 100 x faster than the loop. Beside each time stands the processor time,
which other work on the machine does not lengthen.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.databases import BASE_DIR, machine, ready

SIZES = (2_000, 20_000, 200_000)
SCAN = """
select sum(hashtext(v::text)::bigint) from monitoring_visit v;
select sum(cows), sum(milk_l_per_day), sum(pasture_ha) from monitoring_measurement;
select count(intensity), max(stage) from monitoring_observation
"""

Taken = tuple[float, float]
"""Seconds on the clock, and of the processor."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--sample", type=int, default=200, help="ranchers of the naive loop")
    parser.add_argument("--here", action="store_true", help="measure DATABASE_URL; print JSON")
    options = parser.parse_args()
    if options.here:
        print(json.dumps(_measure_here(options.sample)))
        return
    print(machine() + "; seconds on the clock (of the processor)\n")
    print("| ranchers | visits | observations | full recompute | DuckDB | against DuckDB | cells compared, different | scan | against the scan | naive loop, scaled | against the loop |")  # fmt: skip
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for size in options.sizes:
        _report(_measure_in_process(ready(size), options.sample))


def _measure_in_process(url: str, sample: int) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.recompute", "--here", f"--sample={sample}"],
        check=True,
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DEBUG": "False"},
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _measure_here(sample: int) -> dict[str, object]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from bench import duckdb_cells
    from monitoring import recompute
    from monitoring.indicators import scalars
    from monitoring.models import Observation, RancherFact, Visit
    from ranchers.models import Rancher

    scan = _times(_scan)
    full = _times(recompute.recompute_all)
    with tempfile.TemporaryDirectory(prefix="hato_bench_") as folder:
        duckdb_cells.export(Path(folder))
        began = time.process_time()
        seconds, duck = duckdb_cells.compute(Path(folder))
        theirs = seconds, time.process_time() - began
        compared, different = duckdb_cells.mismatches(duck, Path(folder))
    for one in different[:5]:
        print(one, file=sys.stderr)
    return {
        "ranchers": Rancher.objects.count(),
        "visits": Visit.objects.count(),
        "observations": Observation.objects.count(),
        "scan": scan,
        "full": full,
        "duckdb": theirs,
        "compared": compared,
        "different": len(different),
        "naive": _naive_seconds(sample) * RancherFact.objects.count() * len(scalars()),
    }


def _times(job: Callable[[], None]) -> Taken:
    from bench.processor import database_seconds

    began, used = time.perf_counter(), time.process_time() + database_seconds()
    job()
    return time.perf_counter() - began, time.process_time() + database_seconds() - used


def _scan() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SCAN)


def _naive_seconds(sample: int) -> float:
    """Seconds for one rancher, one quarter and one indicator, the way one would write it first."""
    from monitoring import quarters
    from monitoring.models import Measurement
    from ranchers.models import Rancher

    quarter = quarters.current_quarter() - 1
    ranchers = Rancher.objects.filter(facts__quarter=quarter)[:sample]
    began = time.perf_counter()
    for rancher in ranchers:
        known = Measurement.objects.filter(
            visit__rancher=rancher,
            visit__deleted_at=None,
            visit__visited_on__lte=quarters.end(quarter),
            visit__visited_on__gt=quarters.end(quarter - quarters.KNOWN_QUARTERS),
        ).order_by("-visit__visited_on")
        herd = known.filter(cows__isnull=False).first()
        pasture = known.filter(pasture_ha__isnull=False).first()
        milk = known.filter(milk_l_per_day__isnull=False).first()
        if herd and pasture and pasture.pasture_ha and milk and milk.milk_l_per_day:
            _ = (herd.cows or 0) / pasture.pasture_ha, milk.milk_l_per_day / pasture.pasture_ha
    return (time.perf_counter() - began) / sample / 2


def _report(found: dict[str, object]) -> None:
    def told(name: str) -> str:
        clock, processor = _taken(found, name)
        return f"{clock:.1f} ({processor:.1f})"

    def against(name: str) -> str:
        (clock, processor), (full, used) = _taken(found, name), _taken(found, "full")
        return f"{full / clock:.1f} x ({used / processor:.1f} x)"

    naive, full = float(str(found["naive"])), _taken(found, "full")[0]
    columns = (
        *(f"{found[one]:,}" for one in ("ranchers", "visits", "observations")),
        *(told("full"), told("duckdb"), against("duckdb")),
        f"{found['compared']:,}, {found['different']}",
        *(told("scan"), against("scan"), f"{naive:,.0f}", f"{naive / full:,.0f} x faster"),
    )
    print(f"| {' | '.join(columns)} |", flush=True)


def _taken(found: dict[str, object], name: str) -> Taken:
    clock, processor = json.loads(json.dumps(found[name]))
    return float(clock), float(processor)


if __name__ == "__main__":
    main()
