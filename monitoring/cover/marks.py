"""Which boundaries await which source: set by writes, cleared by compute.py."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.timezone import localdate

from monitoring.coefficients import value_on
from monitoring.models import CoverSource

_MARK = """
insert into monitoring_dirtycover (source_id, boundary_id, marked_at)
select s.id, b.id, clock_timestamp()
from monitoring_coversource s
cross join ranchers_plotboundary b {join}
where {where}
order by s.id, b.id
on conflict (source_id, boundary_id) do update set marked_at = excluded.marked_at
"""
_NO_COVER = """not exists (
    select from monitoring_plotcover c where c.boundary_id = b.id and c.source_id = s.id)"""


def ranchers_changed(*, rancher_ids: Collection[UUID], since: date | None) -> None:  # noqa: ARG001
    """What `ranchers` tells: boundaries of these ranchers that no active source has measured yet are
    marked. Index: plot (rancher_id), plotboundary (plot_id), plotcover_once."""
    where = f"s.is_active and p.rancher_id = any(%s::uuid[]) and {_NO_COVER}"
    join = "join ranchers_plot p on p.id = b.plot_id"
    _mark(join=join, where=where, parameters=[[str(one) for one in rancher_ids]])


def mark_source(source: CoverSource) -> int:
    """Mark every boundary for a source; how many."""
    return _mark(where="s.id = %s", parameters=[source.pk])


def mark_missing() -> int:
    """Mark what the active sources have not measured, or measured from other files or with another
    threshold; how many. A write that a crash kept from marking is found here."""
    stale = (
        "not exists (select from monitoring_plotcover c where c.boundary_id = b.id"
        " and c.source_id = s.id and c.fingerprint = s.fingerprint"
        " and c.threshold_pct is not distinct from"
        " case when s.measures = 'forest' then %s::smallint end)"
    )
    return _mark(where=f"s.is_active and {stale}", parameters=[threshold_pct()])


def threshold_pct() -> int:
    """The canopy (%) that makes a forest, in force today."""
    return round(value_on(code="canopy_threshold_pct", day=localdate()))


def _mark(*, where: str, parameters: list[Any], join: str = "") -> int:
    from monitoring import tasks

    with connection.cursor() as cursor:
        cursor.execute(_MARK.format(join=join, where=where), parameters)
        marked: int = cursor.rowcount
    if marked:
        transaction.on_commit(tasks.queue_compute_cover, robust=True)
    return marked
