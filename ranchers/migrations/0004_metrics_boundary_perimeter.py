import django.contrib.gis.db.models
from django.db import migrations, models


class Migration(migrations.Migration):
    """The perimeter of a boundary, geodesic, kept by PostgreSQL: boundaries are never edited."""

    dependencies = [("ranchers", "0003_access_cards_and_tokens")]

    operations = [
        migrations.AddField(
            model_name="plotboundary",
            name="perimeter_m",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.Func(
                        "boundary",
                        function="geography",
                        output_field=django.contrib.gis.db.models.GeometryField(),
                    ),
                    function="ST_Perimeter",
                    output_field=models.FloatField(),
                ),
                output_field=models.FloatField(),
            ),
        ),
    ]
