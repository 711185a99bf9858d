"""Hard limits reject what cannot be; soft limits ask 'are you sure?' and keep a mark.

Thresholds are rows of `Coefficient`, valid on the day of the visit; the defaults of
`monitoring.coefficients` stand in for a row that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.db.models import FloatField, Func, Min, Q, Value
from django.utils.formats import number_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from monitoring.coefficients import DEFAULTS
from monitoring.models import Coefficient, Measurement, NextStep
from monitoring.sync.content import HERD, Content, visited_on
from monitoring.sync.reasons import NEEDS_CONFIRMATION, Reason
from practices.models import Practice
from ranchers.models import Consent, ConsentScope, Plot, PlotBoundary

MILK_PER_COW_MAX = Decimal(60)
"""Litres per cow and day; also the constraint `measurement_milk_possible`, so not a row."""

AU_CODE = {
    "cows": "au_cow",
    "bulls": "au_bull",
    "heifers": "au_heifer",
    "steers": "au_steer",
    "yearlings": "au_yearling",
    "calves": "au_calf",
    "equines": "au_equine",
}
COMPARED = (*HERD, "cows_in_milk", "trees_counted")
SMALLEST_CHANGE = 5
"""Head or trees: a change of fewer is never asked about, however small the herd."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A soft limit that a visit goes beyond. `looks_at`: the properties it depends on."""

    code: str
    field: str
    message: str
    looks_at: frozenset[str]
    detail: dict[str, Any] = dataclass_field(default_factory=dict)

    def as_reason(self) -> Reason:
        return Reason(self.field, NEEDS_CONFIRMATION, self.message, confirm=self.code)


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a content, read as numbers; a figure not recorded is None."""

    content: Content

    def get(self, name: str) -> Decimal | None:
        value = self.content.get(f"measurements.{name}")
        return None if value is None else Decimal(value)

    def total(self, names: Iterable[str]) -> Decimal | None:
        known = [value for name in names if (value := self.get(name)) is not None]
        return sum(known, Decimal(0)) if known else None


def thresholds(day: date) -> dict[str, Decimal]:
    rows = Coefficient.objects.filter(period__contains=day).values_list("code", "value")
    return {code: Decimal(value) for code, value, _unit, _source in DEFAULTS} | dict(rows)


def last_figures(
    *, rancher_id: UUID, before: date, but: UUID | None = None
) -> dict[str, tuple[Any, date]]:
    """Each figure of the rancher's visits up to a day: the newest value and the day it is of."""
    rows = (
        Measurement.objects.filter(
            visit__rancher=rancher_id, visit__deleted_at=None, visit__visited_on__lte=before
        )
        .exclude(visit=but)
        .order_by("-visit__visited_on", "-visit__created_at")
        .select_related("visit")[:12]
    )
    found: dict[str, tuple[Any, date]] = {}
    names = [f.name for f in Measurement._meta.fields if f.name not in ("visit", "confirmed")]
    for row in rows:
        for name in names:
            value = getattr(row, name)
            if value is not None:
                found.setdefault(name, (value, row.visit.visited_on))
    return found


def hard_reasons(content: Content, *, visit_id: UUID, changed: set[str]) -> list[Reason]:
    """Everything in a content that cannot be, field by field."""
    day = visited_on(content)
    reasons = _impossible_figures(Figures(content))
    if day > localdate():
        reasons.append(Reason("visited_on", "in_future", _("The date is in the future.")))
    reasons += _unknown_practices(content) + _impossible_steps(content, visit_id=visit_id)
    if content["plot"] and "plot" in changed | {"rancher"} & changed:
        mine = Plot.objects.filter(pk=content["plot"], rancher=content["rancher"])
        if not mine.exists():
            message = _("The plot is not one of this rancher's.")
            reasons.append(Reason("plot", "plot_not_of_rancher", message))
    if "measurements.income_pen" in changed and "measurements.income_pen" in content:
        consent = Consent.objects.filter(
            rancher=content["rancher"], scope=ConsentScope.INCOME, period__contains=day
        )
        if not consent.exists():
            message = _("The rancher has not agreed to give income figures. Leave it empty.")
            reasons.append(Reason("measurements.income_pen", "income_without_consent", message))
    return reasons


