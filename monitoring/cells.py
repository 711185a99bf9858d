"""Cells from facts: sums over strata, rolled up to every slice, and their intervals.

The sums are exact whole numbers, so a cell plus (new - old) is bit for bit what a recompute from
scratch gives. `add_up` reads facts with a sign and leaves what changes in the stage's `delta`.
"""

from __future__ import annotations

from django.db import connection

from monitoring.facts import Stage, empty
from monitoring.indicators import INDICATORS, Indicator, Kind, scalars
from monitoring.indicators import Interval as Means
from monitoring.intervals import BOOTSTRAP_UP_TO, Z

KEY = ("indicator", "quarter", "cohort_id", "practice_id", "district_id", "sex", "category")
SUMS = ("n_known", "n_enrolled", "numerator", "denominator", "sum_nn", "sum_dd", "sum_nd")
_KEY, _SUMS = ", ".join(KEY), ", ".join(SUMS)
_TOTALS = ", ".join(f"sum({one}) as {one}" for one in SUMS)


def source(schema: str, fact: str, *, signed: bool) -> str:
    """SQL of the facts with their sign: +1 each, or the signed changes of an incremental run."""
    if signed:
        return f"{schema}.change_{fact}"
    return f"(select *, 1 as sign from {schema}.{fact})"  # noqa: S608


def open_delta(stage: Stage) -> None:
    """Create (or empty) the tables of the sums, and lay out the slices of every stratum."""
    tables = [
        *("slice", "enrolled", "delta", "spread_delta", "survival_delta", "touched"),
        *("change_rancher_fact", "change_practice_fact"),
        *("change_follow_up_fact", "change_survival_fact"),
    ]
    with connection.cursor() as cursor:
        cursor.execute(stage.render("delta"))
    empty(stage, tables)


def add_up(stage: Stage, facts_of: dict[str, str]) -> None:
    """Sum what the facts contribute into the stage's delta tables.

    `facts_of` gives for each kind of fact the SQL that reads it with its sign.
    """
    ranchers = facts_of["rancher_fact"]
    with connection.cursor() as cursor:
        cursor.execute(
            stage.expand(
                "insert into :stage.slice"  # noqa: S608
                " select s.id, c.cohort_id, d.district_id, x.sex from monitoring_stratum s"
                " cross join lateral (select unnest(s.cohorts) union all select null) c (cohort_id)"
                " cross join lateral (values (s.district_id), (null)) d (district_id)"
                " cross join lateral (select s.sex where s.sex <> '' union all select '') x (sex)"
                " where s.cohorts <> '{}'"
            )
        )
        cursor.execute(scalar_sums_sql(ranchers))
        cursor.execute(stage.expand(_roll_up_sql()))
        cursor.execute(stage.expand(_spread_sql(ranchers)))
        text = stage.render("practice_sums").replace("%%", "%")
        for fact, sql in facts_of.items():
            alias = "" if fact == "survival_fact" else " f"
            text = text.replace(f":source({fact})", sql + alias)
        cursor.execute(text)
        cursor.execute("drop table scalar_sum")


def scalar_sums_sql(ranchers: str) -> str:
    """SQL that sums every scalar indicator by stratum and quarter, into `scalar_sum`."""
    columns = ["sum(sign) as n_any"]
    for number, one in enumerate(scalars()):
        over, under = f"({one.numerator})::bigint", f"({one.denominator})::bigint"
        known = f"filter (where {one.numerator} is not null and {one.denominator} is not null)"
        columns.append(f"sum(sign) {known} as n{number}")
        columns.append(f"sum(sign * {over}) {known} as num{number}")
        if one.denominator != "100":
            columns.append(f"sum(sign * {under}) {known} as den{number}")
            columns.append(f"sum(sign * ({under} * {under})) {known} as dd{number}")
            columns.append(f"sum(sign * ({over} * {under})) {known} as nd{number}")
        if one.interval == Means.RATIO:
            columns.append(f"sum(sign * ({over} * {over})) {known} as nn{number}")
    return (
        "create temp table scalar_sum on commit drop as select stratum_id, quarter, "  # noqa: S608
        + ", ".join(columns)
        + f" from {ranchers} f group by stratum_id, quarter"
    )


