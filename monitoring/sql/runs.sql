-- Fill pg_temp.run and pg_temp.adoption from the observations of the visits in pg_temp.visit.
-- The rules are those of practices/adoption.py (one definition, a property test holds both to it):
-- of several observations on one day the furthest stage counts; a run breaks on another stage or
-- after 18 months of silence; adopted becomes sustained 12 months after its run began.
-- Stages: 0 planned, 1 trial, 2 adopted, 3 dropped, 4 sustained.
-- Counts on: observation_once_per_visit (visit_id, practice_id).
insert into pg_temp.practice_day
with seen as not materialized (
    select v.r, o.practice_id, v.day, v.q, v.known_until, v.known_until_q, v.year_on, v.year_on_q, v.shares_day,
        case o.stage when 'planned' then 0 when 'trial' then 1 when 'adopted' then 2 when 'dropped' then 3 end as stage,
        :cap((o.intensity * 100)::bigint) as intensity,
        case p.intensity_max_basis when 'pasture_ha' then v.pasture_now
             when 'perimeter_m' then v.perimeter_now when 'herd' then v.herd_now end as ceiling
    from pg_temp.visit v
    join monitoring_observation o on o.visit_id = v.visit_id
    join practices_practice p on p.id = o.practice_id
),
furthest as (
    select * from seen where not shares_day
    union all
    (select distinct on (r, practice_id, day) * from seen where shares_day
     order by r, practice_id, day, stage desc, intensity desc nulls last)
),
one as (
    select *, lag(stage) over w as prev_stage, lag(known_until) over w as prev_known_until
    from furthest
    window w as (partition by r, practice_id order by day)
),
run as (
    select *, lead(q) over w as next_q,
        max(case when stage is distinct from prev_stage or day >= prev_known_until then day end)
            over w as run_day,
        max(case when stage is distinct from prev_stage or day >= prev_known_until then year_on end)
            over w as proof_day,
        max(day::bigint << 32 | intensity) over w as last_intensity
    from one
    window w as (partition by r, practice_id order by day rows unbounded preceding)
)
select r, practice_id, day, q, known_until_q, year_on, year_on_q, prev_stage, stage as seen_stage,
    case when stage = 2 and day >= proof_day then 4 else stage end as stage,
    case when last_intensity >> 32 >= run_day then (last_intensity & 4294967295)::int end as intensity,
    ceiling, next_q
from run;

insert into pg_temp.run
with chained as (
    select *, lag(known_until_q) over w >= q as follows, lag(stage) over w in (2, 4) as was_in_use
    from pg_temp.practice_day
    where next_q is distinct from q
    window w as (partition by r, practice_id order by q)
)
select r, practice_id, q, least(next_q, known_until_q, %(current)s + 1), stage,
    case when stage in (0, 3) then 0 else intensity end, ceiling,
    case when follows then 0 else 1 end,
    (stage in (2, 4))::int - (coalesce(follows, false) and coalesce(was_in_use, false))::int,
    next_q is null or next_q > known_until_q
from chained;

insert into pg_temp.adoption
with change as (
    select *, lead(seen_stage) over w as next_stage, lead(day) over w as next_day
    from pg_temp.practice_day
    where seen_stage is distinct from prev_stage
    window w as (partition by r, practice_id order by day)
)
select r, practice_id, day, year_on_q,
    (coalesce(next_stage = 3 and next_day <= year_on, false))::int
from change
where seen_stage = 2;