def _impossible_figures(figures: Figures) -> list[Reason]:
    reasons: list[Reason] = []
    cows, in_milk = figures.get("cows"), figures.get("cows_in_milk")
    milk = figures.get("milk_l_per_day")
    if cows is not None and in_milk is not None and in_milk > cows:
        message = _("There cannot be more cows in milk (%(milk)s) than cows (%(cows)s).")
        reasons.append(
            Reason(
                "measurements.cows_in_milk",
                "more_in_milk_than_cows",
                message % {"milk": in_milk, "cows": cows},
            )
        )
    most = MILK_PER_COW_MAX
    if milk is not None and in_milk is not None and milk > in_milk * most:
        message = _(
            "%(milk)s litres a day from %(cows)s cows in milk cannot be: over %(most)s each."
        )
        values = {"milk": _n(milk), "cows": in_milk, "most": _n(most)}
        reasons.append(Reason("measurements.milk_l_per_day", "milk_impossible", message % values))
    return reasons


def _unknown_practices(content: Content) -> list[Reason]:
    named = {
        name: (name.partition(".")[2] if name.startswith("observations.") else value["practice"])
        for name, value in content.items()
        if name.startswith("observations.") or name.startswith("next_steps.") and value["practice"]
    }
    known = set(
        Practice.objects.filter(code__in=set(named.values())).values_list("code", flat=True)
    )
    return [
        Reason(name, "practice_unknown", _("This practice is not in the catalogue."))
        for name, code in named.items()
        if code not in known
    ]


def _impossible_steps(content: Content, *, visit_id: UUID) -> list[Reason]:
    steps = {name: value for name, value in content.items() if name.startswith("next_steps.")}
    ids = [name.partition(".")[2] for name in steps]
    taken = NextStep.objects.filter(pk__in=ids).exclude(visit=visit_id).values_list("pk", flat=True)
    reasons = [
        Reason(f"next_steps.{pk}", "taken", _("This next step belongs to another visit."))
        for pk in taken
    ]
    today = localdate().isoformat()
    for name, value in steps.items():
        if value["done_on"] and value["done_on"] > today:
            reasons.append(Reason(name, "in_future", _("The date is in the future.")))
    return reasons


def soft_hits(content: Content, *, visit_id: UUID) -> list[Hit]:
    """The soft limits that a content goes beyond, confirmed or not."""
    day = visited_on(content)
    limits = thresholds(day)
    last = last_figures(rancher_id=UUID(content["rancher"]), before=day, but=visit_id)
    figures = Figures(content)
    hits = _milk_and_stocking(figures, limits, last)
    hits += _mortality(figures, limits) + _sudden_changes(figures, limits, last)
    hits += _far_from_farm(content, limits) + _adopted_unseen(content)
    return hits


def _milk_and_stocking(
    figures: Figures, limits: Mapping[str, Decimal], last: Mapping[str, tuple[Any, date]]
) -> list[Hit]:
    hits: list[Hit] = []
    milk, in_milk = figures.get("milk_l_per_day"), figures.get("cows_in_milk")
    if milk and in_milk and milk / in_milk > limits["soft_milk_per_cow_max"]:
        value = milk / in_milk
        message = _("That is %(value)s litres per cow and day. Are you sure?") % {
            "value": _n(value)
        }
        field = "measurements.milk_l_per_day"
        looks_at = frozenset({field, "measurements.cows_in_milk"})
        hits.append(Hit("soft_milk_per_cow_max", field, message, looks_at, {"value": _n(value)}))
    pasture = figures.get("pasture_ha")
    if pasture is None and "pasture_ha" in last:
        pasture = last["pasture_ha"][0]
    units = sum(
        ((figures.get(name) or Decimal(0)) * limits[code] for name, code in AU_CODE.items()),
        Decimal(0),
    )
    if pasture and units / pasture > limits["soft_stocking_rate_max"]:
        value = units / pasture
        message = _("That is %(value)s animal units per hectare of pasture. Are you sure?")
        field = "measurements.pasture_ha"
        looks_at = frozenset({field, *(f"measurements.{name}" for name in HERD)})
        hits.append(
            Hit(
                "soft_stocking_rate_max",
                field,
                message % {"value": _n(value)},
                looks_at,
                {"value": _n(value)},
            )
        )
    return hits


