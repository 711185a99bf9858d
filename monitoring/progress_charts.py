"""The pictures and sentences of the progress page, from its figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from monitoring import quarters
from monitoring.charts import Chart, Mark, Series, Strip, sparkline, strip
from monitoring.progress import OwnFigure, Progress

PLAIN_TITLES: dict[str, str | Promise] = {
    "milk_per_cow": gettext_lazy("Milk each cow gives a day"),
    "stocking_rate": gettext_lazy("Animals my pasture feeds"),
    "calving_rate": gettext_lazy("Calves born per 100 cows in a year"),
    "trees_on_pasture": gettext_lazy("Trees on each hectare of pasture"),
    "live_fence_km": gettext_lazy("Live fences on my farm"),
    "pasture_change_ha": gettext_lazy("Pasture more (+) or less (-) than at the start"),
}
PLAIN_UNITS: dict[str, str | Promise] = {
    "milk_per_cow": gettext_lazy("litres"),
    "stocking_rate": gettext_lazy("animal units per hectare"),
    "calving_rate": gettext_lazy("calves"),
    "trees_on_pasture": gettext_lazy("trees per hectare"),
    "live_fence_km": gettext_lazy("km"),
    "pasture_change_ha": gettext_lazy("hectares"),
}
ICONS = {
    "milk_per_cow": "milk",
    "stocking_rate": "cow",
    "calving_rate": "cow",
    "trees_on_pasture": "tree",
    "live_fence_km": "fence",
    "pasture_change_ha": "grass",
}


@dataclass(frozen=True)
class FigureCard:
    """One figure as the page shows it: texts ready to read, pictures ready to place."""

    code: str
    icon: str
    title: str
    value: str
    unit: str
    trend: str
    change: str
    comparison: str
    stale: str
    past: SafeString | None
    against_others: SafeString | None


def draw(progress: Progress) -> dict[str, list[FigureCard]]:
    """Cards for `production` and `trees`."""
    return {
        "production": [_card(figure) for figure in progress.production],
        "trees": [_card(figure) for figure in progress.trees],
    }


def _text(figure: OwnFigure, value: float) -> str:
    return number_format(value, decimal_pos=figure.indicator.decimals)


def _card(figure: OwnFigure) -> FigureCard:
    code = figure.indicator.code
    known = [value for _quarter, value in figure.history if value is not None]
    return FigureCard(
        code=code,
        icon=ICONS[code],
        title=str(PLAIN_TITLES[code]),
        value="" if figure.current is None else _text(figure, figure.current),
        unit=str(PLAIN_UNITS[code]),
        trend=_trend(figure),
        change=_change(figure),
        comparison=_comparison(figure),
        stale=_stale(figure),
        past=_past(figure) if len(known) > 1 else None,
        against_others=_against_others(figure),
    )


def _trend(figure: OwnFigure) -> str:
    """The icon of the change: up, down or same; '' where it is not known."""
    if figure.current is None or figure.year_ago is None:
        return ""
    if _text(figure, figure.year_ago) == _text(figure, figure.current):
        return "same"
    return "up" if figure.current > figure.year_ago else "down"


def _change(figure: OwnFigure) -> str:
    """My own past, in a sentence; a change that disappears in rounding is 'the same'."""
    if figure.current is None or figure.year_ago is None:
        return ""
    before, current = _text(figure, figure.year_ago), _text(figure, figure.current)
    if before == current:
        return _("The same as a year ago.")
    if figure.current > figure.year_ago:
        return _("A year ago: %(before)s. It went up.") % {"before": before}
    return _("A year ago: %(before)s. It went down.") % {"before": before}


def _comparison(figure: OwnFigure) -> str:
    half = figure.middle_half
    if half is None:
        return ""
    between = _("Half of the ranchers of my group are between %(low)s and %(high)s.") % {
        "low": _text(figure, half.lower),
        "high": _text(figure, half.upper),
    }
    places = {
        "below": _("I am below that."),
        "within": _("I am among them."),
        "above": _("I am above that."),
        "unknown": "",
    }
    return f"{between} {places[figure.place]}".strip()


def _stale(figure: OwnFigure) -> str:
    """Why there is no figure, and what was known last."""
    if figure.current is not None:
        return ""
    if figure.last_known is None:
        return _("Not measured yet. Ask for it at the next visit.")
    quarter, value = figure.last_known
    return _("Not measured in the last 18 months. Last known in %(year)s: %(value)s.") % {
        "year": quarters.end(quarter).year,
        "value": _text(figure, value),
    }


def _past(figure: OwnFigure) -> SafeString:
    title = PLAIN_TITLES[figure.indicator.code]
    marks = [
        Mark(x=quarter, value=value, label=quarters.label(quarter))
        for quarter, value in figure.history
    ]
    return sparkline(
        Chart(
            title=title,
            unit=PLAIN_UNITS[figure.indicator.code],
            decimals=figure.indicator.decimals,
            series=[Series(label=_("My farm"), marks=marks)],
        ),
        ends=(str(quarters.end(figure.history[0][0]).year), _("today")),
    )


def _against_others(figure: OwnFigure) -> SafeString | None:
    half = figure.middle_half
    if half is None or figure.current is None:
        return None
    return strip(
        Strip(
            title=PLAIN_TITLES[figure.indicator.code],
            decimals=figure.indicator.decimals,
            description=_comparison(figure),
            own=figure.current,
            own_label=_("My farm"),
            lower=half.lower,
            median=half.median,
            upper=half.upper,
            group_label=_("Half of the ranchers of my group"),
        )
    )
