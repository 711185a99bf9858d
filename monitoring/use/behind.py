"""Who is behind a figure of users of a practice or of others, for those who may see every person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import (
    Exists,
    F,
    FloatField,
    Min,
    OuterRef,
    QuerySet,
    SmallIntegerField,
    Subquery,
)
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from monitoring.behind import Behind, Found, found_rows, strata_of
from monitoring.charts.frame import number_text
from monitoring.indicators import Indicator
from monitoring.indicators.comparisons import APART, Group
from monitoring.models.facts import PracticeFact, RancherFact
from monitoring.quarters import label
from monitoring.use.page import Question
from practices.models import Practice, Stage
from ranchers.access import Viewer

Facts = QuerySet[Any, Any]


def ranchers_in(group: Group, *, question: Question, viewer: Viewer, page: str) -> Found:
    """A page of the farms of a group with their visits; adopters with the quarter in which they were first
    seen using the practice and the value before."""
    quarter, indicator, practice = question.quarter, question.indicator, question.practice
    strata = strata_of(cohort=question.cohort, slice_=question.board.slice_, status=None)
    known = _known(RancherFact.objects.filter(quarter=quarter, stratum__in=strata), indicator)
    if group == Group.ADOPTERS:
        members = _adopters(known, practice, indicator, quarter=quarter)
    elif group == Group.OTHERS:
        members = _others(known, practice, indicator, quarter=quarter)
    else:
        members = _at_stage(known, group, practice, quarter=quarter)
    rows = members.order_by("over", "rancher_id").values(
        "rancher_id", numerator_=F("over"), denominator_=F("under")
    )
    found = found_rows(rows, viewer=viewer, quarter=quarter, scale=indicator.scale, page=page)
    if group == Group.ADOPTERS:
        return replace(found, rows=_with_before(found.rows, practice, indicator))
    return found


def _known(facts: Facts, indicator: Indicator) -> Facts:
    """Facts with a value of the indicator: its definition's own SQL, in hundredths, nothing of a reader's."""
    return facts.annotate(
        over=RawSQL(f"({indicator.numerator})::float8 / 100", (), FloatField()),  # noqa: S611
        under=RawSQL(f"({indicator.denominator})::float8 / 100", (), FloatField()),  # noqa: S611
    ).filter(over__isnull=False, under__isnull=False)


def _at_stage(known: Facts, group: Group, practice: Practice, *, quarter: int) -> Facts:
    runs = PracticeFact.objects.filter(
        rancher=OuterRef("rancher_id"),
        practice=practice,
        from_quarter__lte=quarter,
        to_quarter__gt=quarter,
    )
    if group == Group.UNKNOWN:
        return known.exclude(Exists(runs))
    in_use = Exists(runs.filter(stage__in=Stage.in_use()))
    return known.filter(in_use) if group == Group.WITH else known.filter(Exists(runs)).exclude(in_use)  # fmt: skip


def _used(practice: Practice) -> QuerySet[PracticeFact, Any]:
    return PracticeFact.objects.filter(practice=practice, stage__in=Stage.in_use())


def _not_adopted(known: Facts, practice: Practice, *, quarter: int) -> Facts:
    used = _used(practice).filter(rancher=OuterRef("rancher_id"), from_quarter__lte=quarter)
    return known.exclude(Exists(used))


def _pairs(known: Facts, practice: Practice, indicator: Indicator, *, quarter: int) -> Facts:
    """Adopters with a value in `start`, the quarter before they were first seen using the practice."""
    runs = _used(practice).filter(rancher=OuterRef("rancher_id")).order_by("from_quarter")
    first = Subquery(runs.values("from_quarter")[:1], output_field=SmallIntegerField())
    adopters = known.annotate(start=first - 1).filter(start__lt=quarter - APART)
    before = RancherFact.objects.filter(rancher=OuterRef("rancher_id"), quarter=OuterRef("start"))
    return adopters.filter(Exists(_known(before, indicator)))


def _others(known: Facts, practice: Practice, indicator: Indicator, *, quarter: int) -> Facts:
    """Those with a value in a quarter in which an adopter begins."""
    pairs = _pairs(known, practice, indicator, quarter=quarter)
    starts = set(pairs.values_list("start", flat=True))
    then = RancherFact.objects.filter(rancher=OuterRef("rancher_id"), quarter__in=starts)
    return _not_adopted(known, practice, quarter=quarter).filter(Exists(_known(then, indicator)))


def _adopters(known: Facts, practice: Practice, indicator: Indicator, *, quarter: int) -> Facts:
    """Where there are farms to stand beside any of them, only those who have one between the same
    quarters."""
    pairs = _pairs(known, practice, indicator, quarter=quarter)
    starts = set(pairs.values_list("start", flat=True))
    others = _not_adopted(known, practice, quarter=quarter).values("rancher_id")
    beside = _known(RancherFact.objects.filter(rancher__in=others, quarter__in=starts), indicator)
    matched = set(beside.values_list("quarter", flat=True))
    return pairs.filter(start__in=matched) if matched else pairs


def _with_before(
    rows: Sequence[Behind], practice: Practice, indicator: Indicator
) -> Sequence[Behind]:
    """The rows, saying in place of a stage since when and what the value was before."""
    ids = [row.rancher.pk for row in rows]
    first = dict(
        _used(practice)
        .filter(rancher__in=ids)
        .values("rancher_id")
        .annotate(first=Min("from_quarter"))
        .values_list("rancher_id", "first")
    )
    facts = RancherFact.objects.filter(
        rancher__in=ids, quarter__in={quarter - 1 for quarter in first.values()}
    )
    before = {
        (rancher, quarter): over / under * indicator.scale
        for rancher, quarter, over, under in _known(facts, indicator).values_list(
            "rancher_id", "quarter", "over", "under"
        )
    }
    return [
        replace(
            row,
            stage=_("since %(quarter)s; before: %(value)s")
            % {
                "quarter": label(first[row.rancher.pk]),
                "value": number_text(
                    before.get((row.rancher.pk, first[row.rancher.pk] - 1)),
                    decimals=indicator.decimals,
                ),
            },
        )
        for row in rows
    ]
