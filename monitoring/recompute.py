"""Keep facts and cells in step with what was written: after each write, and from scratch."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import now

from monitoring import bootstraps, cells, facts, plot_shapes, quarters
from monitoring.facts import FACTS, Stage, table_of
from monitoring.models import RancherFact, RecomputeReport

logger = logging.getLogger(__name__)

LOCK = 4_847_001
"""Advisory lock: one recompute at a time adds to cells, so none is lost and none deadlocks. Writes
never take it; a batch of many ranchers costs little more than one."""

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
    with transaction.atomic(), connection.cursor() as cursor:
        _lock()
        cursor.execute(
            "select rancher_id, marked_at from monitoring_dirtyrancher order by marked_at limit %s",
            [limit],
        )
        marks = cursor.fetchall()
        if not marks:
            return 0
        _recompute([rancher_id for rancher_id, _at in marks])
        cursor.execute(
            "delete from monitoring_dirtyrancher where rancher_id in ("
            " select d.rancher_id from monitoring_dirtyrancher d"
            " join unnest(%s::uuid[], %s::timestamptz[]) m (rancher_id, marked_at)"
            " using (rancher_id, marked_at) for update of d skip locked)",
            [[str(rancher_id) for rancher_id, _at in marks], [at for _id, at in marks]],
        )
    return len(marks)


def _recompute(rancher_ids: Sequence[UUID]) -> None:
    """Stage the facts of these ranchers, add the difference to the stored facts to the cells, and
    store the facts."""
    stage = Stage()
    started = time.monotonic()
    facts.open_stage(stage)
    facts.fill_scope(stage, rancher_ids)
    facts.stage_facts(stage, analyze=len(rancher_ids) > 50)
    cells.open_delta(stage)
    changed = _changes(stage, rancher_ids)
    touched = 0
    if changed:
        signed = {fact: cells.source(stage.schema, fact, signed=True) for fact in FACTS}
        cells.add_up(stage, signed)
        _store_changes(stage)
        touched = cells.apply_delta(stage)
        bootstraps.fill(touched=f"{stage.schema}.touched")
        plot_shapes.values_changed("facts")
    logger.info(
        "recomputed %d ranchers: %d facts changed, %d cells, %.0f ms",
        len(rancher_ids),
        changed,
        touched,
        (time.monotonic() - started) * 1000,
    )


def _changes(stage: Stage, rancher_ids: Sequence[UUID]) -> int:
    """Leave in change_<fact> the stored facts that go (-1) and the staged ones that come (+1)."""
    ids = [str(one) for one in rancher_ids]
    changed = 0
    with connection.cursor() as cursor:
        for fact, columns in FACTS.items():
            names = ", ".join(columns)
            stored = f"select {names} from {table_of(fact)} where rancher_id = any(%(ids)s::uuid[])"  # noqa: S608
            staged = f"select {names} from {stage.schema}.{fact}"  # noqa: S608
            cursor.execute(
                f"insert into {stage.schema}.change_{fact} ({names}, sign)"  # noqa: S608
                f" select *, -1 from ({stored} except all {staged}) gone"
                f" union all select *, 1 from ({staged} except all {stored}) come",
                {"ids": ids},
            )
            changed += cursor.rowcount
    return changed


def _store_changes(stage: Stage) -> None:
    with connection.cursor() as cursor:
        for fact, columns in FACTS.items():
            names = ", ".join(columns)
            same = " and ".join(f"t.{one} is not distinct from c.{one}" for one in columns[1:])
            cursor.execute(
                f"delete from {table_of(fact)} t using {stage.schema}.change_{fact} c"  # noqa: S608
                f" where c.sign = -1 and t.rancher_id = c.rancher_id and {same};"
                f"insert into {table_of(fact)} ({names})"
                f" select {names} from {stage.schema}.change_{fact} where sign = 1"
            )


def recompute_all() -> None:
    """Recompute all facts and cells from scratch and put them in place of the stored ones.

    In one transaction: readers see the old figures until the new ones are whole. Marks set before
    it began are cleared.
    """
    with transaction.atomic():
        _lock()
        _rebuild(Stage())


def full_recompute() -> RecomputeReport:
    """The nightly check: recompute all beside what is stored, report every difference, mend it.

    What is marked is recomputed first, and ranchers marked again meanwhile are left out of the
    comparison of facts. A new quarter is filled in first and is no difference.
    """
    started_at = now()
    while recompute_dirty():
        pass
    if not RancherFact.objects.filter(quarter=quarters.current_quarter()).exists():
        recompute_all()
    with transaction.atomic(), connection.cursor() as cursor:
        _lock()
        cursor.execute(
            f"create temp table cell_before on commit drop as select {_COMPARED} from monitoring_cell"  # noqa: S608
        )
        stage = Stage()
        ranchers = _stage_all(stage)
        examples = _fact_differences(stage)
        _replace(stage)
        examples += _cell_differences()
        cursor.execute("drop table cell_before; select count(*) from monitoring_cell")
        report = RecomputeReport.objects.create(
            started_at=started_at,
            finished_at=now(),
            ranchers=ranchers,
            cells=cursor.fetchone()[0],
            differences=len(examples),
            examples=examples[:100],
        )
    if report.differences:
        logger.error("full recompute mended %d differences", report.differences)
    return report


_COMPARED = ", ".join((*cells.KEY, *cells.SUMS, "value", "low", "high", "method"))


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])


def _rebuild(stage: Stage) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(max(marked_at), '-infinity') from monitoring_dirtyrancher")
        before = cursor.fetchone()[0]
        _stage_all(stage)
        _replace(stage)
        cursor.execute("delete from monitoring_dirtyrancher where marked_at <= %s", [before])


def _stage_all(stage: Stage) -> int:
    """Stage the facts of all ranchers; how many there are."""
    facts.open_stage(stage)
    ranchers = facts.fill_scope(stage, None)
    facts.stage_facts(stage, analyze=True)
    return ranchers


def _replace(stage: Stage) -> None:
    """Put the staged facts, and the cells that follow from them, in place of the stored ones."""
    cells.open_delta(stage)
    cells.add_up(stage, {fact: cells.source(stage.schema, fact, signed=False) for fact in FACTS})
    with connection.cursor() as cursor:
        for fact, columns in FACTS.items():
            names = ", ".join(columns)
            cursor.execute(
                f"delete from {table_of(fact)};"  # noqa: S608
                f"insert into {table_of(fact)} ({names}) select {names} from {stage.schema}.{fact}"
            )
        cursor.execute(
            "delete from monitoring_cell; delete from monitoring_spreadbin;"
            "delete from monitoring_survivalpoint"
        )
    cells.apply_delta(stage)
    bootstraps.fill(touched=None)
    plot_shapes.values_changed("facts")


def _fact_differences(stage: Stage) -> list[dict[str, str]]:
    """Ranchers whose stored facts are not the staged ones, unless marked meanwhile."""
    found = []
    with connection.cursor() as cursor:
        for fact, columns in FACTS.items():
            names = ", ".join(columns)
            stored = f"select {names} from {table_of(fact)}"  # noqa: S608
            staged = f"select {names} from {stage.schema}.{fact}"  # noqa: S608
            cursor.execute(
                f"select distinct rancher_id from (({stored} except all {staged})"  # noqa: S608
                f" union all ({staged} except all {stored})) d"
                " where rancher_id not in (select rancher_id from monitoring_dirtyrancher)"
            )
            found += [{"fact": fact, "rancher": str(one)} for (one,) in cursor.fetchall()]
    return found


def _cell_differences() -> list[dict[str, str]]:
    """Cells that are not what they were before the replacement, both ways, with their rows."""
    after = f"select {_COMPARED} from monitoring_cell"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            f"select 'stored', d::text from (select * from cell_before except all {after}) d"  # noqa: S608
            f" union all select 'recomputed', d::text from ({after} except all select * from cell_before) d"
        )
        return [{"cell": side, "row": row} for side, row in cursor.fetchall()]
