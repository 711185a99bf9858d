"""Every figure behind the synthetic programme, with where it comes from.

'Evidence' is the project's evidence note; 'assumed' has no source: plausible, and chosen so that
the effects can be seen in the dashboards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SEED = 20180601
CHUNK = 5_000  # ranchers generated at a time: about 150 MB at work

# The real programme: 10 pilot ranchers, then 200 supported of whom 75 were active (evidence).
PILOT_RANCHERS = 10
SMALL_PROGRAMME = 210
MAX_RANCHERS = 200_000
MOST_WITH_COVER = (
    2_000  # ranchers whose ground is painted and measured; above, `manage.py cover synthetic`
)
PILOT_SINCE = date(2018, 6, 1)
SCALE_UP_SINCE = date(2020, 2, 1)
# No farm was visited from the first day of the emergency (DS 044-2020-PCM) to spring (assumed).
PANDEMIC = (date(2020, 3, 16), date(2020, 10, 1))

DISTRICTS = ("170301", "170302", "170303")  # Iñapari, Iberia, Tahuamanu (INEI)
DISTRICT_SHARE = (0.30, 0.38, 0.32)  # assumed
SHARE_OF_WOMEN = 0.27  # assumed; near the share of women producers in the 2012 farm census


@dataclass(frozen=True)
class Kind:
    """Where a rancher stands now, and how eagerly the practices are taken up (all assumed).

    `share` of the scale-up; `practices` followed on average; `slowness` multiplies the months to
    adoption; `drop_per_year` is the yearly chance of giving a practice up; `days_between_visits`.
    """

    name: str
    share: float
    practices: float
    slowness: float
    drop_per_year: float
    days_between_visits: float


PILOT = Kind("pilot", 0.0, 12.5, 0.75, 0.012, 92)
# 75 of 200 active is the real figure (evidence); the rest is assumed.
SCALE_UP_KINDS = (
    Kind("active", 0.375, 10.0, 1.0, 0.05, 136),
    Kind("supported", 0.345, 5.5, 1.7, 0.12, 197),
    Kind("paused", 0.125, 5.0, 1.5, 0.22, 180),
    Kind("left", 0.125, 4.0, 1.9, 0.30, 210),
    Kind("invited", 0.030, 0.0, 9.9, 0.0, 9_999),
)
KINDS = (PILOT, *SCALE_UP_KINDS)
SCALE_UP_DELAY_MONTHS = 9.0  # the pandemic held the scale-up back (assumed)


@dataclass(frozen=True)
class Uptake:
    """How one practice spreads (assumed): median months to adoption, and how popular it is."""

    months: float
    popularity: float
    women: float = 1.0  # times as likely to be followed by a woman


UPTAKE = {
    "arboles-dispersos": Uptake(16, 1.5),
    "cercos-vivos": Uptake(11, 2.0),
    "bancos-forrajeros": Uptake(15, 0.8),
    "pastoreo-rotacional": Uptake(12, 2.6),
    "pastos-mejorados": Uptake(18, 1.2),
    "asociacion-gramineas-leguminosas": Uptake(24, 0.5),
    "bebederos": Uptake(14, 1.0),
    "proteccion-riberas": Uptake(20, 0.5),
    "renovacion-sin-quema": Uptake(16, 0.8),
    "control-malezas-sin-quema": Uptake(13, 0.7),
    "suplemento-mineral": Uptake(5, 2.4),
    "calendario-sanitario": Uptake(6, 1.4, women=4.0),
    "registros": Uptake(8, 0.8, women=6.0),
    "manejo-destete": Uptake(14, 0.6),
    "manejo-reproductivo": Uptake(20, 0.6),
    "regeneracion-natural": Uptake(18, 0.7),
    "acuerdo-conservacion-bosque": Uptake(22, 0.6),
    "uso-estiercol": Uptake(15, 0.5, women=1.4),
    "sombra-y-agua-manejo": Uptake(12, 0.6),
    "analisis-suelo": Uptake(10, 0.5),
    "plan-de-predio": Uptake(7, 0.9),
    "ordeno-limpio": Uptake(9, 0.6, women=2.0),
}
OTHER_UPTAKE = Uptake(15, 0.5)  # for a practice that a coordinator added
# Some practices wait until the first ones work (assumed).
SHARE_TAKEN_UP_LATER, LATER_BY_MONTHS = 0.4, (6.0, 66.0)
PLANNED_MONTHS_BEFORE, TRIAL_MONTHS_BEFORE = 9.0, 5.0  # assumed
SEEN_AT_A_VISIT = 0.92  # chance that a followed practice is looked at; gives 4 a visit
SEEN_WHEN_DROPPED = 0.5
EVIDENCE_SEEN = 0.985  # chance that the technician sees the evidence of what is in use

# Stocking: about 1 head/ha is traditional, 1.8 AU/ha was measured at Pucallpa (n = 26, Aporte
# Santiaguino 2018), 3.5-4 on one improved local ranch (evidence).
STOCKING_AU_PER_HA = 1.0
STOCKING_SPREAD = 0.18
STOCKING_GAIN = 0.8  # reached over the months below by rotational grazing or silvopasture
STOCKING_GAIN_MONTHS = 36.0
INTENSIFIES = ("pastoreo-rotacional", "arboles-dispersos")

# Milk: 3.8 kg/cow/day without and 5.2 with supplement, 4.3 on average (Sheen & Riesco 2002).
MILK_L_PER_COW = 4.3
MILK_SPREAD = 0.12
MILK_GAIN = {"suplemento-mineral": 0.20, "bancos-forrajeros": 0.12, "pastos-mejorados": 0.07}
MILK_GAIN_MONTHS = 6.0
DRY_SEASON_LOSS = 0.10  # at the end of August (assumed)
SHARE_IN_MILK, IN_MILK_SPREAD = 0.42, 0.10

# Yearly rates (assumed; calving around one calf in two cows is usual in extensive herds).
CALVING, CALVING_GAIN = 0.52, {"manejo-reproductivo": 0.12, "suplemento-mineral": 0.07}
CALF_DEATHS, ADULT_DEATHS = 0.09, 0.025
SANITARY_CALENDAR_SAVES = 0.5  # share of the deaths above
WEANED_SHARE, WEANING_GAIN = 0.80, 0.10  # of calves born; the gain with `manejo-destete`
SOLD_SHARE = 0.16  # of the herd a year
SOLD_KG = 310.0

# Heads by category, as shares of the herd (assumed); bulls at least one.
HERD = {
    "cows": 0.40,
    "bulls": 0.02,
    "heifers": 0.13,
    "steers": 0.08,
    "yearlings": 0.15,
    "calves": 0.20,
    "equines": 0.02,
}
# Animal units per head, as in the default coefficients (indicator definitions).
ANIMAL_UNITS = {
    "cows": 1.0,
    "bulls": 1.3,
    "heifers": 0.8,
    "steers": 0.8,
    "yearlings": 0.6,
    "calves": 0.3,
    "equines": 1.0,
}

# Land: lots of 20-150 ha along the road (assumed from the parcel pattern of the colonisation).
LOT_HA = (20.0, 150.0)
PASTURE_SHARE = (0.35, 0.68)
PASTURE_GROWTH_PER_YEAR = 0.030  # without the practices below (assumed)
PASTURE_GROWTH_SLOWED = 0.004
SLOWS_EXPANSION = ("pastoreo-rotacional", "acuerdo-conservacion-bosque", "plan-de-predio")
TREES_PER_HA, TREES_GAIN_PER_YEAR, TREES_MAX_PER_HA = 5.0, 4.0, 30.0  # assumed
LIVE_FENCE_M_PER_YEAR = 230.0  # after adoption (assumed)

# Dirt in the data, so that the pages that deal with it have something to show (assumed).
MISSING_HERD, MISSING_MILK, MISSING_PASTURE, MISSING_TREES = 0.04, 0.12, 0.08, 0.30
SHARE_SOFT_LIMIT = 0.008  # visits with a figure that asks 'are you sure?'
SHARE_SENT_LATE = 0.05  # visits that arrive weeks later
