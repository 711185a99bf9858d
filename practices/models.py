"""The catalogue of practices, who is at which stage of each, and the days ranchers learn together."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _


class Stage(models.TextChoices):
    """How far a rancher is with one practice. `sustained` is derived, never entered."""

    PLANNED = "planned", _("Planned")
    TRIAL = "trial", _("On trial")
    ADOPTED = "adopted", _("Adopted")
    SUSTAINED = "sustained", _("Sustained")
    DROPPED = "dropped", _("Dropped")

    @classmethod
    def observable(cls) -> list[Stage]:
        """The stages a technician may enter at a visit."""
        return [cls.PLANNED, cls.TRIAL, cls.ADOPTED, cls.DROPPED]

    @classmethod
    def in_use(cls) -> list[Stage]:
        """The stages that count as adoption in every rate."""
        return [cls.ADOPTED, cls.SUSTAINED]


class IntensityUnit(models.TextChoices):
    HA = "ha", _("hectares")
    M = "m", _("metres")
    COUNT = "count", _("units")
    NONE = "none", _("not measured")


class IntensityBasis(models.TextChoices):
    """What of the farm the practice could cover: the denominator of `adoption_intensity`."""

    PASTURE_HA = "pasture_ha", _("pasture in use (ha)")
    PERIMETER_M = "perimeter_m", _("farm perimeter (m)")
    HERD = "herd", _("herd (head)")
    NONE = "none", _("no ceiling")


def in_reader_language(row: models.Model, field: str) -> str:
    """`field` of a row in the active language; Spanish where the translation is empty."""
    language = (get_language() or "es")[:2]
    if language == "en":
        translated: str = getattr(row, f"{field}_en")
        if translated:
            return translated
    spanish: str = getattr(row, f"{field}_es")
    return spanish


class Principle(models.Model):
    """One principle of good ranching; the top level of the catalogue."""

    code = models.SlugField(max_length=40, unique=True)
    name_es = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self, "name")


class Criterion(models.Model):
    """One criterion under a principle: what a farm that keeps the principle can show."""

    principle = models.ForeignKey(Principle, on_delete=models.PROTECT, related_name="criteria")
    code = models.SlugField(max_length=40, unique=True)
    name_es = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["principle__order", "order", "code"]
        verbose_name_plural = "criteria"

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self, "name")


class Practice(models.Model):
    """One best practice. `id` is its number in the catalogue: small, stable, never reused."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    code = models.SlugField(max_length=40, unique=True)
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="practices")
    name_es = models.CharField(_("name in Spanish"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    summary_es = models.TextField(_("summary in Spanish"), max_length=600)
    summary_en = models.TextField(_("summary in English"), max_length=600, blank=True)
    adopted_when_es = models.TextField(_("counts as adopted when, in Spanish"), max_length=800)
    adopted_when_en = models.TextField(
        _("counts as adopted when, in English"), max_length=800, blank=True
    )
    evidence_es = models.TextField(_("evidence asked for, in Spanish"), max_length=800)
    evidence_en = models.TextField(_("evidence asked for, in English"), max_length=800, blank=True)
    intensity_unit = models.CharField(
        _("intensity is measured in"),
        max_length=8,
        choices=IntensityUnit.choices,
        default=IntensityUnit.NONE,
    )
    intensity_max_basis = models.CharField(
        _("could cover at most"),
        max_length=12,
        choices=IntensityBasis.choices,
        default=IntensityBasis.NONE,
    )
    moves_indicator = models.CharField(
        _("indicator it should move"), max_length=40, blank=True, help_text="indicator code"
    )
    icon = models.SlugField(max_length=40, default="practice")
    is_active = models.BooleanField(_("in use in the programme"), default=True)
    order = models.PositiveSmallIntegerField(default=0)
    edited_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="last edit by a coordinator, if any"
    )

    class Meta:
        ordering = ["order", "id"]
        constraints = [
            models.CheckConstraint(
                name="practice_intensity_unit_known",
                condition=Q(intensity_unit__in=IntensityUnit.values),
            ),
            models.CheckConstraint(
                name="practice_intensity_basis_known",
                condition=Q(intensity_max_basis__in=IntensityBasis.values),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("practices:practice", args=[self.code])

    @property
    def name(self) -> str:
        return in_reader_language(self, "name")

    @property
    def summary(self) -> str:
        return in_reader_language(self, "summary")

    @property
    def headline(self) -> str:
        """The first sentence of the summary."""
        first, stop, _rest = self.summary.partition(". ")
        return first + stop.strip()

    @property
    def adopted_when(self) -> str:
        return in_reader_language(self, "adopted_when")

    @property
    def evidence(self) -> str:
        return in_reader_language(self, "evidence")


class Manual(models.Model):
    """One published edition of a practice's manual in one language: a page, a PDF or both."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="manuals")
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=160)
    body = models.TextField(_("text (Markdown)"), blank=True, max_length=40_000)
    pdf = models.FileField(_("PDF file"), upload_to="manuals/%Y/", blank=True, max_length=200)
    version = models.PositiveSmallIntegerField(default=1)
    published_on = models.DateField(_("published on"))
    from_catalogue = models.BooleanField(
        default=False, help_text="came with the catalogue files and follows them"
    )

    class Meta:
        ordering = ["practice", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "language", "version"], name="manual_version_once"
            ),
            models.CheckConstraint(
                name="manual_has_page_or_pdf", condition=~Q(body="") | ~Q(pdf="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (v{self.version}, {self.language})"


class StageInterval(models.Model):
    """A rancher was at one stage of one practice during `period`; derived from observations.

    Written only by `practices.adoption`. The period reaches from the observation that showed the
    stage to the next change, and at most 18 months past the last observation: after that the
    stage is unknown and no row covers the day. So `period @> day` answers 'as of' any day.
    """

    rancher = models.ForeignKey(
        "ranchers.Rancher", on_delete=models.CASCADE, related_name="stage_intervals"
    )
    practice = models.ForeignKey(
        Practice, on_delete=models.PROTECT, related_name="stage_intervals", db_index=False
    )
    stage = models.CharField(max_length=10, choices=Stage.choices)
    period = DateRangeField()
    first_evidence_on = models.DateField(
        help_text="first observation of the unbroken run; for sustained, the day of adoption"
    )
    intensity = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="last amount seen within the period, in the practice's unit",
    )

    class Meta:
        ordering = ["rancher", "practice", "period"]
        constraints = [
            ExclusionConstraint(
                name="stage_interval_no_overlap",
                expressions=[
                    ("rancher", RangeOperators.EQUAL),
                    ("practice", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="stage_interval_stage_known", condition=Q(stage__in=Stage.values)
            ),
            models.CheckConstraint(
                name="stage_interval_not_empty", condition=Q(period__isempty=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id}: {self.stage} {self.period}"


class FieldDay(models.Model):
    """A day when ranchers meet on a farm, or elsewhere, to see practices at work."""

    class Status(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("field day", "Planned")
        HELD = "held", pgettext_lazy("field day", "Held")
        CANCELLED = "cancelled", pgettext_lazy("field day", "Cancelled")

    title = models.CharField(_("title"), max_length=140)
    district = models.ForeignKey(
        "ranchers.District",
        on_delete=models.PROTECT,
        related_name="field_days",
        verbose_name=_("district"),
    )
    plot = models.ForeignKey(
        "ranchers.Plot",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="field_days",
        verbose_name=_("host farm"),
    )
    starts_at = models.DateTimeField(_("starts at"), db_index=True)
    place = models.CharField(_("meeting place"), max_length=200)
    practices = models.ManyToManyField(
        Practice, related_name="field_days", blank=True, verbose_name=_("practices shown")
    )
    capacity = models.PositiveSmallIntegerField(_("places"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.PLANNED
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="field_day_capacity_positive",
                condition=Q(capacity__isnull=True) | Q(capacity__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("practices:field_day", args=[self.pk])


class Attendance(models.Model):
    """One rancher was at one field day."""

    field_day = models.ForeignKey(FieldDay, on_delete=models.CASCADE, related_name="attendances")
    rancher = models.ForeignKey(
        "ranchers.Rancher", on_delete=models.CASCADE, related_name="attendances"
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["field_day", "rancher"]
        constraints = [
            models.UniqueConstraint(fields=["field_day", "rancher"], name="attendance_once")
        ]

    def __str__(self) -> str:
        return f"{self.rancher_id} @ {self.field_day_id}"


class DemonstrationFarm(models.Model):
    """A plot that served as a classroom for some practices during `period`."""

    plot = models.ForeignKey(
        "ranchers.Plot", on_delete=models.CASCADE, related_name="demonstrations"
    )
    practices = models.ManyToManyField(Practice, related_name="demonstration_farms")
    period = DateRangeField(help_text="since, until (open while it still serves)")

    class Meta:
        ordering = ["plot", "period"]
        constraints = [
            ExclusionConstraint(
                name="demonstration_farm_no_overlap",
                expressions=[
                    ("plot", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="demonstration_farm_not_empty", condition=Q(period__isempty=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plot_id} {self.period}"

    @property
    def last_day(self) -> date | None:
        """The last day on which the farm served; none while it still serves."""
        return self.period.upper - timedelta(days=1) if self.period.upper else None
