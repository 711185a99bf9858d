"""From a boundary or a source that changed to the cover that is stored."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.utils.timezone import localdate

from monitoring.cover import compute, marks, sources
from monitoring.models import Coefficient, CoverSource, DirtyCover, DirtyRancher, PlotCover
from ranchers.boundaries import set_boundary
from ranchers.models import Plot, PlotBoundary, Rancher
from ranchers.plots import open_plot
from tests.monitoring.cover.conftest import NORTH, SIDE, WEST
from tests.monitoring.cover.rasters import PIXEL, VERSION, write_tile

TODAY = localdate()


def square(row: int, column: int, *, side: int = 20) -> GEOSGeometry:
    """Whole pixels of the test's tile."""
    x, y = WEST + column * PIXEL, NORTH - row * PIXEL
    a, b = x + side * PIXEL, y - side * PIXEL
    return GEOSGeometry(f"POLYGON(({x} {y},{a} {y},{a} {b},{x} {b},{x} {y}))", srid=4326)


def plot_of(rancher: Rancher, shape: GEOSGeometry, name: str = "Fundo") -> Plot:
    return open_plot(
        rancher=rancher, name=name, by=None, geometry=shape, since=date(2023, 5, 1), source="gps"
    )


def cover_of(plot: Plot, source: CoverSource) -> PlotCover:
    return PlotCover.objects.get(
        source=source, boundary__plot=plot, boundary__period__endswith=None
    )


def test_a_drawn_plot_is_measured_and_its_rancher_recomputed(
    rancher: Rancher, forest: CoverSource
) -> None:
    plot = plot_of(rancher, square(90, 30))
    assert DirtyCover.objects.count() == 1
    DirtyRancher.objects.all().delete()
    assert sources.compute_waiting() == 1
    cover = cover_of(plot, forest)
    area_ha = plot.boundaries.get().area_ha
    assert cover.canopy_pct == pytest.approx(90)
    assert float(cover.land_ha) == pytest.approx(float(area_ha), rel=1e-4)
    assert float(cover.forest_ha or 0) == pytest.approx(float(area_ha), rel=1e-4)
    assert float(cover.loss_since(2020)) == pytest.approx(float(area_ha) / 2, rel=1e-3)
    assert set(cover.loss_by_year()) == set(range(2001, 2025))
    assert [year for year, lost in cover.loss_by_year().items() if lost] == [2022]
    assert cover.forest_by_year()[2024] == cover.forest_ha - cover.loss_since(2020)  # type: ignore[operator]
    assert not cover.is_too_small
    assert (cover.water_m2, cover.nodata_m2) == (0, 0)
    assert DirtyRancher.objects.filter(rancher=rancher).exists()
    assert not DirtyCover.objects.exists()


def test_a_redrawn_plot_has_figures_of_its_own_and_the_old_ones_stay(
    rancher: Rancher, forest: CoverSource
) -> None:
    plot = plot_of(rancher, square(110, 30))
    sources.compute_waiting()
    before = cover_of(plot, forest)
    set_boundary(plot=plot, geometry=square(110, 30, side=40), since=TODAY, by=None)
    assert sources.compute_waiting() == 1
    after = cover_of(plot, forest)
    assert (before.pk, before.forest_m2) != (after.pk, after.forest_m2)
    before.refresh_from_db()
    assert float(after.forest_ha or 0) == pytest.approx(4 * float(before.forest_ha or 0), rel=1e-3)


def test_alerts_are_kept_by_day_and_confidence(rancher: Rancher, alerts: CoverSource) -> None:
    plot = plot_of(rancher, square(15, 15, side=60))
    sources.compute_waiting()
    found = list(cover_of(plot, alerts).alerts.order_by("day"))
    assert [(one.day, one.confidence) for one in found] == [
        (date(2015, 1, 1), 2),
        (date(2015, 2, 24), 3),
    ]
    pixel = float(plot.boundaries.get().area_ha) / 3600
    assert [float(one.area_ha) for one in found] == pytest.approx([100 * pixel] * 2, rel=1e-3)


def test_what_no_tile_covers_is_no_data_and_not_bare(rancher: Rancher, forest: CoverSource) -> None:
    half_off = plot_of(rancher, square(SIDE - 10, 50), "a")
    off = plot_of(rancher, square(SIDE + 50, 50), "b")
    sources.compute_waiting()
    cover = cover_of(half_off, forest)
    assert float(cover.nodata_ha) == pytest.approx(float(cover.land_ha), rel=1e-3)
    cover = cover_of(off, forest)
    assert (cover.land_m2, cover.canopy_pct, cover.forest_m2) == (0, None, 0)
    assert float(cover.nodata_ha) == pytest.approx(float(off.boundaries.get().area_ha), rel=1e-3)


def test_a_changed_file_is_noticed_and_measured_again(
    rancher: Rancher, forest: CoverSource, gfc_folder: Path
) -> None:
    plot = plot_of(rancher, square(110, 30))
    sources.compute_waiting()
    assert cover_of(plot, forest).loss_since(2020) == 0
    lost = np.full((SIDE, SIDE), 24, np.uint8)
    write_tile(gfc_folder / f"Hansen_{VERSION}_lossyear_10S_070W.tif", lost, west=WEST, north=NORTH)
    sources.check(forest)
    assert sources.compute_waiting() == 1
    assert cover_of(plot, forest).loss_since(2020) == cover_of(plot, forest).forest_ha


def test_another_threshold_is_measured_again(rancher: Rancher, forest: CoverSource) -> None:
    plot = plot_of(rancher, square(110, 30))
    sources.compute_waiting()
    Coefficient.objects.filter(code="canopy_threshold_pct").update(value=Decimal(95))
    assert marks.mark_missing() == 1
    sources.compute_waiting()
    cover = cover_of(plot, forest)
    assert (cover.forest_m2, cover.threshold_pct) == (0, 95)
    assert cover.canopy_pct == pytest.approx(90)


def test_marks_of_a_redrawing_meanwhile_stay(rancher: Rancher, forest: CoverSource) -> None:
    plot = plot_of(rancher, square(110, 30))
    waiting = compute._waiting(forest)
    DirtyCover.objects.update(marked_at=waiting.marked_at[0] + timedelta(seconds=1))
    assert compute.compute(forest) == 1
    marks.mark_source(forest)
    boundary = PlotBoundary.objects.get(plot=plot)
    DirtyCover.objects.filter(boundary=boundary).update(marked_at=waiting.marked_at[0])
    assert compute.compute(forest) == 1
    assert not DirtyCover.objects.exists()


def test_a_boundary_that_went_away_is_no_trouble(rancher: Rancher, forest: CoverSource) -> None:
    plot_of(rancher, square(110, 30), "a")
    gone = plot_of(rancher, square(10, 30), "b")
    steps: list[int] = []
    PlotBoundary.objects.filter(plot=gone).delete()
    assert compute.compute(forest, advance=steps.append) == 1
    assert sum(steps) == 1