def _mortality(figures: Figures, limits: Mapping[str, Decimal]) -> list[Hit]:
    deaths, herd = figures.total(("deaths_adults", "deaths_calves")), figures.total(HERD)
    if not deaths or herd is None:
        return []
    value = deaths * 100 / (herd + deaths)
    if value <= limits["soft_mortality_max"]:
        return []
    field = "measurements.deaths_adults"
    if not figures.get("deaths_adults"):
        field = "measurements.deaths_calves"
    names = ("deaths_adults", "deaths_calves", *HERD)
    message = _("%(value)s %% of the herd died. Are you sure?") % {"value": _n(value)}
    looks_at = frozenset(f"measurements.{name}" for name in names)
    return [Hit("soft_mortality_max", field, message, looks_at, {"value": _n(value)})]


def _sudden_changes(
    figures: Figures, limits: Mapping[str, Decimal], last: Mapping[str, tuple[Any, date]]
) -> list[Hit]:
    hits: list[Hit] = []
    share = limits["soft_count_change_max"] / 100
    for name in COMPARED:
        now = figures.get(name)
        if now is None or name not in last:
            continue
        before, seen_on = last[name]
        if abs(now - before) < SMALLEST_CHANGE or abs(now - before) <= share * before:
            continue
        field = f"measurements.{name}"
        values = {"before": before, "now": now, "day": seen_on.strftime("%d/%m/%Y")}
        message = _("On %(day)s there were %(before)s, now %(now)s. Are you sure?") % values
        detail = {"before": str(before), "value": str(now)}
        code = f"soft_count_change_max:{name}"
        hits.append(Hit(code, field, message, frozenset({field}), detail))
    return hits


def distance_to_farm_m(content: Content) -> float | None:
    """Metres from the position to the nearest boundary of the plot, or of any plot of the
    rancher; None without a position or a boundary."""
    place = content.get("position")
    if not place:
        return None
    point = Point(float(place["lon"]), float(place["lat"]), srid=4326)
    boundaries = PlotBoundary.objects.filter(
        Q(period__contains=visited_on(content)) | Q(period__contains=localdate()),
        plot__rancher=content["rancher"],
    )
    if content["plot"]:
        boundaries = boundaries.filter(plot=content["plot"])
    nearest = boundaries.aggregate(metres=Min(_GeodesicDistance("boundary", Value(point.ewkt))))
    metres: float | None = nearest["metres"]
    return metres


class _GeodesicDistance(Func):
    """Metres on the WGS 84 spheroid between two lon/lat geometries; 0 inside a polygon."""

    template = "ST_Distance(%(expressions)s::geography)"
    arg_joiner = "::geography, "
    output_field = FloatField()


def _far_from_farm(content: Content, limits: Mapping[str, Decimal]) -> list[Hit]:
    metres = distance_to_farm_m(content)
    if metres is None or metres <= float(limits["soft_distance_km_max"]) * 1000:
        return []
    kilometres = _n(Decimal(metres) / 1000)
    message = _("The position is %(km)s km from the farm. Is it the right farm?")
    looks_at = frozenset({"position", "plot", "rancher"})
    detail = {"km": kilometres}
    return [Hit("soft_distance_km_max", "position", message % detail, looks_at, detail)]


def _adopted_unseen(content: Content) -> list[Hit]:
    hits = []
    for name, value in content.items():
        if name.startswith("observations.") and value["stage"] == "adopted":
            if value["evidence_seen"]:
                continue
            message = _("Adopted means that you saw the evidence on the farm. Are you sure?")
            code = f"adopted_unseen:{name.partition('.')[2]}"[:40]
            hits.append(Hit(code, name, message, frozenset({name})))
    return hits


def _n(value: Decimal) -> str:
    return number_format(value, decimal_pos=1, use_l10n=True)
