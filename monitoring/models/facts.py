"""Facts: what is known of a rancher in a quarter, and which ranchers await a recompute."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from practices.models import Stage


class HundredthsField(models.IntegerField):
    """A Decimal with two places, kept as a 4-byte integer number of hundredths.

    Sums of integers are exact in any order and three times faster than those of numeric. SQL over
    the raw column sees hundredths. Larger than 15 million is stored as 15 million.
    """

    def from_db_value(self, value: int | None, *_args: Any) -> Decimal | None:
        return None if value is None else Decimal(value) / 100

    def to_python(self, value: Any) -> Any:
        return None if value is None else Decimal(value)

    def get_prep_value(self, value: Any) -> int | None:
        return None if value is None else round(Decimal(value) * 100)


class Stratum(models.Model):
    """One combination of enrolment statuses, district and sex: the finest slice of the cells.

    `statuses` holds cohort id * 8 + the position of the status in `Status` (0 invited, 1 supported,
    2 active, 3 paused, 4 left); `cohorts` those in which the rancher counts (supported, active or
    paused). Both sorted.
    """

    statuses = ArrayField(models.SmallIntegerField())
    cohorts = ArrayField(models.SmallIntegerField())
    district = models.ForeignKey("ranchers.District", on_delete=models.CASCADE, related_name="+")
    sex = models.CharField(max_length=1, blank=True, default="")

    class Meta:
        verbose_name = _("stratum")
        verbose_name_plural = _("strata")
        constraints = [
            models.UniqueConstraint(fields=["statuses", "district", "sex"], name="stratum_once"),
        ]

    def __str__(self) -> str:
        return f"{self.statuses} {self.district_id} {self.sex}"


def _known() -> HundredthsField:
    return HundredthsField(null=True)


class RancherFact(models.Model):
    """What is known of one rancher at the end of one quarter; null is unknown, never zero.

    A row for each quarter, from the first enrolment to the current quarter, on whose last day an
    enrolment has a status. Measured values are the newest of the quarter and the five before it;
    `*_per_year` are events of the four quarters brought to 12 months by their exposure; `*_mean`
    the mean of the first and last herd count in those quarters. No foreign key constraints: rows
    are written in bulk and only from rows that exist.
    """

    pk = models.CompositePrimaryKey("rancher_id", "quarter")
    rancher = models.ForeignKey(
        "ranchers.Rancher",
        on_delete=models.CASCADE,
        related_name="facts",
        db_constraint=False,
        db_index=False,
    )
    quarter = models.SmallIntegerField(help_text="year * 4 + (0..3)")
    stratum = models.ForeignKey(
        Stratum, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    is_active = models.BooleanField(help_text="Active in a cohort on the last day")
    visits = models.SmallIntegerField(help_text="Visits in the quarter")
    visited_180d = models.BooleanField(help_text="Visited in the 180 days to the last day")
    last_visit_on = models.DateField(null=True)
    practices_known = models.SmallIntegerField(help_text="Practices with a known stage")
    practices_in_use = models.SmallIntegerField(
        null=True, help_text="Practices adopted or sustained; null when no stage is known"
    )
    animal_units = _known()
    herd = _known()
    pasture_ha = _known()
    milk_l_per_day = _known()
    milked_l_per_day = HundredthsField(null=True, help_text="Milk of the visit of cows_in_milk")
    cows_in_milk = _known()
    trees_counted = _known()
    live_fence_m = _known()
    income_pen = HundredthsField(null=True, help_text="Only with consent on the last day")
    births_per_year = _known()
    weaned_per_year = _known()
    deaths_adults_per_year = _known()
    deaths_calves_per_year = _known()
    sold_kg_per_year = _known()
    breeding_mean = HundredthsField(null=True, help_text="Cows and heifers, head")
    adults_mean = HundredthsField(null=True, help_text="Animals over one year, head")
    calves_mean = HundredthsField(null=True, help_text="Calves under one year, head")
    pasture_change_ha = HundredthsField(null=True, help_text="Since the baseline date")
    canopy_ha = HundredthsField(null=True, help_text="Canopy x land; over cover_land_ha its mean")
    cover_land_ha = HundredthsField(null=True, help_text="Land of the plots, as the raster has it")
    forest_ha = HundredthsField(null=True, help_text="At the end of the last full year")
    loss_ha = HundredthsField(null=True, help_text="Lost in the last full year")
    loss_since_cutoff_ha = HundredthsField(null=True, help_text="Lost after 31 December 2020")
    alerts_ha = HundredthsField(null=True, help_text="Under alert in the four quarters")
    forest_joined_ha = HundredthsField(
        null=True, help_text="Of the same land, at the end of the year before joining"
    )

    class Meta:
        verbose_name = _("rancher fact")
        indexes = [models.Index(fields=["stratum", "quarter"], name="rancherfact_by_stratum")]

    def __str__(self) -> str:
        return f"{self.rancher_id} {self.quarter}"


class PracticeFact(models.Model):
    """One rancher's known stage of one practice at the end of each quarter of a run
    [from_quarter, to_quarter), while counted in a cohort.

    `intensity` and `ceiling` (what the practice could cover on the farm) are in the practice's
    unit, both as known at the end of the quarter whose visit last saw the practice; null unknown.
    """

    pk = models.CompositePrimaryKey("rancher_id", "practice_id", "from_quarter")
    rancher = models.ForeignKey(
        "ranchers.Rancher",
        on_delete=models.CASCADE,
        related_name="practice_facts",
        db_constraint=False,
        db_index=False,
    )
    practice = models.ForeignKey(
        "practices.Practice",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    from_quarter = models.SmallIntegerField()
    to_quarter = models.SmallIntegerField(help_text="First quarter after the run")
    stratum = models.ForeignKey(
        Stratum, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    stage = models.CharField(max_length=10, choices=Stage.choices)
    intensity = _known()
    ceiling = _known()

    class Meta:
        verbose_name = _("practice fact")

    def __str__(self) -> str:
        return f"{self.rancher_id} {self.practice_id} {self.stage}"


class FollowUpFact(models.Model):
    """Adoptions of one practice by one rancher whose 12 months of follow-up ended in the four
    quarters to each quarter of the run [from_quarter, to_quarter), and how many were dropped."""

    pk = models.CompositePrimaryKey("rancher_id", "practice_id", "from_quarter")
    rancher = models.ForeignKey(
        "ranchers.Rancher",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    practice = models.ForeignKey(
        "practices.Practice",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    from_quarter = models.SmallIntegerField()
    to_quarter = models.SmallIntegerField(help_text="First quarter after the run")
    stratum = models.ForeignKey(
        Stratum, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    adoptions = models.SmallIntegerField()
    dropped = models.SmallIntegerField()

    class Meta:
        verbose_name = _("follow-up fact")

    def __str__(self) -> str:
        return f"{self.rancher_id} {self.practice_id} {self.dropped}/{self.adoptions}"


class SurvivalFact(models.Model):
    """One rancher's part in the adoption curves of one cohort, as known now.

    `practice` null is the base of all practices: last seen `last_month`. A row of a practice says
    that it was adopted, in `adopted_month` (null: before joining, so never at risk). The curve of
    'all cohorts' counts a rancher in the cohort joined first (`is_first`).
    """

    rancher = models.ForeignKey(
        "ranchers.Rancher", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    cohort = models.ForeignKey(
        "ranchers.Cohort",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    practice = models.ForeignKey(
        "practices.Practice",
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    is_first = models.BooleanField(help_text="This cohort is the first that the rancher joined")
    adopted_month = models.SmallIntegerField(
        null=True, help_text="Whole months from joining to the visit that first saw it adopted"
    )
    last_month = models.SmallIntegerField(help_text="Whole months from joining to the last visit")

    class Meta:
        verbose_name = _("survival fact")

    def __str__(self) -> str:
        return f"{self.rancher_id} {self.practice_id} {self.last_month}"


class DirtyRancher(models.Model):
    """A rancher whose facts must be recomputed, from a quarter on. A write marks; a worker clears."""

    rancher = models.OneToOneField(
        "ranchers.Rancher", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    from_quarter = models.SmallIntegerField(help_text="Quarter number, year * 4 + (0..3)")
    marked_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("rancher to recompute")

    def __str__(self) -> str:
        return f"{self.rancher_id} from {self.from_quarter}"
