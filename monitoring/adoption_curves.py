"""Time to adoption as a figure: Kaplan-Meier curves of one practice, a curve per cohort."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from monitoring import charts, indicators
from monitoring.charts.frame import number_text
from monitoring.figures import Board, Figure
from monitoring.intervals import Step, kaplan_meier, median_month
from monitoring.models import SurvivalPoint
from monitoring.past_curves import points_as_of, stamp_as_of
from monitoring.quarters import current_quarter, label
from monitoring.suppression import MINIMUM
from practices.models import Practice
from ranchers.models import Cohort
from ranchers.tables import Column, Entry, Table


@dataclass(frozen=True)
class Curve:
    """One cohort's steps, how many ranchers began at risk and the last month anyone was watched."""

    cohort: Cohort
    steps: Sequence[Step]
    at_risk: int
    last_month: int

    @property
    def median(self) -> int | None:
        return median_month(self.steps)


def curves_stamp(practice: Practice, *, as_of: int) -> str:
    """A word that changes whenever a curve of the practice does."""
    if as_of < current_quarter():
        return stamp_as_of(practice, quarter=as_of)
    rows = _points(practice).order_by("pk").values_list("pk", "month", "adopted", "censored")
    return f"{zlib.crc32(repr(list(rows)).encode()):x}"


def _points(practice: Practice) -> QuerySet[SurvivalPoint]:
    return SurvivalPoint.objects.filter(Q(practice=practice) | Q(practice__isnull=True))


def curves(
    practice: Practice, *, cohorts: Sequence[Cohort], sees_small_cells: bool, as_of: int
) -> list[Curve]:
    """The curves of a practice as of a quarter, in one query. A cohort with fewer than five ranchers at risk has no
    steps for a reader who may not see small cells."""
    counts: dict[int, tuple[Counter[int], Counter[int]]] = {
        cohort.pk: (Counter(), Counter()) for cohort in cohorts
    }
    now = _points(practice).filter(cohort__in=counts)
    found_rows = (
        points_as_of(practice, quarter=as_of)
        if as_of < current_quarter()
        else now.values_list("cohort_id", "month", "adopted", "censored")
    )
    for cohort_id, month, adopted, censored in found_rows:
        if cohort_id in counts:
            counts[cohort_id][0][month] += adopted
            counts[cohort_id][1][month] += censored
    found = []
    for cohort in cohorts:
        adopted_by, censored_by = counts[cohort.pk]
        months = sorted(set(adopted_by) | set(censored_by))
        points = [(month, adopted_by[month], censored_by[month]) for month in months]
        at_risk = sum(adopted + censored for _month, adopted, censored in points)
        is_shown = sees_small_cells or at_risk >= MINIMUM
        steps = kaplan_meier(points) if is_shown else []
        last = max((month for month, adopted, censored in points if adopted or censored), default=0)
        found.append(Curve(cohort, steps, at_risk if is_shown else 0, last))
    return found


def adoption_figure(board: Board, practice: Practice, *, found: Sequence[Curve]) -> Figure:
    """The share that adopted by months since joining, with bands, medians and the numbers at risk."""
    indicator = indicators.get("time_to_adoption")
    shown = [curve for curve in found if curve.steps]
    title = _title(practice, shown)
    last = max((curve.last_month for curve in shown), default=12)
    step = 12 if last <= 96 else 24
    drawn = charts.survival_chart(
        charts.SurvivalChart(
            title=title,
            unit="%",
            decimals=0,
            description=_("Steps by month since joining the cohort, one line for each cohort."),
            curves=[_drawn(curve, style=board.style(curve.cohort)) for curve in shown],
            x_ticks=[(month, str(month)) for month in range(0, last + step, step)],
            x_title=_("months since joining"),
        )
    )
    series = [
        charts.Series(curve.cohort.name, (), style=board.style(curve.cohort)) for curve in shown
    ]
    return Figure(
        title=title,
        subtitle=_("%% that adopted by then · band: 95 %% interval · %(when)s")
        % {"when": _as_of(board)},
        svg=drawn,
        legend=charts.legend(series) if series else "",
        table=_table(board, practice, shown),
        note=_(
            "Adoption happened between two visits; the month is that of the visit that saw it. Who has not adopted counts up to the last visit."
        ),  # fmt: skip
        definition_url=board.url("indicator", indicator.code, practica=practice.code),
    )


def _as_of(board: Board) -> str:
    if board.slice_.as_of < current_quarter():
        return _("as of %(quarter)s") % {"quarter": label(board.slice_.as_of)}
    return _("as known today")


def _title(practice: Practice, shown: Sequence[Curve]) -> str:
    if not shown:
        return _("%(subject)s: no data yet") % {"subject": practice.name}
    said = [
        _("half of %(cohort)s in %(months)s months") % {"cohort": c.cohort.name, "months": c.median}
        if c.median is not None
        else _("not yet half of %(cohort)s") % {"cohort": c.cohort.name}
        for c in shown
    ]
    return _("Adopting %(practice)s: %(said)s") % {
        "practice": practice.name.lower(),
        "said": "; ".join(said),
    }


def _drawn(curve: Curve, *, style: int) -> charts.SurvivalCurve:
    marks = [charts.Mark(0, 0.0, 0.0, 0.0)]
    marks += [
        charts.Mark(s.month, 100 * (1 - s.share), 100 * (1 - s.high), 100 * (1 - s.low), s.at_risk)
        for s in curve.steps
    ]
    end = marks[-1]
    marks.append(charts.Mark(curve.last_month, end.value, end.low, end.high))
    median = curve.median
    return charts.SurvivalCurve(
        label=curve.cohort.name,
        steps=marks,
        style=style,
        median=float(median) if median is not None else None,
    )


def _table(board: Board, practice: Practice, shown: Sequence[Curve]) -> Table:
    indicator = indicators.get("time_to_adoption")

    def behind(curve: Curve) -> str:
        if not board.sees_behind:
            return ""
        address = {"cohorte": curve.cohort.code, "practica": practice.code}
        return board.url("behind", indicator.code, **address)

    columns = [
        Column(_("Cohort")),
        Column(_("Months"), numeric=True),
        Column(_("Adopted by then (%)"), numeric=True),
        Column(_("95 % interval"), numeric=True),
        Column(_("Still at risk"), numeric=True),
    ]
    rows: list[list[Entry]] = [
        [
            (curve.cohort.name, behind(curve)),
            str(step.month),
            number_text(100 * (1 - step.share), decimals=0),
            _("%(low)s to %(high)s")
            % {
                "low": number_text(100 * (1 - step.high), decimals=0),
                "high": number_text(100 * (1 - step.low), decimals=0),
            },
            str(step.at_risk),
        ]
        for curve in shown
        for step in curve.steps
    ]
    return Table.of(caption=_("Time to adoption"), columns=columns, rows=rows)
