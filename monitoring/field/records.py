"""What a phone carries of the people and farms in its holder's care: plain JSON, no more than a
visit needs (no DNI, year of birth or income)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import connection
from django.db.models import Count, Exists, F, Func, OuterRef, Prefetch, Q, Value
from django.utils.timezone import localdate

from monitoring.coefficients import DEFAULTS
from monitoring.limits import AU_CODE, MILK_PER_COW_MAX, SMALLEST_CHANGE, thresholds
from monitoring.models import NextStep, Observation, Visit
from monitoring.sync.content import COUNT_MAX, DECIMAL_MAX, as_payload
from monitoring.sync.fields import decimal
from monitoring.sync.store import contents_of
from monitoring.visits import VISIT_EVERY_DAYS, open_steps
from practices.models import Practice, StageInterval
from ranchers.access import ranchers_for
from ranchers.models import EnrolmentStatus, PlotBoundary, Rancher, Status, User

MOST_RANCHERS = 1000
OWN_VISITS_DAYS = 60
SIMPLIFY_DEGREES = 0.000045
"""About 5 m: what a phone's GPS resolves."""
SCALE = 100_000
FIGURES_SQL = (Path(__file__).parent.parent / "sql" / "field_figures.sql").read_text()

Record = dict[str, Any]


class _Simplified(Func):
    function = "ST_SimplifyPreserveTopology"
    output_field = GeometryField(srid=4326)


def ranchers_in_care(user: User) -> list[Rancher]:
    """The ranchers whom the holder of the phone visits, those who left the programme left out; at
    most MOST_RANCHERS, by name."""
    enrolled = EnrolmentStatus.objects.filter(enrolment__rancher=OuterRef("pk"))
    here = enrolled.filter(period__contains=localdate()).exclude(status=Status.LEFT)
    ranchers = ranchers_for(user).filter(Exists(here) | ~Exists(enrolled))
    return list(ranchers.order_by("surnames", "given_names", "id")[:MOST_RANCHERS])


def rancher_records(ranchers: Sequence[Rancher], *, user: User) -> list[Record]:
    ids = [rancher.pk for rancher in ranchers]
    enrolments, stages, figures = _enrolments(ids), _stages(ids), _figures(ids)
    last = _last_visits(ids)
    steps: dict[UUID, list[NextStep]] = defaultdict(list)
    for step in open_steps(ids):
        steps[step.visit.rancher_id].append(step)
    return [
        {
            "id": str(rancher.pk),
            "name": rancher.full_name,
            "community": rancher.community,
            "district": rancher.district_id,
            "phone": rancher.phone,
            "cohort": enrolments.get(rancher.pk, ("", ""))[0],
            "status": enrolments.get(rancher.pk, ("", ""))[1],
            "technician_is_me": rancher.technician_id == user.pk,
            "due_on": _due_on(last.get(rancher.pk), steps[rancher.pk]),
            "last_visit_on": _iso(last.get(rancher.pk)),
            "last": figures.get(rancher.pk, {"on": None, "figures": {}, "ages": {}}),
            "stages": stages.get(rancher.pk, {}),
            "steps": [_step(step) for step in steps[rancher.pk]],
        }
        for rancher in ranchers
    ]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _due_on(last: date | None, steps: Sequence[NextStep]) -> str | None:
    """The day of the next visit, or of the first step due before it; None: never visited, so now."""
    days = [step.due_on for step in steps if step.due_on]
    if last is not None:
        days.append(last + timedelta(days=VISIT_EVERY_DAYS))
    return _iso(min(days)) if days and last is not None else None


def _step(step: NextStep) -> Record:
    return {
        "id": str(step.pk),
        "visit": str(step.visit_id),
        "practice": step.practice.code if step.practice else None,
        "text": step.text,
        "due_on": _iso(step.due_on),
    }


