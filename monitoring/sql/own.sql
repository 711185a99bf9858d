-- What one connection keeps to itself: the ranchers' visits and what they say, then the facts. The
-- tables stay with the connection and empty themselves, so that a recompute makes no catalogue rows.
-- One row per visit that counts, and whether another is of the same day; words are day << bits | value, so that max() is 'the newest'.
create temp table if not exists pg_temp.visit (
    r int, visit_id uuid, day int, q smallint, known_until_q smallint, known_until int,
    year_on int, year_on_q smallint,
    herd_a bigint, herd_b bigint, herd_c bigint, herd_d bigint, milked bigint,
    pasture bigint, milk bigint, trees bigint, fence bigint, income bigint,
    births int, births_days int, weaned int, weaned_days int, dead_adults int,
    dead_adults_days int, dead_calves int, dead_calves_days int, sold_kg bigint, sold_days int,
    pasture_now int, herd_now int, perimeter_now int, shares_day boolean) on commit delete rows;

-- One row per rancher, practice and day with an observation (runs.sql); next_q is that of the next such day.
create temp table if not exists pg_temp.practice_day (
    r int, practice_id int, day int, q smallint, known_until_q smallint, year_on int, year_on_q smallint,
    prev_stage int, seen_stage int, stage int, intensity int, ceiling int, next_q smallint) on commit delete rows;

-- One row per rancher, practice and quarter with an observation: the stage from then on.
-- d_known and d_in_use: how the rancher's counts change at from_q; ends: nothing follows at to_q.
create temp table if not exists pg_temp.run (
    r int, practice_id int, from_q smallint, to_q smallint, stage smallint, intensity int,
    ceiling int, d_known smallint, d_in_use smallint, ends boolean) on commit delete rows;

-- One row per adoption seen; `dropped` when the next other stage seen is that, within 12 months.
create temp table if not exists pg_temp.adoption (
    r int, practice_id int, day int, followed_q smallint, dropped smallint) on commit delete rows;

-- One row per plot and active source of tree cover: its newest boundary, held until the quarter `until_q`.
create temp table if not exists pg_temp.plot_cover (
    r int, measures text, from_year int, joined_year int, baseline_year int, until_q int, cover_id bigint,
    land_m2 int, forest_m2 int, canopy_m2 bigint, is_known boolean, loss_m2 int[]) on commit delete rows;

-- What cover.sql makes of them: the years of the quarters [from_q, until_q), and alerts by quarter.
create temp table if not exists pg_temp.forest (
    r int, year int, from_q int, until_q int, canopy_ha int, cover_land_ha int, forest_ha int,
    loss_ha int, loss_since_cutoff_ha int, forest_joined_ha int) on commit delete rows;
create temp table if not exists pg_temp.watched (r int, from_q int, until_q int) on commit delete rows;
create temp table if not exists pg_temp.alerted (r int, q int, m2 bigint) on commit delete rows;

-- The new facts, columns as in the tables of monitoring/models/facts.py.
create temp table if not exists pg_temp.rancher_fact (like monitoring_rancherfact) on commit delete rows;
create temp table if not exists pg_temp.practice_fact (like monitoring_practicefact) on commit delete rows;
create temp table if not exists pg_temp.follow_up_fact (like monitoring_followupfact) on commit delete rows;
create temp table if not exists pg_temp.survival_fact (like monitoring_survivalfact) on commit delete rows;
alter table pg_temp.survival_fact alter id drop not null;

-- The sums that change, rolled up: one row per cell and source; see cells.py.
create temp table if not exists pg_temp.slice (stratum_id bigint, cohort_id smallint, district_id text, sex text) on commit delete rows;
create temp table if not exists pg_temp.enrolled (stratum_id bigint, quarter smallint, n bigint, n_any bigint) on commit delete rows;
create temp table if not exists pg_temp.delta (
    indicator text, quarter int, cohort_id smallint, practice_id int, district_id text, sex text,
    category text, n_known numeric, n_enrolled numeric, numerator numeric, denominator numeric,
    sum_nn numeric, sum_dd numeric, sum_nd numeric) on commit delete rows;
create temp table if not exists pg_temp.spread_delta (
    indicator text, quarter int, cohort_id smallint, bin smallint, ranchers bigint) on commit delete rows;
create temp table if not exists pg_temp.survival_delta (
    cohort_id smallint, practice_id int, month smallint, adopted bigint, censored bigint) on commit delete rows;
create temp table if not exists pg_temp.touched (id bigint, is_new boolean) on commit delete rows;
create temp table if not exists pg_temp.emptied_bin (id bigint) on commit delete rows;
create temp table if not exists pg_temp.emptied_point (id bigint) on commit delete rows;
create temp table if not exists pg_temp.change_rancher_fact (like monitoring_rancherfact, sign int) on commit delete rows;
create temp table if not exists pg_temp.change_practice_fact (like monitoring_practicefact, sign int) on commit delete rows;
create temp table if not exists pg_temp.change_follow_up_fact (like monitoring_followupfact, sign int) on commit delete rows;
create temp table if not exists pg_temp.change_survival_fact (like monitoring_survivalfact, sign int) on commit delete rows;
alter table pg_temp.change_survival_fact alter id drop not null;
