"""Who joined when, how far each came, and on which days they were visited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitoring.demo import parameters as p

Days = NDArray[np.datetime64]
NEVER = np.datetime64("2999-01-01", "D")


@dataclass(frozen=True)
class Enrolments:
    """One column per date, one row per rancher; NEVER where it did not happen.

    `kind` is an index into `parameters.KINDS`: where the rancher stands today.
    """

    kind: NDArray[np.int64]
    invited_on: Days
    supported_on: Days
    active_on: Days
    paused_on: Days
    left_on: Days

    @property
    def pilot(self) -> NDArray[np.bool_]:
        return self.kind == 0

    def statuses(self, row: int) -> list[tuple[str, np.datetime64, np.datetime64 | None]]:
        """(status, from, until) of one rancher, oldest first; the last one is open."""
        steps = [
            ("invited", self.invited_on[row]),
            ("supported", self.supported_on[row]),
            ("active", self.active_on[row]),
            ("paused", self.paused_on[row]),
            ("left", self.left_on[row]),
        ]
        steps = sorted((step for step in steps if step[1] != NEVER), key=lambda step: step[1])
        ends: list[np.datetime64 | None] = [begins for _status, begins in steps[1:]]
        ends.append(None)
        return [
            (status, begins, end)
            for (status, begins), end in zip(steps, ends, strict=True)
            if end is None or end > begins
        ]


def kinds_of(*, ranchers: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The kind of each rancher: ten pilots first, then the scale-up, shuffled, in exact shares."""
    scale_up = ranchers - p.PILOT_RANCHERS
    counts = [round(kind.share * scale_up) for kind in p.SCALE_UP_KINDS]
    counts[1] += scale_up - sum(counts)
    shuffled = np.repeat(np.arange(1, len(p.KINDS)), counts)
    rng.shuffle(shuffled)
    return np.concatenate([np.zeros(p.PILOT_RANCHERS, dtype=int), shuffled])


def enrolments(*, kind: NDArray[np.int64], today: date, rng: np.random.Generator) -> Enrolments:
    """Enrolment histories that lead to `kind` today."""
    n = len(kind)
    now = np.datetime64(today, "D")
    pilot = kind == 0
    names = np.array([k.name for k in p.KINDS])[kind]
    start = np.where(pilot, np.datetime64(p.PILOT_SINCE), np.datetime64(p.SCALE_UP_SINCE))
    spread = np.where(pilot, 75, 420)
    invited_on = start + (rng.random(n) * spread).astype(int)
    still_invited = names == "invited"
    invited_on[still_invited] = now - rng.integers(20, 300, size=still_invited.sum())
    supported_on = _later(invited_on, 25, 150, rng)
    active_on = _later(supported_on, 60, np.where(pilot, 150, 430), rng)
    ever_active = (names == "active") | pilot | (rng.random(n) < 0.45)
    active_on[~ever_active | (names == "supported")] = NEVER
    paused_on, left_on = np.full(n, NEVER), np.full(n, NEVER)
    supported_on[still_invited] = active_on[still_invited] = NEVER
    _stop(paused_on, names == "paused", supported_on, now, rng)
    _stop(left_on, names == "left", supported_on, now, rng)
    for stopped_on in (paused_on, left_on):
        active_on[active_on >= stopped_on] = NEVER
    # Of the pilot one has paused in the last year, nobody has left.
    for row in np.flatnonzero(pilot)[-1:]:
        paused_on[row] = now - np.timedelta64(200, "D")
    return Enrolments(kind, invited_on, supported_on, active_on, paused_on, left_on)


def _later(day: Days, least: int, most: int | NDArray, rng: np.random.Generator) -> Days:
    return day + (least + rng.random(len(day)) * (most - least)).astype(int)


def _stop(
    column: Days, rows: NDArray, since: Days, now: np.datetime64, rng: np.random.Generator
) -> None:
    """Set the day on which each of `rows` stopped: between 8 months in and 2 months ago."""
    first = since[rows] + 240
    room = np.maximum((now - 60 - first).astype(int), 1)
    column[rows] = first + (rng.random(rows.sum()) ** 0.8 * room).astype(int)


def visit_days(
    *, who: Enrolments, today: date, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Days]:
    """(row of the rancher, day) of every visit, in the order of rows and days."""
    now = np.datetime64(today, "D")
    between = np.array([k.days_between_visits for k in p.KINDS])[who.kind]
    first = np.where(who.supported_on == NEVER, now + 1, who.supported_on)
    last = np.minimum(np.minimum(who.paused_on, who.left_on), now)
    span = np.maximum((last - first).astype(float), 0)
    most = int(np.ceil(np.max(span / between, initial=0) * 1.35)) + 3
    gaps = between[:, None] * rng.gamma(9.0, 1 / 9.0, size=(len(between), most))
    gaps[:, 0] = rng.uniform(5, 50, size=len(between))
    days = first[:, None] + np.cumsum(np.maximum(gaps, 12), axis=1).astype(int)
    gap_from, gap_until = (np.datetime64(day, "D") for day in p.PANDEMIC)
    held = (days <= last[:, None]) & ~((days >= gap_from) & (days < gap_until))
    held &= (days - np.datetime64("1970-01-04", "D")).astype(int) % 7 != 0  # not on Sundays
    rows, _columns = np.nonzero(held)
    return rows, days[held]
