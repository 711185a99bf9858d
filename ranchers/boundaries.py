"""Checking and keeping the boundaries of plots."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon, WKBWriter
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.formats import localize
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from ranchers.changes import ranchers_changed
from ranchers.history import check_since, make_room, on_day
from ranchers.models import Plot, PlotBoundary, Programme, User
from ranchers.places import as_multipolygon

SMALLEST_HA = Decimal("0.05")
LARGEST_HA = Decimal("20000")
MOST_POINTS = 50_000
OVERLAP_SHOWN_HA = 0.01
SAME_DEGREES = 1e-7  # about 1 cm: below what any source resolves


class InvalidBoundary(ValidationError):
    """The shape cannot be a plot's boundary; the message says why and what to do."""


@dataclass(frozen=True)
class Problem:
    """One reason against a boundary, in the reader's language."""

    code: str
    message: str


@dataclass(frozen=True)
class Overlap:
    """Another plot on the same land."""

    plot: Plot
    area_ha: Decimal


@dataclass(frozen=True)
class BoundaryCheck:
    """What is known about a proposed boundary (WGS 84, lon/lat).

    `boundary` is what would be kept; when the shape given was not valid it is the repaired one
    and `repaired` is true, so that a person accepts it first.
    """

    boundary: MultiPolygon
    area_ha: Decimal = Decimal(0)
    repaired: bool = False
    problems: list[Problem] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)

    @property
    def acceptable(self) -> bool:
        return not self.problems


def check_boundary(
    *, geometry: GEOSGeometry, plot: Plot | None = None, on: date | None = None
) -> BoundaryCheck:
    """Judge a shape as the boundary of `plot` (None: a new one) from day `on` (default today).

    Looks at validity (repaired keeping the polygons), range and order of the coordinates, the
    programme's region, the geodesic area (0.05 to 20,000 ha) and other plots on the same land.
    Raises nothing: what is wrong is in `problems`.
    """
    shape, repaired, problems = _polygons_of(geometry)
    if problems:
        return BoundaryCheck(boundary=shape, repaired=repaired, problems=problems)
    area_ha, covered, touched = _measured(shape)
    if area_ha < SMALLEST_HA:
        problems.append(Problem("too_small", _too_small(area_ha)))
    if area_ha > LARGEST_HA:
        problems.append(Problem("too_large", _too_large(area_ha)))
    if not covered:
        problems.append(_outside(shape, touched))
    overlaps = [] if problems else overlaps_of(shape, plot=plot, on=on or localdate())
    return BoundaryCheck(shape, area_ha, repaired, problems, overlaps)


@transaction.atomic
def set_boundary(
    *,
    plot: Plot,
    geometry: GEOSGeometry,
    since: date,
    by: User | None,
    source: str = "drawn",
    accept_repaired: bool = False,
) -> PlotBoundary:
    """Keep a boundary from `since` up to the next one on record; the one before is superseded.

    The same shape as the one in force that day: that one is returned. Redrawn on the same day:
    the earlier drawing gives way (pghistory keeps it). Raises `InvalidBoundary`, `InvalidDate`.
    """
    check_since(since)
    plot = Plot.objects.select_for_update().get(pk=plot.pk)
    check = check_boundary(geometry=geometry, plot=plot, on=since)
    if not check.acceptable:
        raise InvalidBoundary([problem.message for problem in check.problems])
    in_force = on_day(plot.boundaries.all(), since)
    if in_force is not None and same_shape(in_force.boundary, check.boundary):
        return in_force
    if check.repaired and not accept_repaired:
        raise InvalidBoundary(_("The line crosses itself. Accept the repaired shape or redraw it."))
    period = make_room(PlotBoundary.objects.filter(plot=plot), since=since)
    drawn = PlotBoundary.objects.create(
        plot=plot,
        boundary=check.boundary,
        area_ha=check.area_ha,
        period=period,
        source=source,
        recorded_by=by,
    )
    # Satellites look back: a new outline has a new past as well.
    ranchers_changed(rancher_ids=[plot.rancher_id], since=None)
    return drawn


