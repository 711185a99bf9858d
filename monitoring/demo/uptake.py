"""Which practices each rancher takes up, when, and what a technician sees of it at a visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.demo import parameters as p
from monitoring.demo.enrolment import NEVER, Days, Enrolments
from practices.models import IntensityBasis, IntensityUnit, Practice, Stage

DAYS_PER_MONTH = 30.44
STAGES = (None, Stage.PLANNED, Stage.TRIAL, Stage.ADOPTED, Stage.DROPPED)


@dataclass(frozen=True)
class Uptakes:
    """Rancher x practice: the day of adoption and of giving up; NEVER where it did not happen."""

    codes: list[str]
    adopted_on: Days
    dropped_on: Days

    def years_in_use(self, code: str, who: NDArray[np.int64], day: Days) -> NDArray[np.float64]:
        """Years that `code` had been in use on each day by each rancher; 0 before adoption."""
        if code not in self.codes:
            return np.zeros(len(day))
        column = self.codes.index(code)
        until = np.minimum(day, self.dropped_on[who, column])
        used = (until - self.adopted_on[who, column]).astype(float) / 365.25
        return np.maximum(used, 0.0)


@dataclass(frozen=True)
class Observations:
    """One row per observation: index of the visit, of the practice, of STAGES; NaN = not given."""

    visit: NDArray[np.int64]
    practice: NDArray[np.int64]
    stage: NDArray[np.int64]
    intensity: NDArray[np.float64]
    evidence_seen: NDArray[np.bool_]


def uptakes(
    *, who: Enrolments, women: NDArray[np.bool_], codes: list[str], rng: np.random.Generator
) -> Uptakes:
    """When each rancher adopts each practice that he or she follows."""
    kinds = p.KINDS
    spread = [p.UPTAKE.get(code, p.OTHER_UPTAKE) for code in codes]
    favour = np.array([s.popularity for s in spread])[None, :] * np.where(
        women[:, None], np.array([s.women for s in spread])[None, :], 1.0
    )
    # The k largest of log(weight) + Gumbel noise are a weighted draw without replacement.
    keys = np.log(favour) + rng.gumbel(size=favour.shape)
    wanted = rng.poisson(np.array([k.practices for k in kinds])[who.kind])
    wanted = np.clip(wanted, np.where(who.kind == 5, 0, 2), len(codes))
    rank = np.argsort(np.argsort(-keys, axis=1), axis=1)
    follows = rank < wanted[:, None]
    slow = np.array([k.slowness for k in kinds])[who.kind][:, None]
    delay = np.where(who.pilot, 0.0, p.SCALE_UP_DELAY_MONTHS)[:, None]
    months = np.array([s.months for s in spread])[None, :] * slow
    months = months * rng.lognormal(0, 0.35, size=follows.shape) + delay
    later = rng.random(follows.shape) < p.SHARE_TAKEN_UP_LATER
    months = months + later * rng.uniform(*p.LATER_BY_MONTHS, size=follows.shape)
    since = np.where(who.supported_on == NEVER, NEVER, who.supported_on)[:, None]
    adopted_on = since + (months * DAYS_PER_MONTH).astype(int)
    hazard = np.array([k.drop_per_year for k in kinds])[who.kind][:, None]
    used = np.minimum(rng.exponential(1, size=follows.shape) / np.maximum(hazard, 1e-4), 900)
    dropped_on = adopted_on + (used * 365.25 + 120).astype(int)
    return Uptakes(
        codes, np.where(follows, adopted_on, NEVER), np.where(follows, dropped_on, NEVER)
    )


def observations(
    *,
    taken_up: Uptakes,
    practices: list[Practice],
    who: NDArray[np.int64],
    day: Days,
    pasture_ha: NDArray[np.float64],
    herd: NDArray[np.float64],
    live_fence_m: NDArray[np.float64],
    rng: np.random.Generator,
) -> Observations:
    """What was seen at each visit (`who`, `day`), about four practices a visit."""
    adopted_on, dropped_on = taken_up.adopted_on[who], taken_up.dropped_on[who]
    on = day[:, None]
    stage = np.zeros(adopted_on.shape, dtype=np.int64)
    stage[on >= adopted_on - int(p.PLANNED_MONTHS_BEFORE * DAYS_PER_MONTH)] = 1
    stage[on >= adopted_on - int(p.TRIAL_MONTHS_BEFORE * DAYS_PER_MONTH)] = 2
    stage[on >= adopted_on] = 3
    stage[on >= dropped_on] = 4
    chance = np.where(stage == 4, p.SEEN_WHEN_DROPPED, p.SEEN_AT_A_VISIT)
    visit, practice = np.nonzero((stage > 0) & (rng.random(stage.shape) < chance))
    seen = stage[visit, practice]
    years = np.maximum((day[visit] - adopted_on[visit, practice]).astype(float) / 365.25, 0)
    intensity = _intensity(
        practices, practice, seen, years, pasture_ha[visit], herd[visit], live_fence_m[visit], rng
    )
    evidence = (seen >= 2) & (rng.random(len(seen)) < p.EVIDENCE_SEEN)
    return Observations(visit, practice, seen, intensity, evidence)


def _intensity(
    practices: list[Practice],
    practice: NDArray[np.int64],
    stage: NDArray[np.int64],
    years: NDArray[np.float64],
    pasture_ha: NDArray[np.float64],
    herd: NDArray[np.float64],
    live_fence_m: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """In the unit of each practice: small on trial, growing for three years once adopted."""
    units = np.array([row.intensity_unit for row in practices])[practice]
    bases = np.array([row.intensity_max_basis for row in practices])[practice]
    fence = np.array([row.code == "cercos-vivos" for row in practices])[practice]
    reach = np.where(stage == 2, 0.08, np.clip(0.18 + years * 0.22, 0, 0.85))
    reach = reach * rng.uniform(0.8, 1.2, size=len(reach))
    amount = np.full(len(practice), np.nan)
    for unit, basis, value in (
        (IntensityUnit.HA, None, np.maximum(reach * pasture_ha, 0.25)),
        (IntensityUnit.M, None, np.maximum(reach * 900, 20).round()),
        (IntensityUnit.COUNT, None, np.clip(np.round(1 + years), 1, 6)),
        (IntensityUnit.COUNT, IntensityBasis.HERD, np.round(np.minimum(reach + 0.4, 1) * herd)),
    ):
        rows = (units == unit) & (True if basis is None else bases == basis)
        amount[rows] = value[rows]
    amount = np.where(fence, live_fence_m, amount)
    amount[(stage == 1) | (stage == 4)] = np.nan
    return np.round(amount, 2)
