"""Tree cover: where the rasters are, what they say of each boundary, and what awaits computing."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

CUTOFF_YEAR = 2020
"""Loss after 31 December of this year counts as since the cut-off (Regulation (EU) 2023/1115, 2.13)."""


class SourceKind(models.TextChoices):
    GFC = "gfc", _("Global Forest Change (UMD/GLAD), as published")
    ALERTS = "alerts", _("Integrated deforestation alerts, as published")
    DECLARED = "declared", _("Another raster, its bands declared")


class Measures(models.TextChoices):
    FOREST = "forest", _("Forest and its loss")
    ALERTS = "alerts", _("Deforestation alerts")


class SourceStatus(models.TextChoices):
    NEW = "new", _("Not checked yet")
    READY = "ready", _("Ready")
    PARTIAL = "partial", _("Some plots lie outside it")
    UNREADABLE = "unreadable", _("Cannot be read")


class CoverSource(models.Model):
    """One version of one dataset of rasters. A new version is a new row: figures of the old one stay.

    Figures of the active source of each measure feed the indicators; others may be computed and
    looked at beside it.
    """

    code = models.SlugField(_("code"), unique=True, max_length=40)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind.choices)
    measures = models.CharField(_("measures"), max_length=8, choices=Measures.choices)
    location = models.CharField(
        _("location"), max_length=500, help_text=_("A file, a folder of tiles or an https address.")
    )
    bands = models.JSONField(
        _("bands"), default=dict, blank=True, help_text="Declared meaning; see cover/layouts.py"
    )
    version = models.CharField(_("version"), max_length=40)
    baseline_year = models.SmallIntegerField(
        _("baseline year"), null=True, blank=True, help_text=_("Forest as of the end of this year.")
    )
    last_year = models.SmallIntegerField(
        _("last year"), null=True, blank=True, help_text=_("Loss is known up to its end.")
    )
    covers_from = models.DateField(_("first day of alerts"), null=True, blank=True)
    covers_until = models.DateField(_("last day of alerts"), null=True, blank=True)
    licence = models.CharField(_("licence"), max_length=120)
    attribution = models.CharField(_("attribution"), max_length=300)
    caveat = models.TextField(_("known limits"), blank=True)
    is_synthetic = models.BooleanField(_("synthetic"), default=False)
    is_active = models.BooleanField(_("feeds the indicators"), default=False)
    added_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL)
    added_at = models.DateTimeField(auto_now_add=True)
    status = models.CharField(max_length=10, choices=SourceStatus.choices, default=SourceStatus.NEW)
    checked_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(default=dict, blank=True, help_text="What the last check found")
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Of the files at the last check: figures follow it"
    )

    class Meta:
        ordering = ["measures", "-is_active", "code"]
        verbose_name = _("cover source")
        constraints = [
            models.UniqueConstraint(
                fields=["measures"], condition=Q(is_active=True), name="coversource_one_active"
            ),
            models.CheckConstraint(
                condition=~Q(measures="forest")
                | Q(
                    baseline_year__isnull=False,
                    last_year__isnull=False,
                    last_year__gte=models.F("baseline_year"),
                ),
                name="coversource_forest_has_years",
            ),
            models.CheckConstraint(
                condition=~Q(measures="alerts")
                | Q(
                    covers_from__isnull=False,
                    covers_until__isnull=False,
                    covers_until__gte=models.F("covers_from"),
                ),
                name="coversource_alerts_have_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def span_words(self) -> str:
        """Of when it tells: 'forest of 2000, losses up to 2024'."""
        if self.measures == Measures.FOREST:
            return gettext("forest of %(first)s, losses up to %(last)s") % {
                "first": self.baseline_year,
                "last": self.last_year,
            }
        first, last = self.covers_from, self.covers_until
        return gettext("alerts from %(first)s to %(last)s") % {
            "first": date_format(first, "j b Y") if first else "",
            "last": date_format(last, "j b Y") if last else "",
        }


def _hectares(square_metres: int | None) -> Decimal | None:
    return None if square_metres is None else Decimal(square_metres) / 10_000


class PlotCover(models.Model):
    """What one source says of one boundary version. Areas are geodesic, in whole square metres.

    `land_m2`, `water_m2` and `nodata_m2` together are the boundary's area on the pixel grid; nought
    trees is land without forest, never no data. `loss_m2[n]` is the forest of the baseline lost
    in `baseline_year + 1 + n`. Of a source of alerts only the areas and the alerts are known.
    """

    boundary = models.ForeignKey(
        "ranchers.PlotBoundary", on_delete=models.CASCADE, related_name="covers"
    )
    source = models.ForeignKey(CoverSource, on_delete=models.CASCADE, related_name="covers")
    land_m2 = models.IntegerField()
    water_m2 = models.IntegerField()
    nodata_m2 = models.IntegerField()
    canopy_pct = models.FloatField(null=True, help_text="Mean over land; null without land")
    forest_m2 = models.IntegerField(null=True, help_text="At the end of the baseline year")
    loss_m2 = ArrayField(models.IntegerField(), default=list)
    threshold_pct = models.SmallIntegerField(null=True, help_text="Canopy that makes a forest")
    pixels = models.FloatField(help_text="The area of the boundary in pixels")
    is_too_small = models.BooleanField(help_text="Smaller than one pixel")
    fingerprint = models.CharField(max_length=64, help_text="Of the source when it was computed")
    computed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cover of a plot")
        constraints = [
            models.UniqueConstraint(fields=["boundary", "source"], name="plotcover_once"),
            models.CheckConstraint(
                condition=Q(land_m2__gte=0, water_m2__gte=0, nodata_m2__gte=0, pixels__gte=0),
                name="plotcover_areas_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.boundary_id} {self.source_id}"

    @property
    def land_ha(self) -> Decimal:
        return Decimal(self.land_m2) / 10_000

    @property
    def water_ha(self) -> Decimal:
        return Decimal(self.water_m2) / 10_000

    @property
    def nodata_ha(self) -> Decimal:
        return Decimal(self.nodata_m2) / 10_000

    @property
    def forest_ha(self) -> Decimal | None:
        """Forest at the end of the source's baseline year."""
        return _hectares(self.forest_m2)

    def loss_by_year(self) -> dict[int, Decimal]:
        """Hectares of forest lost by year, every year that the source covers."""
        first = (self.source.baseline_year or 0) + 1
        return {first + n: Decimal(lost) / 10_000 for n, lost in enumerate(self.loss_m2)}

    def forest_by_year(self) -> dict[int, Decimal]:
        """Hectares of forest at the end of each year, the baseline year first."""
        if self.forest_ha is None or self.source.baseline_year is None:
            return {}
        left = self.forest_ha
        series = {self.source.baseline_year: left}
        for year, lost in self.loss_by_year().items():
            left -= lost
            series[year] = left
        return series

    def loss_since(self, year: int = CUTOFF_YEAR) -> Decimal:
        """Hectares of forest lost after 31 December of `year`."""
        return sum((lost for at, lost in self.loss_by_year().items() if at > year), Decimal(0))


