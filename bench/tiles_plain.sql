-- What a tile of plots would be without anything prepared: the same attributes from the boundaries
-- themselves, for a viewer who may see all, however many there are.
with tile as (select st_tileenvelope(%(z)s, %(x)s, %(y)s) as bounds)
select length(st_asmvt(drawn, 'plots', 4096, 'geom'))
from (
    select b.plot_id::text, p.district_id as district, round(b.area_ha, 1)::float as ha,
        (select min(c) from unnest(t.cohorts) c) as cohort, f.practices_in_use as practices, pf.stage as stage,
        st_asmvtgeom(st_transform(b.boundary, 3857), tile.bounds, 4096, 32) as geom
    from tile
    join ranchers_plotboundary b on b.boundary && st_transform(tile.bounds, 4326) and b.period @> current_date
    join ranchers_plot p on p.id = b.plot_id and p.closed_on is null
    left join monitoring_rancherfact f on f.rancher_id = p.rancher_id and f.quarter = %(quarter)s
    left join monitoring_stratum t on t.id = f.stratum_id
    left join monitoring_practicefact pf on pf.rancher_id = p.rancher_id and pf.practice_id = %(practice)s
        and pf.from_quarter <= %(quarter)s and pf.to_quarter > %(quarter)s
) drawn
where geom is not null
