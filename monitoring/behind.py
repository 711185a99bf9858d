"""Who and what is behind a figure, for those who may see every person: ranchers, facts, visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import F, FloatField, QuerySet
from django.db.models.expressions import RawSQL

from monitoring.dashboards import Slice
from monitoring.indicators import Indicator
from monitoring.models import Visit
from monitoring.models.facts import PracticeFact, RancherFact, Stratum
from monitoring.quarters import KNOWN_QUARTERS, end, start
from practices.models import Practice, Stage
from ranchers.access import Viewer, ranchers_for
from ranchers.models import Cohort, Rancher

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


@dataclass(frozen=True)
class Found:
    page: Page[Any]
    rows: Sequence[Behind]


def ranchers_behind(
    *,
    viewer: Viewer,
    indicator: Indicator,
    cohort: Cohort,
    slice_: Slice,
    practice: Practice | None,
    page: str,
) -> Found:
    """A page of the ranchers in a cohort's slice on the last day of its quarter, with their visits
    of the quarters in which a value stays known."""
    strata = _strata(cohort=cohort, slice_=slice_)
    rows = (
        _practice_rows(practice, strata=strata, quarter=slice_.as_of)
        if practice
        else _scalar_rows(indicator, strata=strata, quarter=slice_.as_of)
    )
    current = Paginator(rows, PER_PAGE).get_page(page)
    listed = list(current.object_list)
    ids = [row["rancher_id"] for row in listed]
    people = ranchers_for(viewer).in_bulk(ids)
    visits = _visits(ids, quarter=slice_.as_of)
    return Found(
        page=current,
        rows=[
            Behind(
                rancher=people[row["rancher_id"]],
                numerator=row.get("numerator_"),
                denominator=row.get("denominator_"),
                value=_value(row, scale=indicator.scale),
                stage=str(Stage(row["stage"]).label) if row.get("stage") else "",
                visits=visits.get(row["rancher_id"], ()),
            )
            for row in listed
            if row["rancher_id"] in people
        ],
    )


def _strata(*, cohort: Cohort, slice_: Slice) -> list[int]:
    strata = Stratum.objects.filter(cohorts__contains=[cohort.pk])
    if slice_.district:
        strata = strata.filter(district=slice_.district)
    if slice_.sex:
        strata = strata.filter(sex=slice_.sex)
    return list(strata.values_list("pk", flat=True))


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
    practice: Practice, *, strata: Sequence[int], quarter: int
) -> QuerySet[Any, Any]:
    return (
        PracticeFact.objects.filter(
            practice=practice, stratum__in=strata, from_quarter__lte=quarter, to_quarter__gt=quarter
        )
        .order_by("stage", "rancher_id")
        .values("rancher_id", "stage")
    )


def _value(row: dict[str, Any], *, scale: float) -> float | None:
    numerator, denominator = row.get("numerator_"), row.get("denominator_")
    if isinstance(numerator, float) and isinstance(denominator, float) and denominator:
        return numerator / denominator * scale
    return None


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
