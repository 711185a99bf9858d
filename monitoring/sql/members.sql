-- Fill :stage.member: one row per rancher and run of quarters with the same enrolment statuses on
-- the last day of each quarter, up to the current one (%(current)s). New strata are added.
-- Counts on: enrolment (rancher_id), enrolment status (enrolment_id).
insert into :stage.member_run
with status as (
    select s.r, e.cohort_id,
        array_position(array['invited', 'supported', 'active', 'paused', 'left'],
                       es.status::text) - 1 as position,
        :quarter(coalesce(lower(es.period), '2000-01-01')) as from_q,
        least(coalesce(:quarter(upper(es.period)), %(current)s + 1), %(current)s + 1) as to_q
    from :stage.scope s
    join ranchers_enrolment e on e.rancher_id = s.rancher_id
    join ranchers_enrolmentstatus es on es.enrolment_id = e.id
    where :mine
),
point as (
    select r, from_q as q from status where from_q < to_q
    union
    select r, to_q from status where from_q < to_q
),
segment as (
    select r, q as from_q, lead(q) over (partition by r order by q) as to_q from point
),
member as (
    select g.r, g.from_q, g.to_q,
        array_agg((t.cohort_id * 8 + t.position)::smallint order by t.cohort_id) as statuses,
        coalesce(array_agg(t.cohort_id order by t.cohort_id)
                 filter (where t.position in (1, 2, 3)), '{}') as cohorts,
        bool_or(t.position = 2) as is_active
    from segment g
    join status t on t.r = g.r and t.from_q <= g.from_q and t.to_q >= g.to_q
    group by g.r, g.from_q, g.to_q
)
select m.r, m.from_q, m.to_q, m.statuses, m.cohorts, m.is_active, p.district_id, p.sex
from member m
join :stage.scope s on s.r = m.r
join ranchers_rancher p on p.id = s.rancher_id;

insert into monitoring_stratum (statuses, cohorts, district_id, sex)
select distinct m.statuses, m.cohorts, m.district_id, m.sex from :stage.member_run m
where not exists (
    select from monitoring_stratum t
    where t.statuses = m.statuses and t.district_id = m.district_id and t.sex = m.sex)
on conflict do nothing;

insert into :stage.member
select m.r, m.from_q, m.to_q, t.id, m.is_active, m.cohorts <> '{}'
from :stage.member_run m
join monitoring_stratum t
    on t.statuses = m.statuses and t.district_id = m.district_id and t.sex = m.sex;
