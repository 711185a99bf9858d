"""Keep facts and cells in step with what was written: after each write, and from scratch."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection, transaction

_MARK = """
insert into monitoring_dirtyrancher (rancher_id, from_quarter, marked_at)
select distinct id, %s::smallint, clock_timestamp() from unnest(%s::uuid[]) id order by id
on conflict (rancher_id) do update
set from_quarter = least(monitoring_dirtyrancher.from_quarter, excluded.from_quarter),
    marked_at = excluded.marked_at
"""


def mark_dirty(*, rancher_ids: Iterable[UUID], from_quarter: int | None = None) -> None:
    """Have the facts of these ranchers recomputed once the caller's transaction commits.

    Call it inside the transaction of the write. `from_quarter` is the first quarter the write can
    change (the visit's own, and the old one's when the date moved); None means all.
    """
    from monitoring import tasks

    ids = [str(rancher_id) for rancher_id in rancher_ids]
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [from_quarter or 0, ids])
    transaction.on_commit(tasks.queue_recompute_dirty, robust=True)


def recompute_dirty(*, limit: int = 500) -> int:
    """Recompute up to `limit` marked ranchers and the cells they touch; returns how many."""
    return 0


def recompute_all() -> None:
    """Recompute all facts and cells from scratch and put them in place of the stored ones."""
