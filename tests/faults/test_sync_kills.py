"""Web, worker, Redis and PostgreSQL die in the middle of a sync: nothing is lost, nothing is doubled.

Two phones send 1,000 visits in batches, a tenth of them saved again meanwhile, and send a batch again
until it is answered. All four processes are a test's own and are killed with SIGKILL, web and
PostgreSQL twice.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate
from psycopg2.extras import DateRange

from config.redis import celery_url, with_database
from monitoring.sync.content import understand
from monitoring.sync.document import read
from ranchers.models import Cohort, Enrolment, EnrolmentStatus, Rancher
from tests import people
from tests.monitoring.factories import payload
from tests.monitoring.field.phone import Phone, item
from tests.processes import Postgres, Redis, Web, Worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

VISITS, PHONES, BATCH = 1000, 2, 25
DONE = ("created", "updated", "unchanged")
RANCHERS = 10
"""Of each technician."""


class Sender(threading.Thread):
    """A phone that sends its batches in order, each again until all of it has been answered."""

    def __init__(self, phone: Phone, address: str, ranchers: list[Rancher]) -> None:
        super().__init__(daemon=True)
        self.phone, self.address = phone, address
        self.saved: dict[str, str] = {}
        self.bodies: list[str] = []
        self.batches = self._batches(ranchers)
        self.answered = self.failed = 0
        self.seen: set[str] = set()

    def _save(self, visit: dict[str, Any], revision: int) -> dict[str, str]:
        own = {"device": self.phone.id, "revision": revision}
        made = item("visit", visit | own)
        self.saved[visit["id"]] = made["body"]
        self.bodies.append(made["body"])
        return made

    def _batches(self, ranchers: list[Rancher]) -> list[list[dict[str, str]]]:
        today = localdate()
        visits = [
            payload(
                ranchers[number % len(ranchers)],
                visited_on=(today - timedelta(days=1 + number % 300)).isoformat(),
                notes=f"visita {number}",
            )
            for number in range(VISITS // PHONES)
        ]
        items = [self._save(visit, 1) for visit in visits]
        for number, visit in enumerate(visits[::10]):
            again = self._save(visit | {"notes": "otra vez"}, 2)
            items.insert(10 * number + BATCH + number, again)  # in the batch after the first save's
        return [items[start : start + BATCH] for start in range(0, len(items), BATCH)]

    def run(self) -> None:
        for batch in self.batches:
            while not self._send(batch):
                self.failed += 1
                time.sleep(0.2)
            self.answered += 1

    def _send(self, batch: list[dict[str, str]]) -> bool:
        request = urllib.request.Request(
            f"{self.address}/api/v1/field/sync/",
            json.dumps({"items": batch}).encode(),
            {"Content-Type": "application/json", "Authorization": self.phone.headers["authorization"]},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                outcomes = [one["outcome"] for one in json.load(answer)["items"]]
        except (OSError, ValueError, urllib.error.HTTPError):
            return False
        self.seen |= set(outcomes)
        return all(outcome in DONE for outcome in outcomes)


@contextmanager
def everything() -> Iterator[SimpleNamespace]:
    """The four processes, on a copy of the test's database."""
    database = Postgres()
    redis = Redis(database.folder)
    name = connection.settings_dict["NAME"]
    source = f"postgres://{settings.DATABASES['default']['USER']}@/{name}?host={settings.DATABASES['default']['HOST']}"
    environment = {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": database.url(name),
        "TEST_DATABASE": name,
        "TEST_REDIS_URL": redis.url,
        "PYTEST_XDIST_WORKER": "gw0",
    }
    broker = celery_url(with_database(redis.url, 2))
    worker = Worker(database=name, redis_url=redis.url, broker_url=broker, also=environment)
    web = Web(environment)
    try:
        database.start()
        database.copy(name, of=source)
        redis.start()
        worker.start()
        web.start()
        yield SimpleNamespace(database=database, redis=redis, worker=worker, web=web, name=name)
    finally:
        web.kill()
        worker.kill()
        redis.kill()
        database.remove()


