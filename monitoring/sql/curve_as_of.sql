-- One row per rancher and cohort joined by the end of a past quarter: the part in the adoption curve of
-- one practice as of then. adopted_month: whole months from joining to the visit that first saw it
-- adopted, null where none had by then; last_month: to the last visit by then. Adopted before joining is
-- never at risk and has no row. As SurvivalFact, from the histories kept: statuses, stages and facts.
-- Parameters: practice, quarter, until (the day after the quarter). Counts on the keys of
-- monitoring_rancherfact and visit_by_rancher (only where no status covers the quarter's last day).
with joined as (
    select e.rancher_id, e.cohort_id, min(coalesce(lower(es.period), '2000-01-01')) as day
    from ranchers_enrolment e
    join ranchers_enrolmentstatus es on es.enrolment_id = e.id
        and es.status in ('supported', 'active', 'paused')
    group by e.rancher_id, e.cohort_id
    having min(coalesce(lower(es.period), '2000-01-01')) < %(until)s
),
adopted as (
    select rancher_id, min(lower(period)) as day
    from practices_stageinterval
    where practice_id = %(practice)s and stage = 'adopted'
    group by rancher_id
    having min(lower(period)) < %(until)s
),
seen as (
    select j.*, row_number() over (partition by j.rancher_id order by j.day, j.cohort_id) = 1 as is_first,
        case when f.rancher_id is not null then f.last_visit_on else (
            select max(v.visited_on) from monitoring_visit v
            where v.rancher_id = j.rancher_id and v.deleted_at is null and v.visited_on < %(until)s
        ) end as last_day
    from joined j
    left join monitoring_rancherfact f on f.rancher_id = j.rancher_id and f.quarter = %(quarter)s
)
select s.rancher_id, s.cohort_id, s.is_first, :months(s.day, a.day) as adopted_month,
    case when s.last_day > s.day then :months(s.day, s.last_day) else 0 end as last_month
from seen s
left join adopted a on a.rancher_id = s.rancher_id
where a.day is null or a.day >= s.day
