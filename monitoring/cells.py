"""Cells from facts: sums over strata, rolled up to every slice, and their intervals.

The sums are exact whole numbers, so a cell plus (new - old) is bit for bit what a recompute from
scratch gives. `sums` reads facts with a sign, `roll_up` leaves what they change in `delta`. These are
the statements; recompute.py and rebuild.py run them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitoring.facts import Stage
from monitoring.indicators import INDICATORS, Indicator, Kind, scalars
from monitoring.indicators import Interval as Means
from monitoring.intervals import BOOTSTRAP_UP_TO, Z
from monitoring.prepared import split

KEY = ("indicator", "quarter", "cohort_id", "practice_id", "district_id", "sex", "category")
SUMS = ("n_known", "n_enrolled", "numerator", "denominator", "sum_nn", "sum_dd", "sum_nd")
_KEY, _SUMS = ", ".join(KEY), ", ".join(SUMS)
_SPREAD = [one for one in INDICATORS if one.spread]
_TOTALS = ", ".join(f"sum({one}) as {one}" for one in SUMS)


def scalar_sum_table(stage: Stage) -> str:
    """SQL that creates :stage.scalar_sum: the sums of every scalar indicator by stratum and quarter."""
    columns = ", ".join(f"{name} numeric" for name, _sum in _scalar_sums())
    return stage.expand(
        f":create :stage.scalar_sum (stratum_id bigint, quarter smallint, {columns}) :keep"
    )


def sums(stage: Stage, facts_of: Mapping[str, str], *, signed: bool) -> list[str]:
    """Statements that sum what facts contribute into the stage's `*_sum` tables.

    `facts_of` gives for each kind of fact where it is read: with its sign if `signed`, else all facts
    are new, and nothing is multiplied by 1 a hundred times a row.
    """
    text = stage.render("sums")
    for fact, sql in facts_of.items():
        text = text.replace(f":source({fact})", sql)
    ranchers = facts_of["rancher_fact"]
    statements = [
        _scalar_sums_sql(stage, ranchers),
        _spread_sums_sql(stage, ranchers),
        *split(text),
    ]
    if signed:
        return statements
    return [one.replace("sign * ", "").replace("sum(sign)", "count(*)") for one in statements]


def roll_up(stage: Stage) -> list[str]:
    """Statements that roll the sums up to every slice, in `delta`, `spread_delta` and `survival_delta`."""
    return [*split(stage.render("roll_up")), _roll_up_sql(stage), _spread_sql(stage)]


def _figures() -> dict[str, str]:
    """The numerators and denominators of the scalar indicators, each named once."""
    found = dict.fromkeys(sql for one in scalars() for sql in (one.numerator, one.denominator))
    found.pop("100", None)
    return {sql: f"f{number}" for number, sql in enumerate(found)}


def _scalar_sums() -> Iterator[tuple[str, str]]:
    """(column, SQL of the sum) of :stage.scalar_sum. A sum leaves nulls out by itself: only what the
    other half of a ratio leaves out is filtered."""
    figures = _figures()
    yield "n_any", "sum(sign)"
    for number, one in enumerate(scalars()):
        over, known, in_over, in_under = figures[one.numerator], "", "", ""
        if one.denominator != "100":
            under = figures[one.denominator]
            known = f" and {under} is not null"
            in_over, in_under = (f" filter (where {it} is not null)" for it in (under, over))
            yield f"den{number}", f"coalesce(sum(sign * {under}){in_under}, 0)"
            yield f"dd{number}", f"coalesce(sum(sign * ({under}::bigint * {under})){in_under}, 0)"
            yield f"nd{number}", f"coalesce(sum(sign * ({over}::bigint * {under})), 0)"
        yield f"n{number}", f"coalesce(sum(sign) filter (where {over} is not null{known}), 0)"
        yield f"num{number}", f"coalesce(sum(sign * {over}){in_over}, 0)"
        if one.interval == Means.RATIO:
            yield f"nn{number}", f"coalesce(sum(sign * ({over}::bigint * {over})){in_over}, 0)"


def _scalar_sums_sql(stage: Stage, ranchers: str) -> str:
    """`offset 0` keeps the planner from computing a figure again in each of its sums."""
    names, totals = zip(*_scalar_sums(), strict=True)
    figures = ", ".join(f"{sql} as {name}" for sql, name in _figures().items())
    return f"""
        insert into {stage.schema}.scalar_sum (stratum_id, quarter, {", ".join(names)})
        select stratum_id, quarter, {", ".join(totals)}
        from (select f.*, {figures} from {ranchers} f offset 0) f
        group by stratum_id, quarter
    """  # noqa: S608


def _roll_up_sql(stage: Stage) -> str:
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
    return stage.expand(
        f"""
        insert into pg_temp.delta
        select i.indicator, t.quarter, s.cohort_id, null, s.district_id, s.sex, '',
            sum(i.n), sum(t.n_any), sum(i.num), sum(i.den), sum(i.nn), sum(i.dd), sum(i.nd)
        from :stage.scalar_sum t
        join pg_temp.slice s on s.stratum_id = t.stratum_id
        cross join lateral (values {", ".join(rows)}) i (indicator, n, num, den, nn, dd, nd)
        group by i.indicator, t.quarter, s.cohort_id, s.district_id, s.sex
        """  # noqa: S608
    )


def value_sql(one: Indicator) -> str:
    """SQL of one rancher's value of a scalar indicator, in its unit; null when not known."""
    return f"(({one.numerator})::float8 / ({one.denominator}) * {one.scale!r}::float8)"


