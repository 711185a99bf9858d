"""The full recompute: all facts and cells from scratch, beside what is stored, then in its place.

The ranchers are shared out among a few connections (RECOMPUTE_CONNECTIONS), each of which computes
its share by the same statements as the incremental recompute, leaves the facts in tables of the schema
`recompute` and sums them. What is stored is touched only in the last transaction, when all is whole:
a run that is killed leaves the old figures, and readers wait for no more than a rename.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import now

from monitoring import bootstraps, cells, facts, plot_shapes
from monitoring.facts import FACTS, Stage, table_of
from monitoring.models import Cell, RecomputeReport

logger = logging.getLogger(__name__)

LOCK = 4_847_001
"""Advisory lock: one recompute at a time adds to cells, so none is lost and none deadlocks. Writes
never take it; a batch of many ranchers costs little more than one."""

SHARE = 50_000
"""Ranchers computed at once by one connection: about 1 GB of temporary tables."""

_STAGE = Stage("recompute")
_REPLACING = Stage("recompute", replace=True)


class TableChanged(Exception):
    """A migration changed a table of facts while it was recomputed; what is stored was left alone."""


def recompute_all() -> None:
    """Recompute all facts and cells from scratch and put them in place of the stored ones.

    Readers see the old figures until the new ones are whole. Marks set before it began are cleared.
    """
    Rebuild(replace=True).run()


def check(*, started_at: datetime) -> RecomputeReport:
    """Recompute all beside what is stored, mend what differs, and report it, in one transaction."""
    return Rebuild(replace=False, started_at=started_at).run()


@dataclass
class Rebuild:
    """One full recompute. `replace` takes the new facts for granted and swaps the tables; else they are
    compared, and only the ranchers that differ are written."""

    replace: bool
    started_at: datetime = field(default_factory=now)
    ranchers: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)

    def run(self) -> RecomputeReport:
        alone = connection.in_atomic_block  # what the caller has not committed, only he can see
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("select rancher_id, marked_at from monitoring_dirtyrancher")
            marks = cursor.fetchall()
            with _connections(alone) as run_each:
                run_each([self._prepare])
                shares = self._shares(alone)
                run_each([partial(self._compute, mine) for mine in shares])
                if self.replace:
                    run_each([partial(_sum, part, len(shares)) for part in range(len(shares))])
                indexing = [partial(_index, fact) for fact in FACTS] if self.replace else []
                run_each(indexing, meanwhile=partial(_roll_up, cursor))
            self._settle(cursor)
            cursor.execute("drop schema recompute cascade")
            cursor.execute(
                "delete from monitoring_dirtyrancher d"
                " using unnest(%s::uuid[], %s::timestamptz[]) m (rancher_id, marked_at)"
                " where (d.rancher_id, d.marked_at) = (m.rancher_id, m.marked_at)",
                [[str(one) for one, _at in marks], [at for _one, at in marks]],
            )
            return self._report()

    def _shares(self, alone: bool) -> list[str]:
        """Conditions on `s.r` that share the ranchers out, none of more than SHARE."""
        if alone or self.ranchers < settings.RECOMPUTE_SHARED_FROM:
            return ["true"]
        rounds = -(-self.ranchers // (SHARE * settings.RECOMPUTE_CONNECTIONS))
        parts = rounds * settings.RECOMPUTE_CONNECTIONS
        edges = [self.ranchers * part // parts for part in range(parts + 1)]
        return [f"s.r between {a + 1} and {b}" for a, b in zip(edges, edges[1:], strict=False)]

    def _prepare(self) -> None:
        """Make the shared tables, number the ranchers, add new strata."""
        with connection.cursor() as cursor:
            cursor.execute("drop schema if exists recompute cascade; create schema recompute")
            cursor.execute(_STAGE.render("stage"))
            cursor.execute(cells.scalar_sum_table(_STAGE))
            cursor.execute("create unlogged table recompute.differing (fact text, rancher_id uuid)")
            for fact in FACTS:
                cursor.execute(
                    f"create {'' if self.replace else 'unlogged'} table recompute.{table_of(fact)}"
                    f" (like {table_of(fact)} including all excluding indexes)"
                )
            _execute(
                cursor,
                [facts.scope_sql(_STAGE), *facts.statements(_STAGE, facts.MEMBERS)],
                analyze=("recompute.", "monitoring_"),
            )
            cursor.execute("select count(*) from recompute.scope")
            self.ranchers = cursor.fetchone()[0]

    def _compute(self, mine: str) -> None:
        """Compute the facts of a share of the ranchers; unless they replace the stored ones, sum and
        compare them."""
        started = time.monotonic()
        stage = _REPLACING if self.replace else _STAGE
        with connection.cursor() as cursor:
            _open_own(cursor)
            # Enough for the plans of millions of rows; samples ten times as large took seconds.
            cursor.execute("set local default_statistics_target = 10")
            _execute(cursor, facts.statements(stage, facts.STEPS, mine=mine))
            cursor.execute("set local default_statistics_target to default")
            if not self.replace:
                new = {fact: stage.new(fact) for fact in FACTS}
                _execute(cursor, cells.sums(stage, new, signed=False))
                for fact, columns in FACTS.items():
                    names = ", ".join(columns)
                    cursor.execute(_compare_sql(fact, mine))
                    cursor.execute(
                        f"insert into recompute.{table_of(fact)} ({names}) select {names}"  # noqa: S608
                        f" from {stage.new(fact)}"
                        " where rancher_id in (select rancher_id from recompute.differing)"
                    )
        logger.info("facts of ranchers with %s: %.0f s", mine, time.monotonic() - started)

    def _settle(self, cursor: Any) -> None:
        """Draw the bootstrap intervals, put facts and cells in place; note the differences."""
        source = bootstraps.Source(cells="pg_temp.cell_new")
        if self.replace:
            source = bootstraps.Source(
                cells="pg_temp.cell_new",
                rancher_facts=f"recompute.{table_of('rancher_fact')}",
                practice_facts=f"recompute.{table_of('practice_fact')}",
            )
        else:
            self._mend_facts(cursor)
        bootstraps.fill(source=source)
        changed = [_merge(cursor, new, stored) for new, stored in _NEW.items()]
        if not self.replace:
            self.examples += [one for some in changed for one in some]
        else:
            for fact in FACTS:
                _swap(cursor, fact)
        if self.replace or self.examples:
            plot_shapes.values_changed("facts")

    def _report(self) -> RecomputeReport:
        """What was done; kept where something was checked."""
        report = RecomputeReport(
            started_at=self.started_at,
            finished_at=now(),
            ranchers=self.ranchers,
            cells=Cell.objects.count(),
            differences=len(self.examples),
            examples=self.examples[:100],
        )
        if not self.replace:
            report.save()
        return report

    def _mend_facts(self, cursor: Any) -> None:
        """Replace the facts of ranchers that differ. Who was marked meanwhile is no difference."""
        cursor.execute(
            "select distinct fact, rancher_id::text from recompute.differing where rancher_id not in"
            " (select rancher_id from monitoring_dirtyrancher) order by 1, 2"
        )
        self.examples += [{"fact": fact, "rancher": one} for fact, one in cursor.fetchall()]
        for fact, columns in FACTS.items():
            names = ", ".join(columns)
            cursor.execute(
                f"delete from {table_of(fact)} where rancher_id in"  # noqa: S608
                " (select rancher_id from recompute.differing);"
                f" insert into {table_of(fact)} ({names}) select {names} from recompute.{table_of(fact)}"
            )


def _sum(part: int, parts: int) -> None:
    """Sum a part of the facts that replace the stored ones: a range of the pages of each table."""
    new = {}
    with connection.cursor() as cursor:
        for fact in FACTS:
            table = _REPLACING.new(fact)
            cursor.execute(
                "select pg_relation_size(%s::regclass) / current_setting('block_size')::int",
                [table],
            )
            pages = cursor.fetchone()[0]
            first, end = (pages * edge // parts for edge in (part, part + 1))
            new[fact] = (
                f"(select * from {table} where ctid >= '({first},0)' and ctid < '({end},0)')"  # noqa: S608
            )
        _execute(cursor, cells.sums(_REPLACING, new, signed=False))


def _roll_up(cursor: Any) -> None:
    """Leave in temporary tables what cells, bins and points will be, bootstrap intervals excepted."""
    _open_own(cursor)
    cursor.execute("analyze recompute.scalar_sum, recompute.run_sum, recompute.follow_up_sum")
    _execute(cursor, cells.roll_up(_STAGE))
    for new, stored in _NEW.items():
        cursor.execute(
            f"drop table if exists {new}; create temp table {new[8:]} (like {stored}) on commit drop"
        )
    cursor.execute(cells.new_cells("pg_temp.cell_new"))
    cursor.execute(_NEW_BINS)


def _open_own(cursor: Any) -> None:
    setup = _STAGE.render("own")
    cursor.execute(setup)
    facts.empty(cursor, setup)


Job = Callable[[], None]


class Run(Protocol):
    """Runs the jobs and, meanwhile, something of the caller's own; raises what a job raises."""

    def __call__(self, jobs: Sequence[Job], *, meanwhile: Job = lambda: None) -> None: ...


