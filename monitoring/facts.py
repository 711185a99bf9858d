"""Facts from what was written: the same set-based SQL for one rancher and for all of them.

The statements leave the new facts in staging tables; recompute.py and rebuild.py compare or store them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitoring import quarters
from monitoring.coefficients import ANIMAL_UNITS
from monitoring.prepared import split

SQL = Path(__file__).parent / "sql"
FACTS: dict[str, tuple[str, ...]] = {
    "rancher_fact": (
        *("rancher_id", "quarter", "stratum_id", "is_active", "visits", "visited_180d"),
        *("last_visit_on", "practices_known", "practices_in_use", "animal_units", "herd"),
        *("pasture_ha", "milk_l_per_day", "milked_l_per_day", "cows_in_milk", "trees_counted"),
        *("live_fence_m", "income_pen", "births_per_year", "weaned_per_year"),
        *("deaths_adults_per_year", "deaths_calves_per_year", "sold_kg_per_year"),
        *("breeding_mean", "adults_mean", "calves_mean", "pasture_change_ha"),
        *("canopy_ha", "cover_land_ha", "forest_ha", "loss_ha", "loss_since_cutoff_ha"),
        *("alerts_ha", "forest_joined_ha"),
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

_UNKNOWN = -2_147_483_648  # no figure is so low

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
    # LEAST ignores nulls; an unknown must stay unknown. So written, the value is computed once.
    "cap": lambda value: f"nullif(least(coalesce({value}, {_UNKNOWN}), {_CAP}), {_UNKNOWN})",
    "low": lambda word: f"({word} & 4294967295)::int",
    # Of the quarter or the five before it: the day stands in the high bits.
    "fresh": lambda word, bits: f"({word} >= w.known_from << {bits})",
    "current": lambda word, bits: f"({word} >= e.known_from << {bits})",
    "exposure": lambda event: (
        f"case when {event} is not null then least(548, coalesce("
        f"w.day - max(case when {event} is not null then w.day end) over before, 365)) end"
    ),
    # Less than 90 days of exposure says nothing about a year.
    "yearly": lambda events, days: (
        f"case when {days} >= 90 then least({_CAP}, ({events} * 365 + {days} / 2) / {days}) end"
    ),
    "months": lambda since, until: (
        f"(date_part('year', age({until}, {since})) * 12"
        f" + date_part('month', age({until}, {since})))::smallint"
    ),
}


@dataclass(frozen=True)
class Stage:
    """Where the connections of a recompute keep what they share: `pg_temp` for a few ranchers, a
    schema for all. What a connection keeps to itself is always in pg_temp: the new facts as well, unless
    they `replace` the stored ones; then they go straight into the tables that will."""

    schema: str = "pg_temp"
    replace: bool = False

    def new(self, fact: str) -> str:
        """The table of the new facts of a kind."""
        return f"{self.schema}.{table_of(fact)}" if self.replace else f"pg_temp.{fact}"

    def render(self, name: str, *, mine: str = "true") -> str:
        """The text of sql/<name>.sql for this stage. `mine` limits it to a range of `s.r`."""
        return self.expand((SQL / f"{name}.sql").read_text(), mine=mine)

    def expand(self, text: str, *, mine: str = "true") -> str:
        """A text in the words of sql/*.sql as PostgreSQL takes it."""
        temporary = self.schema == "pg_temp"
        text = re.sub(r"--[^\n]*", "", text)
        words = {
            "create": "create temp table if not exists" if temporary else "create unlogged table",
            "keep": "on commit delete rows" if temporary else "",
            "key": "" if temporary else "primary key",
            "unique": "" if temporary else "unique",
            "stage": self.schema,
            "mine": mine,
        }
        words |= {fact: self.new(fact) for fact in FACTS}
        text = re.sub(rf"(?<!:):({'|'.join(words)})\b", lambda m: words[m[1]], text)
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
    """What the statements take: the current quarter, the day after it, and the default coefficients
    in 1/10,000."""
    current = quarters.current_quarter()
    return {
        "current": current,
        "until": quarters.start(current + 1),
        **{code: int(value * 10_000) for code, value in ANIMAL_UNITS.items()},
    }


def scope_sql(stage: Stage, *, where: str = "true") -> str:
    """SQL that numbers the ranchers of this recompute."""
    return (
        f"insert into {stage.schema}.scope"  # noqa: S608
        f" select row_number() over (order by id), id from ranchers_rancher where {where}"
    )


MEMBERS = ("members", "quarters")
"""The statements of sql/ that say who is in which stratum, and lay out the quarters."""

STEPS = ("visits", "runs", "cover", "rancher_facts", "practice_facts", "survival_facts")
"""Those that compute the facts of the members, in order."""


def statements(stage: Stage, steps: Iterable[str], *, mine: str = "true") -> list[str]:
    """The statements of these texts of sql/, one by one. `mine` limits them to a range of `s.r`."""
    return [one for step in steps for one in split(stage.render(step, mine=mine))]


_TEMPORARY = re.compile(r"exists (pg_temp\.\w+)")


def empty(cursor: Any, setup: str) -> None:
    """Empty what an earlier recompute of this transaction left in the temporary tables that `setup`
    creates. Across transactions they empty themselves, which is far cheaper than to truncate."""
    looks = [f"(select '{one}' from {one} limit 1)" for one in _TEMPORARY.findall(setup)]  # noqa: S608
    cursor.execute(" union all ".join(looks))
    if full := [one for (one,) in cursor.fetchall()]:
        cursor.execute("truncate " + ", ".join(full))
