"""Files for the EU's due diligence statements: who made which, of whose land, for whom."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EudrShape(models.TextChoices):
    POINT = "point", _("One point for each plot (what cattle need)")
    POLYGON = "polygon", _("The outline of each plot")


class EudrState(models.TextChoices):
    WAITING = "waiting", _("Being made")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Broken off")
    EXPIRED = "expired", _("Expired: the file was deleted")


class EudrExport(models.Model):
    """One file made for one recipient. The file goes when it expires; this row and its plots stay."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.CharField(_("recipient"), max_length=160)
    shape = models.CharField(_("geometry"), max_length=8, choices=EudrShape.choices)
    keeps_loss = models.BooleanField(
        default=False, help_text="Plots with loss since the cut-off are in the file all the same"
    )
    district = models.ForeignKey(
        "ranchers.District", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    cohort = models.ForeignKey(
        "ranchers.Cohort", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ranchers = ArrayField(models.UUIDField(), default=list, help_text="Empty: all that fit")
    made_by = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=EudrState.choices, default=EudrState.WAITING)
    source = models.ForeignKey(
        "monitoring.CoverSource",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="What the loss was read from",
    )
    files = models.JSONField(default=list, help_text="[{name, bytes, features, sha256}]")
    included = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("file for the European Union")
        constraints = [
            models.CheckConstraint(condition=~Q(recipient=""), name="eudrexport_has_recipient"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(expires_at__isnull=False),
                name="eudrexport_done_expires",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient} {self.made_at:%Y-%m-%d}"


class EudrPlot(models.Model):
    """What became of one plot in one export: in the file or not, and why."""

    export = models.ForeignKey(EudrExport, on_delete=models.CASCADE, related_name="plots")
    plot = models.ForeignKey("ranchers.Plot", on_delete=models.CASCADE, related_name="+")
    boundary = models.ForeignKey(
        "ranchers.PlotBoundary", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_included = models.BooleanField()
    reasons = ArrayField(models.CharField(max_length=20), default=list)
    notices = ArrayField(models.CharField(max_length=20), default=list)
    loss_m2 = models.IntegerField(null=True, help_text="Since 31 December 2020; null unknown")

    class Meta:
        verbose_name = _("plot in a file for the European Union")
        constraints = [
            models.UniqueConstraint(fields=["export", "plot"], name="eudrplot_once"),
            models.CheckConstraint(
                condition=Q(is_included=True, reasons=[]) | (Q(is_included=False) & ~Q(reasons=[])),
                name="eudrplot_refused_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plot_id} {self.is_included}"


class EudrDownload(models.Model):
    """Somebody took a file of an export, or its report."""

    export = models.ForeignKey(EudrExport, on_delete=models.CASCADE, related_name="downloads")
    name = models.CharField(max_length=120)
    by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("download of a file for the European Union")

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d}"