def _enrolments(ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Cohort and status today; of two cohorts the later."""
    rows = (
        EnrolmentStatus.objects.filter(enrolment__rancher__in=ids, period__contains=localdate())
        .exclude(status=Status.LEFT)
        .order_by("enrolment__cohort__starts_on", "enrolment__cohort_id")
        .values_list("enrolment__rancher_id", "enrolment__cohort__code", "status")
    )
    return {rancher: (cohort, status) for rancher, cohort, status in rows}


def _stages(ids: Sequence[UUID]) -> dict[UUID, dict[str, Record]]:
    found: dict[UUID, dict[str, Record]] = defaultdict(dict)
    rows = StageInterval.objects.filter(rancher__in=ids, period__contains=localdate())
    for rancher, code, stage, period, intensity in rows.values_list(
        "rancher_id", "practice__code", "stage", "period", "intensity"
    ):
        found[rancher][code] = {
            "stage": stage,
            "since": period.lower.isoformat(),
            "intensity": None if intensity is None else decimal(intensity, most=99_999_999),
        }
    return found


def _last_visits(ids: Sequence[UUID]) -> dict[UUID, date]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.id, (select v.visited_on from monitoring_visit v where v.rancher_id = r.id"
            " and v.deleted_at is null order by v.visited_on desc limit 1)"
            " from unnest(%s::uuid[]) r (id)",
            [[str(one) for one in ids]],
        )
        return {rancher: day for rancher, day in cursor.fetchall() if day}


def _figures(ids: Sequence[UUID]) -> dict[UUID, Record]:
    found: dict[UUID, Record] = {}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES_SQL, {"ranchers": [str(one) for one in ids]})
        for rancher, name, value, day in cursor.fetchall():
            last = found.setdefault(rancher, {"on": None, "figures": {}, "ages": {}})
            is_count = name in COUNT_MAX
            last["figures"][name] = (
                int(value) if is_count else decimal(value, most=DECIMAL_MAX[name])
            )
            last["ages"][name] = day.isoformat()
            last["on"] = max(last["on"] or "", day.isoformat())
    return found


def plot_records(ranchers: Sequence[Rancher]) -> list[Record]:
    """Plots in use today with their outline, simplified to about 5 m."""
    today = localdate()
    boundaries = (
        PlotBoundary.objects.filter(plot__rancher__in=ranchers, period__contains=today)
        .filter(Q(plot__closed_on=None) | Q(plot__closed_on__gt=today))
        .annotate(simple=_Simplified("boundary", Value(SIMPLIFY_DEGREES)))
        .values_list(
            "plot_id", "plot__rancher_id", "plot__name", "plot__district_id", "area_ha",
            "period", "simple",
        )
        .order_by("plot_id")
    )  # fmt: skip
    return [
        {
            "id": str(plot),
            "rancher": str(rancher),
            "name": name,
            "district": district,
            "area_ha": float(round(area_ha, 2)),
            "since": period.lower.isoformat(),
            "shape": packed(shape),
        }
        for plot, rancher, name, district, area_ha, period, shape in boundaries
    ]


def packed(shape: GEOSGeometry) -> list[list[list[int]]]:
    """The rings of a shape (WGS 84), holes included, as whole 1/100,000 degrees (about 1 m): the
    first corner of each ring, then the differences; the closing corner is left out."""
    polygons = shape if isinstance(shape, MultiPolygon) else [shape]
    rings = [ring for polygon in polygons if isinstance(polygon, Polygon) for ring in polygon]
    found = []
    for ring in rings:
        before = (0, 0)
        steps: list[list[int]] = []
        corners: Any = ring.coords
        for lon, lat in corners[:-1]:
            here = (round(lon * SCALE), round(lat * SCALE))
            if here != before or not steps:
                steps.append([here[0] - before[0], here[1] - before[1]])
            before = here
        found.append(steps)
    return found


def visit_records(ranchers: Sequence[Rancher], *, user: User) -> list[Record]:
    """The holder's own visits of the last OWN_VISITS_DAYS days, whole, so that they can be edited."""
    since = localdate() - timedelta(days=OWN_VISITS_DAYS)
    visits = (
        Visit.objects.filter(
            technician=user, visited_on__gte=since, deleted_at=None, rancher__in=ranchers
        )
        .select_related("measurement")
        .prefetch_related(
            Prefetch("observations", queryset=Observation.objects.select_related("practice")),
            Prefetch("next_steps", queryset=NextStep.objects.select_related("practice")),
        )
        .annotate(photos_n=Count("photos"))
        .order_by("pk")
    )
    found = list(visits)
    return [
        {
            "id": str(visit.pk),
            "version": visit.version,
            "rancher": str(visit.rancher_id),
            "content": as_payload(content, visit_id=visit.pk, base_version=visit.version),
            "photos": visit.photos_n,
        }
        for visit, content in zip(found, contents_of(found), strict=True)
    ]


def practice_records() -> list[Record]:
    """The catalogue in use, in the reader's language."""
    practices = Practice.objects.filter(is_active=True).select_related("criterion__principle")
    return [
        {
            "code": practice.code,
            "name": practice.name,
            "principle": practice.criterion.principle.name,
            "unit": practice.intensity_unit,
            "counts_as_adopted": practice.adopted_when,
            "evidence": practice.evidence,
            "measured": practice.intensity_unit != "none",
        }
        for practice in practices.order_by(
            F("criterion__principle__order"), F("criterion__order"), "order", "id"
        )
    ]


def limits_record() -> Record:
    """The limits of a visit logged today: soft ones ask, hard ones reject."""
    known = thresholds(localdate())
    soft = {code: _number(known[code]) for code, *_rest in DEFAULTS if code.startswith("soft_")}
    return {
        "soft": {code.removeprefix("soft_"): value for code, value in soft.items()},
        "smallest_change": SMALLEST_CHANGE,
        "animal_units": {name: _number(known[code]) for name, code in AU_CODE.items()},
        "hard": {**COUNT_MAX, **DECIMAL_MAX, "milk_per_cow_max": int(MILK_PER_COW_MAX)},
    }


def _number(value: Decimal) -> float:
    return float(value)
