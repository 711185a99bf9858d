"""Made-up tiles: in the published layout, the same for the same seed, and said to be made up."""

import hashlib
from datetime import date
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import rasterio
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateRange

from monitoring.cover import compute, sources, synthetic
from monitoring.demo.build import build
from monitoring.models import Cell, CoverSource, PlotCover
from ranchers.models import LandUseArea, Programme, Rancher
from tests.monitoring.cover.test_compute import plot_of, square

TODAY = date(2026, 6, 15)


def digest(folder: Path) -> str:
    """Of all values of all tiles: of the blocks written, read back."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.tif")):
        with rasterio.open(path) as data:
            window = rasterio.windows.from_bounds(-69.6, -11.2, -69.4, -11.0, data.transform)
            found.update(path.name.encode() + data.read(1, window=window).tobytes())
    return found.hexdigest()


def test_tiles_are_named_typed_and_laid_out_as_published(rancher: Rancher, tmp_path: Path) -> None:
    plot_of(rancher, square(10, 10, side=60))
    synthetic.make(folder=tmp_path)
    version = CoverSource.objects.get(code="synthetic-gfc").version
    names = {path.name for path in tmp_path.rglob("*.tif")}
    wanted = {f"Hansen_{version}_{layer}_10S_070W.tif" for layer in ("treecover2000", "lossyear", "datamask")}  # fmt: skip
    assert names == wanted | {"10S_070W.tif"}
    for path in tmp_path.rglob("*.tif"):
        is_alerts = path.name == "10S_070W.tif"
        side, pixel, dtype = (
            (100_000, 0.0001, "uint16") if is_alerts else (40_000, 0.00025, "uint8")
        )
        with rasterio.open(path) as data:
            assert (data.width, data.height, data.crs.to_epsg()) == (side, side, 4326)
            assert data.transform[:6] == (pixel, 0, -70, 0, -pixel, -10)
            assert data.dtypes[0] == dtype
            assert "Sintético" in data.tags()["TIFFTAG_IMAGEDESCRIPTION"]


def test_alerts_lie_where_forest_was_lost(rancher: Rancher, tmp_path: Path) -> None:
    """On the finer grid as on the coarser one, so that the two sources tell one story."""
    plot = plot_of(rancher, square(10, 10, side=60))
    for area_ha, first, last in ((60, date(2015, 1, 1), date(2022, 1, 1)), (150, date(2022, 1, 1), None)):  # fmt: skip
        LandUseArea.objects.create(
            plot=plot, land_use="pasture", area_ha=area_ha, period=DateRange(first, last)
        )
    synthetic.make(folder=tmp_path)
    (lossyear,) = tmp_path.rglob("*lossyear*.tif")
    with rasterio.open(lossyear) as data:
        loss = data.read(1, window=rasterio.windows.Window(2000, 4000, 100, 100))
    with rasterio.open(tmp_path / "alerts" / "10S_070W.tif") as data:
        alerts = data.read(1, window=rasterio.windows.Window(5000, 10_000, 250, 250))
    middle = (np.arange(100) * 5 + 2) // 2
    alerted = alerts[middle][:, middle] > 0
    seen = alerted & (loss > 14)
    assert seen.sum() > 20
    assert seen.sum() > 0.9 * (alerted & (loss > 0)).sum()


def test_the_same_seed_gives_the_same_ground_and_another_does_not(
    rancher: Rancher, tmp_path: Path
) -> None:
    plot_of(rancher, square(10, 10, side=60))
    digests = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        synthetic.make(folder=tmp_path / name, seed=seed)
        digests.append(digest(tmp_path / name))
    assert digests[0] == digests[1] != digests[2]


def test_a_real_programme_is_not_fed_by_made_up_tiles(rancher: Rancher, tmp_path: Path) -> None:
    plot_of(rancher, square(10, 10))
    made = synthetic.make(folder=tmp_path)
    assert all(source.is_synthetic and not source.is_active for source in made)
    sources.check(made[0])
    with pytest.raises(sources.CannotActivate):
        sources.activate(made[0])
    Programme.objects.update(is_synthetic=True)
    sources.activate(made[0])


def test_the_demo_has_forest_that_its_land_use_explains(
    transactional_db: None, tmp_path: Path
) -> None:
    build(ranchers=12, today=TODAY, advance=lambda _n: None, tiles=tmp_path)
    assert CoverSource.objects.filter(is_active=True, is_synthetic=True).count() == 2
    covers = PlotCover.objects.filter(source__measures="forest")
    assert covers.count() >= 12
    assert not covers.filter(nodata_m2__gt=0).exists()
    for cover in covers.select_related("source"):
        series = [float(ha) for ha in cover.forest_by_year().values()]
        assert series == sorted(series, reverse=True)
        assert 0 < series[0] <= float(cover.land_ha) + 1e-6
    lost = [sum(cover.loss_m2) for cover in covers]
    assert np.count_nonzero(lost) > len(lost) / 2
    cell = Cell.objects.filter(indicator="forest_ha", n_known__gte=10).first()
    assert cell is not None
    assert cell.value


@pytest.fixture
def called() -> StringIO:
    return StringIO()


def test_the_command_makes_checks_and_computes(
    rancher: Rancher, tmp_path: Path, called: StringIO
) -> None:
    Programme.objects.update(is_synthetic=True)
    plot_of(rancher, square(10, 10))
    call_command("cover", "synthetic", "--folder", tmp_path, "--dry-run", stdout=called)
    assert not CoverSource.objects.exists()
    assert list(tmp_path.iterdir()) == []
    call_command("cover", "synthetic", "--folder", tmp_path, verbosity=0, stdout=called)
    call_command("cover", "compute", "--dry-run", stdout=called)
    assert "synthetic-gfc: 1 boundaries would be measured" in called.getvalue()
    assert not PlotCover.objects.exists()
    call_command("cover", "compute", verbosity=0, stdout=called)
    assert PlotCover.objects.count() == 2
    call_command("cover", "compute", verbosity=0, stdout=called)
    assert "synthetic-gfc: 0 boundaries measured" in called.getvalue()
    call_command("cover", "check", "synthetic-gfc", stdout=called)
    assert "synthetic-gfc [synthetic]" in called.getvalue()
    assert compute.compute(CoverSource.objects.get(code="synthetic-alerts")) == 0
