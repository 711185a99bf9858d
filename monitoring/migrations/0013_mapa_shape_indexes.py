from django.contrib.postgres.indexes import GistIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart and not atomic: the map is drawn on while they are built."""

    atomic = False
    dependencies = [("monitoring", "0012_sync_field_files")]
    operations = [
        AddIndexConcurrently(
            model_name="plotshape",
            index=GistIndex(fields=["technician", "near"], name="plotshape_of_technician"),
        ),
        AddIndexConcurrently(
            model_name="plotshape",
            index=GistIndex(fields=["district", "near"], name="plotshape_of_district"),
        ),
        AddIndexConcurrently(
            model_name="plotshape", index=models.Index(fields=["cell"], name="plotshape_cell")
        ),
    ]
