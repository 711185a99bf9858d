-- Fill the sums of :stage from facts with a sign (+1 new, -1 old): a few thousand rows, however many
-- ranchers. Several shares of the ranchers add rows with the same key; roll_up.sql sums them.
-- :source(practice_fact) etc. stand for where the facts are read. Runs are summed by their ends.
insert into :stage.run_sum
select stratum_id, practice_id, from_quarter, to_quarter, sum(sign),
    coalesce(sum(sign) filter (where stage in ('adopted', 'sustained')), 0),
    coalesce(sum(sign) filter (where intensity is not null and ceiling > 0), 0),
    coalesce(sum(sign * intensity::bigint) filter (where ceiling > 0), 0),
    coalesce(sum(sign * ceiling::bigint) filter (where intensity is not null and ceiling > 0), 0),
    coalesce(sum(sign * (intensity::bigint * intensity)) filter (where ceiling > 0), 0),
    coalesce(sum(sign * (ceiling::bigint * ceiling)) filter (where intensity is not null and ceiling > 0), 0),
    coalesce(sum(sign * (intensity::bigint * ceiling)) filter (where ceiling > 0), 0)
from :source(practice_fact) f
group by stratum_id, practice_id, from_quarter, to_quarter;

insert into :stage.follow_up_sum
select stratum_id, practice_id, from_quarter, to_quarter, sum(sign * adoptions), sum(sign * dropped)
from :source(follow_up_fact) f
group by stratum_id, practice_id, from_quarter, to_quarter;

-- Summed before they are laid out by month: a few thousand combinations of some million rows.
insert into :stage.survival_sum
with alike as materialized (
    select cohort_id, practice_id, is_first, adopted_month, last_month, sum(sign) as n
    from :source(survival_fact) f
    group by cohort_id, practice_id, is_first, adopted_month, last_month
)
select p.cohort_id, p.practice_id, p.month, sum(p.adopted), sum(p.censored)
from (
    select c.cohort_id, f.practice_id, m.month, m.adopted * f.n as adopted, m.censored * f.n as censored
    from alike f
    cross join lateral (select f.cohort_id union all select null where f.is_first) c (cohort_id)
    cross join lateral (
        select f.last_month, 0, 1 where f.practice_id is null
        union all
        select f.last_month, 0, -1 where f.practice_id is not null
        union all
        select f.adopted_month, 1, 0 where f.adopted_month is not null
    ) m (month, adopted, censored)
) p
group by p.cohort_id, p.practice_id, p.month
having sum(p.adopted) <> 0 or sum(p.censored) <> 0;
