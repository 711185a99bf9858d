"""The same cells by DuckDB from Parquet: a second implementation, to compare values and time with.

The facts and sums are computed by bench/duckdb_cells.sql, written apart from monitoring/sql/; the
indicators' own definitions (numerator and denominator) and the formulas of the intervals are the
application's. Bootstrap intervals, histograms and adoption curves are left out, so the comparison
flatters DuckDB. Every sum must be equal to the last digit.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
from django.db import connection

from monitoring import cells, facts
from monitoring.indicators import Indicator, scalars
from monitoring.indicators import Interval as Means
from monitoring.prepared import split

SQL = Path(__file__).with_suffix(".sql")
THREADS = 2
TABLES = {
    "rancher": "select id, district_id, sex from ranchers_rancher",
    "enrolment": "select id, rancher_id, cohort_id from ranchers_enrolment",
    "status": "select enrolment_id, status, :period from ranchers_enrolmentstatus",
    "consent": "select rancher_id, :period from ranchers_consent where scope = 'income'",
    "plot": "select id, rancher_id, closed_on from ranchers_plot",
    "boundary": "select id, plot_id, perimeter_m, :period from ranchers_plotboundary",
    "land": "select plot_id, land_use, area_ha, :period from ranchers_landusearea",
    "programme": "select baseline_on from ranchers_programme",
    "coefficient": "select code, value, :period from monitoring_coefficient",
    "practice": "select id, intensity_max_basis as basis from practices_practice",
    "visit": "select id, rancher_id, visited_on from monitoring_visit where deleted_at is null",
    "measurement": "select visit_id, cows, bulls, heifers, steers, yearlings, calves, equines,"
    " cows_in_milk, milk_l_per_day, births, deaths_adults, deaths_calves, weaned, sold_kg, pasture_ha,"
    " trees_counted, live_fence_m, income_pen from monitoring_measurement",
    "source": "select id, measures, baseline_year, last_year, covers_from, covers_until"
    " from monitoring_coversource where is_active",
    "cover": "select id, boundary_id, source_id, land_m2, water_m2, nodata_m2, canopy_pct, forest_m2,"
    " to_json(loss_m2) as loss_m2 from monitoring_plotcover",
    "alert": "select cover_id, day, area_m2 from monitoring_plotalert",
    "observation": "select visit_id, practice_id, stage, intensity from monitoring_observation",
}
"""What is written to Parquet: the raw rows, nothing computed."""


def export(folder: Path) -> None:
    """Write the raw tables of the default database as Parquet (by way of CSV, with the same types)."""
    for name, query in TABLES.items():
        period = "lower(period) as since, upper(period) as until"
        _export(f"{folder}/{name}.parquet", query.replace(":period", period))


def _export(target: str, query: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as text, connection.cursor() as cursor:
        cursor.execute(f"create temp view exported as {query}")
        cursor.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'pg_temp.exported'::regclass and attnum > 0 order by attnum"
        )
        columns = ", ".join(f"'{name}': '{_type(kind)}'" for name, kind in cursor.fetchall())
        cursor.copy_expert("copy (select * from pg_temp.exported) to stdout (format csv)", text)
        cursor.execute("drop view pg_temp.exported")
        text.flush()
        with duckdb.connect() as duck:
            duck.execute(
                f"copy (from read_csv('{text.name}', header = false, columns = {{{columns}}},"
                f" auto_detect = false, allow_quoted_nulls = false)) to '{target}' (format parquet)"
            )


def _type(name: str) -> str:
    """DuckDB's type for a type of PostgreSQL."""
    if name.startswith(("character", "text")):
        return "varchar"
    return "integer[]" if name == "json" else name


def compute(folder: Path) -> tuple[float, duckdb.DuckDBPyConnection]:
    """Seconds from Parquet to cells, and the connection whose table `cell` holds them."""
    current = facts.parameters()["current"]
    text = re.sub(r"--[^\n]*", "", SQL.read_text())
    for name, value in {
        "folder": str(folder),
        "current": str(current),
        "until": facts.parameters()["until"].isoformat(),
        "scalars": ";".join(_scalar_statements()),
        "derived": _derived_sql(),
    }.items():
        text = re.sub(rf"(?<!:):{name}\b", lambda _m, value=value: value, text)
    duck = duckdb.connect(
        config={
            "threads": THREADS,
            "memory_limit": "10GB",
            "temp_directory": f"{folder}/spill",
            "preserve_insertion_order": False,
        }
    )
    began = time.perf_counter()
    for statement in split(text):
        duck.execute(statement)
    return time.perf_counter() - began, duck


