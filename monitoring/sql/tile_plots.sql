-- One vector tile (bytea) of plots. :band is the column of shapes for the zoom, :seen the plots that the
-- viewer may see (a subquery of ids, or true), :values the columns that this viewer gets.
-- Counts on: GiST on plotshape.near, the primary keys of the facts (rancher first).
with tile as (select st_tileenvelope(%(z)s, %(x)s, %(y)s) as bounds)
select st_asmvt(drawn, 'plots', 4096, 'geom', 'number')
from (
    select :values st_asmvtgeom(s.:band, tile.bounds, 4096, 32) as geom
    from tile
    join monitoring_plotshape s on s.near && st_expand(tile.bounds, %(margin)s)
    :joins
    where :seen
    limit %(most)s
) drawn
where geom is not null
