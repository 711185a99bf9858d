-- One vector tile (bytea) of squares with how many plots lie in each, as points in the middle of their
-- square, `side` units of the tile's 4096 wide. :seen limits the counts to what the viewer may see.
-- %(first)s and %(last)s are the tile's range of cells at %(level)s, %(shift)s the bits that make a
-- cell a square. Counts on: the primary key of plotcount.
select st_asmvt(drawn, 'squares', 4096, 'geom')
from (
    select plots as n, round(area_ha)::int as ha, %(side)s::int as side,
        st_makepoint(
            ((three.x | (three.x >> 4)) & 255) * %(side)s + %(side)s / 2,
            ((three.y | (three.y >> 4)) & 255) * %(side)s + %(side)s / 2
        ) as geom
    from (
        select (cell - %(first)s) >> %(shift)s as square, sum(plots)::int as plots, sum(area_ha) as area_ha
        from monitoring_plotcount
        where level = %(level)s and cell between %(first)s and %(last)s and :seen
        group by 1
        having sum(plots) > 0
    ) counted
    -- The even bits are x, the odd ones y: pulled together in four steps.
    cross join lateral (select square & 21845 as x, square >> 1 & 21845 as y) one
    cross join lateral (select (one.x | (one.x >> 1)) & 13107 as x, (one.y | (one.y >> 1)) & 13107 as y) two
    cross join lateral (select (two.x | (two.x >> 2)) & 3855 as x, (two.y | (two.y >> 2)) & 3855 as y) three
) drawn
