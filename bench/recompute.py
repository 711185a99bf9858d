"""The full recompute against a bare sequential scan and a naive loop over the ORM.

usage: python -m bench.recompute [--sample 10]

Works on the database of DATABASE_URL (`manage.py demo --ranchers N`; bench/multiply.sql for 200,000). The
naive loop computes one quarter's stocking rate and milk, rancher by rancher, from the visits, for a sample
of ranchers, and is scaled to all ranchers, quarters and scalar indicators: a lower bound of what it would
take. Claim: the full recompute is 100 times faster.
"""

import argparse
import os
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from monitoring import quarters, recompute  # noqa: E402
from monitoring.indicators import scalars  # noqa: E402
from monitoring.models import Measurement, Observation, RancherFact, Visit  # noqa: E402
from ranchers.models import Rancher  # noqa: E402

SCAN = """
select sum(hashtext(v::text)::bigint) from monitoring_visit v;
select sum(cows), sum(milk_l_per_day), sum(pasture_ha) from monitoring_measurement;
select count(intensity), max(stage) from monitoring_observation
"""


def naive_seconds(sample: int) -> float:
    """Seconds for one rancher, one quarter and one indicator, the way one would write it first."""
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
        if herd and pasture and pasture.pasture_ha and milk:
            _ = herd.cows / pasture.pasture_ha, milk.milk_l_per_day / pasture.pasture_ha
    return (time.perf_counter() - began) / sample / 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sample", type=int, default=200)
    sample = parser.parse_args().sample
    print(
        f"{Rancher.objects.count():,} ranchers, {Visit.objects.count():,} visits,"
        f" {Observation.objects.count():,} observations"
    )
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(SCAN)
        scan = time.perf_counter() - began
    began = time.perf_counter()
    recompute.recompute_all()
    full = time.perf_counter() - began
    naive = naive_seconds(sample) * RancherFact.objects.count() * len(scalars())
    print(
        f"sequential scan {scan:.1f} s; full recompute {full:.1f} s, {full / scan:.1f} x the scan"
    )
    print(f"naive ORM loop, scaled: {naive:,.0f} s, {naive / full:,.0f} x the full recompute")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
