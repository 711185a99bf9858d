"""Who and what is behind a figure, for those who may see every person: ranchers, facts, visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from monitoring.dashboards import Slice
from monitoring.indicators import Indicator, Kind
from monitoring.models import Visit
from monitoring.models.facts import FollowUpFact, PracticeFact, RancherFact, Stratum, SurvivalFact
from monitoring.past_curves import members_as_of
from monitoring.quarters import KNOWN_QUARTERS, current_quarter, end, start
from practices.models import Practice, Stage
from ranchers.access import Viewer, ranchers_for
from ranchers.models import Cohort, Rancher, Status

PER_PAGE = 50


class SeenOn(NamedTuple):
    """A visit and its day."""

    pk: UUID
    visited_on: date


@dataclass(frozen=True)
class Behind:
    """One rancher's part in a figure; numbers as recorded, None where not known."""

    rancher: Rancher
    numerator: float | None
    denominator: float | None
    value: float | None
    stage: str
    visits: Sequence[SeenOn]

    @property
    def has_parts(self) -> bool:
        return self.numerator is not None or self.denominator is not None


@dataclass(frozen=True)
class Found:
    page: Page[Any]
    rows: Sequence[Behind]

    @property
    def shows_stage(self) -> bool:
        return any(row.stage for row in self.rows)

    @property
    def shows_parts(self) -> bool:
        return any(row.has_parts for row in self.rows)


def ranchers_behind(
    *,
    viewer: Viewer,
    indicator: Indicator,
    cohort: Cohort | None,
    slice_: Slice,
    practice: Practice | None = None,
    status: Status | None = None,
    page: str = "1",
) -> Found:
    """A page of the ranchers in a cohort's slice (None: of all cohorts) on the last day of its
    quarter, with their visits of the quarters in which a value stays known."""
    quarter = slice_.as_of
    strata = strata_of(cohort=cohort, slice_=slice_, status=status)
    rows: Any
    if indicator.kind == Kind.SURVIVAL and practice and quarter < current_quarter():
        rows = members_as_of(practice, cohort=cohort, quarter=quarter)
    elif indicator.kind == Kind.SURVIVAL:
        rows = _survival_rows(practice, cohort=cohort)
    elif practice:
        rows = _practice_rows(indicator, practice, strata=strata, quarter=quarter)
    else:
        rows = _scalar_rows(indicator, strata=strata, quarter=quarter)
    return found_rows(rows, viewer=viewer, quarter=quarter, scale=indicator.scale, page=page)


def found_rows(rows: Any, *, viewer: Viewer, quarter: int, scale: float, page: str) -> Found:
    """A page of rows of `rancher_id` and maybe stage, numerator and denominator, with the visits of the
    quarters in which a value stays known."""
    current = Paginator(rows, PER_PAGE).get_page(page)
    listed = list(current.object_list)
    ids = [row["rancher_id"] for row in listed]
    people = ranchers_for(viewer).in_bulk(ids)
    visits = _visits(ids, quarter=quarter)
    return Found(
        page=current,
        rows=[
            Behind(
                rancher=people[row["rancher_id"]],
                numerator=_number(row.get("numerator_")),
                denominator=_number(row.get("denominator_")),
                value=_value(row, scale=scale),
                stage=_stage(row),
                visits=visits.get(row["rancher_id"], ()),
            )
            for row in listed
            if row["rancher_id"] in people
        ],
    )


MOST_ENGAGED = (Status.ACTIVE, Status.SUPPORTED, Status.PAUSED, Status.INVITED, Status.LEFT)
"""In 'all cohorts' a rancher counts once, by the first of these."""


def strata_of(*, cohort: Cohort | None, slice_: Slice, status: Status | None) -> list[int]:
    strata = Stratum.objects.all()
    if slice_.district:
        strata = strata.filter(district=slice_.district)
    if slice_.sex:
        strata = strata.filter(sex=slice_.sex)
    if status is None:
        counted = Q(cohorts__contains=[cohort.pk]) if cohort else ~Q(cohorts=[])
        return list(strata.filter(counted).values_list("pk", flat=True))
    number = list(Status).index(status)
    if cohort:
        strata = strata.filter(statuses__contains=[cohort.pk * 8 + number])
        return list(strata.values_list("pk", flat=True))
    order = [list(Status).index(one) for one in MOST_ENGAGED]
    return [
        pk
        for pk, codes in strata.values_list("pk", "statuses")
        if codes and min((code % 8 for code in codes), key=order.index) == number
    ]


