"""What a rancher sees of the own farm: practices, next steps, trees, production; nobody else named.

Reads facts, the cohort's histogram and stage intervals; never raw visits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import FloatField
from django.db.models.expressions import RawSQL
from django.utils.timezone import localdate, now

from monitoring import indicators, quarters
from monitoring.indicators import Indicator
from monitoring.models import NextStep, RancherFact
from monitoring.spread import MiddleHalf, middle_halves
from practices.models import FieldDay, Practice, Stage, StageInterval
from ranchers.models import Cohort, Rancher, User

PRODUCTION = ("milk_per_cow", "stocking_rate", "calving_rate")
TREES = ("trees_on_pasture", "live_fence_km", "pasture_change_ha")
QUARTERS_SHOWN = 16


@dataclass(frozen=True)
class OwnFigure:
    """One figure of the farm over the last quarters, oldest first; None where not known."""

    indicator: Indicator
    history: Sequence[tuple[int, float | None]]
    middle_half: MiddleHalf | None = None

    @property
    def current(self) -> float | None:
        return self.history[-1][1] if self.history else None

    @property
    def last_known(self) -> tuple[int, float] | None:
        """The newest known (quarter, value), to say since when it is not known any more."""
        known = [(quarter, value) for quarter, value in self.history if value is not None]
        return known[-1] if known else None

    @property
    def year_ago(self) -> float | None:
        return dict(self.history).get(self.history[-1][0] - 4) if self.history else None

    @property
    def place(self) -> str:
        """Where the farm stands against the middle half: below, within, above or unknown."""
        if self.current is None or self.middle_half is None:
            return "unknown"
        if self.current < self.middle_half.lower:
            return "below"
        return "above" if self.current > self.middle_half.upper else "within"


@dataclass(frozen=True)
class OwnPractice:
    practice: Practice
    stage: Stage
    since_year: int
    in_use: bool


@dataclass(frozen=True)
class Progress:
    """Everything on the progress page; `facts_quarter` is None before the first computed fact."""

    rancher: Rancher
    cohort: Cohort | None
    facts_quarter: int | None
    practices: Sequence[OwnPractice]
    suggestion: Practice | None
    next_steps: Sequence[NextStep]
    production: Sequence[OwnFigure]
    trees: Sequence[OwnFigure]
    field_day: FieldDay | None
    technician: User | None
    today: date

    @property
    def in_use(self) -> int:
        return sum(own.in_use for own in self.practices)


def progress_of(rancher: Rancher) -> Progress:
    """The progress page of one rancher, in a fixed number of queries.

    The caller has checked with `ranchers.access` that the viewer may see this rancher.
    """
    cohort, history = _facts(rancher.pk)
    quarter = history[-1][0] if history else None
    halves = (
        middle_halves(cohort_id=cohort.pk, quarter=quarter)
        if cohort is not None and quarter is not None
        else {}
    )
    practices = _practices(rancher.pk)
    steps = NextStep.objects.filter(
        visit__rancher=rancher, visit__deleted_at__isnull=True, done_on__isnull=True
    )
    return Progress(
        rancher=rancher,
        cohort=cohort,
        facts_quarter=quarter,
        practices=practices,
        suggestion=_suggestion(practices),
        next_steps=list(steps.select_related("practice").order_by("due_on", "pk")[:5]),
        production=_figures(PRODUCTION, history=history, halves=halves),
        trees=_figures(TREES, history=history, halves={}),
        field_day=_next_field_day(rancher),
        technician=rancher.technician,
        today=localdate(),
    )


_History = list[tuple[int, dict[str, float | None]]]


def _value(indicator: Indicator) -> RawSQL:
    """One rancher's value in the indicator's unit; the expressions are our own code, no input."""
    sql = f"({indicator.numerator})::float8 / ({indicator.denominator}) * {indicator.scale}"
    return RawSQL(sql, [], output_field=FloatField())  # noqa: S611


def _facts(rancher_id: UUID) -> tuple[Cohort | None, _History]:
    """The cohort of the newest fact, and the values by quarter, oldest first."""
    codes = (*PRODUCTION, *TREES)
    rows = list(
        RancherFact.objects.filter(
            rancher_id=rancher_id, quarter__gt=quarters.current_quarter() - QUARTERS_SHOWN
        )
        .annotate(**{f"value_of_{code}": _value(indicators.get(code)) for code in codes})
        .order_by("quarter")
        .values("quarter", "stratum__cohorts", *(f"value_of_{code}" for code in codes))
    )
    if not rows:
        return None, []
    cohort = Cohort.objects.filter(pk__in=rows[-1]["stratum__cohorts"] or []).first()
    return cohort, [
        (row["quarter"], {code: row[f"value_of_{code}"] for code in codes}) for row in rows
    ]


def _figures(
    codes: Sequence[str], *, history: _History, halves: dict[str, MiddleHalf]
) -> list[OwnFigure]:
    return [
        OwnFigure(
            indicator=indicators.get(code),
            history=[(quarter, values[code]) for quarter, values in history],
            middle_half=halves.get(code),
        )
        for code in codes
    ]


def _practices(rancher_id: UUID) -> list[OwnPractice]:
    """Practices with a stage known today, those in use first."""
    rows = (
        StageInterval.objects.filter(rancher_id=rancher_id, period__contains=localdate())
        .select_related("practice")
        .order_by("practice__order", "practice")
    )
    found = [
        OwnPractice(
            practice=row.practice,
            stage=Stage(row.stage),
            since_year=row.first_evidence_on.year,
            in_use=row.stage in Stage.in_use(),
        )
        for row in rows
    ]
    order = [Stage.SUSTAINED, Stage.ADOPTED, Stage.TRIAL, Stage.PLANNED, Stage.DROPPED]
    return sorted(found, key=lambda own: order.index(own.stage))


def _suggestion(practices: Sequence[OwnPractice]) -> Practice | None:
    """What comes next: a trial to bring to adoption, else a plan to begin, else what is new."""
    for stage in (Stage.TRIAL, Stage.PLANNED):
        for own in practices:
            if own.stage == stage:
                return own.practice
    seen = [own.practice.pk for own in practices]
    return Practice.objects.filter(is_active=True).exclude(pk__in=seen).first()


def _next_field_day(rancher: Rancher) -> FieldDay | None:
    """The next one in the rancher's district, else anywhere."""
    coming = FieldDay.objects.filter(starts_at__gte=now(), status=FieldDay.Status.PLANNED).order_by(
        "starts_at"
    )
    near = coming.filter(district_id=rancher.district_id).first()
    return near or coming.first()
