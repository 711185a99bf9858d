"""Keeping PlotCover in step: measure what is marked, store it batch by batch, tell the figures.

A run goes over the marks of one source from north to south. Each batch of complete plots is stored
and its marks cleared in one transaction: a worker that is killed loses what was under way, and the
next run begins with the marks that are left.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from monitoring import plot_shapes, recompute
from monitoring.cover import marks
from monitoring.cover.layouts import Layout, alert_of, layout_of
from monitoring.cover.measuring import Measured, Shapes, measure
from monitoring.cover.outlines import Floats, Ints
from monitoring.cover.tiles import Bounds, Found, find_tiles, fingerprint
from monitoring.models import CoverSource, Measures

logger = logging.getLogger(__name__)

LOCK_SPACE = 4_847_002  # with the source's id: one run of a source at a time
AT_ONCE = 100_000  # marks of a run: what it keeps in memory is bounded
STORED_AT_ONCE = 2_000


class AlreadyRunning(RuntimeError):
    """Another worker computes this source right now; it will take the marks."""


@dataclass(frozen=True)
class Waiting:
    """Marks of a run: boundaries, when each was marked, and their bounding boxes (degrees)."""

    boundary_ids: list[str]
    marked_at: list[datetime]
    bounds: Floats

    def __len__(self) -> int:
        return len(self.boundary_ids)


def programme_extents() -> list[Bounds]:
    """Which degree squares hold boundaries (with none on record: districts), to find the tiles."""
    found: list[tuple[int, int, int, int]] = []
    with connection.cursor() as cursor:
        for table in ("ranchers_plotboundary", "ranchers_district"):
            cursor.execute(
                "select distinct floor(st_xmin(boundary))::int, floor(st_ymin(boundary))::int,"  # noqa: S608
                f" ceil(st_xmax(boundary))::int, ceil(st_ymax(boundary))::int from {table}"
                " where boundary is not null"
            )
            found = found or cursor.fetchall()
    return [(float(w), float(s), float(e), float(n)) for w, s, e, n in found]


def tiles_of(source: CoverSource, layout: Layout) -> Found:
    """The tiles of a source for all boundaries. Raises InvalidLocation, UnreadableTile."""
    inner = [(w + 1e-9, s + 1e-9, e - 1e-9, n - 1e-9) for w, s, e, n in programme_extents()]
    return find_tiles(source, layout, extents=inner)


def compute(
    source: CoverSource,
    *,
    advance: Callable[[int], object] = lambda n: None,
    tell: bool = True,
) -> int:
    """Measure all marked boundaries of a source; how many. `advance(n)` hears of each n stored.

    `tell` false leaves the ranchers' facts alone, for who recomputes all of them afterwards.
    Raises AlreadyRunning, InvalidLocation, InvalidBands, UnreadableTile.
    """
    with _alone(source):
        threshold = marks.threshold_pct()
        layout = layout_of(source, threshold_pct=threshold)
        found = tiles_of(source, layout)
        notice_new_files(source, fingerprint(source, found.tiles))
        done = 0
        while waiting := _waiting(source):
            shapes = Shapes(waiting.bounds, lambda which, w=waiting: _outlines(w, which))  # type: ignore[misc]
            years = 0
            if source.measures == Measures.FOREST:
                years = (source.last_year or 0) - (source.baseline_year or 0)
            for batch in measure(shapes, found.tiles, layout, years=years):
                for part in _parts(batch):
                    _store(source, waiting, part, layout, tell=tell)
                    advance(len(part.plot))
                    done += len(part.plot)
        return done


@contextmanager
def _alone(source: CoverSource) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [LOCK_SPACE, source.pk])
        if not cursor.fetchone()[0]:
            raise AlreadyRunning(source.code)
        try:
            yield
        finally:
            cursor.execute("select pg_advisory_unlock(%s, %s)", [LOCK_SPACE, source.pk])


def notice_new_files(source: CoverSource, found: str) -> None:
    """Where the files are not those of before, all that was measured from them is marked."""
    if source.fingerprint == found:
        return
    with transaction.atomic():
        CoverSource.objects.filter(pk=source.pk).update(fingerprint=found)
        source.fingerprint = found
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into monitoring_dirtycover (source_id, boundary_id, marked_at)"
                " select source_id, boundary_id, clock_timestamp() from monitoring_plotcover"
                " where source_id = %s and fingerprint <> %s on conflict do nothing",
                [source.pk, found],
            )


def _waiting(source: CoverSource) -> Waiting:
    """Up to AT_ONCE marks, the northernmost first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select d.boundary_id::text, d.marked_at, st_xmin(b.boundary), st_ymin(b.boundary),"
            " st_xmax(b.boundary), st_ymax(b.boundary)"
            " from monitoring_dirtycover d join ranchers_plotboundary b on b.id = d.boundary_id"
            " where d.source_id = %s order by st_ymax(b.boundary) desc, b.id limit %s",
            [source.pk, AT_ONCE],
        )
        rows = cursor.fetchall()
    bounds = np.array([row[2:] for row in rows], dtype=float).reshape(-1, 4)
    return Waiting([row[0] for row in rows], [row[1] for row in rows], bounds)


