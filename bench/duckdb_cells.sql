-- The sums of all cells, computed by DuckDB from Parquet: written apart from monitoring/sql/, by the
-- definitions of docs/architecture.md and docs/indicators.md, to compare with. One statement per table.
-- :current is the current quarter, :until the day after it; :folder holds the tables as Parquet; :scalars and
-- :derived are what bench/duckdb_cells.py makes from the definitions of the indicators.
create macro quarter_of(day) as (year(day) * 4 + quarter(day) - 1)::int;
create macro day_of(day) as (day::date - date '2000-01-01')::int;
create macro cap(value) as case when value is not null then least(value, 1500000000)::bigint end;
create macro hundredths(value) as cap((value * 100)::bigint);
create macro dated(day, value) as case when value is not null then day * 4294967296 + value end;
create macro herd(day, one, other) as
    day * 70368744177664 + least(coalesce(one, 0), 8388607) * 8388608 + least(coalesce(other, 0), 8388607);
create macro one(word) as (word // 8388608) % 8388608;
create macro other(word) as word % 8388608;
create macro head(word) as one(word) + other(word);
create macro yearly(events, days) as
    case when days >= 90 then least(1500000000, (events * 365 + days // 2) // days)::bigint end;

create table rancher as
select row_number() over (order by id)::int as r, id, district_id, sex from ':folder/rancher.parquet';

-- Membership: one row per rancher, cohort and quarter; `rank` puts the most engaged status first.
create table enrolled as
select r, cohort_id, rank, unnest(range(from_q, to_q))::int as q
from (
    select r.r, e.cohort_id,
        list_position(['active', 'supported', 'paused', 'invited', 'left'], s.status) as rank,
        quarter_of(coalesce(s.since, date '2000-01-01')) as from_q,
        least(coalesce(quarter_of(s.until), :current + 1), :current + 1) as to_q
    from ':folder/status.parquet' s
    join ':folder/enrolment.parquet' e on e.id = s.enrolment_id
    join rancher r on r.id = e.rancher_id
)
where from_q < to_q;

create table member as
select r, q, bit_or(case when rank <= 3 then 1::bigint << cohort_id else 0 end) as cohorts,
    min(rank) as rank, bool_or(rank = 1) as is_active
from enrolled group by r, q;

create table member_run as
select m.r, m.cohorts, p.district_id, p.sex, min(q) as from_q, max(q) + 1 as to_q
from (
    select r, q, cohorts, q - row_number() over (partition by r, cohorts order by q) as island
    from member where cohorts <> 0
) m
join rancher p using (r)
group by m.r, m.cohorts, m.island, p.district_id, p.sex;

create table quarter as
select q::int as q, day_of(ends) as end_day, day_of(ends + interval 1 day - interval 18 month) as known_from,
    coalesce(max(c.value) filter (where code = 'au_cow'), 1.0) as cow,
    coalesce(max(c.value) filter (where code = 'au_bull'), 1.3) as bull,
    coalesce(max(c.value) filter (where code = 'au_heifer'), 0.8) as heifer,
    coalesce(max(c.value) filter (where code = 'au_steer'), 0.8) as steer,
    coalesce(max(c.value) filter (where code = 'au_yearling'), 0.6) as yearling,
    coalesce(max(c.value) filter (where code = 'au_calf'), 0.3) as calf,
    coalesce(max(c.value) filter (where code = 'au_equine'), 1.0) as equine
from (
    select q, (make_date(q // 4, q % 4 * 3 + 1, 1) + interval 3 month - interval 1 day)::date as ends
    from range((select min(q) from member), :current + 1) t (q)
)
left join ':folder/coefficient.parquet' c
    on coalesce(c.since, date '2000-01-01') <= ends and (c.until is null or c.until > ends)
group by q, ends;

-- Visits, with the days that each event was exposed.
create table visit as
select r.r, v.id, v.visited_on, day_of(v.visited_on) as day, quarter_of(v.visited_on) as q, m.* exclude (visit_id),
    coalesce(cows, bulls, heifers, steers, yearlings, calves) is not null as has_herd,
    least(548, coalesce(day - max(case when births is not null then day end) over before, 365)) as births_days,
    least(548, coalesce(day - max(case when weaned is not null then day end) over before, 365)) as weaned_days,
    least(548, coalesce(day - max(case when deaths_adults is not null then day end) over before, 365)) as adults_days,
    least(548, coalesce(day - max(case when deaths_calves is not null then day end) over before, 365)) as calves_days,
    least(548, coalesce(day - max(case when sold_kg is not null then day end) over before, 365)) as sold_days
from ':folder/visit.parquet' v
join rancher r on r.id = v.rancher_id
left join ':folder/measurement.parquet' m on m.visit_id = v.id
where v.visited_on < date ':until'
window before as (partition by r.r order by v.visited_on, v.id rows between unbounded preceding and 1 preceding);

create table border as
select p.rancher_id, quarter_of(coalesce(b.since, date '2000-01-01')) as from_q,
    coalesce(quarter_of(b.until), 32000) as to_q, b.perimeter_m
from ':folder/boundary.parquet' b join ':folder/plot.parquet' p on p.id = b.plot_id;

-- What practices could cover at each visit: as known at the end of its quarter.
create table ceiling as
select v.id, v.r, v.q, v.day, v.visited_on,
    case when max(dated(v.day, hundredths(pasture_ha))) over upto >= known_from * 4294967296
         then max(dated(v.day, hundredths(pasture_ha))) over upto % 4294967296 end as pasture_ha,
    case when max(case when has_herd then herd(v.day, cows, heifers) end) over upto >= known_from * 70368744177664
         then cap(100 * (head(max(case when has_herd then herd(v.day, cows, heifers) end) over upto)
            + head(max(case when has_herd then herd(v.day, bulls, steers) end) over upto)
            + head(max(case when has_herd then herd(v.day, yearlings, calves) end) over upto))) end as herd,
    perimeter_m
from (
    select v.*, day_of(date_trunc('quarter', v.visited_on) - interval 15 month)::bigint as known_from,
        b.perimeter_m
    from visit v
    left join (
        select v.id, cap(round((sum(b.perimeter_m)::decimal(30, 9)) * 100)) as perimeter_m
        from visit v
        join rancher r on r.r = v.r
        join border b on b.rancher_id = r.id and b.from_q <= v.q and v.q < b.to_q
        group by v.id
    ) b on b.id = v.id
) v
window upto as (partition by v.r order by v.q);

-- Practices: what was seen on each day, the furthest stage where two disagree.
create table seen as
with one as (
    select c.r, o.practice_id, c.day, c.q,
        day_of(c.visited_on + interval 18 month + interval 1 day) as known_until,
        quarter_of((c.visited_on + interval 18 month + interval 1 day)::date) as known_until_q,
        day_of(c.visited_on + interval 12 month) as year_on,
        quarter_of((c.visited_on + interval 12 month)::date) as year_on_q,
        list_position(['planned', 'trial', 'adopted', 'dropped'], o.stage) - 1 as stage,
        hundredths(o.intensity) as intensity,
        case p.basis when 'pasture_ha' then c.pasture_ha when 'perimeter_m' then c.perimeter_m
             when 'herd' then c.herd end as ceiling
    from ':folder/observation.parquet' o
    join ceiling c on c.id = o.visit_id
    join ':folder/practice.parquet' p on p.id = o.practice_id
    qualify row_number() over (partition by c.r, o.practice_id, c.day order by stage desc, intensity desc nulls last) = 1
),
chained as (
    select *, lag(stage) over w as before,
        coalesce(stage <> lag(stage) over w or day >= lag(known_until) over w, true) as begins
    from one
    window w as (partition by r, practice_id order by day)
)
select r, practice_id, day, q, known_until_q, year_on, year_on_q, before, stage as entered,
    case when stage = 2 and day >= max(case when begins then year_on end) over w then 4 else stage end as stage,
    case when max(dated(day, intensity)) over w // 4294967296 >= max(case when begins then day end) over w
         then max(dated(day, intensity)) over w % 4294967296 end as intensity,
    ceiling
from chained
window w as (partition by r, practice_id order by day rows unbounded preceding);

create table run as
with last as (
    select *, lead(q) over (partition by r, practice_id order by day) as next_q from seen
    qualify next_q is distinct from q
)
select r, practice_id, q as from_q, least(coalesce(next_q, 32000), known_until_q, :current + 1) as to_q, stage,
    case when stage in (0, 3) then 0 else intensity end as intensity, ceiling,
    lag(known_until_q) over w >= q as follows, lag(stage) over w in (2, 4) as was_in_use,
    next_q is null or next_q > known_until_q as ends
from last
window w as (partition by r, practice_id order by q);

create table adoption as
select r, practice_id, year_on_q as q,
    (coalesce(lead(entered) over w = 3 and lead(day) over w <= year_on, false))::int as dropped, entered
from seen where entered is distinct from before
window w as (partition by r, practice_id order by day);

-- One line of quarters a rancher, from four before the first to the last.
create table first as select r, min(q) - 4 as q, max(q) as last_q from member group by r;

create table land as
select r.r, (u.area_ha * 100)::bigint as area, coalesce(u.since, date '2000-01-01') as since,
    case when p.closed_on < u.until or u.until is null then p.closed_on else u.until end as until
from ':folder/land.parquet' u
join ':folder/plot.parquet' p on p.id = u.plot_id
join rancher r on r.id = p.rancher_id
where u.land_use in ('pasture', 'silvopasture');

create table base as
select l.r, quarter_of(f.day) as q, sum(area) filter (where since <= f.day and (until is null or until > f.day)) as area
from land l
join (select r, greatest(min(since), (select baseline_on from ':folder/programme.parquet')) as day from land group by r) f using (r)
group by l.r, f.day;

create table change as
select c.r, greatest(c.q, f.q) as q, sum(area)::bigint as area, sum(land) as land, sum(consent) as consent,
    sum(known) as known, sum(in_use) as in_use
from (
    select r, quarter_of(since) as q, area, 1 as land, 0 as consent, 0 as known, 0 as in_use from land
    union all
    select r, quarter_of(until), -area, -1, 0, 0, 0 from land where until is not null
    union all
    select r.r, quarter_of(coalesce(c.since, date '2000-01-01')), 0, 0, 1, 0, 0
    from ':folder/consent.parquet' c join rancher r on r.id = c.rancher_id
    union all
    select r.r, quarter_of(c.until), 0, 0, -1, 0, 0
    from ':folder/consent.parquet' c join rancher r on r.id = c.rancher_id where c.until is not null
    union all
    select r, from_q, 0, 0, 0, (not coalesce(follows, false))::int,
        (stage in (2, 4))::int - (coalesce(follows, false) and coalesce(was_in_use, false))::int
    from run
    union all
    select r, to_q, 0, 0, 0, -1, -(stage in (2, 4))::int from run where ends and to_q <= :current
) c
join first f on f.r = c.r
group by c.r, greatest(c.q, f.q);

create table visited as
select v.r, greatest(v.q, f.q) as q, count(*) as visits, max(day) as last_day,
    max(case when has_herd then herd(day, cows, heifers) end) as herd_a,
    max(case when has_herd then herd(day, bulls, steers) end) as herd_b,
    max(case when has_herd then herd(day, yearlings, calves) end) as herd_c,
    max(case when has_herd then herd(day, 0, equines) end) as herd_d,
    min(case when has_herd then herd(day, cows, heifers) end) as first_a,
    min(case when has_herd then herd(day, bulls, steers) end) as first_b,
    min(case when has_herd then herd(day, yearlings, calves) end) as first_c,
    max(day * 70368744177664 + least((milk_l_per_day * 100)::bigint, 134217727) * 524288
        + least(cows_in_milk, 524287)) filter (where milk_l_per_day is not null and cows_in_milk is not null) as milked,
    max(dated(day, hundredths(pasture_ha))) as pasture, max(dated(day, hundredths(milk_l_per_day))) as milk,
    max(dated(day, hundredths(trees_counted))) as trees, max(dated(day, hundredths(live_fence_m))) as fence,
    max(dated(day, hundredths(income_pen))) as income,
    sum(births)::bigint as births, (sum(births_days) filter (where births is not null))::bigint as births_days,
    sum(weaned)::bigint as weaned, (sum(weaned_days) filter (where weaned is not null))::bigint as weaned_days,
    sum(deaths_adults)::bigint as adults, (sum(adults_days) filter (where deaths_adults is not null))::bigint as adults_days,
    sum(deaths_calves)::bigint as calves, (sum(calves_days) filter (where deaths_calves is not null))::bigint as calves_days,
    sum((sold_kg * 100)::bigint)::bigint as sold, (sum(sold_days) filter (where sold_kg is not null))::bigint as sold_days
from visit v
join first f on f.r = v.r
group by v.r, greatest(v.q, f.q);

-- Tree cover: the newest boundary of each plot, asked in all quarters, by the active source of each measure.
create table plot_cover as
with newest as (
    select plot_id, arg_max(id, coalesce(since, date '0001-01-01')) as boundary_id
    from ':folder/boundary.parquet' group by plot_id
)
select r.r, s.measures, s.baseline_year, s.last_year, quarter_of(s.covers_from) as covers_from_q,
    quarter_of(s.covers_until) as covers_until_q, coalesce(quarter_of(p.closed_on), 32000) as until_q,
    c.id as cover_id, c.land_m2, c.forest_m2, c.loss_m2,
    round(c.canopy_pct::decimal(38, 13) * c.land_m2)::bigint as canopy_m2,
    coalesce(c.nodata_m2::bigint * 20 <= c.land_m2::bigint + c.water_m2 + c.nodata_m2, false) as is_known
from ':folder/plot.parquet' p
join rancher r on r.id = p.rancher_id, ':folder/source.parquet' s
left join newest n on n.plot_id = p.id
left join ':folder/cover.parquet' c on c.boundary_id = n.boundary_id and c.source_id = s.id;

create table known_cover as
select r, measures, max(until_q) as until_q, max(until_q) filter (where not is_known) as unknown_until_q,
    max(last_year) as last_year, max(covers_from_q) as covers_from_q, max(covers_until_q) as covers_until_q
from plot_cover group by r, measures;

create table year_cover as
with one as (
    select *, unnest(range(baseline_year, baseline_year + len(loss_m2) + 1))::int as year
    from plot_cover where measures = 'forest' and is_known
)
select r, until_q, year, sum(canopy_m2) as canopy, sum(land_m2) as land,
    sum(forest_m2 - coalesce(list_sum(loss_m2[1 : year - baseline_year]), 0)) as forest,
    sum(case when year > baseline_year then loss_m2[year - baseline_year] else 0 end) as lost,
    sum(coalesce(list_sum(loss_m2[greatest(1, 2021 - baseline_year) : year - baseline_year]), 0)) as lost_since
from one group by r, until_q, year;

create table cover as
with joined as (
    select r.r, year(min(coalesce(s.since, date '2000-01-01')) + 1) - 1 as year
    from ':folder/status.parquet' s
    join ':folder/enrolment.parquet' e on e.id = s.enrolment_id
    join rancher r on r.id = e.rancher_id
    where s.status in ('supported', 'active', 'paused')
    group by r.r
),
forest as (
    select m.r, m.q, any_value(y.year) as year, sum(y.canopy) as canopy, sum(y.land) as land,
        sum(y.forest) as forest, sum(y.lost) as lost, sum(y.lost_since) as lost_since,
        sum(b.forest) filter (where b.year <= y.year) as before
    from member m
    join known_cover k on k.r = m.r and k.measures = 'forest' and m.q < k.until_q
        and m.q >= coalesce(k.unknown_until_q, 0)
    join year_cover y on y.r = m.r and y.until_q > m.q and y.year = least((m.q + 1) // 4 - 1, k.last_year)
    left join joined j on j.r = m.r
    left join year_cover b on b.r = m.r and b.until_q = y.until_q and b.year = j.year
    where m.q < y.year * 4 + 9
    group by m.r, m.q
),
alert as (
    select c.r, c.until_q, unnest(range(quarter_of(a.day), quarter_of(a.day) + 4)) as q, a.area_m2
    from ':folder/alert.parquet' a join plot_cover c using (cover_id) where c.is_known
),
alerted as (
    select m.r, m.q, coalesce(sum(a.area_m2), 0) as area
    from member m
    join known_cover k on k.r = m.r and k.measures = 'alerts' and m.q < k.until_q
        and m.q >= coalesce(k.unknown_until_q, 0) and m.q - 3 >= k.covers_from_q and m.q <= k.covers_until_q
    left join alert a on a.r = m.r and a.q = m.q and a.until_q > m.q
    group by m.r, m.q
)
select coalesce(f.r, a.r) as r, coalesce(f.q, a.q) as q, cap(((f.canopy + 5000) // 10000)::bigint) as canopy_ha,
    cap(((f.land + 50) // 100)::bigint) as cover_land_ha, cap(((f.forest + 50) // 100)::bigint) as forest_ha,
    cap(((f.lost + 50) // 100)::bigint) as loss_ha,
    case when f.year >= 2020 then cap(((f.lost_since + 50) // 100)::bigint) end as loss_since_cutoff_ha,
    cap(((a.area + 50) // 100)::bigint) as alerts_ha, cap(((f.before + 50) // 100)::bigint) as forest_joined_ha
from forest f full join alerted a on a.r = f.r and a.q = f.q;

create table fact as
with line as (select r, unnest(range(q, last_q + 1))::int as q from first),
rolled as (
    select l.r, l.q, coalesce(v.visits, 0) as visits, max(last_day) over upto as last_day,
        max(herd_a) over upto as herd_a, max(herd_b) over upto as herd_b, max(herd_c) over upto as herd_c,
        max(herd_d) over upto as herd_d, max(milked) over upto as milked, max(pasture) over upto as pasture,
        max(milk) over upto as milk, max(trees) over upto as trees, max(fence) over upto as fence,
        max(income) over upto as income, min(first_a) over year as first_a, min(first_b) over year as first_b,
        min(first_c) over year as first_c, sum(births) over year as births, sum(births_days) over year as births_days,
        sum(weaned) over year as weaned, sum(weaned_days) over year as weaned_days,
        sum(adults) over year as adults, sum(adults_days) over year as adults_days,
        sum(calves) over year as calves, sum(calves_days) over year as calves_days,
        sum(sold) over year as sold, sum(sold_days) over year as sold_days,
        sum(area) over upto as area, sum(land) over upto as land, sum(consent) over upto as consent,
        sum(known) over upto as known, sum(in_use) over upto as in_use
    from line l
    left join visited v on v.r = l.r and v.q = l.q
    left join change c on c.r = l.r and c.q = l.q
    window upto as (partition by l.r order by l.q rows unbounded preceding),
        year as (partition by l.r order by l.q rows between 3 preceding and current row)
)
select m.cohorts, p.district_id, p.sex, x.q as quarter, m.is_active, x.visits,
    coalesce(e.end_day - x.last_day < 180, false) as visited_180d,
    coalesce(x.known, 0) as practices_known, case when x.known > 0 then x.in_use::bigint end as practices_in_use,
    case when herd_a >= known_from * 70368744177664 then cap(round(100 * (one(herd_a) * e.cow + other(herd_a) * e.heifer
        + one(herd_b) * e.bull + other(herd_b) * e.steer + one(herd_c) * e.yearling + other(herd_c) * e.calf
        + other(herd_d) * e.equine))) end as animal_units,
    case when herd_a >= known_from * 70368744177664
         then cap(100 * (head(herd_a) + head(herd_b) + head(herd_c))) end as herd,
    case when pasture >= known_from * 4294967296 then pasture % 4294967296 end as pasture_ha,
    case when milk >= known_from * 4294967296 then milk % 4294967296 end as milk_l_per_day,
    case when milked >= known_from * 70368744177664 then milked // 524288 % 134217728 end as milked_l_per_day,
    case when milked >= known_from * 70368744177664 then milked % 524288 * 100 end as cows_in_milk,
    case when trees >= known_from * 4294967296 then trees % 4294967296 end as trees_counted,
    case when fence >= known_from * 4294967296 then fence % 4294967296 end as live_fence_m,
    case when income >= known_from * 4294967296 and consent > 0 then income % 4294967296 end as income_pen,
    yearly(births * 100, births_days) as births_per_year, yearly(weaned * 100, weaned_days) as weaned_per_year,
    yearly(adults * 100, adults_days) as deaths_adults_per_year,
    yearly(calves * 100, calves_days) as deaths_calves_per_year, yearly(sold, sold_days) as sold_kg_per_year,
    cap(50 * (head(first_a) + head(herd_a))) as breeding_mean,
    cap(50 * (head(first_a) + head(herd_a) + head(first_b) + head(herd_b) + one(first_c) + one(herd_c))) as adults_mean,
    cap(50 * (other(first_c) + other(herd_c))) as calves_mean,
    case when land > 0 and x.q >= b.q then (x.area - coalesce(b.area, 0))::bigint end as pasture_change_ha,
    k.canopy_ha, k.cover_land_ha, k.forest_ha, k.loss_ha, k.loss_since_cutoff_ha, k.alerts_ha, k.forest_joined_ha
from rolled x
join member m on m.r = x.r and m.q = x.q
join rancher p on p.r = x.r
join quarter e on e.q = x.q
left join base b on b.r = x.r
left join cover k on k.r = x.r and k.q = x.q;

-- Slices: from the sets of cohorts, districts and sexes there are to each one and to all.
create table slice as
with one as (select distinct m.cohorts, p.district_id, p.sex from member m join rancher p using (r) where m.cohorts <> 0)
select o.cohorts, o.district_id as own_district, o.sex as own_sex, c.cohort_id, d.district_id, s.sex
from one o,
    lateral (select unnest(list_append(list_filter(range(62), lambda k: (o.cohorts & (1::bigint << k)) <> 0), null)) as cohort_id) c,
    lateral (select unnest([o.district_id, null]) as district_id) d,
    lateral (select unnest(case when o.sex = '' then [''] else [o.sex, ''] end) as sex) s;

create table enrolled_sum as
select cohorts, district_id as own_district, sex as own_sex, quarter, count(*) as n
from fact where cohorts <> 0 group by all;

create table summed (indicator text, quarter int, cohort_id int, practice_id int, district_id text, sex text,
    category text, n_known hugeint, n_enrolled hugeint, numerator hugeint, denominator hugeint,
    sum_nn hugeint, sum_dd hugeint, sum_nd hugeint);

:scalars;

create table practice_sum as
select m.cohorts, m.district_id as own_district, m.sex as own_sex, x.practice_id,
    greatest(x.from_q, m.from_q) as from_q, least(x.to_q, m.to_q) as to_q, count(*) as known,
    count(*) filter (where stage in (2, 4)) as in_use,
    count(*) filter (where intensity is not null and ceiling > 0) as n,
    coalesce(sum(intensity) filter (where ceiling > 0), 0) as num,
    coalesce(sum(ceiling) filter (where intensity is not null and ceiling > 0), 0) as den,
    coalesce(sum(intensity * intensity) filter (where ceiling > 0), 0) as nn,
    coalesce(sum(ceiling * ceiling) filter (where intensity is not null and ceiling > 0), 0) as dd,
    coalesce(sum(intensity * ceiling) filter (where ceiling > 0), 0) as nd
from run x
join member_run m on m.r = x.r and m.from_q < x.to_q and x.from_q < m.to_q
group by all;

create table practice_quarter as
with one as (select *, unnest(range(from_q, to_q))::int as quarter from practice_sum)
select s.cohort_id, o.practice_id, s.district_id, s.sex, o.quarter, sum(known) as known, sum(in_use) as in_use,
    sum(n) as n, sum(num) as num, sum(den) as den, sum(nn) as nn, sum(dd) as dd, sum(nd) as nd
from one o join slice s using (cohorts, own_district, own_sex)
group by all;

create table follow_up as
with point as (
    select r, practice_id, q, 1 as adoptions, dropped from adoption where entered = 2
    union all select r, practice_id, q + 4, -1, -dropped from adoption where entered = 2
),
step as (select r, practice_id, q, sum(adoptions) as adoptions, sum(dropped) as dropped from point group by all),
run as (
    select r, practice_id, q as from_q, lead(q) over w as to_q, sum(adoptions) over w as adoptions, sum(dropped) over w as dropped
    from step window w as (partition by r, practice_id order by q)
),
cut as (
    select m.cohorts, m.district_id as own_district, m.sex as own_sex, x.practice_id, x.adoptions, x.dropped,
        unnest(range(greatest(x.from_q, m.from_q), least(x.to_q, m.to_q)))::int as quarter
    from run x
    join member_run m on m.r = x.r and m.from_q < x.to_q and x.from_q < m.to_q
    where x.adoptions > 0
)
select s.cohort_id, c.practice_id, s.district_id, s.sex, c.quarter, sum(adoptions) as adoptions, sum(dropped) as dropped
from cut c join slice s using (cohorts, own_district, own_sex)
group by all;

insert into summed
with place as (
    select s.cohort_id, p.id as practice_id, s.district_id, s.sex, e.quarter, sum(e.n) as n
    from enrolled_sum e
    join slice s using (cohorts, own_district, own_sex), ':folder/practice.parquet' p
    group by all
)
select i.indicator, e.quarter, e.cohort_id, e.practice_id, e.district_id, e.sex, '',
    i.n, e.n, i.num, i.den, i.nn, i.dd, i.nd
from place e
left join practice_quarter p on p.cohort_id is not distinct from e.cohort_id and p.practice_id = e.practice_id
    and p.district_id is not distinct from e.district_id and p.sex = e.sex and p.quarter = e.quarter
left join follow_up f on f.cohort_id is not distinct from e.cohort_id and f.practice_id = e.practice_id
    and f.district_id is not distinct from e.district_id and f.sex = e.sex and f.quarter = e.quarter,
lateral (values
    ('adoption_rate', coalesce(known, 0), coalesce(in_use, 0) * 100, coalesce(known, 0) * 100, 0, 0, 0),
    ('coverage', e.n, coalesce(known, 0) * 100, e.n * 100, 0, 0, 0),
    ('adoption_intensity', coalesce(p.n, 0), coalesce(num, 0), coalesce(den, 0), coalesce(nn, 0), coalesce(dd, 0), coalesce(nd, 0)),
    ('dropped_rate', coalesce(adoptions, 0), coalesce(dropped, 0) * 100, coalesce(adoptions, 0) * 100, 0, 0, 0)
) i (indicator, n, num, den, nn, dd, nd);

insert into summed
with one as (
    select e.cohort_id, e.q, e.rank, p.district_id, p.sex, count(*) as n
    from enrolled e join rancher p using (r) group by all
    union all
    select null, m.q, m.rank, p.district_id, p.sex, count(*) from member m join rancher p using (r) group by all
)
select 'enrolled', o.q, o.cohort_id, null, d.district_id, s.sex,
    ['active', 'supported', 'paused', 'invited', 'left'][o.rank], sum(n), sum(n), sum(n) * 100, 0, 0, 0, 0
from one o,
    lateral (select unnest([o.district_id, null]) as district_id) d,
    lateral (select unnest(case when o.sex = '' then [''] else [o.sex, ''] end) as sex) s
group by o.q, o.cohort_id, o.rank, d.district_id, s.sex;

create table cell as :derived;
