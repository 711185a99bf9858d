import django.db.models.deletion
from django.db import migrations, models


def _link(to: str, *, null: bool = False, db_index: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        to=to,
        null=null,
        db_constraint=False,
        db_index=db_index,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
    )


class Migration(migrations.Migration):
    """One row per rancher, cohort and practice, with both months (the table was still empty)."""

    dependencies = [
        ("monitoring", "0002_metrics_facts_and_bins"),
        ("ranchers", "0004_metrics_boundary_perimeter"),
    ]

    operations = [
        migrations.DeleteModel(name="SurvivalFact"),
        migrations.CreateModel(
            name="SurvivalFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rancher", _link("ranchers.rancher", db_index=True)),
                ("cohort", _link("ranchers.cohort")),
                ("practice", _link("practices.practice", null=True)),
                (
                    "is_first",
                    models.BooleanField(
                        help_text="This cohort is the first that the rancher joined"
                    ),
                ),
                (
                    "adopted_month",
                    models.SmallIntegerField(
                        help_text="Whole months from joining to the visit that first saw it adopted",
                        null=True,
                    ),
                ),
                (
                    "last_month",
                    models.SmallIntegerField(
                        help_text="Whole months from joining to the last visit"
                    ),
                ),
            ],
            options={"verbose_name": "survival fact"},
        ),
    ]
