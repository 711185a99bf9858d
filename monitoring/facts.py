"""Facts from what was written: the same set-based SQL for one rancher and for all of them.

`stage_facts` leaves the new facts in staging tables; recompute.py compares or stores them.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from monitoring import quarters
from monitoring.coefficients import ANIMAL_UNITS

logger = logging.getLogger(__name__)

SQL = Path(__file__).parent / "sql"
STAGED = ("scope", "quarter", "member", "visit", "run", "adoption")
FACTS: dict[str, tuple[str, ...]] = {
    "rancher_fact": (
        *("rancher_id", "quarter", "stratum_id", "is_active", "visits", "visited_180d"),
        *("last_visit_on", "practices_known", "practices_in_use", "animal_units", "herd"),
        *("pasture_ha", "milk_l_per_day", "milked_l_per_day", "cows_in_milk", "trees_counted"),
        *("live_fence_m", "income_pen", "births_per_year", "weaned_per_year"),
        *("deaths_adults_per_year", "deaths_calves_per_year", "sold_kg_per_year"),
        *("breeding_mean", "adults_mean", "calves_mean", "pasture_change_ha"),
    ),
    "practice_fact": (
        *("rancher_id", "practice_id", "from_quarter", "to_quarter"),
        *("stratum_id", "stage", "intensity", "ceiling"),
    ),
    "follow_up_fact": (
        *("rancher_id", "practice_id", "from_quarter", "to_quarter"),
        *("stratum_id", "adoptions", "dropped"),
    ),
    "survival_fact": (
        *("rancher_id", "cohort_id", "practice_id"),
        *("is_first", "adopted_month", "last_month"),
    ),
}
"""The columns of each kind of fact, as staged and as stored."""

_HALF = 8_388_607  # 23 bits: more head than any farm has

_CAP = 1_500_000_000  # hundredths: the square of a sum of two still fits eight bytes


def table_of(fact: str) -> str:
    """The stored table of a kind of fact."""
    return "monitoring_" + fact.replace("_", "")


_FUNCTIONS: dict[str, Any] = {
    "quarter": lambda day: (
        f"(date_part('year', {day})::int * 4 + date_part('quarter', {day})::int - 1)"
    ),
    "head": lambda count: f"least(coalesce({count}, 0), {_HALF})::bigint",
    "left": lambda word: f"({word} >> 23 & {_HALF})",
    "right": lambda word: f"({word} & {_HALF})",
    "pair": lambda word: f"(({word} >> 23 & {_HALF}) + ({word} & {_HALF}))",
    # LEAST ignores nulls; an unknown must stay unknown.
    "cap": lambda value: (
        f"(case when {value} < {_CAP} then {value} when {value} is not null then {_CAP} end)"
    ),
    "low": lambda word: f"({word} & 4294967295)::int",
    # Of the quarter or the five before it. In visits.sql the day's quarter is found from the day.
    "fresh": lambda word, bits: (
        f"(w.q - {_day_quarter(f'({word} >> {bits})')} < {quarters.KNOWN_QUARTERS})"
    ),
    "current": lambda word, bits: (
        f"(x.q - {_day_quarter(f'({word} >> {bits})')} < {quarters.KNOWN_QUARTERS})"
    ),
    "exposure": lambda event: (
        f"case when {event} is not null then least(548, coalesce("
        f"w.day - max(case when {event} is not null then w.day end) over before, 365)) end"
    ),
    # Less than 90 days of exposure says nothing about a year.
    "yearly": lambda events, days: (
        f"case when {days} >= 90 then least({_CAP}, div({events} * 365 + {days} / 2, {days})) end"
    ),
    "months": lambda since, until: (
        f"(date_part('year', age({until}, {since})) * 12"
        f" + date_part('month', age({until}, {since})))::smallint"
    ),
}


def _day_quarter(day: str) -> str:
    moment = f"(date '2000-01-01' + {day}::int)"
    return str(_FUNCTIONS["quarter"](moment))


@dataclass(frozen=True)
class Stage:
    """Where a recompute keeps its staging tables: `pg_temp` for a few ranchers, a schema for all."""

    schema: str = "pg_temp"

    def render(self, name: str, *, mine: str = "true") -> str:
        """The text of sql/<name>.sql for this stage. `mine` limits it to a range of `s.r`."""
        return self.expand((SQL / f"{name}.sql").read_text(), mine=mine)

    def expand(self, text: str, *, mine: str = "true") -> str:
        temporary = self.schema == "pg_temp"
        text = re.sub(r"--[^\n]*", "", text)
        words = {
            "create": "create temp table if not exists" if temporary else "create unlogged table",
            "keep": "on commit delete rows" if temporary else "",
            "stage": self.schema,
            "mine": mine,
        }
        text = re.sub(r"(?<!:):(create|keep|stage|mine)\b", lambda m: words[m[1]], text)
        return _call_functions(text)


def _call_functions(text: str) -> str:
    """Replace `:name(arguments)`, innermost last, by what the functions above write."""
    pattern = re.compile(rf"(?<!:):({'|'.join(_FUNCTIONS)})\(")
    while match := pattern.search(text):
        start, depth, arguments, begin = match.end(), 1, [], match.end()
        for at in range(start, len(text)):
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            if depth == 0 or (depth == 1 and text[at] == ","):
                arguments.append(text[begin:at].strip())
                begin = at + 1
            if depth == 0:
                text = text[: match.start()] + _FUNCTIONS[match[1]](*arguments) + text[at + 1 :]
                break
    return text


def parameters() -> dict[str, Any]:
    """What every statement takes: the current quarter and the day after it."""
    current = quarters.current_quarter()
    return {"current": current, "until": quarters.start(current + 1)}


def open_stage(stage: Stage) -> None:
    """Create the staging tables (a temporary one of this connection is kept and emptied)."""
    with connection.cursor() as cursor:
        if stage.schema != "pg_temp":
            cursor.execute(f"drop schema if exists {stage.schema} cascade")
            cursor.execute(f"create schema {stage.schema}")
        cursor.execute(stage.render("stage"))
        cursor.execute("set local jit = off")  # compiling takes longer than these plans run
    if stage.schema == "pg_temp":
        empty(stage, (*STAGED, *FACTS))


def empty(stage: Stage, tables: Iterable[str]) -> None:
    """Empty staging tables that an earlier recompute of this transaction filled. Across
    transactions they empty themselves, which is far cheaper than to truncate."""
    with connection.cursor() as cursor:
        some = " union all ".join(
            f"select '{one}' where exists (select from {stage.schema}.{one})"  # noqa: S608
            for one in tables
        )
        cursor.execute(some)
        if full := [f"{stage.schema}.{one}" for (one,) in cursor.fetchall()]:
            cursor.execute("truncate " + ", ".join(full))


def fill_scope(stage: Stage, rancher_ids: Sequence[UUID] | None) -> int:
    """Number the ranchers of this recompute (None: all) and lay out the quarters; how many."""
    where = "" if rancher_ids is None else "where id = any(%(ids)s::uuid[])"
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {stage.schema}.scope"  # noqa: S608
            f" select row_number() over (order by id), id from ranchers_rancher {where}",
            {"ids": [str(one) for one in rancher_ids or ()]},
        )
        ranchers: int = cursor.rowcount
        defaults = {code: int(value * 10_000) for code, value in ANIMAL_UNITS.items()}
        cursor.execute(stage.render("quarters"), parameters() | defaults)
        cursor.execute(f"analyze {stage.schema}.scope, {stage.schema}.quarter")
    return ranchers


_STEPS = {
    "members": ("member",),
    "visits": ("visit",),
    "runs": ("run", "adoption"),
    "rancher_facts": ("rancher_fact",),
    "practice_facts": ("practice_fact", "follow_up_fact"),
    "survival_facts": ("survival_fact",),
}
"""Each statement of sql/, in order, and the staging tables that it fills."""


def stage_facts(stage: Stage, *, mine: str = "true", analyze: bool = False) -> None:
    """Compute the facts of the ranchers in scope (those with `mine`) into the staging tables.
    `analyze` lets the planner see what was staged: worth it for more than a few ranchers."""
    with connection.cursor() as cursor:
        for step, fills in _STEPS.items():
            started = time.monotonic()
            cursor.execute(stage.render(step, mine=mine), parameters())
            if analyze:
                cursor.execute("analyze " + ", ".join(f"{stage.schema}.{one}" for one in fills))
            logger.debug("%s: %.0f ms", step, (time.monotonic() - started) * 1000)
