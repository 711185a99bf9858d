"""Farm visits and what was recorded at them."""

import uuid

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from practices.models import Stage


class Visit(models.Model):
    """One farm visit by a technician, in its current version. `id` is made on the device."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rancher = models.ForeignKey("ranchers.Rancher", on_delete=models.PROTECT, related_name="visits")
    plot = models.ForeignKey(
        "ranchers.Plot", null=True, blank=True, on_delete=models.SET_NULL, related_name="visits"
    )
    technician = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.PROTECT, related_name="visits"
    )
    visited_on = models.DateField(_("date of the visit"))
    started_at = models.DateTimeField(null=True, blank=True, help_text="By the device's clock")
    position = models.PointField(_("position"), null=True, blank=True)
    accuracy_m = models.FloatField(_("accuracy (m)"), null=True, blank=True)
    position_is_manual = models.BooleanField(default=False)
    notes = models.TextField(_("notes"), blank=True)
    version = models.PositiveIntegerField(default=1)
    content_hash = models.CharField(max_length=64, help_text="SHA-256 of the canonical payload")
    payload = models.ForeignKey(
        "monitoring.InboxPayload",
        on_delete=models.PROTECT,
        related_name="visits",
        null=True,
        help_text="The payload that made the current version (null only in bulk demo data)",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(
        "ranchers.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-visited_on", "-created_at"]
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["rancher", "visited_on"], name="visit_by_rancher"),
            models.Index(fields=["technician", "-visited_on"], name="visit_by_technician"),
            models.Index(fields=["-visited_on", "-created_at"], name="visit_newest_first"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(visited_on__gte="2000-01-01"), name="visit_not_before_2000"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="visit_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.rancher_id}"


class VisitVersion(models.Model):
    """One version of a visit: its whole content as it stood, and who made it from which payload.

    Written by `monitoring.sync` only, never edited. A visit loaded in bulk has none until its first
    edit, which keeps what was there as well.
    """

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    content = models.JSONField(help_text="Canonical content: one key per property")
    content_hash = models.CharField(max_length=64)
    payload = models.ForeignKey(
        "monitoring.InboxPayload", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_by = models.ForeignKey(
        "ranchers.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["visit", "version"]
        verbose_name = _("version of a visit")
        constraints = [
            models.UniqueConstraint(fields=["visit", "version"], name="visit_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.visit_id} v{self.version}"


def _count(label: object) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, null=True, blank=True)  # type: ignore[arg-type]


class Measurement(models.Model):
    """The figures taken at one visit, one column each; null is 'not recorded', never zero.

    One typed column per figure (not a row per figure), so that PostgreSQL can hold the hard
    limits: docs/decisions/001-measurement-columns.md.
    Events (births ... sold) are counted since the previous visit; at a first visit, over the
    12 months before it.
    """

    visit = models.OneToOneField(
        Visit, primary_key=True, on_delete=models.CASCADE, related_name="measurement"
    )
    cows = _count(_("cows"))
    bulls = _count(_("bulls"))
    heifers = _count(_("heifers 2-3 years"))
    steers = _count(_("steers 2-3 years"))
    yearlings = _count(_("yearlings 1-2 years"))
    calves = _count(_("calves under 1 year"))
    equines = _count(_("horses and mules"))
    cows_in_milk = _count(_("cows in milk"))
    milk_l_per_day = models.DecimalField(
        _("milk (L/day)"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    births = _count(_("calves born"))
    deaths_adults = _count(_("adult animals dead"))
    deaths_calves = _count(_("calves dead"))
    weaned = _count(_("calves weaned"))
    sold_head = _count(_("animals sold"))
    sold_kg = models.DecimalField(
        _("liveweight sold (kg)"), max_digits=9, decimal_places=2, null=True, blank=True
    )
    pasture_ha = models.DecimalField(
        _("pasture in use (ha)"), max_digits=8, decimal_places=2, null=True, blank=True
    )
    paddocks = _count(_("paddocks"))
    trees_counted = _count(_("living trees on pasture"))
    live_fence_m = _count(_("live fence (m)"))
    income_pen = models.DecimalField(
        _("income from cattle in 12 months (PEN)"),
        max_digits=11,
        decimal_places=2,
        null=True,
        blank=True,
    )
    confirmed = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Codes of the soft limits that the technician confirmed",
    )

    class Meta:
        verbose_name = _("measurement")
        constraints = [
            models.CheckConstraint(
                name="measurement_milk_possible",
                condition=Q(milk_l_per_day__isnull=True)
                | Q(milk_l_per_day__gte=0)
                & (Q(cows_in_milk__isnull=True) | Q(milk_l_per_day__lte=F("cows_in_milk") * 60)),
            ),
            models.CheckConstraint(
                name="measurement_cows_in_milk_possible",
                condition=Q(cows_in_milk__isnull=True)
                | Q(cows__isnull=True)
                | Q(cows_in_milk__lte=F("cows")),
            ),
            models.CheckConstraint(
                name="measurement_not_negative",
                condition=(Q(pasture_ha__isnull=True) | Q(pasture_ha__gte=0, pasture_ha__lte=20000))
                & (Q(sold_kg__isnull=True) | Q(sold_kg__gte=0))
                & (Q(income_pen__isnull=True) | Q(income_pen__gte=0)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.visit_id)


class Observation(models.Model):
    """What a technician saw of one practice at one visit."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="observations")
    practice = models.ForeignKey(
        "practices.Practice", on_delete=models.PROTECT, related_name="observations"
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage.choices)
    intensity = models.DecimalField(
        _("intensity"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("In the unit of the practice: ha, m or count"),
    )
    evidence_seen = models.BooleanField(_("evidence seen"), default=False)
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "practice"], name="observation_once_per_visit"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["planned", "trial", "adopted", "dropped"]),
                name="observation_stage_entered",
            ),
            models.CheckConstraint(
                condition=Q(intensity__isnull=True) | Q(intensity__gte=0),
                name="observation_intensity_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} {self.stage}"


class Photo(models.Model):
    """A photo taken at a visit, verified by its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="photos")
    practice = models.ForeignKey(
        "practices.Practice", null=True, blank=True, on_delete=models.SET_NULL
    )
    file = models.ImageField(upload_to="visits/%Y/%m/")
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("photo")
        constraints = [
            models.UniqueConstraint(fields=["visit", "sha256"], name="photo_once_per_visit"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NextStep(models.Model):
    """Something agreed with the rancher at a visit, to be done by a date."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="next_steps")
    practice = models.ForeignKey(
        "practices.Practice", null=True, blank=True, on_delete=models.SET_NULL
    )
    text = models.CharField(_("next step"), max_length=300)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)

    class Meta:
        ordering = ["due_on"]
        verbose_name = _("next step")

    def __str__(self) -> str:
        return self.text
