-- What all connections of one recompute share: temporary for a few ranchers, unlogged tables in a schema
-- of their own for all. `r` numbers the ranchers of the recompute: four bytes sort faster than a UUID.
-- The few rows of a temporary table need no index, and its truncation at each commit would throw away
-- all plans on the table. Days are counted from 2000-01-01; quarters are year * 4 + (0..3).
:create :stage.scope (r int not null :key, rancher_id uuid not null :unique) :keep;

-- One row per quarter: its last day, the first day of which a value is still known in it, the year of tree cover that it
-- asks for (null: none), whether alerts cover it, and the animal-unit coefficients in force then, in 1/10,000.
:create :stage.quarter (
    q smallint not null :key, end_day int not null, known_from bigint not null,
    forest_year int, has_alerts boolean not null, cow int not null, bull int not null, heifer int not null, steer int not null,
    yearling int not null, calf int not null, equine int not null) :keep;

-- One row per rancher and run of quarters with the same enrolment statuses; with its stratum's number.
:create :stage.member_run (
    r int, from_q smallint, to_q smallint, statuses smallint[], cohorts smallint[], is_active boolean,
    district_id text, sex text) :keep;
:create :stage.member (
    r int, from_q smallint, to_q smallint, stratum_id bigint, is_active boolean not null,
    counts boolean not null) :keep;

-- What the facts of one share of the ranchers add up to (sums.sql); scalar_sum is made in cells.py.
:create :stage.run_sum (
    stratum_id bigint, practice_id int, from_quarter smallint, to_quarter smallint, known numeric,
    in_use numeric, n numeric, num numeric, den numeric, nn numeric, dd numeric, nd numeric) :keep;
:create :stage.follow_up_sum (
    stratum_id bigint, practice_id int, from_quarter smallint, to_quarter smallint,
    adoptions numeric, dropped numeric) :keep;
:create :stage.spread_sum (packed bigint, n bigint) :keep;
:create :stage.survival_sum (
    cohort_id smallint, practice_id int, month smallint, adopted bigint, censored bigint) :keep;