@contextmanager
def _connections(alone: bool) -> Iterator[Run]:
    """A way to run jobs, each in a transaction of its own on one of a few connections; `alone`: all of
    them here, in the caller's."""

    def here(jobs: Sequence[Job], *, meanwhile: Job = lambda: None) -> None:
        for job in (*jobs, meanwhile):
            job()

    def in_transaction(job: Job) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "set local jit = off; set local work_mem = '256MB'; set local temp_buffers = '512MB';"
                    " set local maintenance_work_mem = '256MB'; set local synchronous_commit = off"
                )
                job()
        finally:
            connection.close()

    if alone:
        yield here
        return
    with ThreadPoolExecutor(settings.RECOMPUTE_CONNECTIONS) as pool:

        def beside(jobs: Sequence[Job], *, meanwhile: Job = lambda: None) -> None:
            begun = [pool.submit(in_transaction, job) for job in jobs]
            meanwhile()
            for one in begun:
                one.result()

        try:
            yield beside
        finally:
            pool.shutdown(cancel_futures=True)


def _execute(
    cursor: Any, statements: Sequence[str], *, analyze: tuple[str, ...] = ("pg_temp.",)
) -> None:
    """Run the statements, with statistics of the tables that they fill; of shared ones only where no
    other connection could be waiting to take them as well."""
    parameters = facts.parameters()
    for text in statements:
        started = time.monotonic()
        cursor.execute(text, parameters)
        table = text.split(maxsplit=3)[2]
        if table.startswith(analyze):
            cursor.execute(f"analyze {table}")
        logger.debug("%s: %.1f s", table, time.monotonic() - started)


