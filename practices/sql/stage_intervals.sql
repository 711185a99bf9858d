-- One row: a rancher at one stage of one practice during a period; practices.adoption has the rules
-- and this statement is the same rules for everyone at once (a test holds the two together).
-- The placeholder 'observed': a query of (rancher_id uuid, practice_id, seen_on date, stage text, intensity numeric),
--   the stages being those that can be observed.
-- Counts on no index: it reads and sorts everything once. The caller has emptied the table.
with observed as (
    {observed}
),
daily as (
    select distinct on (rancher_id, practice_id, seen_on) *
    from observed
    order by
        rancher_id, practice_id, seen_on,
        array_position(array['planned', 'trial', 'adopted', 'dropped'], stage::text) desc,
        intensity desc nulls last
),
marked as (
    select
        *,
        stage is distinct from lag(stage) over history
        or seen_on > lag(seen_on) over history + interval '18 months' as begins_run
    from daily
    window history as (partition by rancher_id, practice_id order by seen_on)
),
numbered as (
    select *, count(*) filter (where begins_run) over history as run
    from marked
    window history as (partition by rancher_id, practice_id order by seen_on)
),
in_runs as (
    select *, min(seen_on) over (partition by rancher_id, practice_id, run) as run_began
    from numbered
),
pieces as (
    select
        rancher_id, practice_id, run, run_began, derived.stage,
        min(seen_on) as starts_on,
        max(seen_on) as last_seen_on,
        (array_agg(intensity order by seen_on desc) filter (where intensity is not null))[1]
            as intensity
    from in_runs
    cross join lateral (
        select case
            when in_runs.stage = 'adopted' and seen_on >= run_began + interval '12 months'
                then 'sustained'
            else in_runs.stage
        end as stage
    ) as derived
    group by rancher_id, practice_id, run, run_began, derived.stage
)
insert into practices_stageinterval
    (rancher_id, practice_id, stage, period, first_evidence_on, intensity)
select
    rancher_id, practice_id, stage,
    daterange(
        starts_on,
        least(
            (last_seen_on + interval '18 months')::date + 1,
            lead(starts_on) over (partition by rancher_id, practice_id order by starts_on)
        )
    ),
    run_began,
    coalesce(
        intensity,
        lag(intensity) over (partition by rancher_id, practice_id, run order by starts_on)
    )
from pieces
