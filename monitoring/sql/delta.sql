-- The staging tables of the sums that change: one row per cell and source; see cells.py.
:create :stage.slice (stratum_id bigint, cohort_id smallint, district_id text, sex text) :keep;
:create :stage.enrolled (stratum_id bigint, quarter smallint, n bigint, n_any bigint) :keep;
:create :stage.delta (
    indicator text, quarter int, cohort_id smallint, practice_id int, district_id text, sex text,
    category text, n_known numeric, n_enrolled numeric, numerator numeric, denominator numeric,
    sum_nn numeric, sum_dd numeric, sum_nd numeric) :keep;
:create :stage.spread_delta (
    indicator text, quarter int, cohort_id smallint, bin smallint, ranchers bigint) :keep;
:create :stage.survival_delta (
    cohort_id smallint, practice_id int, month smallint, adopted bigint, censored bigint) :keep;
:create :stage.touched (id bigint) :keep;
:create :stage.change_rancher_fact (like monitoring_rancherfact, sign int) :keep;
:create :stage.change_practice_fact (like monitoring_practicefact, sign int) :keep;
:create :stage.change_follow_up_fact (like monitoring_followupfact, sign int) :keep;
:create :stage.change_survival_fact (like monitoring_survivalfact, sign int) :keep;
alter table :stage.change_survival_fact alter id drop not null;
