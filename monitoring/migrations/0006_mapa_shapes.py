"""Shapes for the vector tiles, counts by square, and the triggers that mark what changed."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

CELL = """
create function monitoring_map_cell(x int, y int) returns bigint immutable parallel safe language sql as $$
    select sum((((x >> bit) & 1)::bigint << (2 * bit)) | (((y >> bit) & 1)::bigint << (2 * bit + 1)))::bigint
    from generate_series(0, 15) bit
$$;
comment on function monitoring_map_cell is 'a tile of zoom 16 as one number: bits of x and y interleaved';
create sequence monitoring_plotshape_number owned by monitoring_plotshape.number;
alter table monitoring_plotshape alter column number set default nextval('monitoring_plotshape_number');
"""

# Statement triggers: one insert however many rows changed, also for COPY, and never a lock that two
# writers could want in a different order.
TRIGGERS = """
create function monitoring_mark_plots() returns trigger language plpgsql as $$
begin
    execute format('insert into monitoring_shapemark (plot_id) select distinct %s from changed', tg_argv[0]);
    return null;
end $$;
create function monitoring_mark_ranchers() returns trigger language plpgsql as $$
begin
    execute format('insert into monitoring_shapemark (rancher_id) select distinct %s from changed', tg_argv[0]);
    return null;
end $$;
create function monitoring_mark_moved_ranchers() returns trigger language plpgsql as $$
begin
    insert into monitoring_shapemark (rancher_id)
    select id from changed join before using (id)
    where (changed.technician_id, changed.district_id) is distinct from (before.technician_id, before.district_id);
    return null;
end $$;
create trigger map_insert after insert on ranchers_plotboundary referencing new table as changed
    for each statement execute function monitoring_mark_plots('plot_id');
create trigger map_update after update on ranchers_plotboundary referencing new table as changed
    for each statement execute function monitoring_mark_plots('plot_id');
create trigger map_delete after delete on ranchers_plotboundary referencing old table as changed
    for each statement execute function monitoring_mark_plots('plot_id');
create trigger map_update after update on ranchers_plot referencing new table as changed
    for each statement execute function monitoring_mark_plots('id');
create trigger map_delete after delete on ranchers_plot referencing old table as changed
    for each statement execute function monitoring_mark_plots('id');
create trigger map_insert after insert on ranchers_consent referencing new table as changed
    for each statement execute function monitoring_mark_ranchers('rancher_id');
create trigger map_update after update on ranchers_consent referencing new table as changed
    for each statement execute function monitoring_mark_ranchers('rancher_id');
create trigger map_delete after delete on ranchers_consent referencing old table as changed
    for each statement execute function monitoring_mark_ranchers('rancher_id');
create trigger map_update after update on ranchers_rancher referencing new table as changed old table as before
    for each statement execute function monitoring_mark_moved_ranchers();
insert into monitoring_shapemark (plot_id) select distinct plot_id from ranchers_plotboundary;
"""

UNDO = """
drop trigger map_insert on ranchers_plotboundary;
drop trigger map_update on ranchers_plotboundary;
drop trigger map_delete on ranchers_plotboundary;
drop trigger map_update on ranchers_plot;
drop trigger map_delete on ranchers_plot;
drop trigger map_insert on ranchers_consent;
drop trigger map_update on ranchers_consent;
drop trigger map_delete on ranchers_consent;
drop trigger map_update on ranchers_rancher;
drop function monitoring_mark_plots();
drop function monitoring_mark_ranchers();
drop function monitoring_mark_moved_ranchers();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0005_cover_sources"),
        ("ranchers", "0007_ranchers_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MapStamp",
            fields=[
                ("what", models.CharField(max_length=8, primary_key=True, serialize=False)),
                ("version", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "stamp of the map",
            },
        ),
        migrations.CreateModel(
            name="ShapeMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("plot_id", models.UUIDField(null=True)),
                ("rancher_id", models.UUIDField(null=True)),
            ],
            options={
                "verbose_name": "mark of a changed shape",
            },
        ),
        migrations.CreateModel(
            name="PlotCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level",
                        "cell",
                        "place_id",
                        "district_id",
                        "technician_id",
                        "is_shared",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("cell", models.BigIntegerField()),
                ("is_shared", models.BooleanField()),
                ("plots", models.IntegerField()),
                ("area_ha", models.DecimalField(decimal_places=4, max_digits=16)),
                (
                    "district",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ranchers.district",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ranchers.district",
                    ),
                ),
                (
                    "technician",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="The rancher's; 0 for none",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "plots in a square",
            },
        ),
        migrations.CreateModel(
            name="PlotShape",
            fields=[
                (
                    "plot",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="drawn",
                        serialize=False,
                        to="ranchers.plot",
                    ),
                ),
                ("number", models.BigIntegerField(help_text="The plot's short name in tiles")),
                ("is_shared", models.BooleanField()),
                ("area_ha", models.DecimalField(decimal_places=4, max_digits=10)),
                (
                    "cell",
                    models.BigIntegerField(
                        help_text="Tile of zoom 16 of a point inside, x and y interleaved"
                    ),
                ),
                (
                    "far",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        help_text="Up to zoom 10", spatial_index=False, srid=3857
                    ),
                ),
                (
                    "middle",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        help_text="Zoom 11 to 13", spatial_index=False, srid=3857
                    ),
                ),
                (
                    "near",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        help_text="From zoom 14 on", srid=3857
                    ),
                ),
                (
                    "boundary",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ranchers.plotboundary",
                    ),
                ),
                (
                    "district",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ranchers.district",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        help_text="District that the plot itself lies in",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ranchers.district",
                    ),
                ),
                (
                    "rancher",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="ranchers.rancher",
                    ),
                ),
                (
                    "technician",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "drawn plot",
                "constraints": [
                    models.UniqueConstraint(fields=("number",), name="plotshape_number_once")
                ],
            },
        ),
        migrations.RunSQL(CELL, "drop function monitoring_map_cell(int, int)"),
        migrations.RunSQL(TRIGGERS, UNDO),
    ]
