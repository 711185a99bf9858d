"""Keep facts and cells in step with what was written: after each write, and from scratch."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import now

from monitoring import bootstraps, cells, facts, plot_shapes, quarters
from monitoring.facts import FACTS, Stage, table_of
from monitoring.models import RancherFact, RecomputeReport
from monitoring.prepared import Prepared
from monitoring.rebuild import LOCK, check, recompute_all

logger = logging.getLogger(__name__)

__all__ = ["full_recompute", "mark_dirty", "ranchers_changed", "recompute_all", "recompute_dirty"]

_MARK = """
insert into monitoring_dirtyrancher (rancher_id, from_quarter, marked_at)
select distinct id, %s::smallint, clock_timestamp() from unnest(%s::uuid[]) id order by id
on conflict (rancher_id) do update
set from_quarter = least(monitoring_dirtyrancher.from_quarter, excluded.from_quarter),
    marked_at = excluded.marked_at
"""


def mark_dirty(*, rancher_ids: Iterable[UUID], from_quarter: int | None = None) -> None:
    """Have the facts of these ranchers recomputed once the caller's transaction commits.

    Call it inside the transaction of the write. `from_quarter` is the first quarter the write can
    change (the visit's own, and the old one's when the date moved); None means all.
    """
    from monitoring import tasks

    ids = [str(rancher_id) for rancher_id in rancher_ids]
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [from_quarter or 0, ids])
    transaction.on_commit(tasks.queue_recompute_dirty, robust=True)


def mark_all_dirty() -> None:
    """Have the facts of every rancher recomputed, as after a change of what all figures rest on."""
    from monitoring import tasks

    with connection.cursor() as cursor:
        cursor.execute(
            "insert into monitoring_dirtyrancher (rancher_id, from_quarter, marked_at)"
            " select id, 0, clock_timestamp() from ranchers_rancher order by id"
            " on conflict (rancher_id) do update set from_quarter = 0, marked_at = excluded.marked_at"
        )
    transaction.on_commit(tasks.queue_recompute_dirty, robust=True)


def ranchers_changed(*, rancher_ids: Collection[UUID], since: date | None) -> None:
    """What `ranchers` tells after a change of enrolment, land use, consent, district or sex."""
    mark_dirty(
        rancher_ids=rancher_ids,
        from_quarter=None if since is None else quarters.quarter_of(since),
    )


def recompute_dirty(*, limit: int = 500) -> int:
    """Recompute up to `limit` marked ranchers and the cells they touch; returns how many.

    One transaction with the clearing of the marks: killed in the middle, all of it is done again. A
    mark set again meanwhile stays; one that a writer holds is left for the next run.
    """
    again = connection.in_atomic_block  # perhaps not the first batch of this transaction
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s);"
            " select rancher_id, marked_at from monitoring_dirtyrancher order by marked_at limit %s",
            [LOCK, limit],
        )
        marks = cursor.fetchall()
        if not marks:
            return 0
        _recompute(cursor, [rancher_id for rancher_id, _at in marks], again=again)
        cursor.execute(
            "delete from monitoring_dirtyrancher where rancher_id in ("
            " select d.rancher_id from monitoring_dirtyrancher d"
            " join unnest(%s::uuid[], %s::timestamptz[]) m (rancher_id, marked_at)"
            " using (rancher_id, marked_at) for update of d skip locked)",
            [[str(rancher_id) for rancher_id, _at in marks], [at for _id, at in marks]],
        )
    return len(marks)


def _recompute(cursor: Any, rancher_ids: Sequence[UUID], *, again: bool) -> None:
    """Stage the facts of these ranchers, add the difference to the stored facts to the cells, and
    store the facts."""
    started = time.monotonic()
    prepared = _prepared()
    parameters = facts.parameters() | {"ids": [str(one) for one in rancher_ids]}
    analyze = prepared.open(cursor, ranchers=len(rancher_ids))
    if again:
        facts.empty(cursor, prepared.setup)
    prepared.run(cursor, "facts", parameters, analyze=analyze)
    cursor.execute(_COUNT_CHANGES)
    changed = cursor.fetchone()[0]
    touched = 0
    if changed:
        prepared.run(cursor, "cells", parameters, analyze=analyze)
        touched = bootstraps.fill(touched="pg_temp.touched")
        plot_shapes.values_changed("facts")
    logger.info(
        "recomputed %d ranchers: %d facts changed, %d intervals drawn, %.0f ms",
        len(rancher_ids),
        changed,
        touched,
        (time.monotonic() - started) * 1000,
    )


def full_recompute() -> RecomputeReport:
    """The nightly check: recompute all beside what is stored, report every difference, mend it.

    What is marked is recomputed first, and ranchers marked again meanwhile are left out of the
    report. A new quarter is filled in first and is no difference.
    """
    started_at = now()
    while recompute_dirty():
        pass
    if not RancherFact.objects.filter(quarter=quarters.current_quarter()).exists():
        recompute_all()
    report = check(started_at=started_at)
    if report.differences:
        logger.error("full recompute mended %d differences", report.differences)
    return report


@lru_cache(maxsize=1)
def _prepared() -> Prepared:
    """The statements of a batch, and the tables that they need."""
    stage = Stage()
    setup = ";".join(
        (stage.render("own"), stage.render("stage"), cells.scalar_sum_table(stage))
    ).replace(";;", ";")
    changes = {fact: f"pg_temp.change_{fact}" for fact in FACTS}
    return Prepared(
        setup=setup,
        groups={
            "facts": [
                facts.scope_sql(stage, where="id = any(%(ids)s)"),
                *facts.statements(stage, (*facts.MEMBERS, *facts.STEPS)),
                *(_change_sql(fact) for fact in FACTS),
            ],
            "cells": [
                *cells.sums(stage, changes, signed=True),
                *cells.roll_up(stage),
                *(one for fact in FACTS for one in _store_sql(fact)),
                *cells.apply_delta(),
            ],
        },
    )


_CHANGES = " union all ".join(f"select from pg_temp.change_{fact}" for fact in FACTS)
_COUNT_CHANGES = f"select count(*) from ({_CHANGES}) changed"  # noqa: S608


def _change_sql(fact: str) -> str:
    """SQL that leaves in change_<fact> the stored facts that go (-1) and the staged that come (+1)."""
    names = ", ".join(FACTS[fact])
    stored = f"select {names} from {table_of(fact)} where rancher_id = any(%(ids)s)"  # noqa: S608
    staged = f"select {names} from pg_temp.{fact}"  # noqa: S608
    return (
        f"insert into pg_temp.change_{fact} ({names}, sign)"  # noqa: S608
        f" select *, -1 from ({stored} except all {staged}) gone"
        f" union all select *, 1 from ({staged} except all {stored}) come"
    )


def _store_sql(fact: str) -> list[str]:
    names = ", ".join(FACTS[fact])
    same = " and ".join(f"t.{one} is not distinct from c.{one}" for one in FACTS[fact][1:])
    return [
        f"delete from {table_of(fact)} t using pg_temp.change_{fact} c"  # noqa: S608
        f" where c.sign = -1 and t.rancher_id = c.rancher_id and {same}",
        f"insert into {table_of(fact)} ({names})"  # noqa: S608
        f" select {names} from pg_temp.change_{fact} where sign = 1",
    ]
