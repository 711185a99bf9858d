"""The catalogue as it is shown: practices under their criterion, criteria under their principle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.timezone import localdate

from practices.models import Criterion, Practice, Principle, StageInterval
from ranchers.access import Viewer, has_role, ranchers_for
from ranchers.models import Role


@dataclass
class Entry:
    practice: Practice
    stage: StageInterval | None = None


@dataclass
class CriterionGroup:
    criterion: Criterion
    entries: list[Entry] = field(default_factory=list)


@dataclass
class PrincipleGroup:
    principle: Principle
    criteria: list[CriterionGroup] = field(default_factory=list)


def practices_for(viewer: Viewer) -> QuerySet[Practice]:
    """Practices that the viewer may read: those in use; the coordinator sees retired ones too."""
    practices = Practice.objects.select_related("criterion__principle")
    if has_role(viewer, Role.COORDINATOR):
        return practices
    if has_role(viewer, *Role.values):
        return practices.filter(is_active=True)
    return practices.none()


def own_stages(viewer: Viewer) -> dict[int, StageInterval]:
    """For a rancher, the stage known today of each practice, by practice id; else nothing."""
    if not has_role(viewer, Role.RANCHER):
        return {}
    intervals = StageInterval.objects.filter(
        rancher__in=ranchers_for(viewer), period__contains=localdate()
    )
    return {interval.practice_id: interval for interval in intervals}


def grouped(
    practices: Iterable[Practice], stages: dict[int, StageInterval]
) -> list[PrincipleGroup]:
    """The practices in the order of principles and criteria; groups without practices left out."""
    principles: dict[int, PrincipleGroup] = {}
    criteria: dict[int, CriterionGroup] = {}
    for practice in sorted(practices, key=_place):
        criterion = practice.criterion
        if criterion.pk not in criteria:
            principle = criterion.principle
            group = principles.setdefault(principle.pk, PrincipleGroup(principle))
            criteria[criterion.pk] = CriterionGroup(criterion)
            group.criteria.append(criteria[criterion.pk])
        criteria[criterion.pk].entries.append(Entry(practice, stages.get(practice.pk)))
    return list(principles.values())


def _place(practice: Practice) -> tuple[int, int, int, int]:
    criterion = practice.criterion
    return criterion.principle.order, criterion.order, practice.order, practice.pk
