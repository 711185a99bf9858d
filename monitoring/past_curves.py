"""Time to adoption as of a past quarter: from the histories of statuses and stages, and the facts.

The curves of today come from sums kept by month (SurvivalPoint). As of an earlier quarter whoever
adopted later was still waiting, and was last seen earlier; that is worked out when it is asked for,
and kept with the drawing (docs/decisions/043).
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Count, Max, Q

from monitoring.facts import Stage
from monitoring.models import Cell
from monitoring.quarters import start
from practices.models import Practice
from ranchers.models import Cohort


def points_as_of(practice: Practice, *, quarter: int) -> list[tuple[int, int, int, int]]:
    """(cohort, months since joining, ranchers who adopted in that month, those last seen in it)."""
    return _select(
        "select cohort_id, coalesce(adopted_month, last_month), count(adopted_month),"
        " count(*) - count(adopted_month) from members group by 1, 2",
        practice,
        quarter=quarter,
    )


def members_as_of(
    practice: Practice, *, cohort: Cohort | None, quarter: int
) -> list[dict[str, Any]]:
    """Who is behind a curve: those who adopted first, then who had not; None: of all cohorts, each in
    the cohort joined first."""
    rows = _select(
        "select rancher_id, adopted_month, last_month from members"
        " where cohort_id = %(cohort)s or (%(cohort)s::int is null and is_first)"
        " order by adopted_month nulls last, rancher_id",
        practice,
        quarter=quarter,
        cohort=cohort.pk if cohort else None,
    )
    return [dict(zip(("rancher_id", "adopted", "last_month"), row, strict=True)) for row in rows]


def stamp_as_of(practice: Practice, *, quarter: int) -> str:
    """A word that changes with the cells that move when visits, statuses or stages up to the quarter
    do. A visit that moves within its quarter may change a month unseen until the drawing expires."""
    told = Q(indicator__in=("enrolled", "visits_per_rancher"))
    cells = Cell.objects.filter(told | Q(indicator="adoption_rate", practice=practice))
    found = cells.filter(quarter__lte=quarter).aggregate(newest=Max("computed_at"), n=Count("pk"))
    return f"{quarter}-{found['newest']}-{found['n']}"


def _select(sql: str, practice: Practice, *, quarter: int, **more: Any) -> list[Any]:
    members = Stage().render("curve_as_of")
    with connection.cursor() as cursor:
        cursor.execute(
            f"with members as ({members}) {sql}",  # noqa: S608
            {"practice": practice.pk, "quarter": quarter, "until": start(quarter + 1), **more},
        )
        return cursor.fetchall()
