"""Stored figures judged by exactextract, from the command line."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.core.management import CommandError, call_command
from django.db.models import F

from monitoring.cover import referee, sources
from monitoring.models import CoverSource, PlotAlert, PlotCover
from ranchers.models import Rancher
from tests.monitoring.cover.conftest import NORTH, SIDE, WEST
from tests.monitoring.cover.rasters import PIXEL, VERSION, blob, write_tile
from tests.monitoring.cover.test_compute import plot_of


@pytest.fixture
def plots(rancher: Rancher) -> int:
    """Plots of odd shapes, the last of which the tile holds in part only."""
    rng = np.random.default_rng(3)
    for number in range(6):
        column = 30 + 28 * number + (16 if number == 5 else 0)
        shape = blob(
            rng, lon=WEST + column * PIXEL, lat=NORTH - 90 * PIXEL, radius=20 * PIXEL, corners=9
        )
        plot_of(rancher, GEOSGeometry(shape.wkt, srid=4326), f"Fundo {number}")
    return 6


def judged(source: CoverSource, *, count: int = 50) -> str:
    out = StringIO()
    call_command("cover", "check", source.code, "--referee", str(count), stdout=out)
    return out.getvalue()


def test_exactextract_agrees_with_what_is_stored(
    forest: CoverSource, plots: int, gfc_folder: Path
) -> None:
    rng = np.random.default_rng(4)
    for layer, values in (
        ("treecover2000", rng.integers(0, 101, (SIDE, SIDE))),
        ("lossyear", rng.integers(0, 25, (SIDE, SIDE))),
        ("datamask", rng.choice([0, 1, 1, 1, 2], (SIDE, SIDE))),
    ):
        name = f"Hansen_{VERSION}_{layer}_10S_070W.tif"
        write_tile(gfc_folder / name, values.astype(np.uint8), west=WEST, north=NORTH)
    assert sources.compute_waiting() == plots
    verdict = referee.judge(forest, count=50)
    assert (verdict.boundaries, verdict.figures) == (6, 6 * (4 + 24))
    assert verdict.differences == []
    assert 0 < verdict.largest_m2 < 1.5
    assert "exactextract measured 6 stored plots again: 168 figures" in judged(forest)
    assert "measured 2 stored plots" in judged(forest, count=2)


def test_a_stored_figure_that_is_wrong_is_named(forest: CoverSource, plots: int) -> None:
    sources.compute_waiting()
    wrong = PlotCover.objects.order_by("pk")[2]
    PlotCover.objects.filter(pk=wrong.pk).update(forest_m2=F("forest_m2") + 40)
    verdict = referee.judge(forest, count=50)
    assert [(one.boundary_id, one.figure) for one in verdict.differences] == [
        (str(wrong.boundary_id), "forest")
    ]
    with pytest.raises(CommandError, match="1 figures differ"):
        judged(forest)


def test_alerts_are_judged_by_day_and_confidence(
    rancher: Rancher, alerts: CoverSource, plots: int
) -> None:
    x, y = WEST + 25.3 * PIXEL, NORTH - 22.6 * PIXEL  # across both groups of alerts
    plot_of(rancher, GEOSGeometry(shapely.box(x, y - 6 * PIXEL, x + 20 * PIXEL, y).wkt, srid=4326))
    sources.compute_waiting()
    assert PlotAlert.objects.count() == 2
    assert referee.judge(alerts, count=50).differences == []
    PlotAlert.objects.update(area_m2=F("area_m2") + 30)
    figures = {one.figure for one in referee.judge(alerts, count=50).differences}
    assert figures <= {"alert 2015-01-01 of confidence 2", "alert 2015-02-24 of confidence 3"}
    assert figures


def test_a_plot_that_waits_to_be_measured_is_not_judged(forest: CoverSource, plots: int) -> None:
    assert referee.judge(forest, count=50).boundaries == 0
    assert "measured 0 stored plots" in judged(forest)
