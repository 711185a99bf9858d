-- Fill pg_temp.forest (a rancher's forest figures by year and run of quarters, in 1/100 ha),
-- pg_temp.watched (the quarters in which alerts would be known) and pg_temp.alerted (m2 under alert).
-- Of each plot held on the last day the newest boundary is asked, in all quarters: a redrawn plot
-- has one past, so redrawing is no regrowth. Unknown as soon as one plot held has no figure of the
-- active source, or no data on more than 5 % of it. Which year a quarter asks for is in :stage.quarter.
-- Areas are summed in whole square metres (canopy: times %). Only the years that a rancher's quarters
-- ask for are kept.
-- Counts on: plot (rancher_id), plotboundary (plot_id), plotcover_once.
insert into pg_temp.plot_cover
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
newest as (
    select distinct on (p.id) s.r, p.closed_on, b.id as boundary_id
    from :stage.scope s
    join ranchers_plot p on p.rancher_id = s.rancher_id
    left join ranchers_plotboundary b on b.plot_id = p.id
    where :mine
    order by p.id, lower(b.period) desc nulls last
)
select n.r, a.measures, least(k.from_year, a.last_year), k.joined_year, a.baseline_year,
    coalesce(:quarter(n.closed_on), 32767), c.id, c.land_m2, c.forest_m2,
    round(c.canopy_pct::numeric * c.land_m2)::bigint,
    coalesce(c.nodata_m2 * 20::bigint <= c.land_m2::bigint + c.water_m2 + c.nodata_m2, false), c.loss_m2
from newest n
join asked k on k.r = n.r
cross join (select * from monitoring_coversource where is_active) a
left join monitoring_plotcover c on c.boundary_id = n.boundary_id and c.source_id = a.id;

insert into pg_temp.forest
with unknown as (
    select r, max(until_q) as until_q from pg_temp.plot_cover
    where measures = 'forest' and not is_known
    group by r
),
yearly as (
    select c.r, c.until_q, y.year, min(c.from_year) as from_year, min(c.joined_year) as joined_year,
        sum(c.canopy_m2)::bigint as canopy, sum(c.land_m2) as land,
        sum(c.forest_m2 - y.lost_upto)::bigint as forest, sum(y.lost) as lost, sum(y.lost_since)::bigint as lost_since,
        max(sum(c.forest_m2 - y.lost_upto) filter (where y.year = c.joined_year)) over (partition by c.r, c.until_q) as forest_joined
    from pg_temp.plot_cover c
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
    select r, year, from_year, until_q, coalesce(lag(until_q) over held, 0) as from_q,
        :cap(div(sum(canopy) over after + 5000, 10000)) as canopy_ha, :cap(div(sum(land) over after + 50, 100)) as land_ha,
        :cap(div(sum(forest) over after + 50, 100)) as forest_ha, :cap(div(sum(lost) over after + 50, 100)) as loss_ha,
        case when year >= 2020 then :cap(div(sum(lost_since) over after + 50, 100)) end as lost_since_ha,
        case when year >= joined_year then :cap(div(sum(forest_joined) over after + 50, 100)) end as joined_ha
    from yearly
    window held as (partition by r, year order by until_q),
        after as (partition by r, year order by until_q rows between current row and unbounded following)
)
select k.r, k.year, greatest(k.from_q, u.until_q), k.until_q,
    k.canopy_ha, k.land_ha, k.forest_ha, k.loss_ha, k.lost_since_ha, k.joined_ha
from kept k
left join unknown u on u.r = k.r
where k.year >= k.from_year and k.until_q > greatest(k.from_q, u.until_q);

insert into pg_temp.watched
select r, coalesce(max(until_q) filter (where not is_known), 0), max(until_q)
from pg_temp.plot_cover where measures = 'alerts' group by r;

insert into pg_temp.alerted
select c.r, :quarter(a.day) + ahead, sum(a.area_m2::bigint)
from pg_temp.plot_cover c
join monitoring_plotalert a on a.cover_id = c.cover_id
cross join generate_series(0, 3) ahead
where c.measures = 'alerts' and c.is_known and :quarter(a.day) + ahead < c.until_q
group by 1, 2;
