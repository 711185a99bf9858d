-- The staging tables of one recompute: temporary for a few ranchers, unlogged in a schema of their
-- own for all. `r` numbers the ranchers of the recompute: four bytes sort faster than a UUID.
-- Days are counted from 2000-01-01; quarters are year * 4 + (0..3).
:create :stage.scope (r int primary key, rancher_id uuid not null unique) :keep;

-- One row per quarter: its last day and the animal-unit coefficients in force then, in 1/10,000.
:create :stage.quarter (
    q smallint primary key, end_day int not null, cow int not null, bull int not null,
    heifer int not null, steer int not null, yearling int not null, calf int not null,
    equine int not null) :keep;

-- One row per rancher and run of quarters with the same enrolment statuses.
:create :stage.member (
    r int, from_q smallint, to_q smallint, stratum_id bigint, is_active boolean not null,
    counts boolean not null) :keep;

-- One row per visit that counts; words are day << bits | value, so that max() is 'the newest'.
:create :stage.visit (
    r int, visit_id uuid, day int, q smallint, known_until_q smallint, known_until int,
    year_on int, year_on_q smallint,
    herd_a bigint, herd_b bigint, herd_c bigint, herd_d bigint, milked bigint,
    pasture bigint, milk bigint, trees bigint, fence bigint, income bigint,
    births int, births_days int, weaned int, weaned_days int, dead_adults int,
    dead_adults_days int, dead_calves int, dead_calves_days int, sold_kg bigint, sold_days int,
    pasture_now int, herd_now int, perimeter_now int) :keep;

-- One row per rancher, practice and quarter with an observation: the stage from then on.
-- d_known and d_in_use: how the rancher's counts change at from_q; ends: nothing follows at to_q.
:create :stage.run (
    r int, practice_id int, from_q smallint, to_q smallint, stage smallint, intensity int,
    ceiling int, d_known smallint, d_in_use smallint, ends boolean) :keep;

-- One row per adoption seen; `dropped` when the next other stage seen is that, within 12 months.
:create :stage.adoption (
    r int, practice_id int, day int, followed_q smallint, dropped smallint) :keep;

-- The new facts, columns as in the tables of monitoring/models/facts.py.
:create :stage.rancher_fact (like monitoring_rancherfact) :keep;
:create :stage.practice_fact (like monitoring_practicefact) :keep;
:create :stage.follow_up_fact (like monitoring_followupfact) :keep;
:create :stage.survival_fact (like monitoring_survivalfact) :keep;
alter table :stage.survival_fact alter id drop not null;
