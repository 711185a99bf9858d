from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart and not atomic: receiving goes on while they are built."""

    atomic = False
    dependencies = [("monitoring", "0007_sync_field_app")]
    operations = [
        AddIndexConcurrently(
            model_name="inboxpayload",
            index=models.Index(
                condition=models.Q(("outcome", "held")), fields=["waits_for"], name="inbox_held"
            ),
        ),
        AddIndexConcurrently(
            model_name="inboxpayload",
            index=models.Index(
                condition=models.Q(("changed_at__isnull", False)),
                fields=["via", "changed_at"],
                name="inbox_changed",
            ),
        ),
        AddIndexConcurrently(
            model_name="inboxpayload",
            index=models.Index(
                condition=models.Q(("outcome__in", ["quarantined", "held"])),
                fields=["id"],
                name="inbox_waiting",
            ),
        ),
    ]
