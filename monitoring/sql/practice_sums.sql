-- Add to :stage.delta what practices contribute: runs are summed by their ends first (parallel, a
-- few thousand groups), and only then laid out by quarter.
-- :source.practice_fact etc. stand for facts with a sign (+1 new, -1 old).
create temp table practice_sum on commit drop as
with run as (
    select stratum_id, practice_id, from_quarter, to_quarter,
        sum(sign) as known,
        sum(sign) filter (where stage in ('adopted', 'sustained')) as in_use,
        sum(sign) filter (where intensity is not null and ceiling > 0) as n,
        sum(sign * intensity::bigint) filter (where ceiling > 0) as num,
        sum(sign * ceiling::bigint) filter (where intensity is not null and ceiling > 0) as den,
        sum(sign * (intensity::bigint * intensity)) filter (where ceiling > 0) as nn,
        sum(sign * (ceiling::bigint * ceiling)) filter (where intensity is not null and ceiling > 0) as dd,
        sum(sign * (intensity::bigint * ceiling)) filter (where ceiling > 0) as nd
    from :source(practice_fact)
    group by stratum_id, practice_id, from_quarter, to_quarter
)
select stratum_id, practice_id, q as quarter, sum(known) as known, coalesce(sum(in_use), 0) as in_use,
    coalesce(sum(n), 0) as n, coalesce(sum(num), 0) as num, coalesce(sum(den), 0) as den,
    coalesce(sum(nn), 0) as nn, coalesce(sum(dd), 0) as dd, coalesce(sum(nd), 0) as nd
from run, generate_series(from_quarter, to_quarter - 1) q
group by stratum_id, practice_id, q;

insert into :stage.delta
select i.indicator, p.quarter, s.cohort_id, p.practice_id, s.district_id, s.sex, '',
    sum(i.n), 0, sum(i.num), sum(i.den), sum(i.nn), sum(i.dd), sum(i.nd)
from practice_sum p
join :stage.slice s on s.stratum_id = p.stratum_id
cross join lateral (values
    ('adoption_rate', p.known, p.in_use * 100, p.known * 100, 0, 0, 0),
    ('coverage', 0, p.known * 100, 0, 0, 0, 0),
    ('adoption_intensity', p.n, p.num, p.den, p.nn, p.dd, p.nd)
) i (indicator, n, num, den, nn, dd, nd)
group by i.indicator, p.quarter, s.cohort_id, p.practice_id, s.district_id, s.sex;

drop table practice_sum;

insert into :stage.delta
with run as (
    select stratum_id, practice_id, from_quarter, to_quarter,
        sum(sign * adoptions) as adoptions, sum(sign * dropped) as dropped
    from :source(follow_up_fact)
    group by stratum_id, practice_id, from_quarter, to_quarter
)
select 'dropped_rate', q, s.cohort_id, f.practice_id, s.district_id, s.sex, '',
    sum(f.adoptions), 0, sum(f.dropped) * 100, sum(f.adoptions) * 100, 0, 0, 0
from run f
join :stage.slice s on s.stratum_id = f.stratum_id
cross join lateral generate_series(f.from_quarter, f.to_quarter - 1) q
group by q, s.cohort_id, f.practice_id, s.district_id, s.sex;

-- Every practice has cells wherever ranchers are enrolled, so that coverage can be nought.
insert into :stage.delta
select i.indicator, e.quarter, s.cohort_id, p.id, s.district_id, s.sex, '',
    case when i.indicator = 'coverage' then sum(e.n) else 0 end, sum(e.n),
    0, case when i.indicator = 'coverage' then sum(e.n) * 100 else 0 end, 0, 0, 0
from :stage.enrolled e
join :stage.slice s on s.stratum_id = e.stratum_id
cross join practices_practice p
cross join (values ('adoption_rate'), ('coverage'), ('adoption_intensity'), ('dropped_rate')) i (indicator)
where e.n <> 0
group by i.indicator, e.quarter, s.cohort_id, p.id, s.district_id, s.sex;

-- Ranchers by status; in 'all cohorts' once, by the most engaged status.
insert into :stage.delta
with one as (
    select s.id as stratum_id, c.code / 8 as cohort_id, c.code %% 8 as status
    from monitoring_stratum s, unnest(s.statuses) as c (code)
    union all
    select s.id, null, (select c.code %% 8 from unnest(s.statuses) as c (code)
                        order by array_position(array[2, 1, 3, 0, 4], c.code %% 8) limit 1)
    from monitoring_stratum s
)
select 'enrolled', e.quarter, o.cohort_id, null, d.district_id, x.sex,
    (array['invited', 'supported', 'active', 'paused', 'left'])[o.status + 1],
    sum(e.n_any), sum(e.n_any), sum(e.n_any) * 100, 0, 0, 0, 0
from :stage.enrolled e
join one o on o.stratum_id = e.stratum_id
join monitoring_stratum s on s.id = e.stratum_id
cross join lateral (values (s.district_id), (null)) d (district_id)
cross join lateral (select s.sex where s.sex <> '' union all select '') x (sex)
where e.n_any <> 0
group by e.quarter, o.cohort_id, d.district_id, x.sex, o.status;

insert into :stage.survival_delta
select p.cohort_id, f.practice_id, p.month, sum(p.adopted), sum(p.censored)
from :source(survival_fact) f
cross join lateral (
    select c.cohort_id, m.month, m.adopted * f.sign, m.censored * f.sign
    from (select f.cohort_id union all select null where f.is_first) c (cohort_id)
    cross join (
        select f.last_month, 0, 1 where f.practice_id is null
        union all
        select f.last_month, 0, -1 where f.practice_id is not null
        union all
        select f.adopted_month, 1, 0 where f.adopted_month is not null
    ) m (month, adopted, censored)
) p (cohort_id, month, adopted, censored)
group by p.cohort_id, f.practice_id, p.month
having sum(p.adopted) <> 0 or sum(p.censored) <> 0;