def _outlines(waiting: Waiting, which: Ints) -> list[bytes]:
    ids = [waiting.boundary_ids[at] for at in which]
    with connection.cursor() as cursor:
        cursor.execute(
            "select u.n, st_asbinary(b.boundary) from unnest(%s::uuid[]) with ordinality u (id, n)"
            " left join ranchers_plotboundary b on b.id = u.id order by u.n",
            [ids],
        )
        nothing = bytes.fromhex("010600000000000000")  # deleted meanwhile: an empty multipolygon
        return [nothing if wkb is None else bytes(wkb) for _n, wkb in cursor.fetchall()]


def _parts(batch: Measured) -> Iterator[Measured]:
    """A batch in portions of a transaction each."""
    for at in range(0, len(batch.plot), STORED_AT_ONCE):
        rows = slice(at, at + STORED_AT_ONCE)
        yield Measured(
            plot=batch.plot[rows],
            whole=batch.whole[rows],
            land=batch.land[rows],
            water=batch.water[rows],
            forest=batch.forest[rows],
            canopy=batch.canopy[rows],
            pixels=batch.pixels[rows],
            lost=batch.lost[rows],
            alerts=batch.alerts.only(np.isin(batch.alerts.plot, batch.plot[rows])),
        )


def _store(
    source: CoverSource, waiting: Waiting, batch: Measured, layout: Layout, *, tell: bool
) -> None:
    """Store a batch, clear its marks and mark the facts of its ranchers, all or nothing."""
    ids = [waiting.boundary_ids[at] for at in batch.plot]
    marked_at = [waiting.marked_at[at] for at in batch.plot]
    with transaction.atomic(), connection.cursor() as cursor:
        rows = list(_rows(source, ids, batch, layout))
        cursor.execute(_STORE, [source.pk, source.fingerprint, json.dumps(rows)])
        if source.measures == Measures.ALERTS:
            _store_alerts(cursor, {str(b): c for c, b in cursor.fetchall()}, ids, batch)
        cursor.execute(
            "delete from monitoring_dirtycover d using unnest(%s::uuid[], %s::timestamptz[]) m (id, at)"
            " where d.source_id = %s and d.boundary_id = m.id and d.marked_at = m.at",
            [ids, marked_at, source.pk],
        )
        plot_shapes.values_changed("cover")
        if tell and source.is_active:
            recompute.mark_dirty(rancher_ids=_ranchers_of(cursor, ids))