def mismatches(duck: duckdb.DuckDBPyConnection, folder: Path) -> tuple[int, list[str]]:
    """How many cells the two have in common, and those that differ or only one has, as text.

    Sums must be equal; values and bounds may differ by a billionth, bootstrap bounds are not compared.
    """
    keys, sums = ", ".join(cells.KEY), ", ".join(f"{one}::hugeint as {one}" for one in cells.SUMS)
    _export(
        f"{folder}/cells.parquet",
        f"select {', '.join((*cells.KEY, *cells.SUMS))}, value, low, high, method"  # noqa: S608
        " from monitoring_cell where indicator <> 'time_to_adoption'",
    )
    duck.execute(
        f"create table ours as select {keys}, {sums}, value, low, high, method"  # noqa: S608
        f" from '{folder}/cells.parquet'"
    )
    same_key = " and ".join(f"o.{one} is not distinct from c.{one}" for one in cells.KEY)
    same = [f"o.{one} = c.{one}" for one in cells.SUMS]
    for one in ("value", "low", "high"):
        close = (
            f"(o.{one} is not distinct from c.{one}"
            f" or abs(o.{one} - c.{one}) <= 1e-9 * greatest(1, abs(o.{one})))"
        )
        same.append(close if one == "value" else f"(o.method = 'bootstrap' or {close})")
    rows = duck.execute(
        f"select count(*) over (), o, c from ours o full join cell c on {same_key}"  # noqa: S608
        f" where not coalesce(o.method = c.method and {' and '.join(same)}, false) limit 20"
    ).fetchall()
    total = duck.execute("select count(*) from cell").fetchone()
    return (total or (0,))[0], [f"ours {ours}; DuckDB's {theirs}" for _n, ours, theirs in rows]


def _scalar_statements() -> Iterable[str]:
    """SQL that sums the scalar indicators over `fact`, then rolls them up to every slice."""
    columns, rows = [], []
    for number, one in enumerate(scalars()):
        columns += [f"{sql} as {name}{number}" for name, sql in _sums(one)]
        names = ", ".join(f"{name}{number}" for name, _sql in _sums(one))
        rows.append(f"('{one.code}', {names})")
    yield f"""
        create table scalar_sum as
        select cohorts, district_id as own_district, sex as own_sex, quarter, count(*) as n_any,
            {", ".join(columns)}
        from fact where cohorts <> 0 group by all"""  # noqa: S608
    yield f"""
        insert into summed by name
        select i.indicator, t.quarter, s.cohort_id, null as practice_id, s.district_id, s.sex, '' as category,
            sum(i.n) as n_known, sum(t.n_any) as n_enrolled, sum(i.num) as numerator,
            sum(i.den) as denominator, sum(i.nn) as sum_nn, sum(i.dd) as sum_dd, sum(i.nd) as sum_nd
        from scalar_sum t
        join slice s using (cohorts, own_district, own_sex),
        lateral (values {", ".join(rows)}) i (indicator, n, num, den, nn, dd, nd)
        group by all"""  # noqa: S608


def _sums(one: Indicator) -> list[tuple[str, str]]:
    """(name, SQL) of the sums of a scalar indicator over `fact`."""
    over, under = f"({one.numerator})::bigint", f"({one.denominator})::bigint"
    known = f"filter (where ({over} + {under}) is not null)"
    products = {"nn": f"{over} * {over}", "dd": f"{under} * {under}", "nd": f"{over} * {under}"}
    return [
        ("n", f"count(*) {known}"),
        *(
            (name, f"coalesce(sum({sql}) {known}, 0)")
            for name, sql in {"num": over, "den": under}.items()
        ),
        *(
            (name, f"coalesce(sum({sql}) {known}, 0)" if one.interval == Means.RATIO else "0")
            for name, sql in products.items()
        ),
    ]


def _derived_sql() -> str:
    """SQL of the finished cells: value, interval and method by the application's formulas."""
    derived = ", ".join(f"{sql} as {name}" for name, sql in cells.derived_sql().items())
    keys = ", ".join((*cells.KEY, *cells.SUMS))
    return (
        f"select {keys}, {derived} from summed t join {cells.definitions_sql()} using (indicator)"  # noqa: S608
    )