def overlaps_of(shape: MultiPolygon, *, plot: Plot | None, on: date) -> list[Overlap]:
    """The other plots with more than 0.01 ha on the same land on a day, the largest overlap first.

    At most 20. Index: the GiST index on plotboundary.boundary.
    """
    wkb = bytes(shape.ewkb)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.plot_id, o.ha FROM ranchers_plotboundary b
            JOIN ranchers_plot p ON p.id = b.plot_id AND (p.closed_on IS NULL OR p.closed_on > %s),
            LATERAL (SELECT ST_Area(ST_Intersection(b.boundary, g.shape)::geography) / 10000 AS ha
                     FROM (SELECT ST_GeomFromEWKB(%s) AS shape) g
                     WHERE ST_Intersects(b.boundary, g.shape)) o
            WHERE b.boundary && ST_GeomFromEWKB(%s) AND b.period @> %s::date
              AND b.plot_id IS DISTINCT FROM %s AND o.ha > %s
            ORDER BY o.ha DESC LIMIT 20
            """,
            [on, wkb, wkb, on, plot.pk if plot else None, OVERLAP_SHOWN_HA],
        )
        found = dict(cursor.fetchall())
    plots = Plot.objects.select_related("rancher").in_bulk(found)
    return [Overlap(plots[pk], Decimal(str(round(ha, 2)))) for pk, ha in found.items()]


def same_shape(one: GEOSGeometry, other: GEOSGeometry) -> bool:
    """Whether two shapes are the same but for the order of rings and 1 cm of rounding."""
    a, b = one.clone(), other.clone()
    a.normalize()
    b = as_multipolygon(b)
    b.normalize()
    return a.equals_exact(b, SAME_DEGREES)


def _polygons_of(geometry: GEOSGeometry) -> tuple[MultiPolygon, bool, list[Problem]]:
    empty = MultiPolygon(srid=4326)
    if geometry.empty:
        return empty, False, [Problem("empty", _("The shape is empty."))]
    if geometry.num_coords > MOST_POINTS:
        message = _("The shape has too many points (%(points)s); at most %(most)s.")
        return (
            empty,
            False,
            [
                Problem(
                    "too_many_points",
                    message % {"points": geometry.num_coords, "most": MOST_POINTS},
                )
            ],
        )
    flat = GEOSGeometry(WKBWriter(dim=2).write(geometry), srid=geometry.srid or 4326)
    west, south, east, north = flat.extent
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # also when NaN
        message = _("The coordinates are not longitude and latitude in degrees (WGS 84).")
        return empty, False, [Problem("not_degrees", message)]
    shape = as_multipolygon(flat)
    if len(shape) == 0:
        message = _("Points or lines are not enough: a plot needs a closed outline.")
        return empty, False, [Problem("not_polygon", message)]
    repaired = not shape.valid
    if repaired:
        try:
            shape = as_multipolygon(shape.make_valid())
        except GEOSException:
            shape = empty
        if len(shape) == 0:
            message = _("The outline crosses itself and cannot be repaired: draw it again.")
            return empty, True, [Problem("not_valid", message)]
    shape.srid = 4326
    return shape, repaired, []


def _measured(shape: MultiPolygon) -> tuple[Decimal, bool, bool]:
    """Geodesic hectares (WGS 84), whether the region covers the shape, whether it touches it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ST_Area(g.shape::geography) / 10000,
                   coalesce(ST_Covers(p.region, g.shape), p.region IS NULL),
                   coalesce(ST_Intersects(p.region, g.shape), false)
            FROM (SELECT ST_GeomFromEWKB(%s) AS shape) g
            LEFT JOIN ranchers_programme p ON p.id = 1
            """,
            [bytes(shape.ewkb)],
        )
        area_ha, covered, touched = cursor.fetchone()
    return Decimal(str(area_ha)).quantize(Decimal("0.0001")), covered, touched


def _outside(shape: MultiPolygon, touched: bool) -> Problem:
    if touched:
        return Problem("partly_outside", _("Part of the plot lies outside the programme's region."))
    region = Programme.objects.values_list("region", flat=True).first()
    if region is not None and region.intersects(swapped(shape)):
        message = _("Longitude and latitude seem to be swapped.")
        return Problem("swapped", message)
    return Problem("outside", _("The plot lies outside the programme's region."))


def swapped(shape: GEOSGeometry) -> MultiPolygon:
    """The polygons of a shape with longitude and latitude exchanged."""
    polygons = [
        Polygon(*([(lat, lon) for lon, lat, *_z in ring.coords] for ring in polygon))
        for polygon in as_multipolygon(shape)
        if isinstance(polygon, Polygon)
    ]
    return MultiPolygon(polygons, srid=shape.srid)


def _too_small(area_ha: Decimal) -> str:
    return _("The area is %(area)s ha; a plot has at least %(least)s ha.") % {
        "area": localize(area_ha),
        "least": localize(SMALLEST_HA),
    }


def _too_large(area_ha: Decimal) -> str:
    return _("The area is %(area)s ha; a plot has at most %(most)s ha.") % {
        "area": localize(area_ha.quantize(Decimal("1"))),
        "most": localize(LARGEST_HA),
    }
