"""Districts shaded by one cohort's figure."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from monitoring import charts, wording
from monitoring.figures import Board, Figure, cohort_columns, mark, reading_cells, subtitle
from monitoring.indicators import Indicator
from practices.models import Practice
from ranchers.models import Cohort, District
from ranchers.tables import Table


def district_map(
    board: Board,
    indicator: Indicator,
    *,
    cohort: Cohort,
    districts: Sequence[District],
    practice: Practice | None = None,
) -> Figure:
    """Districts shaded by one cohort's figure."""
    of = {"practice": practice.pk} if practice else {}
    found = {d: board.latest(indicator, cohort, district=d.pk, **of) for d in districts}
    # One scale for the maps of all cohorts: the same shade is the same value on each.
    values = [
        r.value
        for r in board.readings
        if r.indicator == indicator.code
        and r.district
        and r.value is not None
        and r.cohort is not None
        and r.sex == board.slice_.sex
    ]
    top = (
        100.0 if indicator.is_percent else charts.frame.nice_ticks(0, max(values, default=1.0))[-1]
    )
    title = f"{cohort.name}: " + str(indicator.title) + (f" ({practice.name})" if practice else "")
    areas = [
        charts.Area(
            name=d.name,
            boundary=d.boundary,
            mark=mark(r),
            note=wording.value_text(r, indicator) or _("no data"),
        )
        for d, r in found.items()
    ]
    columns = cohort_columns(_("District"), [cohort])
    behind = {"practica": practice.code} if practice else {}
    rows = [
        [d.name, *reading_cells(r, indicator, board.behind(r, indicator, cohort, distrito=d.pk, **behind))]
        for d, r in found.items()
    ]  # fmt: skip
    schematic = any(d.boundary_is_schematic for d in districts)
    words = _("District boundaries are schematic.") if schematic else ""
    return Figure(
        title=title,
        subtitle=subtitle(indicator, as_of=board.slice_.as_of),
        svg=charts.map_chart(
            charts.MapChart(
                title=title,
                unit=wording.unit_of(indicator),
                decimals=indicator.decimals,
                areas=areas,
                breaks=[round(top * share, 6) for share in (0.2, 0.4, 0.6, 0.8)],
            )
        ),
        table=Table.of(caption=title, columns=columns, rows=rows),
        note=" ".join(filter(None, [words, board.note_of(indicator)])),
        **board.links(indicator),
    )
