"""The list of visits begins at the newest: at millions of visits it was sorted for every page."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("monitoring", "0015_efecto_use_figures")]

    operations = [
        AddIndexConcurrently(
            "visit",
            models.Index(fields=["-visited_on", "-created_at"], name="visit_newest_first"),
        ),
    ]