_STORE = """
insert into monitoring_plotcover as c (
    boundary_id, source_id, land_m2, water_m2, nodata_m2, canopy_pct, forest_m2, loss_m2,
    threshold_pct, pixels, is_too_small, fingerprint, computed_at)
select v.boundary_id, %s, v.land_m2, v.water_m2, v.nodata_m2, v.canopy_pct, v.forest_m2, v.loss_m2,
    v.threshold_pct, v.pixels, v.is_too_small, %s, now()
from jsonb_to_recordset(%s) v (
    boundary_id uuid, land_m2 int, water_m2 int, nodata_m2 int, canopy_pct float8, forest_m2 int,
    loss_m2 int[], threshold_pct smallint, pixels float8, is_too_small boolean)
join ranchers_plotboundary b on b.id = v.boundary_id
order by b.id
on conflict (boundary_id, source_id) do update set
    land_m2 = excluded.land_m2, water_m2 = excluded.water_m2, nodata_m2 = excluded.nodata_m2,
    canopy_pct = excluded.canopy_pct, forest_m2 = excluded.forest_m2, loss_m2 = excluded.loss_m2,
    threshold_pct = excluded.threshold_pct, pixels = excluded.pixels,
    is_too_small = excluded.is_too_small, fingerprint = excluded.fingerprint,
    computed_at = excluded.computed_at
returning c.id, c.boundary_id
"""


def _rows(
    source: CoverSource, ids: list[str], batch: Measured, layout: Layout
) -> Iterator[dict[str, object]]:
    """Whole square metres. Loss is rounded as a running total, so that years never add up to more
    than the forest there was."""
    is_forest = source.measures == Measures.FOREST
    land, water, forest = (_whole(column) for column in (batch.land, batch.water, batch.forest))
    rest = batch.whole - batch.land - batch.water
    no_data = np.where(rest < np.maximum(batch.whole * 1e-4, 1), 0, _whole(rest))
    lost = np.minimum(_whole(np.cumsum(batch.lost, axis=1)), forest[:, None])
    lost = np.diff(lost, axis=1, prepend=0)
    for at, boundary_id in enumerate(ids):
        has_land = is_forest and land[at] > 0
        yield {
            "boundary_id": boundary_id,
            "land_m2": int(land[at]),
            "water_m2": int(water[at]),
            "nodata_m2": int(no_data[at]),
            "canopy_pct": round(float(batch.canopy[at] / batch.land[at]), 4) if has_land else None,
            "forest_m2": int(forest[at]) if is_forest else None,
            "loss_m2": lost[at].tolist(),
            "threshold_pct": layout.threshold_pct if is_forest else None,
            "pixels": round(float(batch.pixels[at]), 2),
            "is_too_small": bool(batch.pixels[at] < 1),
        }


def _whole(values: Floats) -> NDArray[np.int64]:
    return np.maximum(np.rint(values), 0).astype(np.int64)


def _store_alerts(cursor, covers: dict[str, int], ids: list[str], batch: Measured) -> None:  # type: ignore[no-untyped-def]
    position = {int(plot): ids[at] for at, plot in enumerate(batch.plot)}
    rows = []
    for plot, code, m2 in zip(*(column.tolist() for column in batch.alerts), strict=True):
        cover = covers.get(position[plot])
        if cover is not None and round(m2) > 0:
            rows.append([cover, *alert_of(code), round(m2)])
    cursor.execute(
        "delete from monitoring_plotalert where cover_id = any(%s)", [list(covers.values())]
    )
    if rows:
        cursor.execute(
            "insert into monitoring_plotalert (cover_id, day, confidence, area_m2)"
            " select * from unnest(%s::bigint[], %s::date[], %s::smallint[], %s::int[])",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _ranchers_of(cursor, boundary_ids: list[str]) -> list[UUID]:  # type: ignore[no-untyped-def]
    cursor.execute(
        "select distinct p.rancher_id from ranchers_plotboundary b"
        " join ranchers_plot p on p.id = b.plot_id where b.id = any(%s::uuid[])",
        [boundary_ids],
    )
    return [rancher for (rancher,) in cursor.fetchall()]
