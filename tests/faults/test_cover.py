"""A worker dies while it measures tree cover: what was stored stays, the rest is measured by the next."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from monitoring.coefficients import load_defaults
from monitoring.cover import sources
from monitoring.models import CoverSource, DirtyCover, PlotCover
from monitoring.tasks import compute_cover
from ranchers.models import PlotBoundary
from tests.monitoring.cover.rasters import PIXEL, VERSION, gfc_source, write_tile
from tests.monitoring.cover.test_compute import plot_of
from tests.practices.factories import make_rancher
from tests.processes import Worker, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
WEST, NORTH = -69.5, -11.0
ROWS, COLUMNS = 900, 64  # four strips


@pytest.fixture
def source(transactional_db: None, tmp_path: Path) -> CoverSource:
    """Forest everywhere; checked, not in use."""
    load_defaults()
    for layer, value in (("treecover2000", 90), ("lossyear", 0), ("datamask", 1)):
        name = f"Hansen_{VERSION}_{layer}_10S_070W.tif"
        values = np.full((ROWS, COLUMNS), value, np.uint8)
        write_tile(tmp_path / name, values, west=WEST, north=NORTH)
    made = gfc_source(tmp_path)
    made.save()
    return made


@pytest.fixture
def holder(transactional_db: None) -> Iterator[Any]:
    """A connection of its own, in a transaction."""
    other = connection.copy()
    other.set_autocommit(False)
    yield other
    other.rollback()
    other.close()


def boundary_at(row: int) -> PlotBoundary:
    x, y = WEST + 10 * PIXEL, NORTH - row * PIXEL
    a, b = x + 20 * PIXEL, y - 20 * PIXEL
    shape = GEOSGeometry(f"POLYGON(({x} {y},{a} {y},{a} {b},{x} {b},{x} {y}))", srid=4326)
    return plot_of(make_rancher(), shape).boundaries.get()


WAITING = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def somebody_waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"select exists (select {WAITING})")
        return bool(cursor.fetchone()[0])


def end_what_waits() -> None:
    """Foreign keys are checked at the commit, which the database would finish for a dead worker."""
    with connection.cursor() as cursor:
        cursor.execute(f"select pg_terminate_backend(pid) {WAITING}")
    wait_until(lambda: not somebody_waits_for_a_row(), seconds=10, what="the end of what waited")


def test_a_worker_killed_in_the_middle_of_measuring_leaves_the_rest_to_the_next(
    worker: Worker, source: CoverSource, holder: Any
) -> None:
    north, south = boundary_at(20), boundary_at(860)
    sources.check(source)
    DirtyCover.objects.bulk_create(DirtyCover(source=source, boundary=b) for b in (north, south))
    with holder.cursor() as cursor:  # whoever stores a figure of this outline waits
        cursor.execute("select from ranchers_plotboundary where id = %s for update", [south.pk])
    compute_cover.delay()
    wait_until(somebody_waits_for_a_row, seconds=30, what="the worker's reaching the second plot")
    worker.kill()
    end_what_waits()
    holder.rollback()
    measured = PlotCover.objects.get(source=source)
    assert measured.boundary_id == north.pk
    assert [mark.boundary_id for mark in DirtyCover.objects.all()] == [south.pk]

    worker.start()
    compute_cover.delay()  # as beat does every minute
    wait_until(lambda: not DirtyCover.objects.exists(), seconds=30, what="the measuring")
    after = {one.boundary_id: one for one in PlotCover.objects.filter(source=source)}
    assert set(after) == {north.pk, south.pk}
    assert after[north.pk].computed_at == measured.computed_at
    assert float(after[south.pk].forest_ha or 0) == pytest.approx(float(south.area_ha), rel=1e-3)
