-- One vector tile (bytea) of squares with how many plots lie in each, as points in the middle of their
-- square, `side` units of the tile's 4096 wide. :counted are rows of cell, plots and area_ha inside the
-- tile's range of cells that the viewer may see; %(first)s is the first of them, %(shift)s the bits
-- that make a cell a square.
select st_asmvt(drawn, 'squares', 4096, 'geom')
from (
    select plots as n, round(area_ha)::int as ha, %(side)s::int as side,
        st_makepoint(
            ((three.x | (three.x >> 4)) & 255) * %(side)s + %(side)s / 2,
            ((three.y | (three.y >> 4)) & 255) * %(side)s + %(side)s / 2
        ) as geom
    from (
        select (cell - %(first)s) >> %(shift)s as square, sum(plots)::int as plots, sum(area_ha) as area_ha
        from (:counted) found
        group by 1
        having sum(plots) > 0
    ) counted
    -- The even bits are x, the odd ones y: pulled together in four steps.
    cross join lateral (select square & 21845 as x, square >> 1 & 21845 as y) one
    cross join lateral (select (one.x | (one.x >> 1)) & 13107 as x, (one.y | (one.y >> 1)) & 13107 as y) two
    cross join lateral (select (two.x | (two.x >> 2)) & 3855 as x, (two.y | (two.y >> 2)) & 3855 as y) three
) drawn
