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
