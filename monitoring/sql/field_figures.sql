-- The newest value of each figure of each rancher, and the day it is of: what the field app shows
-- beside a field. One row per rancher and figure. Income is left out: it does not leave the office.
-- Parameters: ranchers (uuid[]). Counts on: visit_by_rancher (rancher_id, visited_on).
select distinct on (v.rancher_id, f.name) v.rancher_id, f.name, f.value, v.visited_on
from monitoring_visit v
join monitoring_measurement m on m.visit_id = v.id
cross join lateral (values
    ('cows', m.cows::numeric), ('bulls', m.bulls), ('heifers', m.heifers), ('steers', m.steers),
    ('yearlings', m.yearlings), ('calves', m.calves), ('equines', m.equines),
    ('cows_in_milk', m.cows_in_milk), ('milk_l_per_day', m.milk_l_per_day), ('births', m.births),
    ('deaths_adults', m.deaths_adults), ('deaths_calves', m.deaths_calves), ('weaned', m.weaned),
    ('sold_head', m.sold_head), ('sold_kg', m.sold_kg), ('pasture_ha', m.pasture_ha),
    ('paddocks', m.paddocks), ('trees_counted', m.trees_counted), ('live_fence_m', m.live_fence_m)
) f (name, value)
where v.rancher_id = any(%(ranchers)s::uuid[]) and v.deleted_at is null and f.value is not null
order by v.rancher_id, f.name, v.visited_on desc, v.created_at desc;
