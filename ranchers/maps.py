"""What the maps show, as GeoJSON-ready data: the ground (districts) and plots."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import GEOSGeometry, Polygon
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _

from ranchers.access import Viewer, ranchers_for
from ranchers.models import District, Plot, PlotBoundary

MOST_PLOTS = 2_000


def feature(geometry: GEOSGeometry, **properties: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": json.loads(geometry.geojson),
        "properties": properties,
    }


def ground() -> dict[str, Any]:
    """The districts, and the picture layers that are configured (settings.MAP_LAYERS)."""
    rows = District.objects.exclude(boundary=None).annotate(
        geojson=AsGeoJSON("boundary", precision=4)
    )
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(row.geojson),
            "properties": {"label": row.name},
        }
        for row in rows.defer("boundary")
    ]
    return {
        "ground": {"type": "FeatureCollection", "features": features},
        "layers": settings.MAP_LAYERS,
    }


def boundaries_on(plots: QuerySet[Plot], *, day: date) -> QuerySet[PlotBoundary]:
    """The boundaries in force on a day of plots not closed by then."""
    return (
        PlotBoundary.objects.filter(plot__in=plots, period__contains=day)
        .exclude(plot__closed_on__lte=day)
        .select_related("plot__rancher")
    )


def plot_features(
    plots: QuerySet[Plot], *, viewer: Viewer, day: date, window: Polygon | None = None
) -> dict[str, Any]:
    """The plots on a day, at most 2,000, named only for a viewer who may see the rancher.

    `window`: only what touches it. `complete` is false when there were more.
    """
    boundaries = boundaries_on(plots, day=day)
    if window is not None:
        boundaries = boundaries.filter(boundary__bboverlaps=window)
    rows = list(
        boundaries.annotate(geojson=AsGeoJSON("boundary", precision=6)).defer("boundary")[
            : MOST_PLOTS + 1
        ]
    )
    named = set(
        ranchers_for(viewer)
        .filter(pk__in={row.plot.rancher_id for row in rows})
        .values_list("pk", flat=True)
    )
    features = [_plot_feature(row, row.plot.rancher_id in named) for row in rows[:MOST_PLOTS]]
    return {
        "type": "FeatureCollection",
        "features": features,
        "complete": len(rows) <= MOST_PLOTS,
    }


def _plot_feature(row: PlotBoundary, is_named: bool) -> dict[str, Any]:
    area = _("%(area)s ha") % {"area": localize(round(row.area_ha, 1))}
    properties = {"label": area}
    if is_named:
        properties = {
            "label": f"{row.plot.name} · {row.plot.rancher.full_name} · {area}",
            "url": reverse("ranchers:plot", args=[row.plot_id]),
        }
    return {
        "type": "Feature",
        "geometry": json.loads(row.geojson),  # type: ignore[attr-defined]
        "properties": properties,
    }
