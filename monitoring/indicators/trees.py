"""Indicators of trees and of the agricultural frontier that visits and histories give."""

from django.utils.translation import gettext_lazy as _

from monitoring.indicators.definition import Group, Indicator, Interval, Kind

TREES = [
    Indicator(
        code="trees_on_pasture",
        group=Group.TREES,
        title=_("Trees on pasture"),
        definition=_("Living trees counted at visits / pasture in use."),
        unit=_("trees/ha"),
        kind=Kind.RATIO,
        interval=Interval.RATIO,
        source=_("Farm visits: living trees counted on pasture"),
        numerator="trees_counted",
        denominator="nullif(pasture_ha, 0)",
        higher_is_better=True,
        spread=True,
        numerator_unit=_("trees"),
    ),
    Indicator(
        code="live_fence_km",
        group=Group.TREES,
        title=_("Live fences"),
        definition=_("Living fence length, mean per rancher; the numerator is the total."),
        unit=_("km"),
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=_("Farm visits: metres of live fence"),
        numerator="live_fence_m",
        denominator="100",
        scale=0.001,
        higher_is_better=True,
        decimals=2,
        numerator_unit=_("m"),
    ),
    Indicator(
        code="pasture_change_ha",
        group=Group.TREES,
        title=_("Change in pasture area"),
        definition=_(
            "Pasture (with and without trees) on the last day of the quarter - at the baseline date, "
            "from the land-use history; mean per rancher. Where the history begins after the "
            "baseline date, its first day is the baseline."
        ),
        unit=_("ha"),
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=_("Land-use history of the plots"),
        numerator="pasture_change_ha",
        denominator="100",
        higher_is_better=False,
        numerator_unit=_("ha"),
    ),
]
