"""Cohorts and enrolments with their status over time."""

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    PILOT = "pilot", _("Pilot")
    SCALE_UP = "scale_up", _("Scale-up")
    COMPARISON = "comparison", _("Comparison")


class Cohort(models.Model):
    """A group enrolled under one programme phase."""

    id = models.SmallAutoField(primary_key=True)
    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=80)
    phase = models.CharField(_("phase"), max_length=12, choices=Phase.choices)
    starts_on = models.DateField(_("starts on"))

    class Meta:
        ordering = ["starts_on", "id"]
        verbose_name = _("cohort")
        verbose_name_plural = _("cohorts")

    def __str__(self) -> str:
        return self.name


class Enrolment(models.Model):
    """A rancher's membership of a cohort; its status is a history: `EnrolmentStatus`."""

    rancher = models.ForeignKey(
        "ranchers.Rancher", on_delete=models.CASCADE, related_name="enrolments"
    )
    cohort = models.ForeignKey(Cohort, on_delete=models.PROTECT, related_name="enrolments")

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["rancher", "cohort"], name="enrolment_once_per_cohort"),
        ]

    def __str__(self) -> str:
        return f"{self.rancher_id} {self.cohort_id}"


class Status(models.TextChoices):
    INVITED = "invited", _("Invited")
    SUPPORTED = "supported", _("Supported")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    LEFT = "left", _("Left")


@pghistory.track()
class EnrolmentStatus(models.Model):
    """The status of an enrolment during one interval."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="statuses")
    status = models.CharField(_("status"), max_length=10, choices=Status.choices)
    period = DateRangeField(_("period"))

    class Meta:
        verbose_name = _("enrolment status")
        constraints = [
            ExclusionConstraint(
                name="enrolmentstatus_no_overlap",
                expressions=[
                    ("enrolment", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="enrolmentstatus_known"
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False), name="enrolmentstatus_period_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status} {self.period}"
