"""The catalogue, stage intervals, field days and demonstration farms."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("ranchers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Criterion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name_es", models.CharField(max_length=200)),
                ("name_en", models.CharField(blank=True, max_length=200)),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "criteria",
                "ordering": ["principle__order", "order", "code"],
            },
        ),
        migrations.CreateModel(
            name="Principle",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name_es", models.CharField(max_length=160)),
                ("name_en", models.CharField(blank=True, max_length=160)),
                ("order", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "ordering": ["order", "code"],
            },
        ),
        migrations.CreateModel(
            name="Practice",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("name_es", models.CharField(max_length=120, verbose_name="name in Spanish")),
                (
                    "name_en",
                    models.CharField(blank=True, max_length=120, verbose_name="name in English"),
                ),
                ("summary_es", models.TextField(max_length=600, verbose_name="summary in Spanish")),
                (
                    "summary_en",
                    models.TextField(blank=True, max_length=600, verbose_name="summary in English"),
                ),
                (
                    "adopted_when_es",
                    models.TextField(
                        max_length=800, verbose_name="counts as adopted when, in Spanish"
                    ),
                ),
                (
                    "adopted_when_en",
                    models.TextField(
                        blank=True,
                        max_length=800,
                        verbose_name="counts as adopted when, in English",
                    ),
                ),
                (
                    "evidence_es",
                    models.TextField(max_length=800, verbose_name="evidence asked for, in Spanish"),
                ),
                (
                    "evidence_en",
                    models.TextField(
                        blank=True, max_length=800, verbose_name="evidence asked for, in English"
                    ),
                ),
                (
                    "intensity_unit",
                    models.CharField(
                        choices=[
                            ("ha", "hectares"),
                            ("m", "metres"),
                            ("count", "units"),
                            ("none", "not measured"),
                        ],
                        default="none",
                        max_length=8,
                        verbose_name="intensity is measured in",
                    ),
                ),
                (
                    "intensity_max_basis",
                    models.CharField(
                        choices=[
                            ("pasture_ha", "pasture in use (ha)"),
                            ("perimeter_m", "farm perimeter (m)"),
                            ("herd", "herd (head)"),
                            ("none", "no ceiling"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="could cover at most",
                    ),
                ),
                (
                    "moves_indicator",
                    models.CharField(
                        blank=True,
                        help_text="indicator code",
                        max_length=40,
                        verbose_name="indicator it should move",
                    ),
                ),
                ("icon", models.SlugField(default="practice", max_length=40)),
                (
                    "is_active",
                    models.BooleanField(default=True, verbose_name="in use in the programme"),
                ),
                ("order", models.PositiveSmallIntegerField(default=0)),
                (
                    "edited_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="last edit by a coordinator, if any",
                        null=True,
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="practices",
                        to="practices.criterion",
                    ),
                ),
            ],
            options={
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="Manual",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("es", "Spanish"), ("en", "English")],
                        max_length=2,
                        verbose_name="language",
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                (
                    "body",
                    models.TextField(blank=True, max_length=40000, verbose_name="text (Markdown)"),
                ),
                (
                    "pdf",
                    models.FileField(
                        blank=True, max_length=200, upload_to="manuals/%Y/", verbose_name="PDF file"
                    ),
                ),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("published_on", models.DateField(verbose_name="published on")),
                (
                    "from_catalogue",
                    models.BooleanField(
                        default=False, help_text="came with the catalogue files and follows them"
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="manuals",
                        to="practices.practice",
                    ),
                ),
            ],
            options={
                "ordering": ["practice", "language", "-version"],
            },
        ),
        migrations.CreateModel(
            name="FieldDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=140, verbose_name="title")),
                ("starts_at", models.DateTimeField(db_index=True, verbose_name="starts at")),
                ("place", models.CharField(max_length=200, verbose_name="meeting place")),
                (
                    "capacity",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="places"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("held", "Held"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="field_days",
                        to="ranchers.district",
                        verbose_name="district",
                    ),
                ),
                (
                    "plot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="field_days",
                        to="ranchers.plot",
                        verbose_name="host farm",
                    ),
                ),
                (
                    "practices",
                    models.ManyToManyField(
                        blank=True,
                        related_name="field_days",
                        to="practices.practice",
                        verbose_name="practices shown",
                    ),
                ),
            ],
            options={
                "ordering": ["starts_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="DemonstrationFarm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "period",
                    django.contrib.postgres.fields.ranges.DateRangeField(
                        help_text="since, until (open while it still serves)"
                    ),
                ),
                (
                    "plot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="demonstrations",
                        to="ranchers.plot",
                    ),
                ),
                (
                    "practices",
                    models.ManyToManyField(
                        related_name="demonstration_farms", to="practices.practice"
                    ),
                ),
            ],
            options={
                "ordering": ["plot", "period"],
            },
        ),
        migrations.AddField(
            model_name="criterion",
            name="principle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="criteria",
                to="practices.principle",
            ),
        ),
        migrations.CreateModel(
            name="StageInterval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("trial", "On trial"),
                            ("adopted", "Adopted"),
                            ("sustained", "Sustained"),
                            ("dropped", "Dropped"),
                        ],
                        max_length=10,
                    ),
                ),
                ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "first_evidence_on",
                    models.DateField(
                        help_text="first observation of the unbroken run; for sustained, the day of adoption"
                    ),
                ),
                (
                    "intensity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="last amount seen within the period, in the practice's unit",
                        max_digits=10,
                        null=True,
                    ),
                ),
                (
                    "practice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stage_intervals",
                        to="practices.practice",
                    ),
                ),
                (
                    "rancher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stage_intervals",
                        to="ranchers.rancher",
                    ),
                ),
            ],
            options={
                "ordering": ["rancher", "practice", "period"],
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recorded_at", models.DateTimeField(auto_now_add=True)),
                (
                    "rancher",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendances",
                        to="ranchers.rancher",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "field_day",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendances",
                        to="practices.fieldday",
                    ),
                ),
            ],
            options={
                "ordering": ["field_day", "rancher"],
                "constraints": [
                    models.UniqueConstraint(fields=("field_day", "rancher"), name="attendance_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(("intensity_unit__in", ["ha", "m", "count", "none"])),
                name="practice_intensity_unit_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="practice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("intensity_max_basis__in", ["pasture_ha", "perimeter_m", "herd", "none"])
                ),
                name="practice_intensity_basis_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="manual",
            constraint=models.UniqueConstraint(
                fields=("practice", "language", "version"), name="manual_version_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="manual",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("body", ""), _negated=True),
                    models.Q(("pdf", ""), _negated=True),
                    _connector="OR",
                ),
                name="manual_has_page_or_pdf",
            ),
        ),
        migrations.AddConstraint(
            model_name="fieldday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("capacity__isnull", True), ("capacity__gte", 1), _connector="OR"
                ),
                name="field_day_capacity_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="demonstrationfarm",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("plot", "="), ("period", "&&")], name="demonstration_farm_no_overlap"
            ),
        ),
        migrations.AddConstraint(
            model_name="demonstrationfarm",
            constraint=models.CheckConstraint(
                condition=models.Q(("period__isempty", False)), name="demonstration_farm_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="stageinterval",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("rancher", "="), ("practice", "="), ("period", "&&")],
                name="stage_interval_no_overlap",
            ),
        ),
        migrations.AddConstraint(
            model_name="stageinterval",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stage__in", ["planned", "trial", "adopted", "sustained", "dropped"])
                ),
                name="stage_interval_stage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="stageinterval",
            constraint=models.CheckConstraint(
                condition=models.Q(("period__isempty", False)), name="stage_interval_not_empty"
            ),
        ),
    ]
