"""What the vector tiles are drawn from: today's shapes ready to send, and how many lie where."""

from __future__ import annotations

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _


class PlotShape(models.Model):
    """The boundary of one plot as of today, in Web Mercator, simplified for each zoom band.

    Kept by `monitoring.plot_shapes` alone, a few seconds after the boundary, the plot, its rancher
    or a consent changed. `technician`, `district` (both the rancher's) and `is_shared` (may be
    shown to the ministry) are copies to count by; who sees a shape is asked of the originals. No
    foreign key constraints: rows are written in bulk and only from rows that exist.
    """

    plot = models.OneToOneField(
        "ranchers.Plot",
        primary_key=True,
        on_delete=models.DO_NOTHING,
        related_name="drawn",
        db_constraint=False,
    )
    number = models.BigIntegerField(help_text="The plot's short name in tiles")
    boundary = models.ForeignKey(
        "ranchers.PlotBoundary",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    rancher = models.ForeignKey(
        "ranchers.Rancher",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    technician = models.ForeignKey(
        "ranchers.User",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    district = models.ForeignKey(
        "ranchers.District",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    place = models.ForeignKey(
        "ranchers.District",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="District that the plot itself lies in",
    )
    is_shared = models.BooleanField()
    area_ha = models.DecimalField(max_digits=10, decimal_places=4)
    cell = models.BigIntegerField(
        help_text="Tile of zoom 16 of a point inside, x and y interleaved"
    )
    far = models.MultiPolygonField(srid=3857, spatial_index=False, help_text="Up to zoom 10")
    middle = models.MultiPolygonField(srid=3857, spatial_index=False, help_text="Zoom 11 to 13")
    near = models.MultiPolygonField(srid=3857, help_text="From zoom 14 on")

    class Meta:
        verbose_name = _("drawn plot")
        constraints = [
            models.UniqueConstraint(fields=["number"], name="plotshape_number_once"),
        ]
        indexes = [
            # A technician's few among many under a tile: by place alone all of them would be read.
            GistIndex(fields=["technician", "near"], name="plotshape_of_technician"),
            GistIndex(fields=["district", "near"], name="plotshape_of_district"),
            models.Index(fields=["cell"], name="plotshape_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.plot_id} ({self.number})"


class PlotCount(models.Model):
    """How many plots of one kind have their point in one small square of the map.

    `cell` is the tile at zoom `level` (plot_shapes.LEVELS) with the bits of x and y interleaved, so that all
    the squares inside a larger tile are one range of it. Rows of no plots may stay until the nightly
    rebuild.
    """

    pk = models.CompositePrimaryKey(
        "level", "cell", "place_id", "district_id", "technician_id", "is_shared"
    )
    level = models.SmallIntegerField()
    cell = models.BigIntegerField()
    place = models.ForeignKey(
        "ranchers.District",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    district = models.ForeignKey(
        "ranchers.District",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    technician = models.ForeignKey(
        "ranchers.User",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
        help_text="The rancher's; 0 for none",
    )
    is_shared = models.BooleanField()
    plots = models.IntegerField()
    area_ha = models.DecimalField(max_digits=16, decimal_places=4)

    class Meta:
        verbose_name = _("plots in a square")

    def __str__(self) -> str:
        return f"{self.level}/{self.cell}: {self.plots}"


class ShapeMark(models.Model):
    """A plot, or all plots of a rancher, to be drawn again. Triggers add marks, one writer takes
    them: whoever changes a boundary never waits for the map."""

    plot_id = models.UUIDField(null=True)
    rancher_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("mark of a changed shape")

    def __str__(self) -> str:
        return f"{self.plot_id or self.rancher_id}"


class MapStamp(models.Model):
    """How often the shapes, the facts or the cover under the map changed; its caches go by it."""

    what = models.CharField(primary_key=True, max_length=8)
    version = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("stamp of the map")

    def __str__(self) -> str:
        return f"{self.what} {self.version}"
