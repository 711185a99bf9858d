"""Cells made by hand, for tests of the reading side."""

from django.utils.timezone import now

from monitoring.models import Cell


def make_cell(indicator, *, value, n=50, quarter, cohort=None, **more):
    """A cell with n ranchers behind it and an interval 10 % of the value to either side."""
    spread = abs(value) * 0.1
    fields = {"low": value - spread, "high": value + spread, "method": "delta", **more}
    return Cell.objects.create(
        indicator=indicator, value=value, n_known=n, n_enrolled=n, quarter=quarter, cohort=cohort,
        numerator=round(value * 100), denominator=n * 100, computed_at=now(), **fields,
    )  # fmt: skip