def _spread_sums_sql(stage: Stage, ranchers: str) -> str:
    """Stratum, quarter, indicator and bin packed in one word, which is grouped several times faster than
    four columns: all indicators in one pass, each a grouping set. Strata with the same cohorts share
    their histogram, under the least of their numbers."""
    names = [f"b{number}" for number in range(len(_SPREAD))]
    words = ", ".join(
        f"place | {number << 16} | {_bin_sql(one)} as b{number}"
        for number, one in enumerate(_SPREAD)
    )
    return f"""
        insert into {stage.schema}.spread_sum
        with kin as (
            select id, min(id) over (partition by cohorts) as first_id
            from monitoring_stratum where cohorts <> '{{}}'
        ),
        fact as (
            select f.*, (k.first_id << 40) | (f.quarter::bigint << 24) as place
            from {ranchers} f
            join kin k on k.id = f.stratum_id
        ),
        one as (
            select f.*, {words} from fact f offset 0
        )
        select coalesce({", ".join(names)}), sum(sign)
        from one
        group by grouping sets ({", ".join(f"({name})" for name in names)})
        having coalesce({", ".join(names)}) is not null and sum(sign) <> 0
    """  # noqa: S608


def _spread_sql(stage: Stage) -> str:
    codes = ", ".join(f"'{one.code}'" for one in _SPREAD)
    return f"""
        insert into pg_temp.spread_delta
        select (array[{codes}])[(p.packed >> 16 & 255) + 1], (p.packed >> 24 & 65535), c.cohort_id,
            ((p.packed & 65535) - 32768)::smallint, sum(p.n)
        from {stage.schema}.spread_sum p
        join monitoring_stratum s on s.id = p.packed >> 40
        cross join lateral (select unnest(s.cohorts) union all select null) c (cohort_id)
        group by 1, 2, c.cohort_id, 4
        having sum(p.n) <> 0
    """  # noqa: S608


def _bin_sql(one: Indicator) -> str:
    """SQL of a rancher's bin + 32,768; null when not known or below 0."""
    return (
        f"case when {one.denominator} > 0 then case when {one.numerator} = 0 then 0"
        f" when {one.numerator} > 0 then greatest(1, least(65535,"
        f" floor(ln({value_sql(one)}) / ln(1.01::float8)) + 32768))::bigint end end"
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


def new_cells(table: str) -> str:
    """SQL that writes the cells of `delta`, which holds all there is, into an empty table like Cell's."""
    d = derived_sql()
    return f"""
        insert into {table} (id, {_KEY}, {_SUMS}, value, low, high, method, computed_at)
        select row_number() over (), {_KEY}, {_SUMS}, {d["value"]}, {d["low"]}, {d["high"]}, {d["method"]}, clock_timestamp()
        from (select {_KEY}, {_TOTALS} from pg_temp.delta group by {_KEY} having sum(n_enrolled) <> 0) t
        join {definitions_sql()} using (indicator)
    """  # noqa: S608


def apply_delta() -> list[str]:
    """Statements that add the delta to the stored cells, bins and points, and derive what it touched;
    the cells' ids are left in `touched`, bootstrap intervals to `bootstraps.fill`."""
    d = derived_sql()
    derived = ", ".join(d.values())
    summed = ", ".join(f"c.{one} + excluded.{one} as {one}" for one in SUMS)
    return split(f"""
        with added as (
            insert into monitoring_cell as c ({_KEY}, {_SUMS}, method, computed_at)
            select {_KEY}, {_TOTALS}, '', clock_timestamp() from pg_temp.delta group by {_KEY}
            having {" or ".join(f"sum({one}) <> 0" for one in SUMS)}
            on conflict on constraint cell_once do update set
            {", ".join(f"{one} = c.{one} + excluded.{one}" for one in SUMS)}, computed_at = clock_timestamp(),
            ({", ".join(d)}) = (
                select {derived} from (select {summed}) t
                join {definitions_sql()} on d.indicator = excluded.indicator)
            returning c.id, xmax = 0 as is_new
        ) insert into pg_temp.touched select id, is_new from added;
        delete from monitoring_cell where n_enrolled = 0 and id in (select id from pg_temp.touched);
        update monitoring_cell t set ({", ".join(d)}) = ({derived})
        from {definitions_sql()}
        where d.indicator = t.indicator and t.id in (select id from pg_temp.touched where is_new);
        with added as (
            insert into monitoring_spreadbin as b (indicator, quarter, cohort_id, bin, ranchers)
            select indicator, quarter, cohort_id, bin, ranchers from pg_temp.spread_delta
            on conflict on constraint spreadbin_once do update set ranchers = b.ranchers + excluded.ranchers
            returning b.id, b.ranchers
        ) insert into pg_temp.emptied_bin select id from added where ranchers = 0;
        delete from monitoring_spreadbin where id in (select id from pg_temp.emptied_bin);
        with added as (
            insert into monitoring_survivalpoint as p (cohort_id, practice_id, month, adopted, censored)
            select cohort_id, practice_id, month, adopted, censored from pg_temp.survival_delta
            on conflict on constraint survivalpoint_once do update set
                adopted = p.adopted + excluded.adopted, censored = p.censored + excluded.censored
            returning p.id, p.adopted, p.censored
        ) insert into pg_temp.emptied_point select id from added where adopted = 0 and censored = 0;
        delete from monitoring_survivalpoint where id in (select id from pg_temp.emptied_point)
    """)  # noqa: S608
