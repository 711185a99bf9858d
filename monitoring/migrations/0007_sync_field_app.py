import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0006_mapa_shapes"),
        ("ranchers", "0008_sync_aliases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FieldDevice",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "app_version",
                    models.CharField(blank=True, max_length=40, verbose_name="version of the app"),
                ),
                (
                    "secret_hash",
                    models.CharField(help_text="SHA-256 of the secret, hex", max_length=64),
                ),
                ("data_key", models.BinaryField(help_text="Encrypted")),
                (
                    "session_key",
                    models.CharField(
                        blank=True,
                        help_text="Web session that registered it; ended with it",
                        max_length=40,
                    ),
                ),
                ("registered_at", models.DateTimeField(auto_now_add=True)),
                ("last_seen_at", models.DateTimeField(help_text="To the minute", null=True)),
                (
                    "clock_offset_s",
                    models.IntegerField(
                        help_text="Its clock minus the server's when it last sent; positive: ahead",
                        null=True,
                    ),
                ),
                (
                    "waiting",
                    models.PositiveIntegerField(
                        help_text="Items it said it still had to send when it last sent", null=True
                    ),
                ),
                ("revoked_at", models.DateTimeField(help_text="Signed out remotely", null=True)),
                (
                    "wiped_at",
                    models.DateTimeField(
                        help_text="When the phone said it had wiped itself", null=True
                    ),
                ),
            ],
            options={
                "verbose_name": "field device",
                "ordering": ["-registered_at"],
            },
        ),
        migrations.CreateModel(
            name="FieldManifest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("hashes", models.JSONField(help_text="{kind: {record id: short hash}}")),
            ],
            options={
                "verbose_name": "field manifest",
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="ItemVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("item", models.UUIDField(help_text="Made on the device")),
                ("version", models.PositiveIntegerField()),
                ("content", models.JSONField(help_text="Canonical content: one key per property")),
            ],
            options={
                "verbose_name": "version of an item",
                "ordering": ["item", "version"],
            },
        ),
        migrations.CreateModel(
            name="PhotoChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("offset", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
            ],
            options={
                "verbose_name": "part of a photo",
                "ordering": ["offset"],
            },
        ),
        migrations.CreateModel(
            name="PhotoUpload",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "visit_uuid",
                    models.UUIDField(
                        db_index=True, help_text="As claimed; the visit may come later"
                    ),
                ),
                (
                    "practice",
                    models.CharField(blank=True, help_text="Code, as claimed", max_length=40),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField(help_text="Bytes")),
                ("taken_at", models.DateTimeField(help_text="By the device's clock", null=True)),
                (
                    "offset",
                    models.PositiveIntegerField(
                        default=0, help_text="Bytes received and committed"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("arriving", "Arriving"),
                            ("waiting", "Waits for its visit"),
                            ("stored", "Stored"),
                            ("quarantined", "In quarantine"),
                            ("refused", "Refused"),
                        ],
                        default="arriving",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("started_at", models.DateTimeField(auto_now_add=True)),
                ("whole_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "photo on its way",
                "ordering": ["started_at"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="inboxpayload",
            name="inbox_raw_never_changed",
        ),
        migrations.AddField(
            model_name="conflict",
            name="rancher",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conflicts",
                to="ranchers.rancher",
            ),
        ),
        migrations.AddField(
            model_name="inboxpayload",
            name="changed_at",
            field=models.DateTimeField(
                help_text="When its outcome last changed after the first answer", null=True
            ),
        ),
        migrations.AddField(
            model_name="inboxpayload",
            name="clock_offset_s",
            field=models.IntegerField(
                help_text="The device's clock minus the server's when it was sent", null=True
            ),
        ),
        migrations.AddField(
            model_name="inboxpayload",
            name="kind",
            field=models.CharField(
                default="visit", help_text="visit, rancher, boundary", max_length=12
            ),
        ),
        migrations.AddField(
            model_name="inboxpayload",
            name="released_by",
            field=models.ForeignKey(
                db_index=False,
                help_text="The coordinator who let it out of quarantine: it is judged by their rights",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="inboxpayload",
            name="waits_for",
            field=models.UUIDField(
                help_text="The rancher or plot it names that has not arrived (outcome held)",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="conflict",
            name="settlement",
            field=models.CharField(
                blank=True,
                help_text="kept (current), applied (incoming), merged, same (person) or two (people)",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="conflict",
            name="visit",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conflicts",
                to="monitoring.visit",
            ),
        ),
        migrations.AlterField(
            model_name="inboxpayload",
            name="channel",
            field=models.CharField(
                choices=[
                    ("page", "Web page"),
                    ("field", "Field app"),
                    ("api", "API"),
                    ("import", "Import"),
                    ("file", "File from a phone"),
                ],
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="inboxpayload",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("pending", "Pending"),
                    ("created", "Created"),
                    ("unchanged", "Unchanged"),
                    ("updated", "Updated"),
                    ("conflict", "Conflict"),
                    ("rejected", "Rejected"),
                    ("quarantined", "In quarantine"),
                    ("held", "Waits for what it names"),
                ],
                default="pending",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="inboxpayload",
            name="visit_uuid",
            field=models.UUIDField(
                db_index=True,
                help_text="Id of the item (of any kind), as claimed by the payload",
                null=True,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inboxpayload",
            trigger=pgtrigger.compiler.Trigger(
                name="inbox_raw_never_changed",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."raw" IS DISTINCT FROM (NEW."raw") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."sender_id" IS DISTINCT FROM (NEW."sender_id") OR OLD."sha256" IS DISTINCT FROM (NEW."sha256"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="9a3a87986a35114e71ef446f6383ebf05dfd7a1b",
                    operation="UPDATE",
                    pgid="pgtrigger_inbox_raw_never_changed_2d27c",
                    table="monitoring_inboxpayload",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rancher__isnull", True), ("visit__isnull", False)),
                    models.Q(("rancher__isnull", False), ("visit__isnull", True)),
                    _connector="OR",
                ),
                name="conflict_of_one_thing",
            ),
        ),
        migrations.AddField(
            model_name="fielddevice",
            name="revoked_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="fielddevice",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="field_devices",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="inboxpayload",
            name="via",
            field=models.ForeignKey(
                db_index=False,
                help_text="The device that sent it, by its own secret",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payloads",
                to="monitoring.fielddevice",
            ),
        ),
        migrations.AddField(
            model_name="fieldmanifest",
            name="device",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="manifests",
                to="monitoring.fielddevice",
            ),
        ),
        migrations.AddField(
            model_name="itemversion",
            name="payload",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="monitoring.inboxpayload",
            ),
        ),
        migrations.AddField(
            model_name="photoupload",
            name="device",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, to="monitoring.fielddevice"
            ),
        ),
        migrations.AddField(
            model_name="photoupload",
            name="photo",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="monitoring.photo",
            ),
        ),
        migrations.AddField(
            model_name="photoupload",
            name="sender",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="photochunk",
            name="upload",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="chunks",
                to="monitoring.photoupload",
            ),
        ),
        migrations.AddConstraint(
            model_name="itemversion",
            constraint=models.UniqueConstraint(fields=("item", "version"), name="itemversion_once"),
        ),
        migrations.AddIndex(
            model_name="photoupload",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "quarantined", "refused"])),
                fields=["started_at"],
                name="photoupload_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="photoupload",
            constraint=models.CheckConstraint(
                condition=models.Q(("offset__lte", models.F("size"))),
                name="photoupload_offset_in_size",
            ),
        ),
        migrations.AddConstraint(
            model_name="photochunk",
            constraint=models.UniqueConstraint(fields=("upload", "offset"), name="photochunk_once"),
        ),
    ]
