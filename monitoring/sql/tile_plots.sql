-- One vector tile (bytea) of plots. :parts are the shapes that the viewer may see by their own copies,
-- each part by one index; :seen are the plots that the viewer may see by the originals (a subquery of
-- ids), asked of those few alone; :values the columns that this viewer gets, :joins where they come from.
-- Counts on: GiST on plotshape.near, alone and behind technician and district; the primary keys of the
-- facts (rancher first). The offsets keep the planner from reading whole tables to hash them: it takes
-- the plots for spread evenly and expects many more than there are.
select st_asmvt(drawn, 'plots', 4096, 'geom', 'number')
from (
    select :values st_asmvtgeom(s.shape, st_tileenvelope(%(z)s, %(x)s, %(y)s), 4096, 32) as geom
    from (
        select o.* from (:parts) o
        cross join lateral (select from (:seen) plot (id) where plot.id = o.plot_id offset 0) is_seen
        limit %(most)s
    ) s
    :joins
) drawn
where geom is not null
