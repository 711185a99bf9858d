-- Fill :stage.quarter: every quarter from the first of a member (and four before) to the current one, with its last
-- day, the first day of what is still known in it (18 months), what it asks of tree cover, and the animal-unit coefficients
-- in force on that day (the default where no row covers it). What a year lost is known at its end, and for six quarters.
insert into :stage.quarter
select q, d.day - date '2000-01-01', (d.day + 1 - interval '18 months')::date - date '2000-01-01',
    (select case when q < least((q + 1) / 4 - 1, last_year) * 4 + 9 then least((q + 1) / 4 - 1, last_year) end
     from monitoring_coversource where is_active and measures = 'forest'),
    exists (select from monitoring_coversource where is_active and measures = 'alerts'
            and q - 3 >= :quarter(covers_from) and q <= :quarter(covers_until)),
    coalesce(max(round(c.value * 10000)) filter (where c.code = 'au_cow'), %(au_cow)s),
    coalesce(max(round(c.value * 10000)) filter (where c.code = 'au_bull'), %(au_bull)s),
    coalesce(max(round(c.value * 10000)) filter (where c.code = 'au_heifer'), %(au_heifer)s),
    coalesce(max(round(c.value * 10000)) filter (where c.code = 'au_steer'), %(au_steer)s),
    coalesce(max(round(c.value * 10000)) filter (where c.code = 'au_yearling'), %(au_yearling)s),
    coalesce(max(round(c.value * 10000)) filter (where c.code = 'au_calf'), %(au_calf)s),
    coalesce(max(round(c.value * 10000)) filter (where c.code = 'au_equine'), %(au_equine)s)
from generate_series((select min(from_q) - 4 from :stage.member), %(current)s) q
cross join lateral (select (make_date(q / 4, q %% 4 * 3 + 1, 1) + interval '3 months')::date - 1 as day) d
left join monitoring_coefficient c on c.period @> d.day and c.code like 'au\_%%'
group by q, d.day;
