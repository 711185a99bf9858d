import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ranchers", "0007_ranchers_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="RancherAlias",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "record",
                    models.JSONField(
                        default=dict,
                        help_text="The registration as it was, without DNI and birth year",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "rancher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="ranchers.rancher",
                    ),
                ),
            ],
            options={
                "verbose_name": "alias of a rancher",
                "verbose_name_plural": "aliases of ranchers",
            },
        ),
    ]
