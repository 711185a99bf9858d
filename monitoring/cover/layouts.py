"""What the values of a source's bands mean, as tables from value to meaning.

Two layouts are read as published:
- `gfc`: Global Forest Change (Hansen et al. 2013, Science 342:850-853; UMD/GLAD). 8-bit layers
  `treecover2000` (canopy closure in %, of vegetation over 5 m), `lossyear` (0 none, n = 2000 + n) and
  `datamask` (0 no data, 1 land, 2 permanent water).
- `alerts`: integrated deforestation alerts (GFW). 16-bit: 0 none; first digit 2 low, 3 high, 4
  highest confidence; the other digits days since 31 December 2014.

Any other raster of forest is declared, in `CoverSource.bands`:
    {"canopy": {"band": 1, "scale": 1, "nodata": [255], "water": [254]},    canopy in % = value x scale
     "forest": {"band": 1, "values": [1], "nodata": [0], "water": [2]},     instead of canopy
     "mask": {"band": 3, "land": [1], "water": [2]},                        optional; all else no data
     "loss": {"band": 2, "year_of_zero": 2000, "none": [0]}}                optional
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from monitoring.cover.zonal import COUNTERS, Meaning
from monitoring.models import CoverSource, SourceKind

GFC_LAYERS = ("treecover2000", "lossyear", "datamask")
GFC_BASE_YEAR = 2000
ALERT_DAY_ZERO = date(2014, 12, 31)
CONFIDENCE_STEP = 10_000
NO_DATA, IS_LAND, IS_WATER = 0, 1, 2
VALUES = 1 << 16


class InvalidBands(ValidationError):
    """The declaration of the bands is not complete or not possible; the message says where."""


@dataclass(frozen=True)
class Band:
    """One band: the layer (file of its own; '' where there is one file) and its number from 1."""

    layer: str
    index: int = 1


@dataclass(frozen=True)
class Layout:
    """How to read a source.

    `canopy_pct`: canopy by value of `canopy`; `state`: no data, land or water by value of it;
    `mask_state` the same by value of `mask`, and the lower of the two counts. `event`: what the
    value of `events` stands for (0: nothing). Where there is no `canopy`, all of a tile is land.
    """

    canopy: Band | None
    canopy_pct: NDArray[np.uint8]
    state: NDArray[np.uint8]
    mask: Band | None
    mask_state: NDArray[np.uint8]
    events: Band | None
    event: NDArray[np.int32]
    events_in_forest: bool
    threshold_pct: int

    @property
    def bands(self) -> list[Band]:
        return [band for band in (self.canopy, self.mask, self.events) if band is not None]

    @property
    def layers(self) -> list[str]:
        return list(dict.fromkeys(band.layer for band in self.bands))

    def meaning(self) -> Meaning:
        """The tables by which pixels are summed."""
        state = np.full((3, VALUES), NO_DATA)
        state[IS_LAND] = self.state
        state[IS_WATER] = np.where(self.state == NO_DATA, NO_DATA, IS_WATER)
        is_land = state == IS_LAND
        is_forest = is_land & (self.canopy_pct >= self.threshold_pct)
        holds = np.stack([is_land, state == IS_WATER, is_forest, is_land * self.canopy_pct], axis=2)
        return Meaning(
            mask_state=self.mask_state,
            holds=holds.astype(np.float64),
            event=self.event,
            needed=COUNTERS.index("forest" if self.events_in_forest else "land"),
            events=int(self.event.max()) + 1,
        )


def layout_of(source: CoverSource, *, threshold_pct: int) -> Layout:
    """The layout of a source. Raises InvalidBands."""
    if source.kind == SourceKind.ALERTS:
        return _alerts()
    last = (source.last_year or GFC_BASE_YEAR) - (source.baseline_year or GFC_BASE_YEAR)
    if source.kind == SourceKind.GFC:
        return _gfc(last, threshold_pct)
    return _declared(source.bands, source.baseline_year or 0, last, threshold_pct)


def check_bands(source: CoverSource) -> None:
    """Raise InvalidBands when a declared source cannot be understood."""
    layout_of(source, threshold_pct=30)


def alert_of(code: int) -> tuple[date, int]:
    """(day, confidence) of a value of the integrated alerts."""
    confidence, days = divmod(code, CONFIDENCE_STEP)
    return date.fromordinal(ALERT_DAY_ZERO.toordinal() + days), confidence


def _gfc(last: int, threshold_pct: int) -> Layout:
    state = np.full(VALUES, NO_DATA, np.uint8)
    state[:101] = IS_LAND
    mask_state = np.full(VALUES, NO_DATA, np.uint8)
    mask_state[[1, 2]] = IS_LAND, IS_WATER
    years = np.arange(VALUES, dtype=np.int32)
    tree_cover, loss_year, data_mask = (Band(layer) for layer in GFC_LAYERS)
    return Layout(
        canopy=tree_cover,
        canopy_pct=_clip_pct(np.arange(VALUES)),
        state=state,
        mask=data_mask,
        mask_state=mask_state,
        events=loss_year,
        event=np.where(years <= last, years, 0),
        events_in_forest=True,
        threshold_pct=threshold_pct,
    )


def _alerts() -> Layout:
    codes = np.arange(VALUES, dtype=np.int32)
    known = np.isin(codes // CONFIDENCE_STEP, (2, 3, 4)) & (codes % CONFIDENCE_STEP > 0)
    land = np.full(VALUES, IS_LAND, np.uint8)
    return Layout(
        canopy=None,
        canopy_pct=np.zeros(VALUES, np.uint8),
        state=land,
        mask=None,
        mask_state=land,
        events=Band(""),
        event=np.where(known, codes, 0),
        events_in_forest=False,
        threshold_pct=0,
    )


def _declared(bands: dict[str, Any], baseline_year: int, last: int, threshold_pct: int) -> Layout:
    _check_shape(bands)
    canopy = bands.get("canopy") or bands["forest"]
    values = np.arange(VALUES)
    if "canopy" in bands:
        canopy_pct = _clip_pct(values * float(canopy.get("scale", 1)))
    else:
        canopy_pct = np.where(np.isin(values, canopy["values"]), 100, 0).astype(np.uint8)
    state = np.full(VALUES, IS_LAND, np.uint8)
    state[canopy.get("water", [])] = IS_WATER
    state[canopy.get("nodata", [])] = NO_DATA
    mask_state = np.full(VALUES, NO_DATA if "mask" in bands else IS_LAND, np.uint8)
    if "mask" in bands:
        mask_state[bands["mask"]["land"]] = IS_LAND
        mask_state[bands["mask"].get("water", [])] = IS_WATER
    event = np.zeros(VALUES, np.int32)
    if "loss" in bands:
        years = values + int(bands["loss"]["year_of_zero"]) - baseline_year
        lost = (years > 0) & (years <= last) & ~np.isin(values, bands["loss"].get("none", [0]))
        event = np.where(lost, years, 0).astype(np.int32)
    return Layout(
        canopy=Band("", canopy["band"]),
        canopy_pct=canopy_pct,
        state=state,
        mask=Band("", bands["mask"]["band"]) if "mask" in bands else None,
        mask_state=mask_state,
        events=Band("", bands["loss"]["band"]) if "loss" in bands else None,
        event=event,
        events_in_forest=True,
        threshold_pct=threshold_pct,
    )


def _clip_pct(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.clip(np.rint(values), 0, 100).astype(np.uint8)


_NUMBERS = {"canopy": ("scale",), "forest": (), "mask": (), "loss": ("year_of_zero",)}
_LISTS = {
    "canopy": ("nodata", "water"),
    "forest": ("values", "nodata", "water"),
    "mask": ("land", "water"),
    "loss": ("none",),
}
_REQUIRED = {"canopy": (), "forest": ("values",), "mask": ("land",), "loss": ("year_of_zero",)}


def _check_shape(bands: object) -> None:
    """Raise InvalidBands unless `bands` is a declaration as in the head of this module."""
    if not isinstance(bands, dict) or ("canopy" in bands) == ("forest" in bands):
        raise InvalidBands(_("Declare either 'canopy' (a percentage) or 'forest' (which values)."))
    for name, band in bands.items():
        if name not in _LISTS or not isinstance(band, dict):
            raise InvalidBands(_("Unknown band: %(name)s.") % {"name": name})
        number = band.get("band")
        if type(number) is not int or not 1 <= number <= 1000:
            raise InvalidBands(_("%(name)s: say its 'band', from 1 on.") % {"name": name})
        for key, value in band.items():
            if key != "band" and not _is_possible(name, key, value):
                parts = {"name": name, "key": key}
                raise InvalidBands(_("%(name)s: '%(key)s' is not possible.") % parts)
        for key in _REQUIRED[name]:
            if key not in band:
                raise InvalidBands(
                    _("%(name)s: '%(key)s' is missing.") % {"name": name, "key": key}
                )


def _is_possible(name: str, key: str, value: object) -> bool:
    if key in _NUMBERS[name]:
        return type(value) in (int, float) and -10_000 < value < 10_000  # type: ignore[operator]
    return (
        key in _LISTS[name]
        and isinstance(value, list)
        and all(type(one) is int and 0 <= one < VALUES for one in value)
    )
