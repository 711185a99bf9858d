from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("ranchers", "0004_ranchers_search_index"),
        ("ranchers", "0005_metrics_boundary_trigger"),
    ]

    operations = []
