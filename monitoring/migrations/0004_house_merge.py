from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0003_metrics_survival_facts"),
        ("monitoring", "0003_visits_versions"),
    ]

    operations = []
