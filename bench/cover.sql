-- Made-up cover of every boundary by two sources (forest to 2024, alerts of two years), by the hash of its key:
-- what the facts read, without rasters. Nothing where a source feeds the indicators already.
with source as (
    insert into monitoring_coversource (code, name, kind, measures, location, bands, version, baseline_year,
        last_year, covers_from, covers_until, licence, attribution, caveat, is_synthetic, is_active, added_at,
        status, findings, fingerprint)
    select 'bench-' || measures, 'Made up for benchmarks', kind, measures, '/nowhere', '{}', '1', baseline_year,
        last_year, covers_from::date, covers_until::date, 'none', 'none', '', true, true, now(), 'ready', '{}', ''
    from (values
        ('gfc', 'forest', 2000, 2024, null, null),
        ('alerts', 'alerts', null, null, '2023-01-01', '2025-09-30')
    ) s (kind, measures, baseline_year, last_year, covers_from, covers_until)
    where not exists (select from monitoring_coversource where is_active)
    returning id, measures
)
insert into monitoring_plotcover (boundary_id, source_id, land_m2, water_m2, nodata_m2, canopy_pct, forest_m2,
    loss_m2, threshold_pct, pixels, is_too_small, fingerprint, computed_at)
select b.id, s.id, whole - nodata, 0, nodata, (hash % 8000) / 100.0,
    case when s.measures = 'forest' then (whole - nodata) / 100 * (hash % 90) end,
    case when s.measures = 'forest' then array(
        select case when (hash >> year) % 5 = 0 then whole / 1000 * (hash % 7) else 0 end
        from generate_series(1, 24) year) else '{}' end,
    30, 1, false, '', now()
from source s
cross join ranchers_plotboundary b
cross join lateral (select hashtext(b.id::text)::bigint & 2147483647 as hash) h
cross join lateral (select (b.area_ha * 10000)::int as whole) w
cross join lateral (select case when hash % 40 = 0 then whole / 10 else 0 end as nodata) n
where hash % 50 <> 0;

insert into monitoring_plotalert (cover_id, day, confidence, area_m2)
select c.id, date '2023-01-01' + (hashtext(c.boundary_id::text || n) & 1023), 2 + n % 3, 900 * n
from monitoring_coversource s
join monitoring_plotcover c on c.source_id = s.id
cross join generate_series(1, 3) n
where s.code = 'bench-alerts' and hashtext(c.boundary_id::text) % 10 = 0
    and not exists (select from monitoring_plotalert);