class Confidence(models.IntegerChoices):
    LOW = 2, _("low")
    HIGH = 3, _("high")
    HIGHEST = 4, _("highest")


class PlotAlert(models.Model):
    """Area of one boundary version under alert of one day and confidence."""

    cover = models.ForeignKey(PlotCover, on_delete=models.CASCADE, related_name="alerts")
    day = models.DateField()
    confidence = models.SmallIntegerField(choices=Confidence.choices)
    area_m2 = models.IntegerField()

    class Meta:
        verbose_name = _("alert on a plot")
        constraints = [
            models.UniqueConstraint(
                fields=["cover", "day", "confidence"], name="plotalert_once_a_day"
            ),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="plotalert_has_area"),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.area_m2} m2"

    @property
    def area_ha(self) -> Decimal:
        return Decimal(self.area_m2) / 10_000


class DirtyCover(models.Model):
    """A boundary whose cover from one source must be computed. A write marks; a worker clears."""

    pk = models.CompositePrimaryKey("source_id", "boundary_id")
    source = models.ForeignKey(
        CoverSource, on_delete=models.CASCADE, related_name="waiting", db_index=False
    )
    boundary = models.ForeignKey(
        "ranchers.PlotBoundary", on_delete=models.CASCADE, related_name="+"
    )
    marked_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("cover to compute")

    def __str__(self) -> str:
        return f"{self.source_id} {self.boundary_id}"
