"""How fast one web process takes visits, against a bare COPY of the rows they become; bytes on the way.

Claims: a batch of visits with 20 figures each, sent over HTTP to one gunicorn worker, is stored raw,
checked, versioned and marked for recompute at a known share of the speed at which PostgreSQL copies the
same rows in without any of that; a typical visit without photos travels in under 4 KB; a package of 200
ranchers in under 300 KB, both compressed. Ratio and figures are of one run on one database.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import io
import json
import os
import subprocess
import sys
import time
from datetime import date
from typing import Any, NamedTuple

from psycopg2.extras import DateRange

from bench.databases import BASE_DIR, machine, ready
from bench.field_app import web

RANCHERS = 210
BATCH = 50
YEAR = (date(2025, 1, 1), date(2026, 1, 1))
"""When the visits are."""
VISITS = 2_000
TABLES = (
    "monitoring_inboxpayload",
    "monitoring_visit",
    "monitoring_measurement",
    "monitoring_observation",
    "monitoring_nextstep",
    "monitoring_visitversion",
)
"""What a visit becomes, in an order in which the rows may be copied in."""


class Setting(NamedTuple):
    """A phone on the demo's programme: its device, secret, the ids of its ranchers, practice codes."""

    device: str
    secret: str
    ranchers: list[str]
    practices: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(_register()._asdict()))
        return
    url = ready(RANCHERS)
    setting = Setting(**json.loads(_run_inside(url)))
    visits = [_visit(setting, number) for number in range(options.visits)]
    with web(url) as base:
        _send(base, setting, visits[:BATCH])  # warm
        package = _package(base, setting)
        start = time.perf_counter()
        for first in range(BATCH, len(visits), BATCH):
            _send(base, setting, visits[first : first + BATCH])
        sent_s = time.perf_counter() - start
    copied_s, rows = _copy(url, setting.device)
    number = len(visits) - BATCH
    one = gzip.compress(json.dumps(visits[0]).encode())
    together = gzip.compress(json.dumps({"items": visits[:BATCH]}).encode())
    print(machine())
    print(f"received over HTTP: {number / sent_s:8.1f} visits/s ({1000 * sent_s / number:.1f} ms each)")  # fmt: skip
    print(f"copied in:          {len(visits) / copied_s:8.1f} visits/s ({rows / len(visits):.1f} rows each)")  # fmt: skip
    print(f"ratio:              {(sent_s / number) / (copied_s / len(visits)):8.1f} times a bare COPY")  # fmt: skip
    print(f"one visit, gzip:    {len(one):8,} bytes alone, {len(together) // BATCH:,} in a batch (aim < 4,096)")  # fmt: skip
    print(f"package, gzip:      {package:8,} bytes for {len(setting.ranchers)} ranchers (aim < 300,000 for 200)")  # fmt: skip


def _run_inside(url: str) -> str:
    """What `_register` says, run with the benchmark's database."""
    command = [sys.executable, "-m", "bench.sync", "--inside"]
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        command, cwd=BASE_DIR, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.splitlines()[-1]


def _register() -> Setting:
    """A technician of the bench's own who has all ranchers, and a phone of theirs."""
    import django

    django.setup()
    from uuid import uuid4

    from monitoring.field.devices import register
    from practices.models import Practice
    from ranchers.consents import give_consent
    from ranchers.models import Consent, District, Rancher, Role, User

    name = f"bench-{uuid4()}@example.org"
    user = User.objects.create_user(email=name, password=None, name="Bench", role=Role.TECHNICIAN)
    user.districts.set(District.objects.all())
    device = uuid4()
    secrets = register(
        user=user, device_id=device, name="bench", app_version="1", data_key=bytes(32)
    )
    agreed = Consent.objects.filter(scope="income").values("rancher")
    for rancher in Rancher.objects.exclude(pk__in=agreed):
        give_consent(rancher=rancher, scope="income", since=date(2024, 1, 1), how="bench", by=user)
    agreed_all = Consent.objects.filter(scope="income", period__contains=DateRange(*YEAR))
    ranchers = agreed_all.order_by("rancher").values_list("rancher", flat=True)
    codes = Practice.objects.order_by("pk").values_list("code", flat=True)[:6]
    return Setting(str(device), secrets.secret, [str(pk) for pk in ranchers], list(codes))


FIGURES = {
    "cows": 20,
    "bulls": 1,
    "heifers": 5,
    "steers": 4,
    "yearlings": 4,
    "calves": 8,
    "equines": 2,
    "cows_in_milk": 10,
    "births": 6,
    "deaths_adults": 1,
    "deaths_calves": 1,
    "weaned": 4,
    "sold_head": 3,
    "paddocks": 4,
    "trees_counted": 120,
    "live_fence_m": 500,
    "milk_l_per_day": "50.5",
    "sold_kg": "900",
    "pasture_ha": "30.25",
    "income_pen": "1200",
}
SUDDEN = [f"soft_count_change_max:{name}" for name in (*FIGURES,)]
NOTES = "Se revisaron los cercos vivos y el banco forrajero; falta sal mineral. "


