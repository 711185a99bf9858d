-- Fill :rancher_fact: one row per rancher and quarter of :stage.member.
-- Visits and changes (land use, consent, practices) are summed by quarter first and laid beside an
-- unbroken line of quarters, from four before the first enrolment (what is older counts there) to
-- the last; two windows read it: everything up to the quarter, and the four quarters to it.
-- Counts on: plot (rancher_id), land use (plot_id), consent (rancher_id).
insert into :rancher_fact (
    rancher_id, quarter, stratum_id, is_active, visits, visited_180d, last_visit_on,
    practices_known, practices_in_use, animal_units, herd, pasture_ha, milk_l_per_day,
    milked_l_per_day, cows_in_milk, trees_counted, live_fence_m, income_pen,
    births_per_year, weaned_per_year, deaths_adults_per_year, deaths_calves_per_year,
    sold_kg_per_year, breeding_mean, adults_mean, calves_mean, pasture_change_ha,
    canopy_ha, cover_land_ha, forest_ha, loss_ha, loss_since_cutoff_ha, alerts_ha, forest_joined_ha)
with land as (
    select s.r, (u.area_ha * 100)::bigint as area,
        coalesce(lower(u.period), '2000-01-01') as since,
        case when o.closed_on < upper(u.period) or upper(u.period) is null
             then o.closed_on else upper(u.period) end as until
    from :stage.scope s
    join ranchers_plot o on o.rancher_id = s.rancher_id
    join ranchers_landusearea u on u.plot_id = o.id and u.land_use in ('pasture', 'silvopasture')
    where :mine
),
base as (
    select l.r, sum(l.area) filter (where l.since <= f.day and (l.until is null or l.until > f.day)) as area,
        min(:quarter(f.day)) as q
    from land l
    join (
        select r, greatest(min(since), (select baseline_on from ranchers_programme)) as day
        from land group by r
    ) f on f.r = l.r
    group by l.r
),
change as (
    select r, :quarter(since) as q, area as d_area, 1 as d_land, 0 as d_consent, 0 as d_known, 0 as d_in_use
    from land
    union all
    select r, :quarter(until), -area, -1, 0, 0, 0 from land where until is not null
    union all
    select s.r, :quarter(coalesce(lower(c.period), '2000-01-01')), 0, 0, 1, 0, 0
    from :stage.scope s join ranchers_consent c on c.rancher_id = s.rancher_id
    where :mine and c.scope = 'income'
    union all
    select s.r, :quarter(upper(c.period)), 0, 0, -1, 0, 0
    from :stage.scope s join ranchers_consent c on c.rancher_id = s.rancher_id
    where :mine and c.scope = 'income' and upper(c.period) is not null
    union all
    select s.r, s.from_q, 0, 0, 0, s.d_known, s.d_in_use
    from pg_temp.run s where (s.d_known <> 0 or s.d_in_use <> 0) and :mine
    union all
    select s.r, s.to_q, 0, 0, 0, -1, -(s.stage in (2, 4))::int
    from pg_temp.run s where s.ends and s.to_q <= %(current)s and :mine
),
segment as (
    select s.*, lead(from_q) over w as next_q, lag(r) over w is null as is_first
    from :stage.member s where :mine
    window w as (partition by r order by from_q)
),
first as (
    select r, from_q - 4 as q from segment where is_first
),
line as (
    select s.r, q, case when s.from_q <= q and q < s.to_q then s.stratum_id end as stratum_id, s.is_active
    from segment s
    cross join lateral generate_series(
        case when s.is_first then s.from_q - 4 else s.from_q end, coalesce(s.next_q, s.to_q) - 1) q
),
seen as (
    select v.r, greatest(v.q, f.q) as q, count(*)::int as visits, max(v.day) as last_day,
        max(herd_a) as herd_a, max(herd_b) as herd_b, max(herd_c) as herd_c, max(herd_d) as herd_d,
        min(herd_a) as first_a, min(herd_b) as first_b, min(herd_c) as first_c,
        max(milked) as milked, max(pasture) as pasture, max(milk) as milk, max(trees) as trees,
        max(fence) as fence, max(income) as income,
        sum(births)::int as births, sum(births_days)::int as births_days,
        sum(weaned)::int as weaned, sum(weaned_days)::int as weaned_days,
        sum(dead_adults)::int as dead_adults, sum(dead_adults_days)::int as dead_adults_days,
        sum(dead_calves)::int as dead_calves, sum(dead_calves_days)::int as dead_calves_days,
        sum(sold_kg)::bigint as sold_kg, sum(sold_days)::int as sold_days
    from pg_temp.visit v
    join first f on f.r = v.r
    group by v.r, greatest(v.q, f.q)
),
changed as (
    select c.r, greatest(c.q, f.q) as q, sum(d_area)::bigint as d_area, sum(d_land)::int as d_land,
        sum(d_consent)::int as d_consent, sum(d_known)::int as d_known, sum(d_in_use)::int as d_in_use
    from change c
    join first f on f.r = c.r
    group by c.r, greatest(c.q, f.q)
),
rolled as (
    select l.r, l.q, l.stratum_id, l.is_active, coalesce(v.visits, 0) as visits,
        max(last_day) over upto as last_day,
        max(herd_a) over upto as herd_a, max(herd_b) over upto as herd_b,
        max(herd_c) over upto as herd_c, max(herd_d) over upto as herd_d,
        max(milked) over upto as milked, max(pasture) over upto as pasture,
        max(milk) over upto as milk, max(trees) over upto as trees,
        max(fence) over upto as fence, max(income) over upto as income,
        min(first_a) over year as first_a, min(first_b) over year as first_b,
        min(first_c) over year as first_c,
        sum(births) over year as births, sum(births_days) over year as births_days,
        sum(weaned) over year as weaned, sum(weaned_days) over year as weaned_days,
        sum(dead_adults) over year as dead_adults, sum(dead_adults_days) over year as dead_adults_days,
        sum(dead_calves) over year as dead_calves, sum(dead_calves_days) over year as dead_calves_days,
        (sum(sold_kg) over year)::bigint as sold_kg, sum(sold_days) over year as sold_days,
        sum(d_area) over upto as area, sum(d_land) over upto as lands,
        sum(d_consent) over upto as consents,
        sum(d_known) over upto as known, sum(d_in_use) over upto as in_use
    from line l
    left join seen v on v.r = l.r and v.q = l.q
    left join changed c on c.r = l.r and c.q = l.q
    window upto as (partition by l.r order by l.q rows unbounded preceding),
        year as (partition by l.r order by l.q rows between 3 preceding and current row)
)
select s.rancher_id, x.q, x.stratum_id, x.is_active, x.visits,
    coalesce(e.end_day - x.last_day < 180, false), date '2000-01-01' + x.last_day,
    coalesce(x.known, 0), case when x.known > 0 then x.in_use end,
    case when :current(x.herd_a, 46) then :cap((
        :left(x.herd_a) * e.cow + :right(x.herd_a) * e.heifer + :left(x.herd_b) * e.bull
        + :right(x.herd_b) * e.steer + :left(x.herd_c) * e.yearling + :right(x.herd_c) * e.calf
        + :right(x.herd_d) * e.equine + 50) / 100) end,
    case when :current(x.herd_a, 46)
        then :cap(100 * (:pair(x.herd_a) + :pair(x.herd_b) + :pair(x.herd_c))) end,
    case when :current(x.pasture, 32) then :low(x.pasture) end,
    case when :current(x.milk, 32) then :low(x.milk) end,
    case when :current(x.milked, 46) then x.milked >> 19 & 134217727 end,
    case when :current(x.milked, 46) then (x.milked & 524287) * 100 end,
    case when :current(x.trees, 32) then :low(x.trees) end,
    case when :current(x.fence, 32) then :low(x.fence) end,
    case when :current(x.income, 32) and x.consents > 0 then :low(x.income) end,
    :yearly(x.births * 100, x.births_days), :yearly(x.weaned * 100, x.weaned_days),
    :yearly(x.dead_adults * 100, x.dead_adults_days),
    :yearly(x.dead_calves * 100, x.dead_calves_days),
    :yearly(x.sold_kg, x.sold_days),
    :cap(50 * (:pair(x.first_a) + :pair(x.herd_a))),
    :cap(50 * (:pair(x.first_a) + :pair(x.herd_a) + :pair(x.first_b) + :pair(x.herd_b)
        + :left(x.first_c) + :left(x.herd_c))),
    :cap(50 * (:right(x.first_c) + :right(x.herd_c))),
    case when x.lands > 0 and x.q >= b.q then x.area - coalesce(b.area, 0) end,
    k.canopy_ha, k.cover_land_ha, k.forest_ha, k.loss_ha, k.loss_since_cutoff_ha,
    case when w.r is not null then :cap((coalesce(a.m2, 0) + 50) / 100) end, k.forest_joined_ha
from rolled x
join :stage.scope s on s.r = x.r
join :stage.quarter e on e.q = x.q
left join base b on b.r = x.r
left join pg_temp.forest k on k.r = x.r and k.year = e.forest_year and k.from_q <= x.q and x.q < k.until_q
left join pg_temp.watched w on w.r = x.r and e.has_alerts and w.from_q <= x.q and x.q < w.until_q
left join pg_temp.alerted a on a.r = x.r and a.q = x.q
where x.stratum_id is not null;
