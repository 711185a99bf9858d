"""Districts by ubigeo, and the programme itself."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class District(models.Model):
    """One district of Peru, by its INEI ubigeo (six digits)."""

    ubigeo = models.CharField(_("INEI ubigeo"), max_length=6, primary_key=True)
    ubigeo_reniec = models.CharField(_("RENIEC ubigeo"), max_length=6, unique=True)
    name = models.CharField(_("name"), max_length=80)
    province = models.CharField(_("province"), max_length=80)
    department = models.CharField(_("department"), max_length=80)
    boundary = models.MultiPolygonField(_("boundary"), null=True, blank=True)
    boundary_is_schematic = models.BooleanField(default=True)
    capital_point = models.PointField(_("capital"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ubigeo__regex=r"^[0-9]{6}$"), name="district_ubigeo_six_digits"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Programme(models.Model):
    """The one programme that this installation serves (a single row, id 1)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(_("name"), max_length=120)
    is_synthetic = models.BooleanField(
        _("synthetic data"), default=False, help_text=_("Shown on every page while true.")
    )
    region = models.MultiPolygonField(
        _("region"), null=True, help_text=_("Plots must lie inside it.")
    )
    baseline_on = models.DateField(_("baseline date"), null=True)

    class Meta:
        verbose_name = _("programme")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="programme_single_row"),
        ]

    def __str__(self) -> str:
        return self.name
