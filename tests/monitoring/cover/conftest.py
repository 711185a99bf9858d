from pathlib import Path

import numpy as np
import pytest

from monitoring.coefficients import load_defaults
from monitoring.cover import sources
from monitoring.models import CoverSource
from ranchers.models import Programme, Rancher
from tests.monitoring.cover.rasters import VERSION, alerts_source, gfc_source, write_tile
from tests.practices.factories import make_rancher

WEST, NORTH, SIDE = -69.5, -11.0, 200


@pytest.fixture
def rancher(db: None) -> Rancher:
    Programme.objects.update_or_create(id=1, defaults={"name": "x", "region": None})
    load_defaults()
    return make_rancher()


@pytest.fixture
def gfc_folder(tmp_path: Path) -> Path:
    """One tile: forest of 90 % everywhere; the northern half lost in 2022, but for column 0..9."""
    canopy = np.full((SIDE, SIDE), 90, np.uint8)
    loss = np.zeros((SIDE, SIDE), np.uint8)
    loss[: SIDE // 2, 10:] = 22
    for layer, values in (
        ("treecover2000", canopy),
        ("lossyear", loss),
        ("datamask", np.ones((SIDE, SIDE), np.uint8)),
    ):
        name = f"Hansen_{VERSION}_{layer}_10S_070W.tif"
        write_tile(tmp_path / "gfc" / name, values, west=WEST, north=NORTH)
    return tmp_path / "gfc"


@pytest.fixture
def forest(rancher: Rancher, gfc_folder: Path) -> CoverSource:
    """The active source of forest."""
    source = gfc_source(gfc_folder)
    source.save()
    sources.check(source)
    sources.activate(source)
    source.refresh_from_db()
    return source


@pytest.fixture
def alerts(rancher: Rancher, tmp_path: Path) -> CoverSource:
    """The active source of alerts: 10 x 10 pixels of 2015-02-24, high; as many of 2015-01-01, low."""
    codes = np.zeros((SIDE, SIDE), np.uint16)
    codes[20:30, 20:30] = 30_055
    codes[20:30, 40:50] = 20_001
    write_tile(tmp_path / "alerts" / "10S_070W.tif", codes, west=WEST, north=NORTH)
    source = alerts_source(tmp_path / "alerts")
    source.save()
    sources.check(source)
    sources.activate(source)
    source.refresh_from_db()
    return source
