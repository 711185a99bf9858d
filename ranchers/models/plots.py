"""Plots: land, its boundary over time and what it is used for over time."""

import uuid

import pghistory
import pgtrigger
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Tenure(models.TextChoices):
    TITLE = "title", _("Title")
    POSSESSION = "possession", _("Certificate of possession")
    LEASE = "lease", _("Lease")
    COMMUNAL = "communal", _("Communal")
    OTHER = "other", _("Other or not recorded")


@pghistory.track()
class Plot(models.Model):
    """One piece of land that a rancher farms. Its boundary is a history: `PlotBoundary`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rancher = models.ForeignKey("ranchers.Rancher", on_delete=models.CASCADE, related_name="plots")
    name = models.CharField(_("name"), max_length=120)
    district = models.ForeignKey(
        "ranchers.District",
        on_delete=models.PROTECT,
        related_name="plots",
        verbose_name=_("district"),
    )
    tenure = models.CharField(
        _("tenure"), max_length=12, choices=Tenure.choices, default=Tenure.OTHER
    )
    external_ref = models.CharField(
        _("reference in the source"),
        max_length=80,
        blank=True,
        help_text=_("Cadastral or own code."),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("plot")
        verbose_name_plural = _("plots")
        constraints = [
            models.UniqueConstraint(fields=["rancher", "name"], name="plot_name_once_per_rancher"),
        ]

    def __str__(self) -> str:
        return self.name


# The whole row is compared: 'boundary is distinct from boundary' would name PostGIS's operator without
# its schema, and a dump with such a trigger cannot be restored.
@pghistory.track(
    pghistory.UpdateEvent(condition=pgtrigger.Condition("OLD.* IS DISTINCT FROM NEW.*")),
    pghistory.DeleteEvent(),
    exclude=["perimeter_m"],
)
class PlotBoundary(models.Model):
    """The boundary of a plot during one interval (WGS 84, lon/lat). Never edited: superseded."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plot = models.ForeignKey(Plot, on_delete=models.CASCADE, related_name="boundaries")
    boundary = models.MultiPolygonField(_("boundary"), srid=4326)
    area_ha = models.DecimalField(
        _("area (ha)"), max_digits=10, decimal_places=4, help_text=_("Geodesic, WGS 84.")
    )
    perimeter_m = models.GeneratedField(
        expression=models.Func(
            models.Func("boundary", function="geography", output_field=models.GeometryField()),
            function="ST_Perimeter",
            output_field=models.FloatField(),
        ),
        output_field=models.FloatField(),
        db_persist=True,
    )
    period = DateRangeField(_("period"))
    source = models.CharField(
        _("source"), max_length=20, default="drawn", help_text="drawn, gps, import, demo"
    )
    recorded_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("plot boundary")
        constraints = [
            ExclusionConstraint(
                name="plotboundary_no_overlap",
                expressions=[("plot", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(area_ha__gte="0.05", area_ha__lte="20000"),
                name="plotboundary_area_plausible",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False), name="plotboundary_period_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plot_id} {self.period}"


class LandUse(models.TextChoices):
    PASTURE = "pasture", _("Pasture")
    SILVOPASTURE = "silvopasture", _("Pasture with trees")
    FOREST = "forest", _("Forest")
    REGROWTH = "regrowth", _("Regrowth (purma)")
    CROPS = "crops", _("Crops")
    FODDER = "fodder", _("Fodder bank")
    OTHER = "other", _("Other")


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class LandUseArea(models.Model):
    """Hectares of one land use on a plot during one interval."""

    plot = models.ForeignKey(Plot, on_delete=models.CASCADE, related_name="land_uses")
    land_use = models.CharField(_("land use"), max_length=12, choices=LandUse.choices)
    area_ha = models.DecimalField(_("area (ha)"), max_digits=10, decimal_places=2)
    period = DateRangeField(_("period"))
    recorded_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("land-use area")
        constraints = [
            ExclusionConstraint(
                name="landuse_no_overlap",
                expressions=[
                    ("plot", RangeOperators.EQUAL),
                    ("land_use", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(area_ha__gte=0, area_ha__lte=20000), name="landuse_area_plausible"
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False), name="landuse_period_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.land_use} {self.area_ha} ha"