def _compare_sql(fact: str, mine: str) -> str:
    """SQL that notes whose facts are not the stored ones: by a sum of the hashes of a rancher's rows,
    so that ten million rows need no sort."""
    columns = FACTS[fact]
    digest = f"sum(hash_record_extended(row({', '.join(f'f.{one}' for one in columns)}), 0))"
    return f"""
        insert into recompute.differing
        select '{fact}', rancher_id
        from (select rancher_id, {digest} as digest from pg_temp.{fact} f group by rancher_id) new
        full join (
            select f.rancher_id, {digest} as digest from {table_of(fact)} f
            join recompute.scope s on s.rancher_id = f.rancher_id and {mine}
            group by f.rancher_id
        ) stored using (rancher_id)
        where new.digest is distinct from stored.digest
    """  # noqa: S608


def _index(fact: str) -> None:
    """Give the new table of a kind of fact the indexes of the stored one, by the same names."""
    table = table_of(fact)
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_get_indexdef(i.indexrelid), c.relname, i.indisprimary from pg_index i"
            " join pg_class c on c.oid = i.indexrelid where i.indrelid = %s::regclass",
            [f"public.{table}"],
        )
        for definition, name, is_primary in cursor.fetchall():
            cursor.execute(definition.replace(f" ON public.{table} ", f" ON recompute.{table} "))
            if is_primary:
                cursor.execute(
                    f"alter table recompute.{table} add constraint {name} primary key using index {name}"
                )
        cursor.execute(f"analyze recompute.{table}")


def _swap(cursor: Any, fact: str) -> None:
    """Put the new table of a kind of fact in the place of the stored one. Raises TableChanged."""
    table = table_of(fact)
    cursor.execute(
        f"lock table {table} in access exclusive mode;"  # noqa: S608
        " select count(*) from (select attname, atttypid, attrelid from pg_attribute"
        " where attrelid in (%s::regclass, %s::regclass) and attnum > 0 and not attisdropped) a"
        " group by attname, atttypid having count(*) = 1 limit 1",
        [f"public.{table}", f"recompute.{table}"],
    )
    if cursor.fetchone():
        raise TableChanged(f"{table} was changed by a migration; start the recompute again")
    cursor.execute(f"drop table {table}; alter table recompute.{table} set schema public")


_NEW = {
    "pg_temp.cell_new": "monitoring_cell",
    "pg_temp.bin_new": "monitoring_spreadbin",
    "pg_temp.point_new": "monitoring_survivalpoint",
}
"""What cells, bins and points will be, and where they are stored."""

_NEW_BINS = """
insert into pg_temp.bin_new (id, indicator, quarter, cohort_id, bin, ranchers)
select row_number() over (), indicator, quarter, cohort_id, bin, ranchers from pg_temp.spread_delta;
insert into pg_temp.point_new (id, cohort_id, practice_id, month, adopted, censored)
select row_number() over (), cohort_id, practice_id, month, adopted, censored from pg_temp.survival_delta
"""


def _merge(cursor: Any, new: str, stored: str) -> list[dict[str, str]]:
    """Write the rows that are not as stored, and no others; returns them, both ways."""
    cursor.execute(
        "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped"
        " and attname not in ('id', 'computed_at')",
        [stored],
    )
    names = cursor.fetchone()[0]
    content = {one: f"row({', '.join(f'{one}.{n}' for n in names.split(', '))})" for one in "tn"}
    same = (
        f"hash_record_extended({content['t']}, 0) = hash_record_extended({content['n']}, 0)"
        f" and {content['t']} is not distinct from {content['n']}"
    )
    stamped = (names + ", computed_at") if stored == "monitoring_cell" else names
    cursor.execute(
        f"delete from {stored} t where not exists (select from {new} n where {same})"  # noqa: S608
        f" returning {content['t']}::text"
    )
    found = [{"cell": "stored", "row": row} for (row,) in cursor.fetchall()]
    cursor.execute(
        f"insert into {stored} ({stamped}) select {stamped} from {new} n"  # noqa: S608
        f" where not exists (select from {stored} t where {same}) returning row({names})::text"
    )
    return found + [{"cell": "recomputed", "row": row} for (row,) in cursor.fetchall()]
