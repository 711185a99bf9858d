"""Rows of a visit from its content, and the content back from the rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point
from django.utils import timezone

from monitoring.models import InboxPayload, Measurement, NextStep, Observation, Visit, VisitVersion
from monitoring.quarters import quarter_of
from monitoring.recompute import mark_dirty
from monitoring.sync import fields as read
from monitoring.sync.content import (
    DECIMAL_MAX,
    MEASUREMENTS,
    Content,
    content_hash,
    visited_on,
)
from practices import adoption
from practices.models import Practice, Stage
from ranchers.models import User


def content_of(visit: Visit) -> Content:
    """The canonical content that the rows of a visit say."""
    return _content(
        visit,
        Measurement.objects.filter(visit=visit).first(),
        visit.observations.select_related("practice"),
        visit.next_steps.select_related("practice"),
    )


def contents_of(visits: Iterable[Visit]) -> list[Content]:
    """As `content_of` for visits loaded with `measurement`, `observations__practice` and
    `next_steps__practice`: no query more."""
    return [
        _content(
            visit,
            getattr(visit, "measurement", None),
            visit.observations.all(),
            visit.next_steps.all(),
        )
        for visit in visits
    ]


def _content(
    visit: Visit,
    measurement: Measurement | None,
    observations: Iterable[Observation],
    steps: Iterable[NextStep],
) -> Content:
    content: Content = {
        "rancher": str(visit.rancher_id),
        "plot": str(visit.plot_id) if visit.plot_id else None,
        "visited_on": visit.visited_on.isoformat(),
        "started_at": _instant(visit.started_at),
        "position": _position(visit),
        "notes": visit.notes,
        "deleted": visit.deleted_at is not None,
        "confirmed": [],
    }
    if measurement is not None:
        content["confirmed"] = sorted(measurement.confirmed)
        for name in MEASUREMENTS:
            value = getattr(measurement, name)
            if value is not None:
                content[f"measurements.{name}"] = (
                    read.decimal(value, most=DECIMAL_MAX[name]) if name in DECIMAL_MAX else value
                )
    for seen in observations:
        content[f"observations.{seen.practice.code}"] = {
            "stage": seen.stage,
            "intensity": read.decimal(seen.intensity, most=99_999_999),
            "evidence_seen": seen.evidence_seen,
            "note": seen.note,
        }
    for step in steps:
        content[f"next_steps.{step.pk}"] = {
            "practice": step.practice.code if step.practice else None,
            "text": step.text,
            "due_on": step.due_on.isoformat() if step.due_on else None,
            "done_on": step.done_on.isoformat() if step.done_on else None,
        }
    return content


def _instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).replace(microsecond=0).isoformat() if value else None


def _position(visit: Visit) -> dict[str, Any] | None:
    if visit.position is None:
        return None
    return {
        "lon": f"{visit.position.x:.7f}",
        "lat": f"{visit.position.y:.7f}",
        "accuracy_m": None if visit.accuracy_m is None else f"{visit.accuracy_m:.1f}",
        "manual": visit.position_is_manual,
    }


def keep_version(visit: Visit) -> None:
    """Make sure that the current version of a visit loaded in bulk is on record."""
    if visit.versions.filter(version=visit.version).exists():
        return
    content = content_of(visit)
    VisitVersion.objects.create(
        visit=visit,
        version=visit.version,
        content=content,
        content_hash=content_hash(content),
        payload=visit.payload,
        made_by=visit.technician,
    )


def write(
    *,
    visit: Visit | None,
    visit_id: UUID,
    content: Content,
    payload: InboxPayload,
    made_by: User,
    technician: User,
) -> Visit:
    """The visit with this content as its next version, everything derived from it marked.

    Runs inside the caller's transaction, which holds the lock on the visit's id.
    """
    is_new = visit is None
    ranchers = {UUID(content["rancher"])}
    days = [visited_on(content)]
    touched: set[int] = set()
    if visit is None:
        visit = Visit(id=visit_id, version=0, technician=technician)
    else:
        ranchers.add(visit.rancher_id)
        days.append(visit.visited_on)
        touched |= set(visit.observations.values_list("practice_id", flat=True))
    _set_visit(visit, content, deleted_by=made_by)
    visit.version += 1
    visit.content_hash = content_hash(content)
    visit.payload = payload
    visit.save(force_insert=is_new)
    touched |= _write_parts(visit, content, is_new=is_new)
    VisitVersion.objects.create(
        visit=visit,
        version=visit.version,
        content=content,
        content_hash=visit.content_hash,
        payload=payload,
        made_by=made_by,
    )
    rebuild_stages(rancher_ids=ranchers, practice_ids=touched)
    mark_dirty(rancher_ids=sorted(ranchers), from_quarter=quarter_of(min(days)))
    return visit


def _set_visit(visit: Visit, content: Content, *, deleted_by: User) -> None:
    place = content["position"]
    visit.rancher_id = UUID(content["rancher"])
    visit.plot_id = UUID(content["plot"]) if content["plot"] else None
    visit.visited_on = visited_on(content)
    visit.started_at = (
        datetime.fromisoformat(content["started_at"]) if content["started_at"] else None
    )
    visit.position = Point(float(place["lon"]), float(place["lat"]), srid=4326) if place else None
    visit.accuracy_m = float(place["accuracy_m"]) if place and place["accuracy_m"] else None
    visit.position_is_manual = bool(place and place["manual"])
    visit.notes = content["notes"]
    if not content["deleted"]:
        visit.deleted_at = visit.deleted_by = None
    elif visit.deleted_at is None:
        visit.deleted_at, visit.deleted_by = timezone.now(), deleted_by


def _write_parts(visit: Visit, content: Content, *, is_new: bool) -> set[int]:
    """Have the rows that hang on a visit say what its content says, one statement a table (a new visit
    has none to take away); the ids of the practices observed."""
    seen, steps = _group(content, "observations"), _group(content, "next_steps")
    codes = {*seen, *(step["practice"] for step in steps.values() if step["practice"])}
    practices = dict(Practice.objects.filter(code__in=codes).values_list("code", "id"))
    if not is_new:
        visit.observations.all().delete()
        visit.next_steps.exclude(pk__in=steps).delete()
    Measurement.objects.bulk_create(
        [_measurement(visit, content)],
        update_conflicts=True,
        unique_fields=["visit"],
        update_fields=[*MEASUREMENTS, "confirmed"],
    )
    Observation.objects.bulk_create(
        Observation(
            visit=visit,
            practice_id=practices[code],
            stage=one["stage"],
            intensity=Decimal(one["intensity"]) if one["intensity"] is not None else None,
            evidence_seen=one["evidence_seen"],
            note=one["note"],
        )
        for code, one in sorted(seen.items())
    )
    NextStep.objects.bulk_create(
        [
            NextStep(
                pk=pk,
                visit=visit,
                practice_id=practices.get(step["practice"]),
                text=step["text"],
                due_on=step["due_on"],
                done_on=step["done_on"],
            )
            for pk, step in sorted(steps.items())
        ],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["visit", "practice", "text", "due_on", "done_on"],
    )
    return {practices[code] for code in seen}


def _measurement(visit: Visit, content: Content) -> Measurement:
    figures: dict[str, Any] = {}
    for name in MEASUREMENTS:
        value = content.get(f"measurements.{name}")
        figures[name] = Decimal(value) if value is not None and name in DECIMAL_MAX else value
    return Measurement(visit=visit, confirmed=content["confirmed"], **figures)


def _group(content: Content, group: str) -> dict[str, dict[str, Any]]:
    prefix = f"{group}."
    return {
        name.removeprefix(prefix): value
        for name, value in content.items()
        if name.startswith(prefix)
    }


def rebuild_stages(*, rancher_ids: Iterable[UUID], practice_ids: Iterable[int]) -> None:
    """Have the stage intervals of these ranchers and practices follow the visits that stand."""
    ranchers, practices = sorted(rancher_ids), sorted(practice_ids)
    if not practices:
        return
    seen = Observation.objects.filter(
        visit__rancher__in=ranchers, practice__in=practices, visit__deleted_at=None
    ).values_list("visit__rancher_id", "practice_id", "visit__visited_on", "stage", "intensity")
    adoption.rebuild_many(
        rancher_ids=ranchers,
        practice_ids=practices,
        observations=(
            (rancher, practice, adoption.Observation(day, Stage(stage), intensity))
            for rancher, practice, day, stage, intensity in seen
        ),
    )