def programme() -> list[tuple[Phone, list[Rancher]]]:
    """Two technicians with a phone each, and their ranchers in a cohort."""
    cohort = Cohort.objects.create(
        code="kills", name="Ampliación", phase="scale_up", starts_on=date(2020, 1, 1)
    )
    found = []
    for _number in range(PHONES):
        technician = people.technician()
        ranchers = [people.rancher(technician=technician) for _number in range(RANCHERS)]
        for rancher in ranchers:
            enrolment = Enrolment.objects.create(rancher=rancher, cohort=cohort)
            EnrolmentStatus.objects.create(
                enrolment=enrolment, status="active", period=DateRange(date(2020, 3, 1), None)
            )
        found.append((Phone(technician), ranchers))
    return found


def test_each_process_killed_while_a_thousand_visits_come_in() -> None:
    phones = programme()
    with everything() as run:
        senders = [Sender(phone, run.web.address, ranchers) for phone, ranchers in phones]
        for sender in senders:
            sender.start()
        batches = sum(len(sender.batches) for sender in senders)
        kills = [run.web, run.database, run.redis, run.worker, run.web, run.database]
        for number, victim in enumerate(kills):
            _wait_for_batches(senders, (number + 1) * batches // (len(kills) + 2))
            time.sleep(0.05 * (1 + number % 3))
            assert any(sender.is_alive() for sender in senders), "the batches ran out before a kill"
            victim.kill()
            victim.start()
        for sender in senders:
            sender.join(timeout=120)
            assert not sender.is_alive(), "a phone could not send everything"
        assert sum(sender.failed for sender in senders) >= 4  # web and database, twice each
        wait_until(run.worker.answers, seconds=30, what="the worker's answer")
        rows = _rows(run)
        _settle(run, rows)
        _check_visits(senders, rows)
        _check_figures(run, rows)


Rows = Callable[..., list[tuple[Any, ...]]]


def _rows(run: SimpleNamespace) -> Rows:
    def rows(sql: str) -> list[tuple[Any, ...]]:
        with run.database.connect(run.name) as session, session.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchall()
        session.close()
        return list(found)

    return rows


def _wait_for_batches(senders: list[Sender], number: int) -> None:
    wait_until(
        lambda: sum(sender.answered for sender in senders) >= number,
        seconds=90,
        what=f"the answer to {number} batches",
    )


def _settle(run: SimpleNamespace, rows: Rows) -> None:
    """What beat does every minute, until nothing waits."""

    def is_settled() -> bool:
        run.worker.app.send_task("monitoring.tasks.process_pending_inbox")
        run.worker.app.send_task("monitoring.tasks.recompute_dirty")
        time.sleep(0.5)
        [(pending,)] = rows("select count(*) from monitoring_inboxpayload where outcome='pending'")
        [(dirty,)] = rows("select count(*) from monitoring_dirtyrancher")
        return not pending and not dirty

    wait_until(is_settled, seconds=60, what="the rest of what was left over")


def _check_visits(senders: list[Sender], rows: Rows) -> None:
    """Each visit once, as it was last saved; every save's bytes kept."""
    wanted = {
        visit: understand(read(body.encode())).content_hash
        for sender in senders
        for visit, body in sender.saved.items()
    }
    found = rows("select id, content_hash from monitoring_visit where deleted_at is null")
    assert len(found) == VISITS
    assert {str(visit): digest for visit, digest in found} == wanted
    sent = {hashlib.sha256(b.encode()).hexdigest() for sender in senders for b in sender.bodies}
    kept = rows("select distinct encode(digest(raw, 'sha256'), 'hex') from monitoring_inboxpayload")
    assert {digest for (digest,) in kept} == sent
    versions = rows("select version, count(*) from monitoring_visit group by 1 order by 1")
    assert versions == [(1, VISITS * 9 // 10), (2, VISITS // 10)]
    measured = rows("select count(*), count(distinct visit_id) from monitoring_measurement")
    assert measured == [(VISITS, VISITS)]
    assert rows("select count(*) from monitoring_conflict") == [(0,)]


def _check_figures(run: SimpleNamespace, rows: Rows) -> None:
    """The figures that came step by step are those of a recompute from scratch."""
    before = rows("select count(*) from monitoring_recomputereport")
    run.worker.app.send_task("monitoring.tasks.full_recompute")
    wait_until(
        lambda: rows("select count(*) from monitoring_recomputereport") != before,
        seconds=60,
        what="the full recompute",
    )
    [report] = rows(
        "select differences, cells > 0, ranchers from monitoring_recomputereport"
        " order by id desc limit 1"
    )
    assert report == (0, True, RANCHERS * PHONES)
    [(visits,)] = rows("select sum(visits) from monitoring_rancherfact")
    assert visits == VISITS
