-- Fill pg_temp.cover: one row per rancher and quarter of :stage.member, in 1/100 ha; null unknown.
-- Of each plot held on the last day the newest boundary is asked, in all quarters: a redrawn plot
-- has one past, so redrawing is no regrowth. Unknown as soon as one plot held has no figure of the
-- active source, or no data on more than 5 % of it. What a year lost is known at its end, and for
-- six quarters. Areas are summed in whole square metres (canopy: times %). Only the years that a rancher's
-- quarters ask for are kept.
-- Counts on: plot (rancher_id), plotboundary (plot_id), plotcover_once.
insert into pg_temp.cover (
    r, q, canopy_ha, cover_land_ha, forest_ha, loss_ha, loss_since_cutoff_ha, alerts_ha, forest_joined_ha)
with joined as (
    select s.r, date_part('year', min(coalesce(lower(es.period), '2000-01-01')) + 1)::int - 1 as year
    from :stage.scope s
    join ranchers_enrolment e on e.rancher_id = s.rancher_id
    join ranchers_enrolmentstatus es on es.enrolment_id = e.id
        and es.status in ('supported', 'active', 'paused')
    where :mine
    group by s.r
),
asked as (
    select s.r, (min(s.from_q) + 1) / 4 - 1 as from_year, max(j.year) as joined_year
    from :stage.member s
    left join joined j on j.r = s.r
    where :mine
    group by s.r
),
plot as materialized (
    select s.r, a.measures, a.baseline_year, a.last_year, a.covers_from, a.covers_until,
        least(k.from_year, a.last_year) as from_year, k.joined_year,
        coalesce(:quarter(p.closed_on), 32767) as until_q, c.id as cover_id, c.land_m2, c.forest_m2, c.loss_m2,
        round(c.canopy_pct::numeric * c.land_m2)::bigint as canopy_m2,
        coalesce(c.nodata_m2 * 20::bigint <= c.land_m2::bigint + c.water_m2 + c.nodata_m2, false) as is_known
    from :stage.scope s
    join asked k on k.r = s.r
    join ranchers_plot p on p.rancher_id = s.rancher_id
    cross join (select * from monitoring_coversource where is_active) a
    left join lateral (
        select b.id from ranchers_plotboundary b where b.plot_id = p.id
        order by lower(b.period) desc nulls last limit 1) b on true
    left join monitoring_plotcover c on c.boundary_id = b.id and c.source_id = a.id
    where :mine
),
held as (
    select r, measures, max(until_q) as until_q, max(until_q) filter (where not is_known) as unknown_until_q,
        max(last_year) as last_year, max(covers_from) as covers_from, max(covers_until) as covers_until
    from plot group by r, measures
),
yearly as (
    select c.r, c.until_q, y.year, sum(c.canopy_m2)::bigint as canopy, sum(c.land_m2) as land,
        sum(c.forest_m2 - y.lost_upto)::bigint as forest, sum(y.lost) as lost, sum(y.lost_since)::bigint as lost_since,
        max(sum(c.forest_m2 - y.lost_upto) filter (where y.year = c.joined_year)) over (partition by c.r, c.until_q) as forest_joined
    from plot c
    cross join lateral (
        select c.baseline_year + n - 1 as year, l as lost, sum(l) over upto as lost_upto,
            sum(case when c.baseline_year + n - 1 > 2020 then l else 0 end) over upto as lost_since
        from unnest(0 || c.loss_m2) with ordinality u (l, n)
        window upto as (order by n)
    ) y
    where c.measures = 'forest' and c.is_known and (y.year >= c.from_year or y.year = c.joined_year)
    group by c.r, c.until_q, y.year
),
kept as (
    select r, year, until_q, coalesce(lag(until_q) over held, 0) as from_q,
        :cap(div(sum(canopy) over after + 5000, 10000)) as canopy_ha, :cap(div(sum(land) over after + 50, 100)) as land_ha,
        :cap(div(sum(forest) over after + 50, 100)) as forest_ha, :cap(div(sum(lost) over after + 50, 100)) as loss_ha,
        case when year >= 2020 then :cap(div(sum(lost_since) over after + 50, 100)) end as lost_since_ha,
        :cap(div(sum(forest_joined) over after + 50, 100)) as joined_ha
    from yearly
    window held as (partition by r, year order by until_q),
        after as (partition by r, year order by until_q rows between current row and unbounded following)
),
alert as (
    select c.r, c.until_q, :quarter(a.day) + ahead as q, sum(a.area_m2::bigint) as m2
    from plot c
    join monitoring_plotalert a on a.cover_id = c.cover_id
    cross join generate_series(0, 3) ahead
    where c.measures = 'alerts' and c.is_known
    group by 1, 2, 3
),
point as (
    select s.r, e.q, least((e.q + 1) / 4 - 1, f.last_year) as year, k.joined_year,
        e.q < f.until_q and e.q >= coalesce(f.unknown_until_q, 0) as is_forest_known,
        e.q < a.until_q and e.q >= coalesce(a.unknown_until_q, 0)
            and e.q - 3 >= :quarter(a.covers_from) and e.q <= :quarter(a.covers_until) as are_alerts_known
    from :stage.member s
    join :stage.quarter e on e.q >= s.from_q and e.q < s.to_q
    left join held f on f.r = s.r and f.measures = 'forest'
    left join held a on a.r = s.r and a.measures = 'alerts'
    left join asked k on k.r = s.r
    where :mine
),
alerted as (
    select p.r, p.q, sum(a.m2) as m2
    from point p
    join alert a on a.r = p.r and a.q = p.q and a.until_q > p.q
    where p.are_alerts_known
    group by p.r, p.q
)
select p.r, p.q, f.canopy_ha, f.land_ha, f.forest_ha, f.loss_ha, f.lost_since_ha,
    case when p.are_alerts_known then :cap(div(coalesce(a.m2, 0) + 50, 100)) end,
    case when p.joined_year <= p.year then f.joined_ha end
from point p
left join kept f on f.r = p.r and f.year = p.year and p.is_forest_known and p.q < p.year * 4 + 9
    and p.q >= f.from_q and p.q < f.until_q
left join alerted a on a.r = p.r and a.q = p.q
where f.r is not null or p.are_alerts_known
