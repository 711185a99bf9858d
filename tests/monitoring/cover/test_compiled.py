"""The compiled loops: read without fail, kept where they may be, and not loaded by web processes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from django.conf import settings
from shapely import MultiPolygon, Point, Polygon

from monitoring.cover.outlines import Outlines, outlines_of

HOLED = shapely.box(0, 0, 2, 2).difference(shapely.box(0.5, 0.5, 1, 1))
SHAPES = [HOLED, MultiPolygon([shapely.box(5, 5, 6, 6), HOLED]), MultiPolygon(), Polygon()]


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    code = f"import django; django.setup()\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", **environment},
    )  # fmt: skip


def areas(outlines: Outlines) -> list[float]:
    """Of each plot, by rings as shapely makes polygons of them."""
    points = np.c_[outlines.x, outlines.y]
    found = []
    for first, last in zip(outlines.plots, outlines.plots[1:], strict=False):
        area = 0.0
        for part in range(first, last):
            rings = [
                points[outlines.rings[ring] : outlines.rings[ring + 1]]
                for ring in range(outlines.parts[part], outlines.parts[part + 1])
            ]
            area += Polygon(rings[0], rings[1:]).area
        found.append(area)
    return found


def test_outlines_are_those_of_the_shapes() -> None:
    outlines = outlines_of([shape.wkb for shape in SHAPES])
    assert areas(outlines) == [3.75, 4.75, 0, 0]
    assert outlines_of([]).plots.tolist() == [0]


def test_wkb_of_another_byte_order_or_with_heights_gives_the_same_outlines() -> None:
    expected = outlines_of([shape.wkb for shape in SHAPES])
    for other in (
        [shapely.to_wkb(shape, byte_order=0) for shape in SHAPES],
        [shapely.force_3d(shape, 130).wkb for shape in SHAPES],
        [shapely.to_wkb(shapely.set_srid(shape, 4326), include_srid=True) for shape in SHAPES],
    ):
        for found, wanted in zip(outlines_of(other), expected, strict=True):
            assert np.array_equal(found, wanted)


@pytest.mark.parametrize("length", range(len(HOLED.wkb)))
def test_wkb_that_was_cut_short_is_refused(length: int) -> None:
    with pytest.raises(shapely.errors.GEOSException):
        outlines_of([HOLED.wkb, HOLED.wkb[:length]])


def test_points_are_refused() -> None:
    with pytest.raises(ValueError, match="neither polygons nor"):
        outlines_of([HOLED.wkb, Point(1, 1).wkb])


def test_no_page_loads_the_compiler() -> None:
    done = python(
        "import sys, config.urls, config.wsgi, monitoring.tasks, monitoring.cover.compute\n"
        "from django.urls import get_resolver\n"
        "get_resolver().reverse_dict\n"
        "sys.exit('numba' in sys.modules)"
    )
    assert done.returncode == 0, done.stderr


LOOP = (
    "import shapely; from monitoring.cover.outlines import outlines_of\n"
    "print(outlines_of([shapely.box(0, 0, 1, 1).wkb]).x.tolist())\n"
)
FOUND = "[1.0, 1.0, 0.0, 0.0, 1.0]\n"


def test_loops_run_where_nothing_can_be_kept(tmp_path: Path) -> None:
    """A folder that cannot be made, as below a file or on a disk that is read only."""
    (tmp_path / "file").touch()
    done = python(LOOP, COMPILED_ROOT=str(tmp_path / "file" / "compiled"))
    assert done.stdout == FOUND, done.stderr
    assert "cannot be written" in done.stderr


def test_loops_are_kept_for_the_next_process(tmp_path: Path) -> None:
    root = tmp_path / "compiled"
    assert python(LOOP, COMPILED_ROOT=str(root)).stdout == FOUND
    kept = {path: path.stat().st_mtime_ns for path in root.rglob("*.nb?")}
    assert len(kept) == 2  # an index and what it lists
    assert python(LOOP, COMPILED_ROOT=str(root)).stdout == FOUND
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.nb?")} == kept


@pytest.mark.parametrize("kind", ["nbi", "nbc"])
def test_loops_run_where_what_was_kept_is_damaged(tmp_path: Path, kind: str) -> None:
    """Such as files without content after the power went."""
    root = tmp_path / "compiled"
    assert python(LOOP, COMPILED_ROOT=str(root)).stdout == FOUND
    for path in root.rglob(f"*.{kind}"):
        path.write_bytes(b"")
    done = python(LOOP, COMPILED_ROOT=str(root))
    assert done.stdout == FOUND, done.stderr
    assert "compiled anew" in done.stderr
