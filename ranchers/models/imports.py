"""Files that were imported: the batch and its rows, raw and with what became of each."""

from __future__ import annotations

import uuid

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _


class BatchState(models.TextChoices):
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, not imported")
    APPLYING = "applying", _("Being imported")
    APPLIED = "applied", _("Imported")
    UNDONE = "undone", _("Undone")


class RowOutcome(models.TextChoices):
    PENDING = "pending", _("Pending")
    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    ERROR = "error", _("With errors")


class ImportBatch(models.Model):
    """One file, read once; its rows are checked as often as the mapping changes, applied once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(_("file"), max_length=200)
    kind = models.CharField(max_length=12)
    note = models.CharField(max_length=300, blank=True)
    columns = models.JSONField(default=list)
    mapping = models.JSONField(default=dict, help_text="column -> field; see imports/mapping.py")
    since = models.DateField(_("valid since"))
    district = models.ForeignKey("ranchers.District", null=True, on_delete=models.SET_NULL)
    accept_repaired = models.BooleanField(default=False)
    skip_bad = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=BatchState.choices)
    message = models.CharField(max_length=300, blank=True)
    uploaded_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL)
    uploaded_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at"]
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """One record of an imported file as it was read, and what became of it."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    raw = models.JSONField()
    geometry = models.GeometryField(null=True, srid=4326, spatial_index=False)
    problem = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(
        max_length=10, choices=RowOutcome.choices, default=RowOutcome.PENDING
    )
    errors = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    rancher = models.ForeignKey("ranchers.Rancher", null=True, on_delete=models.SET_NULL)
    plot = models.ForeignKey("ranchers.Plot", null=True, on_delete=models.SET_NULL)
    undo = models.JSONField(default=dict, help_text="what the row made and changed")

    class Meta:
        ordering = ["batch", "number"]
        verbose_name = _("imported row")
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="importrow_once"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"
