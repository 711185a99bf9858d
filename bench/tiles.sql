-- :plots made-up plots, one a rancher, spread evenly over the box of the three districts, each with its
-- facts of the current quarter (:quarter), one practice and its cover.
-- On a freshly migrated database with places, catalogue and 60 technicians. New boundaries draw no map of their own:
-- the bench calls plot_shapes.rebuild() afterwards and times it.
set local synchronous_commit = off;
alter table ranchers_rancher disable trigger user;
alter table ranchers_consent disable trigger user;
alter table ranchers_plot disable trigger user;
alter table ranchers_plotboundary disable trigger user;
select setseed(0.42);
insert into ranchers_cohort (code, name, phase, starts_on)
values ('piloto', 'Piloto', 'pilot', '2018-01-01'), ('escalamiento', 'Escalamiento', 'scale_up', '2020-01-01')
on conflict do nothing;
insert into monitoring_stratum (statuses, cohorts, district_id, sex)
select array[c.id * 8 + 2], array[c.id], d.ubigeo, 'f' from ranchers_cohort c, ranchers_district d
on conflict do nothing;
create temp table made as
select n, md5('r' || n)::uuid as rancher, md5('p' || n)::uuid as plot, md5('b' || n)::uuid as boundary,
    (array['170301', '170302', '170303'])[1 + 3 * (n % side) / side] as district, -- a technician has a stretch of land, and one farm in ten somewhere else
    (select min(id) from ranchers_user) + case when n % 10 = 0 then n / 10 % 60
        else 10 * (6 * (n % side) / side) + 10 * (n / side) / side end as technician,
    -70.5 + 1.5 * ((n % side) + 0.2 + 0.6 * random()) / side as lon,
    -12.0 + 1.2 * (n / side + 0.2 + 0.6 * random()) / side as lat,
    1.5 / side as width
from generate_series(0, :plots - 1) n, (select ceil(sqrt(:plots))::int as side) s;
insert into ranchers_rancher (id, given_names, surnames, phone, sex, community, district_id, association,
    language, photo, technician_id, created_at, updated_at)
select rancher, 'Nombre', 'Apellido ' || n, '', 'f', '', district, '', 'es', '', technician, now(), now() from made;
insert into ranchers_consent (rancher_id, scope, period, how, recorded_at)
select rancher, 'ministry', '[2020-01-01,)', '', now() from made where n % 10 <> 0;
insert into ranchers_plot (id, rancher_id, name, district_id, tenure, external_ref, created_at)
select plot, rancher, 'Fundo', district, 'title', '', now() from made;
-- 24 corners at uneven distances from the middle, at most 0.45 of the lot's width
insert into ranchers_plotboundary (id, plot_id, boundary, area_ha, period, source, recorded_at)
select boundary, plot, shape, greatest(0.05, round((st_area(shape) * 1.2e6)::numeric, 4)), '[2021-01-01,)', 'demo', now()
from (
    select boundary, plot, st_multi(st_setsrid(st_makepolygon(st_makeline(array(
        select st_makepoint(lon + reach * cos(a), lat + reach * sin(a))
        from generate_series(0, 24) k,
            lateral (select radians(15 * (k % 24)) as a, width * (0.33 + 0.1 * sin(n + (k % 24) * 1.7)) as reach) o
        order by k))), 4326)) as shape
    from made
) drawn;
insert into monitoring_rancherfact (rancher_id, quarter, stratum_id, is_active, visits, visited_180d,
    practices_known, practices_in_use)
select rancher, :quarter, (select id from monitoring_stratum s where s.district_id = m.district order by id limit 1),
    true, 1, true, 12, n % 12 from made m;
insert into monitoring_practicefact (rancher_id, practice_id, from_quarter, to_quarter, stratum_id, stage)
select rancher, (select min(id) from practices_practice), :quarter - 4, :quarter + 2, 1,
    (array['planned', 'trial', 'adopted', 'sustained', 'dropped'])[1 + n % 5] from made;
insert into monitoring_coversource (code, name, kind, measures, location, bands, version, baseline_year, last_year,
    licence, attribution, caveat, is_synthetic, is_active, added_at, status, findings, fingerprint)
values ('bench', 'Bench', 'gfc', 'forest', '/', '{}', '1', 2000, 2025, '', '', '', true, true, now(), 'ready', '{}', '');
insert into monitoring_plotcover (boundary_id, source_id, land_m2, water_m2, nodata_m2, canopy_pct, forest_m2,
    loss_m2, threshold_pct, pixels, is_too_small, fingerprint, computed_at)
select boundary, (select max(id) from monitoring_coversource), 20000, 0, 0, 50, 12000,
    array_fill(100 * (n % 3)::int, array[25]), 30, 30, false, '', now() from made;
-- A quarter is known once it has a cell.
insert into monitoring_cell (indicator, quarter, sex, category, method, n_known, n_enrolled, numerator,
    denominator, sum_nn, sum_dd, sum_nd, computed_at)
values ('active_share', :quarter, '', '', 'none', 1, 1, 1, 1, 0, 0, 0, now());
alter table ranchers_rancher enable trigger user;
alter table ranchers_consent enable trigger user;
alter table ranchers_plot enable trigger user;
alter table ranchers_plotboundary enable trigger user;
