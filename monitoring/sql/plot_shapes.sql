-- One row for each plot with a boundary in force today: what monitoring_plotshape holds of it.
-- :which limits it to some plots (`p.id = any(%(plots)s::uuid[])`) or is true; %(today)s is the day,
-- %(scopes)s the scopes of consent that let the ministry see a plot.
-- Counts on: the primary keys of plot and rancher, the indexes on plotboundary.plot_id (exclusion
-- constraint) and consent.rancher_id. Tolerances: half a pixel at the highest zoom of each band.
insert into monitoring_plotshape (plot_id, boundary_id, rancher_id, technician_id, district_id, place_id,
    is_shared, area_ha, cell, far, middle, near)
select plot_id, boundary_id, rancher_id, technician_id, district_id, place_id, is_shared, area_ha,
    monitoring_map_cell(
        floor((st_x(inside) + 20037508.342789244) / 40075016.685578488 * 65536)::int,
        floor((20037508.342789244 - st_y(inside)) / 40075016.685578488 * 65536)::int
    ),
    st_multi(st_simplifypreservetopology(shape, 76)),
    st_multi(st_simplifypreservetopology(shape, 9.5)),
    st_multi(st_simplifypreservetopology(shape, 0.5))
from (
    select p.id as plot_id, b.id as boundary_id, p.rancher_id, r.technician_id, r.district_id,
        p.district_id as place_id, b.area_ha, st_transform(b.boundary, 3857) as shape,
        st_transform(st_pointonsurface(b.boundary), 3857) as inside,
        exists (
            select from ranchers_consent c
            where c.rancher_id = p.rancher_id and c.scope = any(%(scopes)s) and c.period @> %(today)s::date
        ) as is_shared
    from ranchers_plot p
    join ranchers_plotboundary b on b.plot_id = p.id and b.period @> %(today)s::date
    join ranchers_rancher r on r.id = p.rancher_id
    where :which and (p.closed_on is null or p.closed_on > %(today)s::date)
    offset 0 -- so that the shape is transformed once
) today
order by 9
on conflict (plot_id) do update set
    boundary_id = excluded.boundary_id, rancher_id = excluded.rancher_id,
    technician_id = excluded.technician_id, district_id = excluded.district_id,
    place_id = excluded.place_id, is_shared = excluded.is_shared, area_ha = excluded.area_ha,
    cell = excluded.cell, far = excluded.far, middle = excluded.middle, near = excluded.near
