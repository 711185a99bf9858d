"""What a farm carries and yields on a day: herd, milk, pasture, trees, and what was written down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.demo import parameters as p
from monitoring.demo.enrolment import Days, Enrolments
from monitoring.demo.uptake import Uptakes

Floats = NDArray[np.float64]
COUNTS = (
    *p.HERD,
    "cows_in_milk",
    "births",
    "deaths_adults",
    "deaths_calves",
    "weaned",
    "sold_head",
    "paddocks",
    "trees_counted",
    "live_fence_m",
)
AMOUNTS = ("milk_l_per_day", "sold_kg", "pasture_ha")


@dataclass(frozen=True)
class Farms:
    """One row per rancher, at the day of enrolment: hectares, AU/ha, litres per cow and day."""

    area_ha: Floats
    pasture_ha: Floats
    crops_ha: Floats
    stocking: Floats
    milk: Floats
    trees_per_ha: Floats


def farms(*, area_ha: Floats, rng: np.random.Generator) -> Farms:
    """Farms as they were before the programme."""
    n = len(area_ha)
    pasture_ha = area_ha * rng.uniform(*p.PASTURE_SHARE, size=n)
    return Farms(
        area_ha=area_ha,
        pasture_ha=np.maximum(pasture_ha, 4.0),
        crops_ha=area_ha * rng.uniform(0.02, 0.08, size=n),
        stocking=p.STOCKING_AU_PER_HA * rng.lognormal(-0.02, p.STOCKING_SPREAD, size=n),
        milk=p.MILK_L_PER_COW * rng.lognormal(0, p.MILK_SPREAD, size=n),
        trees_per_ha=p.TREES_PER_HA * rng.lognormal(0, 0.5, size=n),
    )


def pasture_on(
    *, farm: Farms, who: NDArray[np.int64], day: Days, since: Days, taken_up: Uptakes
) -> Floats:
    """Hectares of pasture of each farm on each day: it spreads into the forest, and slower where
    rotational grazing, a forest agreement or a farm plan is in use."""
    years = np.maximum((day - since[who]).astype(float) / 365.25, 0)
    slowed = np.zeros(len(day))
    for code in p.SLOWS_EXPANSION:
        slowed = np.maximum(slowed, taken_up.years_in_use(code, who, day))
    slowed = np.minimum(slowed, years)
    growth = p.PASTURE_GROWTH_PER_YEAR * (years - slowed) + p.PASTURE_GROWTH_SLOWED * slowed
    most = farm.area_ha[who] * 0.92 - farm.crops_ha[who]
    return np.maximum(np.minimum(farm.pasture_ha[who] * np.exp(growth), most), 3.0)


def measurements(
    *,
    farm: Farms,
    enrolments: Enrolments,
    taken_up: Uptakes,
    who: NDArray[np.int64],
    day: Days,
    rng: np.random.Generator,
) -> tuple[dict[str, Floats], Floats, Floats]:
    """(figures as written down with NaN where missing, true pasture in ha, true herd in head).

    `who` and `day` are sorted by rancher and day: events are counted since the visit before.
    """
    n = len(day)
    used = {code: taken_up.years_in_use(code, who, day) for code in taken_up.codes}

    def years(code: str) -> Floats:
        return used.get(code, np.zeros(n))

    pasture = pasture_on(
        farm=farm, who=who, day=day, since=enrolments.invited_on, taken_up=taken_up
    )
    intensified = np.maximum.reduce([years(code) for code in p.INTENSIFIES])
    gain = np.clip(intensified * 12 / p.STOCKING_GAIN_MONTHS, 0, 1) * p.STOCKING_GAIN
    units = pasture * farm.stocking[who] * (1 + gain)
    heads = units / sum(share * p.ANIMAL_UNITS[name] for name, share in p.HERD.items())
    figures = {
        name: np.round(heads * share * rng.lognormal(0, 0.035, size=n))
        for name, share in p.HERD.items()
    }
    figures["bulls"] = np.maximum(figures["bulls"], 1)
    herd = np.sum([figures[name] for name in p.HERD], axis=0)
    exposure = _days_since_previous(who, day) / 365.0
    figures |= _events(figures, herd, exposure, years, rng)
    figures |= _milk(farm, figures["cows"], who, day, years, rng)
    figures |= {
        "pasture_ha": np.round(pasture, 2),
        "paddocks": np.round(2 + np.minimum(years("pastoreo-rotacional") * 5, 18)),
        "trees_counted": np.round(pasture * _trees(farm, who, years)),
        "live_fence_m": np.round(
            years("cercos-vivos") * p.LIVE_FENCE_M_PER_YEAR * rng.uniform(0.98, 1.02, size=n)
        ),
    }
    _make_dirty(figures, rng)
    return figures, pasture, herd


def _days_since_previous(who: NDArray[np.int64], day: Days) -> Floats:
    gap = np.full(len(day), 365.0)
    if len(day):
        same = np.flatnonzero(who[1:] == who[:-1]) + 1
        gap[same] = (day[same] - day[same - 1]).astype(float)
    return np.minimum(gap, 548)


def _events(  # type: ignore[no-untyped-def]
    figures: dict[str, Floats], herd: Floats, exposure: Floats, years, rng: np.random.Generator
) -> dict[str, Floats]:
    breeding = figures["cows"] + figures["heifers"]
    calving = p.CALVING + sum(
        gain * np.clip(years(code), 0, 1) for code, gain in p.CALVING_GAIN.items()
    )
    births = rng.binomial(np.maximum(breeding * exposure, 0).round().astype(int), calving)
    saves = 1 - p.SANITARY_CALENDAR_SAVES * np.clip(years("calendario-sanitario") * 2, 0, 1)
    weaning = p.WEANED_SHARE + p.WEANING_GAIN * (years("manejo-destete") > 0)
    sold_head = rng.poisson(herd * p.SOLD_SHARE * exposure)
    return {
        "births": births.astype(float),
        "deaths_calves": rng.binomial(births, p.CALF_DEATHS * saves).astype(float),
        "deaths_adults": rng.poisson(herd * 0.7 * p.ADULT_DEATHS * saves * exposure).astype(float),
        "weaned": rng.binomial(births, weaning * 0.97).astype(float),
        "sold_head": sold_head.astype(float),
        "sold_kg": np.round(sold_head * p.SOLD_KG * rng.lognormal(0, 0.06, size=len(herd)), 1),
    }


def _milk(  # type: ignore[no-untyped-def]
    farm: Farms, cows: Floats, who: NDArray, day: Days, years, rng: np.random.Generator
) -> dict[str, Floats]:
    in_milk = cows * p.SHARE_IN_MILK * rng.lognormal(0, p.IN_MILK_SPREAD, size=len(cows))
    in_milk = np.minimum(np.round(in_milk), cows)
    gain = sum(
        share * np.clip(years(code) * 12 / p.MILK_GAIN_MONTHS, 0, 1)
        for code, share in p.MILK_GAIN.items()
    )
    day_of_year = (day - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(float)
    dry = np.exp(-(((day_of_year - 240) / 45) ** 2)) * p.DRY_SEASON_LOSS
    per_cow = farm.milk[who] * (1 + gain) * (1 - dry) * rng.lognormal(0, 0.06, size=len(day))
    litres = np.round(in_milk * per_cow, 1)
    litres[in_milk == 0] = np.nan
    return {"cows_in_milk": in_milk, "milk_l_per_day": litres}


def _trees(farm: Farms, who: NDArray[np.int64], years) -> Floats:  # type: ignore[no-untyped-def]
    grown = years("arboles-dispersos") + 0.6 * years("regeneracion-natural")
    more = np.minimum(grown * p.TREES_GAIN_PER_YEAR, p.TREES_MAX_PER_HA)
    trees: Floats = farm.trees_per_ha[who] + more
    return trees


def _make_dirty(figures: dict[str, Floats], rng: np.random.Generator) -> None:
    """Leave figures out, as on real forms, and make a few odd enough to be asked about."""
    n = len(figures["cows"])
    for names, chance in (
        (tuple(p.HERD), p.MISSING_HERD),
        (("milk_l_per_day", "cows_in_milk"), p.MISSING_MILK),
        (("pasture_ha", "paddocks"), p.MISSING_PASTURE),
        (("trees_counted",), p.MISSING_TREES),
        (("live_fence_m",), p.MISSING_TREES),
    ):
        gone = rng.random(n) < chance
        for name in names:
            figures[name] = np.where(gone, np.nan, figures[name])
    odd = rng.random(n) < p.SHARE_SOFT_LIMIT / 2
    figures["milk_l_per_day"] = np.where(
        odd, np.round(figures["cows_in_milk"] * 23.5, 1), figures["milk_l_per_day"]
    )
    figures["milk_l_per_day"][figures["cows_in_milk"] == 0] = np.nan
    odd = rng.random(n) < p.SHARE_SOFT_LIMIT / 2
    figures["pasture_ha"] = np.where(
        odd, np.round(figures["pasture_ha"] / 6, 2), figures["pasture_ha"]
    )
