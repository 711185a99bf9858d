"""Cells: one indicator's value for cohort x quarter x practice x district x sex."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cell(models.Model):
    """One computed value. Null in a dimension means 'all'.

    `numerator` and `denominator` are sums over the ranchers with a known value; `sum_nn`,
    `sum_dd` and `sum_nd` (sums of squares and of products, in hundredths squared) are what the
    interval of a ratio needs. All sums are exact integers in hundredths, so that adding a
    rancher's change gives bit for bit what a full recompute gives.
    """

    indicator = models.CharField(max_length=32)
    quarter = models.SmallIntegerField(help_text="year * 4 + (0..3)")
    cohort = models.ForeignKey("ranchers.Cohort", null=True, on_delete=models.CASCADE)
    practice = models.ForeignKey("practices.Practice", null=True, on_delete=models.CASCADE)
    district = models.ForeignKey("ranchers.District", null=True, on_delete=models.CASCADE)
    sex = models.CharField(max_length=1, blank=True, default="", help_text="'' = all, f, m")
    category = models.CharField(
        max_length=12, blank=True, default="", help_text="A status, for `enrolled`; else ''"
    )
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    method = models.CharField(max_length=16, blank=True, help_text="wilson, bootstrap, delta, none")
    n_known = models.IntegerField(default=0)
    n_enrolled = models.IntegerField(default=0)
    numerator = models.BigIntegerField(default=0, help_text="Sum, in hundredths")
    denominator = models.BigIntegerField(default=0, help_text="Sum, in hundredths")
    sum_nn = models.DecimalField(max_digits=38, decimal_places=0, default=0)
    sum_dd = models.DecimalField(max_digits=38, decimal_places=0, default=0)
    sum_nd = models.DecimalField(max_digits=38, decimal_places=0, default=0)
    computed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cell")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "indicator",
                    "quarter",
                    "cohort",
                    "practice",
                    "district",
                    "sex",
                    "category",
                ],
                nulls_distinct=False,
                name="cell_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.quarter}"


class SpreadBin(models.Model):
    """How many ranchers have a value in one bin: the histogram behind the cohort's middle half.

    Only for indicators with `spread`. Bins are 1 % wide: `bin` is floor(ln(value) / ln(1.01));
    a value of 0 is in bin -32768. Rows with no ranchers are deleted.
    """

    indicator = models.CharField(max_length=32)
    quarter = models.SmallIntegerField()
    cohort = models.ForeignKey(
        "ranchers.Cohort", null=True, on_delete=models.CASCADE, help_text="null = all"
    )
    bin = models.SmallIntegerField()
    ranchers = models.IntegerField()

    class Meta:
        verbose_name = _("spread bin")
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "quarter", "cohort", "bin"],
                nulls_distinct=False,
                name="spreadbin_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.quarter} {self.bin}"


class SurvivalPoint(models.Model):
    """Ranchers adopted, and censored, in one month since joining the cohort, as known now.

    `practice` null is the base of all practices; a practice's own rows correct it, so the curve
    of a practice is the sum of both (`intervals.kaplan_meier` reads it by `cells.survival`).
    """

    cohort = models.ForeignKey(
        "ranchers.Cohort", null=True, on_delete=models.CASCADE, help_text="null = all"
    )
    practice = models.ForeignKey("practices.Practice", null=True, on_delete=models.CASCADE)
    month = models.SmallIntegerField()
    adopted = models.IntegerField()
    censored = models.IntegerField()

    class Meta:
        verbose_name = _("survival point")
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "practice", "month"],
                nulls_distinct=False,
                name="survivalpoint_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} month {self.month}"


class RecomputeReport(models.Model):
    """One nightly full recompute: what it compared and where the stored cells differed."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    ranchers = models.IntegerField()
    cells = models.IntegerField()
    differences = models.IntegerField(help_text="Rows of any kind that differed and were mended")
    examples = models.JSONField(default=list, help_text="Up to 100 keys with both values")

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("recompute report")

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.differences}"
