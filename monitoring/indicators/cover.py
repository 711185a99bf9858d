"""Indicators of tree cover as satellites see it: published rasters over the boundaries of plots."""

from django.utils.translation import gettext_lazy as _

from monitoring.indicators.definition import Group, Indicator, Interval, Kind, Text

RASTERS: Text = _(
    "Published rasters over the newest boundary of each plot held; the page says which source, "
    "version and year"
)

COVER = [
    Indicator(
        code="forest_ha",
        group=Group.TREES,
        title=_("Forest on the farm"),
        definition=_(
            "Area of pixels with baseline canopy at or above the threshold (30 percent unless changed) and no "
            "loss up to the end of the last full year, by geodesic pixel area and covered fraction; "
            "mean per rancher. Forest that grows back is not seen."
        ),
        unit=_("ha"),
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="forest",
        numerator="forest_ha",
        denominator="100",
        higher_is_better=True,
        spread=True,
        numerator_unit=_("ha"),
        since="1.1",
    ),
    Indicator(
        code="forest_change_ha",
        group=Group.TREES,
        title=_("Change of forest since joining"),
        definition=_(
            "Forest at the end of the last full year - forest at the end of the year before the rancher "
            "joined, on the same land, in one boundary and one version of the source; mean per rancher."
        ),
        unit=_("ha"),
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="forest",
        numerator="(forest_ha - forest_joined_ha)",
        denominator="100",
        higher_is_better=True,
        decimals=2,
        numerator_unit=_("ha"),
        since="1.1",
    ),
    Indicator(
        code="forest_change_pct",
        group=Group.TREES,
        title=_("Change of forest since joining, as a share"),
        definition=_(
            "Change of forest since joining / forest when joining, both summed over the ranchers."
        ),
        unit="%",
        kind=Kind.RATIO,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="forest",
        numerator="(forest_ha - forest_joined_ha)",
        denominator="nullif(forest_joined_ha, 0)",
        scale=100,
        higher_is_better=True,
        numerator_unit=_("ha"),
        since="1.1",
    ),
    Indicator(
        code="loss_ha",
        group=Group.TREES,
        title=_("Forest lost in a year"),
        definition=_("Forest of the baseline lost in the last full year; mean per rancher."),
        unit=_("ha/year"),
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="forest",
        numerator="loss_ha",
        denominator="100",
        higher_is_better=False,
        decimals=2,
        numerator_unit=_("ha/year"),
        since="1.1",
    ),
    Indicator(
        code="loss_since_cutoff_ha",
        group=Group.TREES,
        title=_("Forest lost since 31 December 2020"),
        definition=_(
            "Forest lost after 31 December 2020, the cut-off of Regulation (EU) 2023/1115; mean per rancher."
        ),
        unit=_("ha"),
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="forest",
        numerator="loss_since_cutoff_ha",
        denominator="100",
        higher_is_better=False,
        decimals=2,
        numerator_unit=_("ha"),
        since="1.1",
    ),
    Indicator(
        code="forest_per_head",
        group=Group.TREES,
        title=_("Forest per animal unit"),
        definition=_("Forest kept on the farm / animal units, of ranchers with both known."),
        unit=_("ha/AU"),
        kind=Kind.RATIO,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="forest",
        numerator="forest_ha",
        denominator="nullif(animal_units, 0)",
        higher_is_better=True,
        decimals=2,
        spread=True,
        numerator_unit=_("ha"),
        since="1.1",
    ),
    Indicator(
        code="canopy_pct",
        group=Group.TREES,
        title=_("Canopy in the baseline year"),
        definition=_(
            "Mean canopy cover over the land of the plots (not water, not no data) in the baseline "
            "raster, weighted by area."
        ),
        unit="%",
        kind=Kind.RATIO,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="forest",
        numerator="canopy_ha",
        denominator="nullif(cover_land_ha, 0)",
        scale=100,
        since="1.1",
    ),
    Indicator(
        code="alerts",
        group=Group.TREES,
        title=_("Deforestation alerts"),
        definition=_(
            "Area under an alert of any confidence in the four quarters to the last day; mean per "
            "rancher. An alert is a reason to look, not a finding."
        ),
        unit=_("ha/year"),
        kind=Kind.MEAN,
        interval=Interval.RATIO,
        source=RASTERS,
        raster="alerts",
        numerator="alerts_ha",
        denominator="100",
        higher_is_better=False,
        decimals=2,
        numerator_unit=_("ha/year"),
        since="1.1",
    ),
]
