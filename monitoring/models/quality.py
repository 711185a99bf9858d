"""Coefficients and thresholds, conflicts, the quality queue, targets."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Coefficient(models.Model):
    """One coefficient or threshold during one interval, with its source.

    Codes: `au_cow` ... `au_equine` (animal units), `soft_stocking_rate_max` and the like (limits
    that ask), `months_known` (how long a value stays known), `canopy_threshold_pct`.
    """

    code = models.CharField(_("code"), max_length=40)
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=4)
    unit = models.CharField(_("unit"), max_length=20)
    period = DateRangeField(_("period"))
    source = models.CharField(_("source"), max_length=300)
    set_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL)
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["code", "period"]
        verbose_name = _("coefficient")
        constraints = [
            ExclusionConstraint(
                name="coefficient_no_overlap",
                expressions=[("code", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.value} {self.unit}"


class Conflict(models.Model):
    """An edit of a visit (or of a rancher's registration) made from a version that is no longer the
    current one, or a registration whose DNI somebody else already has: both are kept.

    Exactly one of `visit` and `rancher` is set.
    """

    visit = models.ForeignKey(
        "monitoring.Visit", null=True, on_delete=models.CASCADE, related_name="conflicts"
    )
    rancher = models.ForeignKey(
        "ranchers.Rancher", null=True, on_delete=models.CASCADE, related_name="conflicts"
    )
    payload = models.ForeignKey(
        "monitoring.InboxPayload", on_delete=models.PROTECT, related_name="conflicts"
    )
    base_version = models.PositiveIntegerField()
    current_version = models.PositiveIntegerField()
    fields = models.JSONField(help_text="Names of the properties that differ on both sides")
    opened_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.PROTECT)
    settlement = models.CharField(
        max_length=12,
        blank=True,
        help_text="kept (current), applied (incoming), merged, same (person) or two (people)",
    )

    class Meta:
        verbose_name = _("conflict")
        constraints = [
            models.CheckConstraint(
                name="conflict_of_one_thing",
                condition=Q(visit__isnull=False, rancher__isnull=True)
                | Q(visit__isnull=True, rancher__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_at"], condition=Q(settled_at__isnull=True), name="conflict_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id or self.rancher_id} v{self.base_version}"


class DataFlag(models.Model):
    """One item of the data quality queue: something a coordinator should look at."""

    code = models.CharField(max_length=40, help_text="Soft limit or check that was hit")
    rancher = models.ForeignKey("ranchers.Rancher", null=True, on_delete=models.CASCADE)
    visit = models.ForeignKey("monitoring.Visit", null=True, on_delete=models.CASCADE)
    payload = models.ForeignKey("monitoring.InboxPayload", null=True, on_delete=models.CASCADE)
    detail = models.JSONField(default=dict)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.PROTECT)
    resolution = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("data quality flag")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "visit"],
                condition=Q(closed_at__isnull=True, visit__isnull=False),
                name="dataflag_open_once_per_visit",
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_at"], condition=Q(closed_at__isnull=True), name="dataflag_open"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Target(models.Model):
    """A goal of the programme: one indicator's value for a cohort by a quarter."""

    cohort = models.ForeignKey("ranchers.Cohort", null=True, blank=True, on_delete=models.CASCADE)
    indicator = models.CharField(_("indicator"), max_length=32)
    practice = models.ForeignKey(
        "practices.Practice", null=True, blank=True, on_delete=models.CASCADE
    )
    category = models.CharField(max_length=12, blank=True, default="")
    quarter = models.SmallIntegerField(_("by quarter"))
    value = models.FloatField(_("goal"))
    source = models.CharField(_("source"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("target")
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "indicator", "practice", "category", "quarter"],
                nulls_distinct=False,
                name="target_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value}"
