"""Keep the figures of users in step with the facts: quarter by quarter, each made from scratch."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils.timezone import now

from monitoring.models import Cell, UseFigure, UseQuarter
from monitoring.quarters import current_quarter
from monitoring.use.farms import Farms
from monitoring.use.groups import of_quarter
from practices.models import Practice

logger = logging.getLogger(__name__)

LOCK = 4_847_002
"""Advisory lock: one run at a time; a second finds it taken and leaves the work to the first."""

AT_ONCE_S = 10.0
"""Seconds after which a run begins no further quarter; the next run goes on."""


def refresh(*, everything: bool = False, at_once_s: float = AT_ONCE_S) -> int:
    """Make the figures of every quarter whose facts changed since they were made, the newest quarter
    first; returns how many quarters. `everything`: of all quarters, changed or not.

    A change of a quarter can move the figures of every later one, as what was before. Cells change
    with the facts, so their stamp tells of it. It is read before the facts: a change in between is
    found by the next run.
    """
    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        stamps = _stamps()
        made = dict(UseQuarter.objects.values_list("quarter", "stamp"))
        stale = [q for q, stamp in stamps.items() if everything or made.get(q) != stamp]
        if not stale:
            return 0
        farms, done = Farms(), 0
        for quarter in sorted(stale, reverse=True):
            if done and time.monotonic() - began > at_once_s and not everything:
                break
            _make(farms, quarter, stamp=stamps[quarter])
            done += 1
    logger.info("users compared in %d quarters: %.1f s", done, time.monotonic() - began)
    return done


def _stamps() -> Mapping[int, str]:
    """By quarter up to the current one, a word that changes when a cell of it or of an earlier one does."""
    found: dict[int, str] = {}
    newest, total = 0.0, 0
    rows = (
        Cell.objects.filter(quarter__lte=current_quarter())
        .values("quarter")
        .annotate(newest=Max("computed_at"), total=Count("id"))
        .order_by("quarter")
    )
    for row in rows:
        newest, total = max(newest, row["newest"].timestamp()), total + row["total"]
        found[row["quarter"]] = f"{newest}-{total}"
    return found


def _make(farms: Farms, quarter: int, *, stamp: str) -> None:
    practices = Practice.objects.order_by("pk").values_list("pk", flat=True)
    rows = [
        (quarter, practice, cohort, group.value, *figure)
        for practice, cohort, group, figure in of_quarter(farms, quarter, practices=practices)
    ]
    UseFigure.objects.filter(quarter=quarter).delete()
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])
    UseQuarter.objects.update_or_create(
        quarter=quarter, defaults={"stamp": stamp, "computed_at": now()}
    )


_INSERT = """
insert into monitoring_usefigure
    (quarter, practice_id, cohort_id, "group", indicator, n, value, low, high, method)
select * from unnest(%s::int[], %s::int[], %s::int[], %s::text[], %s::text[], %s::int[], %s::float8[],
    %s::float8[], %s::float8[], %s::text[])
"""
