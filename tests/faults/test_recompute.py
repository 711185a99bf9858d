"""A worker or the broker dies: every visit stays, and the figures come as soon as one is back."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate

from monitoring.models import DirtyRancher, RancherFact, Visit
from monitoring.recompute import LOCK
from monitoring.tasks import recompute_dirty
from ranchers.models import Rancher
from tests import world
from tests.monitoring.factories import payload, send
from tests.processes import BASE_DIR, Worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def cows_of(rancher: Rancher) -> object:
    """Return the cows in milk that the newest fact of the rancher knows, or None."""
    fact = RancherFact.objects.filter(rancher=rancher).order_by("-quarter").first()
    return fact and fact.cows_in_milk


def somebody_waits_for_the_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database()))"
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_killed_in_the_middle_of_a_recompute_loses_no_figure(worker: Worker) -> None:
    ground = world.build()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [LOCK])
        try:
            visit = payload(ground.rancher_record, visited_on=localdate().isoformat())
            assert send(visit, ground.technician).outcome == "created"
            wait_until(somebody_waits_for_the_lock, seconds=20, what="the worker's taking the task")
            worker.kill()
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [LOCK])
    assert DirtyRancher.objects.filter(rancher=ground.rancher_record).exists()

    worker.start()
    recompute_dirty.delay()  # as beat does every minute
    wait_until(lambda: not DirtyRancher.objects.exists(), seconds=30, what="the recompute")
    assert cows_of(ground.rancher_record) == 10


def test_with_the_broker_gone_a_visit_is_kept_and_computed_later(worker: Worker) -> None:
    ground = world.build()
    visit = payload(ground.rancher_record, visited_on=localdate().isoformat())
    receiving = (
        "import django, json, sys; django.setup()\n"
        "from monitoring import sync; from ranchers.models import User\n"
        "receipt = sync.receive(raw=sys.stdin.buffer.read(), channel='field',"
        f" sender=User.objects.get(pk={ground.technician.pk}))\n"
        "print(receipt.outcome)"
    )
    done = subprocess.run(
        [sys.executable, "-c", receiving],
        input=json.dumps(visit),
        capture_output=True,
        text=True,
        cwd=BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE": settings.DATABASES["default"]["NAME"],
            "TEST_REDIS_URL": "unix:///nowhere/redis.sock?db=0",
        },
    )
    assert done.stdout.strip().endswith("created"), done.stderr[-2000:]
    assert Visit.objects.filter(pk=visit["id"]).exists()
    assert DirtyRancher.objects.filter(rancher=ground.rancher_record).exists()

    recompute_dirty.delay()  # as beat does once the broker is back
    wait_until(lambda: not DirtyRancher.objects.exists(), seconds=30, what="the recompute")
    assert cows_of(ground.rancher_record) == 10
