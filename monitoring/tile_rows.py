"""The plots that one viewer sees under a choice, as conditions that stand in the statements of tiles.

Who sees what is asked of `ranchers.access`: its querysets are taken apart here, never rewritten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from monitoring import plot_shapes
from monitoring.models import PlotCount, PlotShape
from monitoring.tile_choices import Choice
from ranchers.access import STAFF, Viewer, count_parts_for, counts_for, has_role, plots_for

SQL = Path(__file__).parent / "sql"

# A tile is small and asked for often: starting workers or compiling costs more than they save.
_QUICKLY = "set local max_parallel_workers_per_gather = 0; set local jit = off; "

_SHAPES = """
select s.plot_id, s.number, s.cell, s.place_id, s.area_ha, s.rancher_id, s.boundary_id, s.{band} as shape
from monitoring_plotshape s
where s.near && st_expand(st_tileenvelope(%(z)s, %(x)s, %(y)s), %(margin)s) and {condition}
"""

_COUNTS = """
select cell, place_id, plots, area_ha from monitoring_plotcount s
where level = %(level)s and cell between %(from_cell)s and %(to_cell)s and {condition}
"""

_ONE_BY_ONE = """
select s.cell, s.place_id, 1 as plots, s.area_ha from monitoring_plotshape s where {condition}
"""

_NUMBER = "select coalesce(sum(plots), 0) from ({counted}) found"

_CELLS = "select distinct cell >> %(shift)s from ({counted}) found where plots > 0 limit %(most)s"

_BY_PLACE = "select place_id, sum(plots), sum(area_ha) from ({counted}) found group by 1"

_OF_SOME_RANCHERS = """exists (
    select from monitoring_rancherfact f where f.rancher_id = s.rancher_id
    and f.quarter = %(chosen_quarter)s and f.stratum_id = any(%(chosen_strata)s)
)"""


@dataclass
class Rows:
    """Conditions in SQL on a shape `s` or on counts, with the `parameters` that they name."""

    viewer: Viewer
    seen: str
    """The ids of the plots that the viewer may see, by the originals."""

    chosen: str
    """The condition on a shape that the choice makes; empty without one."""

    place: str
    """The condition on a shape or a count that the chosen district makes; empty without one."""

    parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, viewer: Viewer, choice: Choice) -> Rows:
        sql, given = plots_for(viewer).order_by().values("pk").query.sql_with_params()
        seen, parameters = _named(sql, given, prefix="seen")
        rows = cls(viewer, seen=seen, chosen="", place="", parameters=parameters)
        if choice.district:
            rows.place = "place_id = %(chosen_place)s"
            rows.parameters["chosen_place"] = choice.district
        if choice.is_of_some_ranchers:
            rows.chosen = _OF_SOME_RANCHERS
            rows.parameters |= {
                "chosen_quarter": choice.quarter,
                "chosen_strata": choice.strata(),
            }
        return rows

    @property
    def are_chosen(self) -> bool:
        """True when the counts do not tell: the plots have to be counted one by one."""
        return bool(self.chosen)

    def parts(self, band: str) -> str:
        """The shapes under a tile that the viewer may see by their own copies, in :parts of
        sql/tile_plots.sql, each once."""
        if has_role(self.viewer, *STAFF):
            found = count_parts_for(self.viewer, PlotShape.objects.all())
            conditions = [self._where(rows, f"part{n}") for n, rows in enumerate(found)]
        else:
            conditions = [f"s.plot_id in ({self.seen})"]
        more = "".join(f" and {one}" for one in (self.place, self.chosen) if one)
        shapes = []
        for n, condition in enumerate(conditions):
            others = "".join(f" and ({other}) is not true" for other in conditions[:n])
            shapes.append(_SHAPES.format(band=band, condition=f"({condition}){others}{more}"))
        return "union all".join(shapes)

    def counted(self, *, level: int, cells: tuple[int, int], fine: tuple[int, int] | None) -> str:
        """Rows of cell, place_id, plots and area_ha in a range of cells of a level: the counts as they
        are kept, or each plot by itself (its cell at the finest level, within `fine`) where a cohort
        or a sex was chosen."""
        model: type[PlotShape] | type[PlotCount] = PlotShape if self.chosen else PlotCount
        condition = self._where(counts_for(self.viewer, model.objects.all()), "copy")
        place = f" and {self.place}" if self.place else ""
        if not self.chosen:
            self.parameters |= {"level": level, "from_cell": cells[0], "to_cell": cells[1]}
            return _COUNTS.format(condition=f"({condition}){place}")
        within = ""
        if fine:
            self.parameters |= {"from_cell": fine[0], "to_cell": fine[1]}
            within = " and s.cell between %(from_cell)s and %(to_cell)s"
        return _ONE_BY_ONE.format(condition=f"({condition}){place} and {self.chosen}{within}")

    def number(self, *, level: int, cells: tuple[int, int], fine: tuple[int, int]) -> int:
        """How many plots lie in a range of cells."""
        counted = self.counted(level=level, cells=cells, fine=fine)
        return int(run(_NUMBER.format(counted=counted), self.parameters))

    def cells(self, level: int, *, most: int) -> set[int]:
        """The squares of a level that any of the plots lies in, `most` of them at most."""
        everywhere = (0, (1 << 2 * level) - 1)
        counted = self.counted(level=level, cells=everywhere, fine=None)
        shift = 2 * (plot_shapes.LEVELS[-1] - level) if self.are_chosen else 0
        with connection.cursor() as cursor:
            cursor.execute(
                _CELLS.format(counted=counted), self.parameters | {"shift": shift, "most": most}
            )
            return {cell for (cell,) in cursor.fetchall()}

    def by_place(self) -> dict[str, tuple[int, Decimal]]:
        """Plots and hectares in each district (its ubigeo) that has any."""
        counted = self.counted(level=plot_shapes.LEVELS[0], cells=(0, 0), fine=None)
        with connection.cursor() as cursor:
            cursor.execute(_BY_PLACE.format(counted=counted), self.parameters)
            return {place: (plots, area_ha) for place, plots, area_ha in cursor.fetchall()}

    def _where(self, rows: QuerySet[Any], prefix: str) -> str:
        """The condition alone of a queryset of one table, on the alias `s`."""
        try:
            sql, given = rows.order_by().values("is_shared").query.sql_with_params()
        except EmptyResultSet:
            return "false"
        named, parameters = _named(sql, given, prefix=prefix)
        self.parameters |= parameters
        condition = named.partition(" WHERE ")[2] or "true"
        return condition.replace(f'"{rows.model._meta.db_table}".', "s.")


def statement(name: str, **parts: str) -> str:
    """The statement of sql/<name>.sql with its parts put in."""
    text = re.sub(r"--[^\n]*", "", (SQL / f"{name}.sql").read_text())
    return re.sub(rf"(?<!:):({'|'.join(parts)})\b", lambda m: parts[m[1]], text)


def run(sql: str, parameters: dict[str, Any]) -> Any:
    """The one value of a statement, bytes for a tile."""
    with connection.cursor() as cursor:
        cursor.execute(_QUICKLY + sql, parameters)
        row = cursor.fetchone()
    value = row[0] if row else None
    return bytes(value) if isinstance(value, memoryview) else value


def _named(sql: str, given: tuple[Any, ...], *, prefix: str) -> tuple[str, dict[str, Any]]:
    """Positional parameters as named ones, so that they can stand beside others. Whole numbers are
    sent as bigint: a GiST index does not compare a bigint with an integer."""
    parameters = {f"{prefix}_{i}": value for i, value in enumerate(given)}
    words = [
        f"%({name})s{'::bigint' if type(value) is int else ''}"
        for name, value in parameters.items()
    ]
    first, *rest = sql.split("%s")
    text = first + "".join(word + after for word, after in zip(words, rest, strict=True))
    return text, parameters
