"""Figures in words: a reading, a difference, a finding. Never 'better' where zero is possible."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from monitoring.charts.frame import number_text
from monitoring.dashboards import Difference
from monitoring.indicators import Indicator, Kind
from monitoring.readings import Reading
from monitoring.suppression import MINIMUM
from ranchers.models import Cohort


def unit_of(indicator: Indicator) -> str:
    return str(indicator.unit)


def value_text(reading: Reading | None, indicator: Indicator, *, with_unit: bool = True) -> str:
    """'37.1 %', '' where there is none; hidden ones as `hidden_text` says."""
    if reading is None or (reading.value is None and not reading.is_hidden):
        return ""
    unit = unit_of(indicator) if with_unit else ""
    if reading.within:
        low, high = (number_text(end, decimals=0) for end in reading.within)
        text = _("%(low)s to %(high)s") % {"low": low, "high": high}
        return f"{text} {unit}" if unit else text
    if reading.is_hidden:
        return hidden_text(reading)
    return number_text(reading.value, decimals=indicator.decimals, unit=unit)


def hidden_text(reading: Reading) -> str:
    """'< 5' only where that is true; 'withheld' where five or more would give a small one away."""
    return f"< {MINIMUM}" if reading.is_small else _("withheld")


def interval_text(reading: Reading | None, indicator: Indicator) -> str:
    """'30.8 to 44.0', or ''."""
    if reading is None or reading.low is None or reading.high is None:
        return ""
    return _range_text(reading.low, reading.high, indicator.decimals, get_language())


@lru_cache(maxsize=16_384)
def _range_text(low: float, high: float, decimals: int, language: str | None) -> str:  # noqa: ARG001
    """A range in the active language; a page has hundreds, most of them seen before."""
    return _("%(low)s to %(high)s") % {
        "low": number_text(low, decimals=decimals),
        "high": number_text(high, decimals=decimals),
    }


def n_text(reading: Reading | None) -> str:
    """How many ranchers are behind a reading, of how many enrolled."""
    if reading is None or reading.n_known is None:
        return ""
    if reading.n_enrolled and reading.n_enrolled != reading.n_known:
        return _("%(known)s of %(enrolled)s") % {
            "known": reading.n_known,
            "enrolled": reading.n_enrolled,
        }
    return str(reading.n_known)


def finding(
    indicator: Indicator,
    *,
    cohorts: Sequence[Cohort],
    readings: Sequence[Reading | None],
    of: str = "",
) -> str:
    """The title of a chart: what the latest figures say."""
    unit = unit_of(indicator)
    after_number = unit == "%"
    said = [
        in_cohort(value_text(reading, indicator, with_unit=after_number), cohort)
        for cohort, reading in zip(cohorts, readings, strict=True)
        if value_text(reading, indicator)
    ]
    subject = f"{indicator.title} ({of})" if of else str(indicator.title)
    if not said:
        return _("%(subject)s: no data yet") % {"subject": subject}
    return f"{subject}: {'; '.join(said)}" + (f" ({unit})" if unit and not after_number else "")


def in_cohort(value: str, cohort: Cohort) -> str:
    """'44.4 % in Scale-up'."""
    return _("%(value)s in %(cohort)s") % {"value": value, "cohort": cohort.name}


def difference_text(
    found: Difference | None, indicator: Indicator, *, first: str, second: str
) -> str:
    """What may be said of second against first: above, below, or not told apart."""
    if found is None:
        return ""
    parts = {"first": first, "second": second, **difference_sizes(found, indicator)}
    if not found.is_clear:
        return (
            _(
                "%(second)s minus %(first)s: %(size)s (from %(low)s to %(high)s), "
                "which may be no difference at all."
            )
            % parts
        )
    if found.value > 0:
        return _("%(second)s is above %(first)s by %(size)s (from %(low)s to %(high)s).") % parts
    return _("%(second)s is below %(first)s by %(size)s (from %(low)s to %(high)s).") % parts


def difference_sizes(found: Difference, indicator: Indicator) -> dict[str, str]:
    """'size', 'low' and 'high' of a difference: without their sign where it is clear which is above."""
    is_points = indicator.kind == Kind.SHARE or indicator.is_percent
    unit = _("points") if is_points else unit_of(indicator)
    size, low, high = found.value, found.low, found.high
    if found.is_clear:
        size, (low, high) = abs(size), sorted((abs(low), abs(high)))
    return {
        "size": number_text(size, decimals=indicator.decimals, unit=unit),
        "low": number_text(low, decimals=indicator.decimals),
        "high": number_text(high, decimals=indicator.decimals),
    }
