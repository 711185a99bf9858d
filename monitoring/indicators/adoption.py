"""Indicators of adoption and of who is enrolled."""

from django.utils.translation import gettext_lazy as _

from monitoring.indicators.definition import SEEN, STATUS, VISITS, Group, Indicator, Interval, Kind

ADOPTION = [
    Indicator(
        code="enrolled",
        group=Group.ADOPTION,
        title=_("Ranchers by status"),
        definition=_(
            "Ranchers with an enrolment on the last day of the quarter, by status. A rancher in two "
            "cohorts counts in each; in 'all cohorts' once, by the most engaged status."
        ),
        unit="",
        kind=Kind.COUNT,
        interval=Interval.NONE,
        source=STATUS,
        decimals=0,
        categories=("invited", "supported", "active", "paused", "left"),
    ),
    Indicator(
        code="active_share",
        group=Group.ADOPTION,
        title=_("Active ranchers"),
        definition=_(
            "Ranchers who are active / ranchers supported, active or paused on the last day of the quarter."
        ),
        unit="%",
        kind=Kind.SHARE,
        interval=Interval.WILSON,
        source=STATUS,
        numerator="case when is_active then 100 else 0 end",
        denominator="100",
        scale=100,
        higher_is_better=True,
    ),
    Indicator(
        code="adoption_rate",
        group=Group.ADOPTION,
        title=_("Adoption"),
        definition=_(
            "Ranchers whose stage of the practice is adopted or sustained / ranchers with a known "
            "stage of it. A stage is known for 18 months after it was last seen."
        ),
        unit="%",
        kind=Kind.SHARE,
        interval=Interval.WILSON,
        source=SEEN,
        scale=100,
        per_practice=True,
        higher_is_better=True,
    ),
    Indicator(
        code="coverage",
        group=Group.ADOPTION,
        title=_("Ranchers with a known stage"),
        definition=_(
            "Ranchers with a known stage of the practice / ranchers enrolled, so that a rate on thin "
            "data shows as thin."
        ),
        unit="%",
        kind=Kind.SHARE,
        interval=Interval.WILSON,
        source=SEEN,
        scale=100,
        per_practice=True,
        higher_is_better=True,
    ),
    Indicator(
        code="adoption_intensity",
        group=Group.ADOPTION,
        title=_("How much of the farm it covers"),
        definition=_(
            "Area, length or number under the practice / what it could cover on the farm (pasture, "
            "perimeter or herd), both as known at the visit that last saw it; planned and dropped "
            "count as 0."
        ),
        unit="%",
        kind=Kind.RATIO,
        interval=Interval.RATIO,
        source=SEEN,
        scale=100,
        per_practice=True,
        higher_is_better=True,
    ),
    Indicator(
        code="practices_per_rancher",
        group=Group.ADOPTION,
        title=_("Practices in use per rancher"),
        definition=_(
            "Mean number of practices adopted or sustained, over ranchers with a known stage of any."
        ),
        unit="",
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=SEEN,
        numerator="practices_in_use * 100",
        denominator="100",
        higher_is_better=True,
    ),
    Indicator(
        code="dropped_rate",
        group=Group.ADOPTION,
        title=_("Dropped within a year"),
        definition=_(
            "Adoptions followed by 'dropped' as the next stage seen, within 12 months / adoptions "
            "whose 12 months of follow-up ended in the four quarters to this one."
        ),
        unit="%",
        kind=Kind.SHARE,
        interval=Interval.WILSON,
        source=SEEN,
        scale=100,
        per_practice=True,
        higher_is_better=False,
    ),
    Indicator(
        code="time_to_adoption",
        group=Group.ADOPTION,
        title=_("Months from enrolment to adoption"),
        definition=_(
            "Kaplan-Meier curve and median of the months from joining the cohort to the first visit "
            "that saw the practice adopted, censored at the last visit. Adoption happened between "
            "two visits: the date is that of the visit that saw it."
        ),
        unit=_("months"),
        kind=Kind.SURVIVAL,
        interval=Interval.GREENWOOD,
        source=SEEN,
        per_practice=True,
        higher_is_better=False,
    ),
    Indicator(
        code="visits_per_rancher",
        group=Group.ADOPTION,
        title=_("Visits per rancher"),
        definition=_("Farm visits in the quarter / ranchers enrolled."),
        unit="",
        kind=Kind.MEAN,
        interval=Interval.NONE,
        source=VISITS,
        numerator="visits * 100",
        denominator="100",
        decimals=2,
        numerator_unit=_("visits"),
    ),
    Indicator(
        code="unvisited_180d",
        group=Group.ADOPTION,
        title=_("Not visited in 180 days"),
        definition=_(
            "Ranchers without a visit in the 180 days to the last day of the quarter / ranchers "
            "enrolled. In the current quarter: as it will be if nobody visits any more."
        ),
        unit="%",
        kind=Kind.SHARE,
        interval=Interval.WILSON,
        source=VISITS,
        numerator="case when visited_180d then 0 else 100 end",
        denominator="100",
        scale=100,
        higher_is_better=False,
    ),
]