def _visit(setting: Setting, number: int) -> dict[str, str]:
    """An item: a visit with 20 figures, 6 practices, 2 next steps, a position and notes."""
    from hashlib import sha256
    from uuid import UUID, uuid4

    figures = {
        name: value + number % 3 if isinstance(value, int) else value
        for name, value in FIGURES.items()
    }
    body = {
        "schema": 1,
        "id": str(uuid4()),
        "device": setting.device,
        "revision": 1,
        "base_version": None,
        "rancher": setting.ranchers[number % len(setting.ranchers)],
        "visited_on": f"2025-{1 + number % 12:02}-{1 + number % 28:02}",
        "started_at": f"2025-{1 + number % 12:02}-{1 + number % 28:02}T09:{number % 60:02}:00-05:00",
        "position": {"lon": f"-69.{480000 + number}", "lat": f"-11.{390000 + number}", "accuracy_m": 6.5},
        "notes": NOTES * 3 + str(UUID(int=number)),
        "measurements": figures,
        "observations": [
            {"practice": code, "stage": "trial", "intensity": "2.5", "evidence_seen": True, "note": ""}
            for code in setting.practices
        ],
        "next_steps": [
            {"id": str(uuid4()), "practice": None, "text": "Sembrar quinilla en el lindero", "due_on": "2026-12-01"}
            for _number in range(2)
        ],
        "confirmed": ["soft_distance_km_max", "soft_stocking_rate_max", "soft_mortality_max", *SUDDEN],
    }  # fmt: skip
    text = json.dumps(body, ensure_ascii=False)
    return {"kind": "visit", "body": text, "sha256": sha256(text.encode()).hexdigest()}


def _ask(base: str, setting: Setting, path: str, data: bytes | None) -> tuple[Any, int]:
    """The answer, and how many bytes it was on the way."""
    headers = {
        "Authorization": f"Device {setting.device}:{setting.secret}",
        "Accept-Encoding": "gzip",
    }
    if data is not None:
        headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=120)
    method = "GET" if data is None else "POST"
    connection.request(method, f"/api/v1/field/{path}", data, headers)
    answer = connection.getresponse()
    body = answer.read()
    is_packed = answer.headers.get("Content-Encoding") == "gzip"
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer.status}")
    return json.loads(gzip.decompress(body) if is_packed else body), len(body)


def _send(base: str, setting: Setting, items: list[dict[str, str]]) -> None:
    data = gzip.compress(json.dumps({"items": items}).encode())
    answer, _size = _ask(base, setting, "sync/", data)
    outcomes = {one["outcome"] for one in answer["items"]}
    if outcomes != {"created"}:
        raise SystemExit(f"not all were taken: {answer['items'][0]}")


def _package(base: str, setting: Setting) -> int:
    return _ask(base, setting, "package/", None)[1]


def _copy(url: str, device: str) -> tuple[float, int]:
    """Seconds to COPY the rows of this run's visits into tables with the same indexes and checks, and
    how many rows. Without foreign keys, in one transaction, rolled back: the least a database can do."""
    import environ
    import psycopg2
    from psycopg2 import sql

    found = environ.Env.db_url_config(url)
    session = psycopg2.connect(
        dbname=found["NAME"],
        user=found["USER"],
        host=found.get("OPTIONS", {}).get("host") or found["HOST"],
    )
    with session.cursor() as cursor:
        cursor.execute(
            "create temp table wanted as"
            " select visit_uuid from monitoring_inboxpayload where via_id = %s",
            [device],
        )
        spent, rows = 0.0, 0
        for table in TABLES:
            key = {"monitoring_inboxpayload": "visit_uuid", "monitoring_visit": "id"}
            names = {
                "table": sql.Identifier(table),
                "column": sql.Identifier(key.get(table, "visit_id")),
                "bare": sql.Identifier(f"bare_{table}"),
            }
            cursor.execute(
                sql.SQL("create table {bare} (like {table} including all)").format(**names)
            )
            kept = io.StringIO()
            chosen = sql.SQL(
                "copy (select * from {table} where {column} in (select * from wanted)) to stdout"
            )
            cursor.copy_expert(chosen.format(**names), kept)
            rows += kept.getvalue().count("\n")
            kept.seek(0)
            start = time.perf_counter()
            cursor.copy_expert(sql.SQL("copy {bare} from stdin").format(**names), kept)
            spent += time.perf_counter() - start
    session.rollback()
    session.close()
    return spent, rows


if __name__ == "__main__":
    main()
