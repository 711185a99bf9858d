"""What farms that use a practice show beside others."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UseFigure(models.Model):
    """One indicator of one group of farms (`Group` of monitoring/indicators/comparisons.py) of one
    practice, in one quarter and cohort (null: all). Of `adopters` and `others` the figure is the change.

    `n`: farms with a known value; those of `unknown` are only counted.
    """

    practice = models.ForeignKey("practices.Practice", on_delete=models.CASCADE)
    indicator = models.CharField(max_length=32)
    quarter = models.SmallIntegerField(help_text="year * 4 + (0..3)")
    cohort = models.ForeignKey("ranchers.Cohort", null=True, on_delete=models.CASCADE)
    group = models.CharField(max_length=10)
    n = models.IntegerField()
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    method = models.CharField(max_length=16, help_text="bootstrap, delta, none")

    class Meta:
        verbose_name = _("figure of users of a practice")
        constraints = [
            models.UniqueConstraint(
                fields=["quarter", "practice", "indicator", "cohort", "group"],
                nulls_distinct=False,
                name="usefigure_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} {self.indicator} {self.quarter} {self.group}"


class UseQuarter(models.Model):
    """The quarter's figures of users, made when the cells up to it were as `stamp` says."""

    quarter = models.SmallIntegerField(primary_key=True)
    stamp = models.CharField(max_length=60)
    computed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("quarter of users compared")

    def __str__(self) -> str:
        return f"{self.quarter} {self.computed_at:%Y-%m-%d %H:%M}"
