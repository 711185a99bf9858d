-- Fill :survival_fact: a rancher's part in the adoption curves of each cohort ever joined.
-- Joining is the first day supported, active or paused. The base row (practice null) says when the
-- rancher was last seen; a row per practice adopted corrects it (models/facts.py SurvivalFact).
insert into :survival_fact (rancher_id, cohort_id, practice_id, is_first, adopted_month, last_month)
with joined as (
    select s.r, s.rancher_id, e.cohort_id, min(coalesce(lower(es.period), '2000-01-01')) as day
    from :stage.scope s
    join ranchers_enrolment e on e.rancher_id = s.rancher_id
    join ranchers_enrolmentstatus es on es.enrolment_id = e.id
        and es.status in ('supported', 'active', 'paused')
    where :mine
    group by s.r, s.rancher_id, e.cohort_id
),
seen as (
    select r, max(day) as day from pg_temp.visit s where :mine group by r
),
base as (
    select j.r, j.rancher_id, j.cohort_id, j.day,
        row_number() over (partition by j.r order by j.day, j.cohort_id) = 1 as is_first,
        case when date '2000-01-01' + v.day > j.day then :months(j.day, (date '2000-01-01' + v.day)) else 0 end as last_month
    from joined j
    left join seen v on v.r = j.r
    where j.day < %(until)s
),
adopted as (
    select r, practice_id, date '2000-01-01' + min(day) as day
    from pg_temp.adoption s where :mine group by r, practice_id
)
select rancher_id, cohort_id, null::smallint, is_first, null::smallint, last_month from base
union all
select b.rancher_id, b.cohort_id, a.practice_id, b.is_first,
    case when a.day >= b.day then :months(b.day, a.day) end, b.last_month
from base b
join adopted a on a.r = b.r;