def _roll_up_sql() -> str:
    rows = []
    for number, one in enumerate(scalars()):
        plain = one.denominator == "100"
        rows.append(
            f"('{one.code}', t.n{number}, t.num{number}, "
            + (f"t.n{number} * 100, " if plain else f"t.den{number}, ")
            + (f"t.nn{number}, " if one.interval == Means.RATIO else "0, ")
            + (
                "0, 0)"
                if one.interval != Means.RATIO
                else f"t.n{number} * 10000, t.num{number} * 100)"
                if plain
                else f"t.dd{number}, t.nd{number})"
            )
        )
    return f"""
        insert into :stage.enrolled
        select t.stratum_id, t.quarter, case when s.cohorts <> '{{}}' then t.n_any else 0 end, t.n_any
        from scalar_sum t join monitoring_stratum s on s.id = t.stratum_id;
        insert into :stage.delta
        select i.indicator, t.quarter, s.cohort_id, null, s.district_id, s.sex, '',
            coalesce(sum(i.n), 0), sum(t.n_any), coalesce(sum(i.num), 0), coalesce(sum(i.den), 0),
            coalesce(sum(i.nn), 0), coalesce(sum(i.dd), 0), coalesce(sum(i.nd), 0)
        from scalar_sum t
        join :stage.slice s on s.stratum_id = t.stratum_id
        cross join lateral (values {", ".join(rows)}) i (indicator, n, num, den, nn, dd, nd)
        group by i.indicator, t.quarter, s.cohort_id, s.district_id, s.sex
    """  # noqa: S608


def value_sql(one: Indicator) -> str:
    """SQL of one rancher's value of a scalar indicator, in its unit; null when not known."""
    return f"(({one.numerator})::float8 / ({one.denominator}) * {one.scale!r}::float8)"


def _spread_sql(ranchers: str) -> str:
    spread = [one for one in INDICATORS if one.spread]
    bins = ", ".join(f"({number}, {_bin_sql(one)})" for number, one in enumerate(spread))
    codes = ", ".join(f"'{one.code}'" for one in spread)
    return f"""
        insert into :stage.spread_delta
        select (array[{codes}])[(p.packed >> 16 & 255) + 1], (p.packed >> 24 & 65535), c.cohort_id,
            ((p.packed & 65535) - 32768)::smallint, sum(p.n)
        from (
            select f.stratum_id << 40 | f.quarter::bigint << 24 | v.number << 16 | v.bin as packed,
                sum(f.sign) as n
            from {ranchers} f
            cross join lateral (values {bins}) v (number, bin)
            where v.bin is not null
            group by 1
            having sum(f.sign) <> 0
        ) p
        join monitoring_stratum s on s.id = p.packed >> 40 and s.cohorts <> '{{}}'
        cross join lateral (select unnest(s.cohorts) union all select null) c (cohort_id)
        group by 1, 2, c.cohort_id, 4
        having sum(p.n) <> 0
    """  # noqa: S608


def _bin_sql(one: Indicator) -> str:
    """SQL of a rancher's bin + 32,768, so that stratum, quarter, indicator and bin fit one bigint:
    a single word is grouped several times faster than four columns. Null when not known or below 0."""
    value = value_sql(one)
    return (
        f"(case when {value} = 0 then 0 when {value} > 0 then greatest(1, least(65535,"
        f" floor(ln({value}) / ln(1.01::float8)) + 32768)) end)::int::bigint"
    )


