"""Coefficients and thresholds: the defaults with their sources, and what holds on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from monitoring.models import Coefficient

_AU = (
    "Programme definition, 1 AU = a cow of 450 kg (as FAO livestock units by category; "
    "docs/indicators.md)"
)
_LIMIT = "Programme definition: asks 'are you sure?' (docs/indicators.md)"
FIRST_DAY = date(2000, 1, 1)

DEFAULTS: tuple[tuple[str, str, str, str], ...] = (
    ("au_cow", "1.0", "AU/head", _AU),
    ("au_bull", "1.3", "AU/head", _AU),
    ("au_heifer", "0.8", "AU/head", _AU),
    ("au_steer", "0.8", "AU/head", _AU),
    ("au_yearling", "0.6", "AU/head", _AU),
    ("au_calf", "0.3", "AU/head", _AU),
    ("au_equine", "1.0", "AU/head", _AU),
    ("soft_stocking_rate_max", "5", "AU/ha", _LIMIT),
    ("soft_milk_per_cow_max", "20", "L/cow/day", _LIMIT),
    ("soft_mortality_max", "30", "%", _LIMIT),
    ("soft_count_change_max", "50", "%", _LIMIT),
    ("soft_distance_km_max", "2", "km", "Guard against logging a visit at the wrong farm"),
    (
        "canopy_threshold_pct",
        "30",
        "%",
        "Programme definition: forest is 30 % canopy (as in Global Forest Change)",
    ),
)
"""(code, value, unit, source)."""

ANIMAL_UNITS = {code: Decimal(value) for code, value, _u, _s in DEFAULTS if code.startswith("au_")}


@transaction.atomic
def load_defaults() -> int:
    """Add the default of every code that has no row yet; returns how many were added."""
    have = set(Coefficient.objects.values_list("code", flat=True))
    rows = [
        Coefficient(
            code=code,
            value=Decimal(value),
            unit=unit,
            source=source,
            period=DateRange(FIRST_DAY, None),
        )
        for code, value, unit, source in DEFAULTS
        if code not in have
    ]
    Coefficient.objects.bulk_create(rows)
    return len(rows)


def value_on(*, code: str, day: date) -> Decimal:
    """The value in force on a day; the default where no row covers it. Raises KeyError."""
    row = Coefficient.objects.filter(code=code, period__contains=day).first()
    if row is not None:
        return row.value
    return next(Decimal(value) for known, value, _u, _s in DEFAULTS if known == code)
