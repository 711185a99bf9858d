"""Whose income may be counted is looked up for one rancher at a time, by an index of a few rows."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ranchers", "0010_sync_boundary_trigger")]

    operations = [
        AddIndexConcurrently(
            "consent",
            models.Index(
                fields=["rancher"],
                include=["period"],
                condition=models.Q(("scope", "income")),
                name="consent_of_income",
            ),
        ),
    ]