def derived_sql() -> dict[str, str]:
    """SQL of value, low, high and method over the sums of a row `t` and its definition `d`.

    The formulas are those of intervals.py (`wilson`, `delta`); a bootstrap is filled in later.
    """
    n, share = "t.n_known::float8", "(t.numerator::float8 / t.denominator::float8)"
    middle = f"({share} + {Z * Z!r} / (2 * {n}))"
    half = f"({Z!r} * sqrt({share} * (1 - {share}) / {n} + {Z * Z / 4!r} / ({n} * {n})))"
    under = f"(1 + {Z * Z!r} / {n})"
    squares = (
        f"greatest(0, t.sum_nn::float8 - 2 * {share} * t.sum_nd::float8"
        f" + {share} * {share} * t.sum_dd::float8)"
    )
    ratio_half = f"({Z!r} * sqrt({n} / ({n} - 1) * {squares}) / t.denominator::float8)"
    is_known = "t.n_known > 0 and t.denominator > 0"
    method = (
        f"case when not ({is_known}) then 'none' when d.means = 'wilson' then 'wilson'"
        " when d.means <> 'ratio' or t.n_known < 2 then 'none'"
        f" when t.n_enrolled <= {BOOTSTRAP_UP_TO} then 'bootstrap' else 'delta' end"
    )

    def bound(sign: str) -> str:
        limit = "greatest(0, " if sign == "-" else "least(1, "
        return (
            f"case ({method}) when 'wilson' then {limit}({middle} {sign} {half}) / {under}) * d.scale"
            f" when 'delta' then ({share} {sign} {ratio_half}) * d.scale end"
        )

    value = (
        "case when d.kind = 'count' then t.numerator::float8 / 100"
        f" when {is_known} then {share} * d.scale end"
    )
    return {"value": value, "low": bound("-"), "high": bound("+"), "method": method}


def definitions_sql() -> str:
    """The definitions as a table `d (indicator, kind, means, scale)`."""
    rows = ", ".join(
        f"('{one.code}', '{one.kind}', '{one.interval}', {one.scale!r}::float8)"
        for one in INDICATORS
        if one.kind != Kind.SURVIVAL
    )
    return f"(values {rows}) d (indicator, kind, means, scale)"


def apply_delta(stage: Stage) -> int:
    """Add the delta to the stored cells, bins and points; derive what it touched. Returns the cells
    touched; bootstrap intervals are left to `bootstraps.fill`."""
    d = derived_sql()
    with connection.cursor() as cursor:
        cursor.execute(
            stage.expand(f"""
            with added as (
                insert into monitoring_cell as c ({_KEY}, {_SUMS}, method, computed_at)
                select {_KEY}, {_TOTALS}, '', clock_timestamp() from :stage.delta group by {_KEY}
                having {" or ".join(f"sum({one}) <> 0" for one in SUMS)}
                on conflict on constraint cell_once do update set
                {", ".join(f"{one} = c.{one} + excluded.{one}" for one in SUMS)}
                returning c.id
            ) insert into :stage.touched select id from added;
            delete from monitoring_cell where n_enrolled = 0 and id in (select id from :stage.touched);
            update monitoring_cell t set value = {d["value"]}, low = {d["low"]}, high = {d["high"]},
                method = {d["method"]}, computed_at = clock_timestamp()
            from {definitions_sql()}
            where d.indicator = t.indicator and t.id in (select id from :stage.touched);
            insert into monitoring_spreadbin as b (indicator, quarter, cohort_id, bin, ranchers)
            select indicator, quarter, cohort_id, bin, ranchers from :stage.spread_delta
            on conflict on constraint spreadbin_once do update set ranchers = b.ranchers + excluded.ranchers;
            delete from monitoring_spreadbin b using :stage.spread_delta s where b.ranchers = 0
            and (b.indicator, b.quarter, b.bin) = (s.indicator, s.quarter, s.bin)
            and b.cohort_id is not distinct from s.cohort_id;
            insert into monitoring_survivalpoint as p (cohort_id, practice_id, month, adopted, censored)
            select cohort_id, practice_id, month, adopted, censored from :stage.survival_delta
            on conflict on constraint survivalpoint_once do update set
                adopted = p.adopted + excluded.adopted, censored = p.censored + excluded.censored;
            delete from monitoring_survivalpoint where adopted = 0 and censored = 0
            """)  # noqa: S608
        )
        cursor.execute(f"select count(*) from {stage.schema}.touched")  # noqa: S608
        touched: int = cursor.fetchone()[0]
    return touched
