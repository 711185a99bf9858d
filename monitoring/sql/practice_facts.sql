-- Fill :practice_fact and :follow_up_fact: the runs of pg_temp.run and the follow-ups of
-- pg_temp.adoption, cut to the quarters in which the rancher counts in a cohort.
insert into :practice_fact (
    rancher_id, practice_id, from_quarter, to_quarter, stratum_id, stage, intensity, ceiling)
select p.rancher_id, s.practice_id, greatest(s.from_q, m.from_q), least(s.to_q, m.to_q), m.stratum_id,
    (array['planned', 'trial', 'adopted', 'dropped', 'sustained'])[s.stage + 1], s.intensity, s.ceiling
from pg_temp.run s
join :stage.member m on m.r = s.r and m.counts and m.from_q < s.to_q and s.from_q < m.to_q
join :stage.scope p on p.r = s.r
where :mine;

insert into :follow_up_fact (
    rancher_id, practice_id, from_quarter, to_quarter, stratum_id, adoptions, dropped)
with point as (
    select r, practice_id, followed_q as q, 1 as adoptions, dropped from pg_temp.adoption s where :mine
    union all
    select r, practice_id, followed_q + 4, -1, -dropped from pg_temp.adoption s where :mine
),
step as (
    select r, practice_id, q, sum(adoptions) as adoptions, sum(dropped) as dropped
    from point group by r, practice_id, q
),
run as (
    select r, practice_id, q as from_q, lead(q) over w as to_q,
        sum(adoptions) over w as adoptions, sum(dropped) over w as dropped
    from step window w as (partition by r, practice_id order by q)
)
select p.rancher_id, s.practice_id, greatest(s.from_q, m.from_q), least(s.to_q, m.to_q), m.stratum_id,
    s.adoptions, s.dropped
from run s
join :stage.member m on m.r = s.r and m.counts and m.from_q < s.to_q and s.from_q < m.to_q
join :stage.scope p on p.r = s.r
where s.adoptions > 0;
