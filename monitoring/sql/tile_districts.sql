-- One vector tile (bytea) of districts with the plots that lie in each. :counted are rows of place_id,
-- plots and area_ha that the viewer may see.
with tile as (select st_tileenvelope(%(z)s, %(x)s, %(y)s) as bounds)
select st_asmvt(drawn, 'districts', 4096, 'geom')
from (
    select d.ubigeo, d.name, coalesce(c.plots, 0)::int as n, coalesce(round(c.area_ha), 0)::int as ha,
        st_asmvtgeom(
            st_transform(st_simplifypreservetopology(d.boundary, %(tolerance)s), 3857), tile.bounds, 4096, 32
        ) as geom
    from tile
    join ranchers_district d on d.boundary && st_transform(tile.bounds, 4326)
    left join (
        select place_id, sum(plots) as plots, sum(area_ha) as area_ha
        from (:counted) found
        group by 1
    ) c on c.place_id = d.ubigeo
    order by d.ubigeo
) drawn
where geom is not null
