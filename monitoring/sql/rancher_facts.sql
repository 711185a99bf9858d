-- Fill :stage.rancher_fact: one row per rancher and quarter of :stage.member.
-- Visits, quarters and changes (land use, consent, practices) are laid in one line per rancher and
-- read by two windows: everything up to the quarter, and the four quarters to it.
-- Counts on: plot (rancher_id), land use (plot_id), consent (rancher_id).
insert into :stage.rancher_fact (
    rancher_id, quarter, stratum_id, is_active, visits, visited_180d, last_visit_on,
    practices_known, practices_in_use, animal_units, herd, pasture_ha, milk_l_per_day,
    milked_l_per_day, cows_in_milk, trees_counted, live_fence_m, income_pen,
    births_per_year, weaned_per_year, deaths_adults_per_year, deaths_calves_per_year,
    sold_kg_per_year, breeding_mean, adults_mean, calves_mean, pasture_change_ha)
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
    from :stage.run s where (s.d_known <> 0 or s.d_in_use <> 0) and :mine
    union all
    select s.r, s.to_q, 0, 0, 0, -1, -(s.stage in (2, 4))::int
    from :stage.run s where s.ends and s.to_q <= %(current)s and :mine
),
line as (
    select s.r, s.q::int, null::bigint as stratum_id, null::boolean as is_active, s.day,
        s.herd_a, s.herd_b, s.herd_c, s.herd_d, s.milked, s.pasture, s.milk, s.trees, s.fence, s.income,
        s.births, s.births_days, s.weaned, s.weaned_days, s.dead_adults, s.dead_adults_days,
        s.dead_calves, s.dead_calves_days, s.sold_kg, s.sold_days,
        null::bigint as d_area, null::int as d_land, null::int as d_consent,
        null::int as d_known, null::int as d_in_use
    from :stage.visit s where :mine
    union all
    select s.r, e.q, s.stratum_id, s.is_active, null,
        null, null, null, null, null, null, null, null, null, null,
        null, null, null, null, null, null, null, null, null, null,
        null, null, null, null, null
    from :stage.member s join :stage.quarter e on e.q >= s.from_q and e.q < s.to_q where :mine
    union all
    select r, q, null, null, null,
        null, null, null, null, null, null, null, null, null, null,
        null, null, null, null, null, null, null, null, null, null,
        d_area, d_land, d_consent, d_known, d_in_use
    from change
),
rolled as (
    select r, q, stratum_id, is_active,
        count(day) over (partition by r order by q range current row) as visits,
        max(day) over upto as last_day,
        max(herd_a) over upto as herd_a, max(herd_b) over upto as herd_b,
        max(herd_c) over upto as herd_c, max(herd_d) over upto as herd_d,
        max(milked) over upto as milked, max(pasture) over upto as pasture,
        max(milk) over upto as milk, max(trees) over upto as trees,
        max(fence) over upto as fence, max(income) over upto as income,
        min(herd_a) over year as first_a, min(herd_b) over year as first_b,
        min(herd_c) over year as first_c,
        max(herd_a) over year as last_a, max(herd_b) over year as last_b,
        max(herd_c) over year as last_c,
        sum(births) over year as births, sum(births_days) over year as births_days,
        sum(weaned) over year as weaned, sum(weaned_days) over year as weaned_days,
        sum(dead_adults) over year as dead_adults, sum(dead_adults_days) over year as dead_adults_days,
        sum(dead_calves) over year as dead_calves, sum(dead_calves_days) over year as dead_calves_days,
        sum(sold_kg) over year as sold_kg, sum(sold_days) over year as sold_days,
        sum(d_area) over upto as area, sum(d_land) over upto as lands,
        sum(d_consent) over upto as consents,
        sum(d_known) over upto as known, sum(d_in_use) over upto as in_use
    from line
    window upto as (partition by r order by q),
        year as (partition by r order by q range between 3 preceding and current row)
)
select s.rancher_id, x.q, x.stratum_id, x.is_active, x.visits,
    coalesce(e.end_day - x.last_day < 180, false), date '2000-01-01' + x.last_day,
    coalesce(x.known, 0), case when x.known > 0 then x.in_use end,
    case when :current(x.herd_a, 46) then :cap(round((
        :left(x.herd_a) * e.cow + :right(x.herd_a) * e.heifer + :left(x.herd_b) * e.bull
        + :right(x.herd_b) * e.steer + :left(x.herd_c) * e.yearling + :right(x.herd_c) * e.calf
        + :right(x.herd_d) * e.equine)::numeric / 100)) end,
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
    :cap(50 * (:pair(x.first_a) + :pair(x.last_a))),
    :cap(50 * (:pair(x.first_a) + :pair(x.last_a) + :pair(x.first_b) + :pair(x.last_b)
        + :left(x.first_c) + :left(x.last_c))),
    :cap(50 * (:right(x.first_c) + :right(x.last_c))),
    case when x.lands > 0 and x.q >= b.q then x.area - coalesce(b.area, 0) end
from rolled x
join :stage.scope s on s.r = x.r
join :stage.quarter e on e.q = x.q
left join base b on b.r = x.r
where x.stratum_id is not null;