def _scalar_rows(
    indicator: Indicator, *, strata: Sequence[int], quarter: int
) -> QuerySet[Any, Any]:
    facts = RancherFact.objects.filter(quarter=quarter, stratum__in=strata)
    if indicator.is_scalar:  # the definition's own SQL, in hundredths; no reader's text in it
        facts = facts.annotate(
            numerator_=RawSQL(f"({indicator.numerator})::float8 / 100", (), FloatField()),  # noqa: S611
            denominator_=RawSQL(f"({indicator.denominator})::float8 / 100", (), FloatField()),  # noqa: S611
        ).order_by(F("numerator_").asc(nulls_last=True), "rancher_id")
        return facts.values("rancher_id", "numerator_", "denominator_")
    return facts.order_by("rancher_id").values("rancher_id")


def _practice_rows(
    indicator: Indicator, practice: Practice, *, strata: Sequence[int], quarter: int
) -> QuerySet[Any, Any]:
    """What each figure of a practice is made of: stages known, what is covered, what was dropped;
    for `coverage` those enrolled without a known stage as well."""
    then = {"practice": practice, "from_quarter__lte": quarter, "to_quarter__gt": quarter}
    if indicator.code == "coverage":
        stage = PracticeFact.objects.filter(rancher=OuterRef("rancher_id"), **then).values("stage")
        enrolled = RancherFact.objects.filter(quarter=quarter, stratum__in=strata)
        return (
            enrolled.annotate(stage=Subquery(stage[:1]))
            .order_by(F("stage").asc(nulls_last=True), "rancher_id")
            .values("rancher_id", "stage")
        )
    if indicator.code == "dropped_rate":
        return (
            FollowUpFact.objects.filter(stratum__in=strata, **then)
            .annotate(numerator_=F("dropped"), denominator_=F("adoptions"))
            .order_by("-dropped", "rancher_id")
            .values("rancher_id", "numerator_", "denominator_")
        )
    facts = PracticeFact.objects.filter(stratum__in=strata, **then)
    if indicator.code == "adoption_intensity":
        facts = facts.filter(intensity__isnull=False, ceiling__gt=0).annotate(
            numerator_=F("intensity"), denominator_=F("ceiling")
        )
        return facts.order_by("rancher_id").values(
            "rancher_id", "stage", "numerator_", "denominator_"
        )
    return facts.order_by("stage", "rancher_id").values("rancher_id", "stage")


def _survival_rows(practice: Practice | None, *, cohort: Cohort | None) -> QuerySet[Any, Any]:
    """As of today: who ever joined the cohort, in the month of adoption, else the last month they were seen."""
    adopted = SurvivalFact.objects.filter(
        rancher=OuterRef("rancher_id"), cohort=OuterRef("cohort_id"), practice=practice
    )
    base = SurvivalFact.objects.filter(practice__isnull=True)
    base = base.filter(cohort=cohort) if cohort else base.filter(is_first=True)
    return (
        base.annotate(
            adopted=Subquery(adopted.values("adopted_month")[:1]), was_seen=Exists(adopted)
        )
        .exclude(was_seen=True, adopted__isnull=True)  # adopted before joining: never at risk
        .order_by(F("adopted").asc(nulls_last=True), "rancher_id")
        .values("rancher_id", "adopted", "last_month")
    )


def _stage(row: dict[str, Any]) -> str:
    if "last_month" in row:
        if row["adopted"] is not None:
            return _("adopted after %(months)s months") % {"months": row["adopted"]}
        return _("not adopted in %(months)s months") % {"months": row["last_month"]}
    return str(Stage(row["stage"]).label) if row.get("stage") else ""


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _value(row: dict[str, Any], *, scale: float) -> float | None:
    numerator, denominator = _number(row.get("numerator_")), _number(row.get("denominator_"))
    return numerator / denominator * scale if numerator is not None and denominator else None


def _visits(ids: Sequence[UUID], *, quarter: int) -> dict[UUID, list[SeenOn]]:
    found: dict[UUID, list[SeenOn]] = {}
    rows = Visit.objects.filter(
        rancher_id__in=ids,
        deleted_at__isnull=True,
        visited_on__range=(start(quarter - KNOWN_QUARTERS + 1), end(quarter)),
    ).order_by("-visited_on")
    for rancher_id, visit_id, visited_on in rows.values_list("rancher_id", "pk", "visited_on"):
        found.setdefault(rancher_id, []).append(SeenOn(visit_id, visited_on))
    return found
