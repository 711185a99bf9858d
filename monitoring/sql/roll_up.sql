-- Lay out the sums of :stage by every slice (cohort, district, sex: each one or all) and quarter, in
-- pg_temp.delta; the scalar indicators and the histogram are rolled up in cells.py.
insert into pg_temp.slice
select s.id, c.cohort_id, d.district_id, x.sex
from monitoring_stratum s
cross join lateral (select unnest(s.cohorts) union all select null) c (cohort_id)
cross join lateral (values (s.district_id), (null)) d (district_id)
cross join lateral (select s.sex where s.sex <> '' union all select '') x (sex)
where s.cohorts <> '{}' and s.id in (
    select stratum_id from :stage.scalar_sum
    union all select stratum_id from :stage.run_sum
    union all select stratum_id from :stage.follow_up_sum);

insert into pg_temp.enrolled
select t.stratum_id, t.quarter, case when s.cohorts <> '{}' then sum(t.n_any) else 0 end, sum(t.n_any)
from :stage.scalar_sum t
join monitoring_stratum s on s.id = t.stratum_id
group by t.stratum_id, t.quarter, s.cohorts;

insert into pg_temp.delta
with practice_sum as (
    select stratum_id, practice_id, q as quarter, sum(known) as known, sum(in_use) as in_use,
        sum(n) as n, sum(num) as num, sum(den) as den, sum(nn) as nn, sum(dd) as dd, sum(nd) as nd
    from :stage.run_sum, generate_series(from_quarter, to_quarter - 1) q
    group by stratum_id, practice_id, q
)
select i.indicator, p.quarter, s.cohort_id, p.practice_id, s.district_id, s.sex, '',
    sum(i.n), 0, sum(i.num), sum(i.den), sum(i.nn), sum(i.dd), sum(i.nd)
from practice_sum p
join pg_temp.slice s on s.stratum_id = p.stratum_id
cross join lateral (values
    ('adoption_rate', p.known, p.in_use * 100, p.known * 100, 0, 0, 0),
    ('coverage', 0, p.known * 100, 0, 0, 0, 0),
    ('adoption_intensity', p.n, p.num, p.den, p.nn, p.dd, p.nd)
) i (indicator, n, num, den, nn, dd, nd)
group by i.indicator, p.quarter, s.cohort_id, p.practice_id, s.district_id, s.sex;

insert into pg_temp.delta
select 'dropped_rate', q, s.cohort_id, f.practice_id, s.district_id, s.sex, '',
    sum(f.adoptions), 0, sum(f.dropped) * 100, sum(f.adoptions) * 100, 0, 0, 0
from :stage.follow_up_sum f
join pg_temp.slice s on s.stratum_id = f.stratum_id
cross join lateral generate_series(f.from_quarter, f.to_quarter - 1) q
group by q, s.cohort_id, f.practice_id, s.district_id, s.sex;

-- Every practice has cells wherever ranchers are enrolled, so that coverage can be nought.
insert into pg_temp.delta
select i.indicator, e.quarter, s.cohort_id, p.id, s.district_id, s.sex, '',
    case when i.indicator = 'coverage' then sum(e.n) else 0 end, sum(e.n),
    0, case when i.indicator = 'coverage' then sum(e.n) * 100 else 0 end, 0, 0, 0
from pg_temp.enrolled e
join pg_temp.slice s on s.stratum_id = e.stratum_id
cross join practices_practice p
cross join (values ('adoption_rate'), ('coverage'), ('adoption_intensity'), ('dropped_rate')) i (indicator)
where e.n <> 0
group by i.indicator, e.quarter, s.cohort_id, p.id, s.district_id, s.sex;

-- Ranchers by status; in 'all cohorts' once, by the most engaged status.
insert into pg_temp.delta
with mine as (
    select * from monitoring_stratum where id in (select stratum_id from pg_temp.enrolled where n_any <> 0)
),
one as (
    select s.id as stratum_id, c.code / 8 as cohort_id, c.code %% 8 as status
    from mine s, unnest(s.statuses) as c (code)
    union all
    select s.id, null, (select c.code %% 8 from unnest(s.statuses) as c (code)
                        order by array_position(array[2, 1, 3, 0, 4], c.code %% 8) limit 1)
    from mine s
)
select 'enrolled', e.quarter, o.cohort_id, null, d.district_id, x.sex,
    (array['invited', 'supported', 'active', 'paused', 'left'])[o.status + 1],
    sum(e.n_any), sum(e.n_any), sum(e.n_any) * 100, 0, 0, 0, 0
from pg_temp.enrolled e
join one o on o.stratum_id = e.stratum_id
join mine s on s.id = e.stratum_id
cross join lateral (values (s.district_id), (null)) d (district_id)
cross join lateral (select s.sex where s.sex <> '' union all select '') x (sex)
where e.n_any <> 0
group by e.quarter, o.cohort_id, d.district_id, x.sex, o.status;

insert into pg_temp.survival_delta
select cohort_id, practice_id, month, sum(adopted), sum(censored)
from :stage.survival_sum
group by cohort_id, practice_id, month
having sum(adopted) <> 0 or sum(censored) <> 0;
