"""Keeps the shapes that the tiles are drawn from in step with boundaries, plots and consents.

Triggers mark what changed (migration `mapa_shapes`), a worker draws it again: one writer at a time,
so that counts are added up without waiting or deadlock on the writer's side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import localdate

from ranchers.access import SHARED_SCOPES

SQL = Path(__file__).parent / "sql"
LOCK = 4_847_002
"""Advisory lock: one writer of shapes and counts at a time."""

LEVELS = (0, 13, 14, 15, 16)
"""Zooms whose tiles are the squares that plots are counted in; 0 is everything."""

_COUNT = """
insert into monitoring_plotcount as c (level, cell, place_id, district_id, technician_id, is_shared, plots, area_ha)
select level, cell >> 2 * (16 - level), place_id, district_id, coalesce(technician_id, 0), is_shared,
    %(sign)s * count(*), %(sign)s * sum(area_ha)
from monitoring_plotshape s, unnest(%(levels)s::smallint[]) level
where {which}
group by 1, 2, 3, 4, 5, 6
order by 1, 2, 3, 4, 5, 6
on conflict (level, cell, place_id, district_id, technician_id, is_shared) do update
set plots = c.plots + excluded.plots, area_ha = c.area_ha + excluded.area_ha
"""


def refresh(*, limit: int = 500) -> int:
    """Draw up to `limit` marked plots again (and all those of marked ranchers); how many marks.

    One transaction: killed in the middle, all of it is done again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(
            "delete from monitoring_shapemark where id in"
            " (select id from monitoring_shapemark order by id limit %s)"
            " returning plot_id, rancher_id",
            [limit],
        )
        marks = cursor.fetchall()
        if not marks:
            return 0
        cursor.execute(
            "select id from ranchers_plot where rancher_id = any(%s::uuid[])",
            [[str(rancher) for _plot, rancher in marks if rancher]],
        )
        plots = {row[0] for row in cursor.fetchall()} | {plot for plot, _rancher in marks if plot}
        _draw(cursor, list(plots))
        _stamp(cursor, "shapes")
    return len(marks)


def refresh_all() -> int:
    """Draw everything that is marked; how many marks there were."""
    total = 0
    while done := refresh():
        total += done
    return total


def rebuild() -> int:
    """Draw every plot of today anew and count again; how many there are. A short name stays."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("delete from monitoring_shapemark")
        cursor.execute(
            "delete from monitoring_plotshape s where not exists (select from ranchers_plot p"
            " join ranchers_plotboundary b on b.plot_id = p.id and b.period @> %(today)s::date"
            " where p.id = s.plot_id and (p.closed_on is null or p.closed_on > %(today)s::date))",
            {"today": localdate()},
        )
        cursor.execute("delete from monitoring_plotcount")
        cursor.execute(_drawing("true"), _parameters())
        cursor.execute(_COUNT.format(which="true"), {"sign": 1, "levels": list(LEVELS)})
        _stamp(cursor, "shapes")
        cursor.execute("select count(*) from monitoring_plotshape")
        found: int = cursor.fetchone()[0]
    return found


def stamp() -> str:
    """A word that changes whenever a tile may: by shapes, facts, cover, and marks still waiting."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(string_agg(version::text, '.' order by what), ''),"
            " (select count(*) || '.' || coalesce(max(id), 0)"
            "  from (select id from monitoring_shapemark limit 1000) m)"
            " from monitoring_mapstamp"
        )
        versions, waiting = cursor.fetchone()
    return f"{versions}-{waiting}"


def values_changed(what: str) -> None:
    """Say that values shown on the map changed: `facts` or `cover`. Inside the writer's transaction."""
    with connection.cursor() as cursor:
        _stamp(cursor, what)


def _draw(cursor: Any, plots: Sequence[UUID]) -> None:
    ids = [str(plot) for plot in plots]
    chosen = "s.plot_id = any(%(plots)s::uuid[])"
    count = _COUNT.format(which=chosen)
    cursor.execute(count, {"sign": -1, "levels": list(LEVELS), "plots": ids})
    cursor.execute(
        "delete from monitoring_plotshape s where s.plot_id = any(%(plots)s::uuid[])"
        " and not exists (select from ranchers_plot p"
        " join ranchers_plotboundary b on b.plot_id = p.id and b.period @> %(today)s::date"
        " where p.id = s.plot_id and (p.closed_on is null or p.closed_on > %(today)s::date))",
        {"plots": ids, "today": localdate()},
    )
    cursor.execute(_drawing("p.id = any(%(plots)s::uuid[])"), _parameters() | {"plots": ids})
    cursor.execute(count, {"sign": 1, "levels": list(LEVELS), "plots": ids})


def _drawing(which: str) -> str:
    text = re.sub(r"--[^\n]*", "", (SQL / "plot_shapes.sql").read_text())
    return text.replace(":which", which)


def _parameters() -> dict[str, Any]:
    return {"today": localdate(), "scopes": list(SHARED_SCOPES)}


def _stamp(cursor: Any, what: str) -> None:
    cursor.execute(
        "insert into monitoring_mapstamp as s (what, version) values (%s, 1)"
        " on conflict (what) do update set version = s.version + 1",
        [what],
    )
