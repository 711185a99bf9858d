"""Writes chunks of the synthetic programme by COPY: a million rows in well under a minute."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from typing import Any

import numpy as np
from django.db import connection

from monitoring.demo import parameters as p
from monitoring.demo.enrolment import NEVER, Days
from monitoring.demo.farm import AMOUNTS, COUNTS, Floats, pasture_on
from monitoring.demo.programme import Chunk
from monitoring.demo.uptake import STAGES

NULL = r"\N"
BATCH_ROWS = 200_000
LOADED = (
    "ranchers_rancher",
    "ranchers_consent",
    "ranchers_plot",
    "ranchers_plotboundary",
    "ranchers_landusearea",
    "ranchers_enrolment",
    "ranchers_enrolmentstatus",
    "monitoring_visit",
    "monitoring_measurement",
    "monitoring_observation",
    "practices_stageinterval",
)


class Writer:
    """Writes chunks; `technicians` are (user id, district index), `cohorts` pilot and scale-up.

    Visits on or after `replay_from` are left to `replay`. `rows` counts what was written.
    """

    def __init__(
        self,
        *,
        technicians: Sequence[tuple[int, int]],
        cohorts: tuple[int, int],
        practice_ids: Sequence[int],
        today: date,
        replay_from: date | None,
        land_use_years: int,
    ) -> None:
        self.cohorts, self.practice_ids, self.today = cohorts, practice_ids, today
        self.replay_from, self.land_use_years = replay_from, land_use_years
        self.by_district = [
            [user for user, district in technicians if district == index] for index in range(3)
        ]
        self.rows = 0

    def write(self, chunk: Chunk) -> None:
        now = f"{self.today.isoformat()} 12:00:00+00"
        who = chunk.who
        technicians = self.technicians(chunk)
        ubigeos = [p.DISTRICTS[index] for index in who.district]
        self._copy(
            "ranchers_rancher",
            "id given_names surnames dni phone sex birth_year community district_id association"
            " language photo technician_id created_at updated_at",
            [
                chunk.ids,
                who.given_names,
                who.surnames,
                who.dni,
                who.phone,
                who.sex.tolist(),
                who.birth_year.astype(str).tolist(),
                who.community,
                ubigeos,
                who.association,
                ["es"] * len(chunk),
                [""] * len(chunk),
                [str(technician) for technician in technicians],
                [f"{day} 12:00:00+00" for day in chunk.enrolled.invited_on.astype(str)],
                [now] * len(chunk),
            ],
        )
        self._land(chunk, ubigeos, now)
        self._enrolments(chunk, now)
        self._visits(chunk, technicians)

    def technicians(self, chunk: Chunk) -> list[int]:
        """The user id of the technician of each rancher of the chunk."""
        return [
            self.by_district[district][(chunk.first + row) % len(self.by_district[district])]
            for row, district in enumerate(chunk.who.district)
        ]

    def _land(self, chunk: Chunk, ubigeos: list[str], now: str) -> None:
        begins = [f"[{day},)" for day in chunk.enrolled.invited_on.astype(str)]
        n = len(chunk)
        tenure = np.resize(np.array(["title", "possession", "possession", "title", "other"]), n)
        self._copy(
            "ranchers_plot",
            "id rancher_id name district_id tenure external_ref created_at",
            [chunk.plot_ids, chunk.ids, ["Fundo principal"] * n, ubigeos, tenure.tolist()]
            + [[f"SINT-{chunk.first + row:06d}" for row in range(n)], [now] * n],
        )
        self._copy(
            "ranchers_plotboundary",
            "id plot_id boundary area_ha period source recorded_at",
            [chunk.plot_ids, chunk.plot_ids, [lot.ewkt for lot in chunk.lots]]
            + [amounts(chunk.farm.area_ha), begins, ["demo"] * n, [now] * n],
        )
        self._copy(
            "ranchers_landusearea",
            "plot_id land_use area_ha period recorded_at",
            [list(column) for column in zip(*self._land_uses(chunk, now), strict=True)],
        )

    def _land_uses(self, chunk: Chunk, now: str) -> Iterator[tuple[str, str, str, str, str]]:
        for row, plot_id in enumerate(chunk.plot_ids):
            total, crops = chunk.farm.area_ha[row], round(float(chunk.farm.crops_ha[row]), 2)
            since = chunk.enrolled.invited_on[row]
            yield plot_id, "crops", f"{crops:.2f}", f"[{since},)", now
            for begins, ends, pasture in self._pasture(chunk, row):
                span = f"[{begins},{'' if ends is None else ends})"
                yield plot_id, "pasture", f"{pasture:.2f}", span, now
                yield plot_id, "forest", f"{max(total - crops - pasture, 0):.2f}", span, now

    def _pasture(self, chunk: Chunk, row: int) -> list[tuple[Any, Any, float]]:
        """(from, until, ha): pasture as surveyed every `land_use_years` years."""
        now = np.datetime64(self.today, "D")
        since = chunk.enrolled.invited_on[row]
        step = int(self.land_use_years * 365.25)
        days = np.arange(since, max(now, since + 1), step)
        hectares = pasture_on(
            farm=chunk.farm,
            who=np.full(len(days), row),
            day=days,
            since=chunk.enrolled.invited_on,
            taken_up=chunk.taken_up,
        )
        ends = [*days[1:], None]
        return list(zip(days, ends, np.round(hectares, 2).tolist(), strict=True))

    def _enrolments(self, chunk: Chunk, now: str) -> None:
        numbers = [str(chunk.first + row + 1) for row in range(len(chunk))]
        cohorts = np.where(chunk.enrolled.pilot, *map(str, self.cohorts)).tolist()
        self._copy("ranchers_enrolment", "id rancher_id cohort_id", [numbers, chunk.ids, cohorts])
        spans = [
            (number, status, f"[{begins},{'' if ends is None else ends})")
            for row, number in enumerate(numbers)
            for status, begins, ends in chunk.enrolled.statuses(row)
        ]
        self._copy(
            "ranchers_enrolmentstatus",
            "enrolment_id status period",
            [list(column) for column in zip(*spans, strict=True)],
        )
        joined = [row for row, day in enumerate(chunk.enrolled.supported_on) if day != NEVER]
        consents = [
            (chunk.ids[row], scope, f"[{chunk.enrolled.supported_on[row]},)", "Acta firmada", now)
            for row in joined
            for scope, one_in in (("programme", 1), ("ministry", 1), ("public", 4), ("eudr", 3))
            if (chunk.first + row) % one_in == 0 and (scope != "ministry" or row % 12)
        ]
        self._copy(
            "ranchers_consent",
            "rancher_id scope period how recorded_at",
            [list(column) for column in zip(*consents, strict=True)],
        )

    def _visits(self, chunk: Chunk, technicians: list[int]) -> None:
        visits = chunk.visits
        old = np.ones(len(visits.day), dtype=bool)
        if self.replay_from:
            old = visits.day < np.datetime64(self.replay_from, "D")
        rows = np.flatnonzero(old)
        ids = [visits.id[row] for row in rows]
        farms, day = visits.who[rows], visits.day[rows]
        received = arrived_at(day, visits.late_days[rows], self.today)
        points = [f"SRID=4326;POINT({lot.point[0]:.6f} {lot.point[1]:.6f})" for lot in chunk.lots]
        n = len(rows)
        self._copy(
            "monitoring_visit",
            "id rancher_id plot_id technician_id visited_on position accuracy_m"
            " position_is_manual notes version content_hash created_at updated_at",
            [
                ids,
                [chunk.ids[farm] for farm in farms],
                [chunk.plot_ids[farm] for farm in farms],
                [str(technicians[farm]) for farm in farms],
                day.astype(str).tolist(),
                [points[farm] for farm in farms],
                ["8"] * n,
                ["f"] * n,
                [""] * n,
                ["1"] * n,
                [sha256(visit.encode()).hexdigest() for visit in ids],
                received,
                received,
            ],
        )
        figures = [counts(visits.figures[name][rows]) for name in COUNTS]
        figures += [amounts(visits.figures[name][rows]) for name in AMOUNTS]
        names = " ".join(["visit_id", *COUNTS, *AMOUNTS, "confirmed"])
        self._copy("monitoring_measurement", names, [ids, *figures, ["{}"] * n])
        self._observations(chunk, old)

    def _observations(self, chunk: Chunk, old: np.ndarray) -> None:
        seen = chunk.visits.observed
        rows = np.flatnonzero(old[seen.visit])
        names = [str(stage) for stage in STAGES]
        self._copy(
            "monitoring_observation",
            "visit_id practice_id stage intensity evidence_seen note",
            [
                [chunk.visits.id[visit] for visit in seen.visit[rows]],
                [str(self.practice_ids[practice]) for practice in seen.practice[rows]],
                [names[stage] for stage in seen.stage[rows]],
                amounts(seen.intensity[rows]),
                np.where(seen.evidence_seen[rows], "t", "f").tolist(),
                [""] * len(rows),
            ],
        )

    def _copy(self, table: str, columns: str, values: Sequence[Iterable[str]]) -> None:
        """COPY columns of text; tabs, newlines and backslashes do not occur in what we make."""
        lines = list(map("\t".join, zip(*values, strict=True)))
        statement = f"copy {table} ({', '.join(columns.split())}) from stdin"
        with connection.cursor() as cursor:
            for at in range(0, len(lines), BATCH_ROWS):
                text = "\n".join(lines[at : at + BATCH_ROWS])
                cursor.copy_expert(statement, io.StringIO(text))
        self.rows += len(lines)


def arrived_at(day: Days, late_days: np.ndarray, today: date) -> list[str]:
    """When each visit reached the server: `late_days` after the visit, in the evening."""
    reached = np.minimum(day + late_days, np.datetime64(today, "D"))
    return [f"{when} 19:30:00-05" for when in reached.astype(str)]


def counts(column: Floats) -> list[str]:
    missing = np.isnan(column)
    text = np.nan_to_num(column).astype(np.int64).astype(str)
    return np.where(missing, NULL, text).tolist()


def amounts(column: Floats) -> list[str]:
    return [NULL if value != value else f"{value:.2f}" for value in column.tolist()]


@contextmanager
def without_constraints(tables: Sequence[str]) -> Iterator[None]:
    """Drops the foreign keys, exclusions and secondary indexes of `tables`, and makes them again.

    Checking a hash join once is far cheaper than probing an index per row. Run it in a
    transaction: whatever fails inside brings everything back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
            from pg_constraint
            where conrelid = any(%s::regclass[]) and contype in ('f', 'x')
            """,
            [list(tables)],
        )
        constraints = cursor.fetchall()
        cursor.execute(
            """
            select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
            from pg_index i
            where i.indrelid = any(%s::regclass[]) and not i.indisunique and not exists (
                select from pg_constraint c where c.conindid = i.indexrelid)
            """,
            [list(tables)],
        )
        indexes = cursor.fetchall()
        cursor.execute("set constraints all immediate")  # earlier rows still await their checks
        for table, name, _definition in constraints:
            cursor.execute(f'alter table {table} drop constraint "{name}"')
        for name, _definition in indexes:
            cursor.execute(f"drop index {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f'alter table {table} add constraint "{name}" {definition}')
