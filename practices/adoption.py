"""From what technicians saw of a practice, visit by visit, to the stages a rancher went through.

The rules (docs/decisions/020-stage-intervals.md has the reasons):

- A stage lasts from the observation that showed it until an observation that shows another.
- What was last seen more than `KNOWN_FOR_MONTHS` ago is unknown: no interval covers such a day.
- Adopted becomes sustained on the first observation at least `SUSTAINED_AFTER_MONTHS` after the
  run of adopted observations began; a longer silence than `KNOWN_FOR_MONTHS`, or any other stage
  in between, begins a new run.
- Of several observations on one day the furthest stage counts (dropped is the furthest), then the
  largest intensity; so the order in which they arrive never matters.
"""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from practices.models import Stage, StageInterval
from ranchers.models import Rancher

KNOWN_FOR_MONTHS = 18
SUSTAINED_AFTER_MONTHS = 12

_BULK_SQL = Path(__file__).parent / "sql" / "stage_intervals.sql"
_FURTHEST = {Stage.PLANNED: 0, Stage.TRIAL: 1, Stage.ADOPTED: 2, Stage.DROPPED: 3}


class StageNotObservable(ValueError):
    """An observation carries a stage that nobody can see at a visit, `sustained` for one."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one practice on one day; intensity in the practice's own unit."""

    seen_on: date
    stage: Stage
    intensity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """One stage from `start` to the day before `end`; fields as in `StageInterval`."""

    stage: Stage
    start: date
    end: date
    first_evidence_on: date
    intensity: Decimal | None = None


def add_months(day: date, months: int) -> date:
    """The same day `months` later; the month's last day where it is shorter, as PostgreSQL does."""
    years, month0 = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month0 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def known_until(seen_on: date) -> date:
    """The first day on which something seen on `seen_on` no longer counts as known."""
    return add_months(seen_on, KNOWN_FOR_MONTHS) + timedelta(days=1)


def stage_intervals(
    observations: Iterable[Observation], until: date | None = None
) -> list[Interval]:
    """Non-overlapping intervals, oldest first, from one rancher's observations of one practice.

    With `until`, the history as it was known on that day: later observations are left out and no
    interval reaches past it. Raises StageNotObservable.
    """
    days = _one_per_day(o for o in observations if until is None or o.seen_on <= until)
    intervals: list[Interval] = []
    for run in _runs(days):
        intervals += _run_intervals(run)
    for earlier, later in zip(range(len(intervals)), range(1, len(intervals)), strict=False):
        end = min(intervals[earlier].end, intervals[later].start)
        intervals[earlier] = replace(intervals[earlier], end=end)
    if until is not None and intervals:
        last = intervals[-1]
        intervals[-1] = replace(last, end=min(last.end, until + timedelta(days=1)))
    return intervals


def rebuild(
    *,
    rancher_id: UUID,
    practice_ids: Iterable[int],
    observations: Iterable[tuple[int, Observation]],
) -> int:
    """Make one rancher's stored intervals of these practices follow the observations.

    `observations` are (practice id, Observation) pairs, complete for the practices named; pass a
    lazy iterable, so that it is read after the rancher is locked. Returns the number of rows
    deleted and inserted: 0 when nothing changed. Raises StageNotObservable.
    """
    return rebuild_many(
        rancher_ids=[rancher_id],
        practice_ids=practice_ids,
        observations=((rancher_id, practice_id, seen) for practice_id, seen in observations),
    )


def rebuild_many(
    *,
    rancher_ids: Iterable[UUID],
    practice_ids: Iterable[int],
    observations: Iterable[tuple[UUID, int, Observation]],
) -> int:
    """As `rebuild` for many ranchers in one transaction: one read, one delete, one insert.

    `observations` are (rancher id, practice id, Observation), complete for every pair of the
    ranchers and practices named; what falls outside them is a programming error (KeyError).
    """
    ranchers, practices = sorted(set(rancher_ids)), sorted(set(practice_ids))
    with transaction.atomic():
        locked = Rancher.objects.filter(pk__in=ranchers).order_by("pk")
        list(locked.select_for_update(no_key=True).values_list("pk"))
        wanted = _wanted(ranchers, practices, observations)
        stale: list[int] = []
        stored = StageInterval.objects.filter(rancher__in=ranchers, practice__in=practices)
        for row in stored.iterator():
            key = _key(row)
            if key in wanted:
                del wanted[key]
            else:
                stale.append(row.pk)
        StageInterval.objects.filter(pk__in=stale).delete()
        StageInterval.objects.bulk_create(wanted.values(), batch_size=5_000)
    return len(stale) + len(wanted)


