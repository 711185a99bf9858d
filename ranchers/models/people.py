"""Ranchers and their consent."""

import uuid

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from ranchers.plain_text import plain_sql

SEARCHED = ("surnames", "given_names", "community", "dni")


class Sex(models.TextChoices):
    FEMALE = "f", _("Woman")
    MALE = "m", _("Man")
    UNKNOWN = "", _("Not recorded")


@pghistory.track()
class Rancher(models.Model):
    """One person enrolled, or invited to enrol, with a farm."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    given_names = models.CharField(_("given names"), max_length=80)
    surnames = models.CharField(_("surnames"), max_length=80)
    dni = models.CharField(_("DNI"), max_length=8, unique=True, null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=16, blank=True, help_text="E.164")
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, blank=True, default="")
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    community = models.CharField(_("community"), max_length=120, blank=True)
    district = models.ForeignKey(
        "ranchers.District",
        on_delete=models.PROTECT,
        related_name="ranchers",
        verbose_name=_("district"),
    )
    association = models.CharField(_("association"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=3, default="es")
    photo = models.ImageField(_("photo"), upload_to="ranchers/", blank=True)
    technician = models.ForeignKey(
        "ranchers.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="ranchers",
        limit_choices_to={"role": "technician"},
        verbose_name=_("technician"),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["surnames", "given_names", "id"]
        verbose_name = _("rancher")
        verbose_name_plural = _("ranchers")
        indexes = [
            models.Index(fields=["surnames", "given_names", "id"], name="rancher_by_name"),
            GinIndex(
                name="rancher_search",
                fields=["surnames", "given_names", "dni"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops", "gin_trgm_ops"],
            ),
            GinIndex(
                OpClass(plain_sql(*SEARCHED), name="gin_trgm_ops"), name="rancher_search_plain"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(dni__regex=r"^[0-9]{8}$"), name="rancher_dni_eight_digits"
            ),
            models.CheckConstraint(
                condition=models.Q(phone="") | models.Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="rancher_phone_e164",
            ),
            models.CheckConstraint(
                condition=models.Q(sex__in=["", "f", "m"]), name="rancher_sex_known"
            ),
            models.CheckConstraint(
                condition=models.Q(birth_year__range=(1900, 2100)), name="rancher_birth_year"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        return f"{self.given_names} {self.surnames}".strip()


class RancherAlias(models.Model):
    """An id that was once given to a rancher who has another: two registrations of one person.

    What is later sent for `id` is for `rancher`. Written by `ranchers.merging` only.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    rancher = models.ForeignKey(Rancher, on_delete=models.PROTECT, related_name="aliases")
    made_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL)
    made_at = models.DateTimeField(auto_now_add=True)
    record = models.JSONField(
        default=dict, help_text="The registration as it was, without DNI and birth year"
    )

    class Meta:
        verbose_name = _("alias of a rancher")
        verbose_name_plural = _("aliases of ranchers")

    def __str__(self) -> str:
        return str(self.id)


class ConsentScope(models.TextChoices):
    PROGRAMME = "programme", _("Programme")
    MINISTRY = "ministry", _("Ministry")
    PUBLIC = "public", _("Public")
    INCOME = "income", _("Income figures")
    EUDR = "eudr", _("Where the plot lies, to a buyer for the European Union")


@pghistory.track()
class Consent(models.Model):
    """One interval in which a rancher consents to one scope of use of their data."""

    rancher = models.ForeignKey(Rancher, on_delete=models.CASCADE, related_name="consents")
    scope = models.CharField(_("scope"), max_length=12, choices=ConsentScope.choices)
    period = DateRangeField(_("period"))
    how = models.CharField(
        _("how it was given"), max_length=120, blank=True, help_text=_("Signed form, voice, ...")
    )
    recorded_by = models.ForeignKey("ranchers.User", null=True, on_delete=models.SET_NULL)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("consent")
        indexes = [
            # Few give it, so the planner would rather look for the scope in all of the one below.
            models.Index(
                fields=["rancher"],
                include=["period"],
                condition=models.Q(scope=ConsentScope.INCOME),
                name="consent_of_income",
            ),
        ]
        constraints = [
            ExclusionConstraint(
                name="consent_no_overlap",
                expressions=[
                    ("rancher", RangeOperators.EQUAL),
                    ("scope", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                condition=models.Q(period__isempty=False), name="consent_period_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.period}"
