"""How long one visit takes to reach the cells, in the database of DATABASE_URL.

usage: python -m bench.incremental [--visits 40]

Make it with `manage.py demo --ranchers N` (2000, 20000, 200000) and run it once per size; the claim is
under 100 ms, and within 1.5 x from the smallest to the largest. Each round changes the herd and the milk
of a rancher's newest visit, marks the rancher and recomputes. Prints p50, p95, and the processor time of
the Python side, since the machine is often shared.
"""

import argparse
import os
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from monitoring import recompute  # noqa: E402
from monitoring.models import Measurement, Visit  # noqa: E402
from ranchers.models import Rancher  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--visits", type=int, default=40)
    rounds = parser.parse_args().visits
    while recompute.recompute_dirty():
        pass
    newest = Visit.objects.filter(
        measurement__cows__isnull=False, deleted_at=None, rancher__facts__isnull=False
    ).order_by("-visited_on", "pk")
    visits = list(newest.distinct()[: rounds + 5])
    times, processor = [], []
    for number, visit in enumerate(visits):
        taken = Measurement.objects.get(visit=visit)
        taken.cows = (taken.cows or 0) + 1
        taken.save()
        recompute.mark_dirty(rancher_ids=[visit.rancher_id])
        began, began_cpu = time.perf_counter(), time.process_time()
        recompute.recompute_dirty()
        if number >= 5:  # the first ones warm the connection
            times.append((time.perf_counter() - began) * 1000)
            processor.append((time.process_time() - began_cpu) * 1000)
    print(
        f"{Rancher.objects.count():>8,} ranchers: p50 {statistics.median(times):.0f} ms,"
        f" p95 {statistics.quantiles(times, n=20)[-1]:.0f} ms, least {min(times):.0f} ms,"
        f" Python's processor time p50 {statistics.median(processor):.0f} ms;"
        f" load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    )


if __name__ == "__main__":
    main()