def rebuild_all(*, observed_sql: str, parameters: Sequence[Any] = ()) -> int:
    """Replace every stored interval, set-based, for a first load or a full recompute.

    `observed_sql` is a query written in our code, never by a person: columns rancher_id,
    practice_id, seen_on, stage (observable ones only) and intensity. Returns the number of rows.
    """
    statement = _BULK_SQL.read_text(encoding="utf-8").replace("{observed}", observed_sql)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table practices_stageinterval in share row exclusive mode")
        cursor.execute("delete from practices_stageinterval")
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


_Key = tuple[UUID, int, str, date | None, date | None, date, Decimal | None]


def _key(row: StageInterval) -> _Key:
    period = row.period
    return (
        row.rancher_id,
        row.practice_id,
        row.stage,
        period.lower,
        period.upper,
        row.first_evidence_on,
        row.intensity,
    )


def _wanted(
    rancher_ids: list[UUID],
    practice_ids: list[int],
    observations: Iterable[tuple[UUID, int, Observation]],
) -> dict[_Key, StageInterval]:
    allowed_ranchers, allowed_practices = set(rancher_ids), set(practice_ids)
    by_pair: dict[tuple[UUID, int], list[Observation]] = defaultdict(list)
    for rancher_id, practice_id, seen in observations:
        if rancher_id not in allowed_ranchers or practice_id not in allowed_practices:
            raise KeyError((rancher_id, practice_id))
        by_pair[rancher_id, practice_id].append(seen)
    rows = (
        StageInterval(
            rancher_id=rancher_id,
            practice_id=practice_id,
            stage=interval.stage,
            period=DateRange(interval.start, interval.end),
            first_evidence_on=interval.first_evidence_on,
            intensity=interval.intensity,
        )
        for (rancher_id, practice_id), seen_list in by_pair.items()
        for interval in stage_intervals(seen_list)
    )
    return {_key(row): row for row in rows}


def _one_per_day(observations: Iterable[Observation]) -> list[Observation]:
    best: dict[date, Observation] = {}
    for seen in observations:
        if seen.stage not in _FURTHEST:
            raise StageNotObservable(f"'{seen.stage}' is not a stage that can be observed")
        kept = best.get(seen.seen_on)
        if kept is None or _rank(seen) > _rank(kept):
            best[seen.seen_on] = seen
    return [best[day] for day in sorted(best)]


def _rank(seen: Observation) -> tuple[int, Decimal]:
    return _FURTHEST[seen.stage], Decimal(-1) if seen.intensity is None else seen.intensity


def _runs(days: list[Observation]) -> Iterator[list[Observation]]:
    """Neighbouring observations of one stage, with no silence too long to bridge."""
    run: list[Observation] = []
    for seen in days:
        if run and (seen.stage != run[-1].stage or seen.seen_on >= known_until(run[-1].seen_on)):
            yield run
            run = []
        run.append(seen)
    if run:
        yield run


def _run_intervals(run: list[Observation]) -> list[Interval]:
    first = run[0]
    proof = add_months(first.seen_on, SUSTAINED_AFTER_MONTHS)
    split = next(
        (n for n, seen in enumerate(run) if first.stage == Stage.ADOPTED and seen.seen_on >= proof),
        len(run),
    )
    pieces = [(first.stage, run[:split]), (Stage.SUSTAINED, run[split:])]
    intervals: list[Interval] = []
    intensity: Decimal | None = None
    for stage, part in pieces:
        if not part:
            continue
        for seen in part:
            intensity = seen.intensity if seen.intensity is not None else intensity
        intervals.append(
            Interval(
                stage=Stage(stage),
                start=part[0].seen_on,
                end=known_until(part[-1].seen_on),
                first_evidence_on=first.seen_on,
                intensity=intensity,
            )
        )
    return intervals
