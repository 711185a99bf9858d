-- Fill pg_temp.visit: one row per visit of the ranchers in scope, up to the current quarter, with
-- its figures packed as day << bits | hundredths, so that a running max() is 'the newest known'.
-- Herd words: cows, heifers | bulls, steers | yearlings, calves | equines; a herd is known when any
-- of its categories is, the others are then 0. Values are capped at 1.5e9 hundredths.
-- Exposure of an event: days since the previous visit that reported it, 365 at the first, at most 548.
-- Counts on: visit_by_rancher, the primary key of measurement.
insert into pg_temp.visit
with visit as (
    select s.r, v.id, v.visited_on, v.visited_on - date '2000-01-01' as day,
        :quarter(v.visited_on) as q,
        (date_trunc('quarter', v.visited_on) - interval '15 months')::date - date '2000-01-01' as known_from,
        m.*,
        coalesce(m.cows, m.bulls, m.heifers, m.steers, m.yearlings, m.calves) is not null as has_herd
    from :stage.scope s
    join monitoring_visit v on v.rancher_id = s.rancher_id
    left join monitoring_measurement m on m.visit_id = v.id
    where :mine and v.deleted_at is null and v.visited_on < %(until)s
),
word as materialized (
    select r, id, day, q, visited_on, known_from::bigint as known_from,
        case when has_herd then (day::bigint << 46) | (:head(cows) << 23) | :head(heifers) end as herd_a,
        case when has_herd then (day::bigint << 46) | (:head(bulls) << 23) | :head(steers) end as herd_b,
        case when has_herd then (day::bigint << 46) | (:head(yearlings) << 23) | :head(calves) end as herd_c,
        case when has_herd then day::bigint << 46 | :head(equines) end as herd_d,
        case when cows_in_milk is not null and milk_l_per_day is not null
             then (day::bigint << 46) | (least(milk_l_per_day * 100, 134217727)::bigint << 19)
                  | least(cows_in_milk, 524287)::bigint end as milked,
        day::bigint << 32 | :cap(pasture_ha * 100)::bigint as pasture,
        day::bigint << 32 | :cap(milk_l_per_day * 100)::bigint as milk,
        day::bigint << 32 | :cap(trees_counted::bigint * 100) as trees,
        day::bigint << 32 | :cap(live_fence_m::bigint * 100) as fence,
        day::bigint << 32 | :cap(income_pen * 100)::bigint as income,
        births, weaned, deaths_adults, deaths_calves, (sold_kg * 100)::bigint as sold_kg
    from visit
),
border as materialized (
    select s.r, :quarter(coalesce(lower(b.period), '2000-01-01')) as from_q,
        coalesce(:quarter(upper(b.period)), 32000) as to_q, b.perimeter_m
    from :stage.scope s
    join ranchers_plot o on o.rancher_id = s.rancher_id
    join ranchers_plotboundary b on b.plot_id = o.id
    where :mine
),
edge as (
    select r, from_q as q from border
    union
    select r, to_q from border
),
segment as (
    select r, q as from_q, lead(q) over (partition by r order by q) as to_q from edge
),
perimeter as (
    select g.r, g.from_q, g.to_q, :cap(round(sum(b.perimeter_m)::numeric * 100))::int as perimeter
    from segment g
    join border b on b.r = g.r and b.from_q <= g.from_q and g.to_q <= b.to_q
    group by g.r, g.from_q, g.to_q
)
select w.r, w.id, w.day, w.q,
    :quarter((w.visited_on + interval '18 months' + interval '1 day')),
    (w.visited_on + interval '18 months' + interval '1 day')::date - date '2000-01-01',
    (w.visited_on + interval '12 months')::date - date '2000-01-01',
    :quarter((w.visited_on + interval '12 months')),
    w.herd_a, w.herd_b, w.herd_c, w.herd_d, w.milked, w.pasture, w.milk, w.trees, w.fence, w.income,
    births, :exposure(births), weaned, :exposure(weaned),
    deaths_adults, :exposure(deaths_adults), deaths_calves, :exposure(deaths_calves),
    sold_kg, :exposure(sold_kg),
    case when :fresh(max(pasture) over upto, 32) then :low(max(pasture) over upto) end,
    case when :fresh(max(herd_a) over upto, 46) then :cap(100 * (
        :pair(max(herd_a) over upto) + :pair(max(herd_b) over upto) + :pair(max(herd_c) over upto))) end,
    p.perimeter,
    coalesce(w.day = lag(w.day) over before or w.day = lead(w.day) over before, false)
from word w
left join perimeter p on p.r = w.r and p.from_q <= w.q and w.q < p.to_q
window upto as (partition by w.r order by w.q),
    before as (partition by w.r order by w.day, w.id rows between unbounded preceding and 1 preceding);
