"""Plots of a rancher: opened, described, closed. Their shape over time is in `boundaries.py`."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ranchers.boundaries import set_boundary
from ranchers.changes import ranchers_changed
from ranchers.history import check_since
from ranchers.models import District, Plot, Rancher, Tenure, User
from ranchers.places import as_multipolygon, district_at
from ranchers.registration import tidy_text


class InvalidPlot(ValidationError):
    """The plot cannot be recorded as asked."""


@transaction.atomic
def open_plot(
    *,
    rancher: Rancher,
    name: str,
    by: User | None,
    district: District | None = None,
    tenure: str = Tenure.OTHER,
    external_ref: str = "",
    geometry: GEOSGeometry | None = None,
    since: date | None = None,
    source: str = "drawn",
    accept_repaired: bool = False,
    plot_id: UUID | None = None,
) -> Plot:
    """Record a plot, with its first boundary when `geometry` is given (from `since` on).

    `plot_id`: when a phone has given one already. Without a district, the one in which the plot lies, else the rancher's. Raises `InvalidPlot`,
    `InvalidBoundary`, `InvalidDate`.
    """
    if district is None and geometry is not None and not geometry.empty:
        shape = as_multipolygon(geometry)
        district = district_at(shape.point_on_surface) if shape and shape.valid else None
    plot = Plot(id=plot_id or uuid4(), rancher=rancher, district=district or rancher.district)
    _describe(plot, name=name, tenure=tenure, external_ref=external_ref)
    plot.save(force_insert=True)
    ranchers_changed(rancher_ids=[rancher.pk], since=None)  # of this land nothing is known yet
    if geometry is not None:
        if since is None:
            raise InvalidPlot({"since": _("Say since when the boundary holds.")})
        set_boundary(
            plot=plot,
            geometry=geometry,
            since=since,
            by=by,
            source=source,
            accept_repaired=accept_repaired,
        )
    return plot


@transaction.atomic
def describe_plot(
    *, plot: Plot, name: str, district: District, tenure: str, external_ref: str
) -> Plot:
    """Correct the name, district, tenure and reference of a plot. Raises `InvalidPlot`."""
    plot.district = district
    _describe(plot, name=name, tenure=tenure, external_ref=external_ref)
    plot.save()
    return plot


@transaction.atomic
def close_plot(*, plot: Plot, on: date) -> None:
    """Record that the rancher no longer farms the plot from a day on; its history stays."""
    check_since(on, field="closed_on")
    plot.closed_on = on
    plot.save(update_fields=["closed_on"])
    ranchers_changed(rancher_ids=[plot.rancher_id], since=None)


def _describe(plot: Plot, *, name: str, tenure: str, external_ref: str) -> None:
    plot.name = tidy_text(name)
    plot.tenure = tenure
    plot.external_ref = tidy_text(external_ref)
    errors: dict[str, str] = {}
    Rancher.objects.select_for_update().get(pk=plot.rancher_id)  # two plots of one name at once
    if not plot.name or len(plot.name) > 120:
        errors["name"] = _("Write a name of 1 to 120 characters.")
    if len(plot.external_ref) > 80:
        errors["external_ref"] = _("At most 80 characters.")
    if tenure not in Tenure.values:
        errors["tenure"] = _("Unknown tenure.")
    others = Plot.objects.filter(rancher_id=plot.rancher_id).exclude(pk=plot.pk)
    if others.filter(name=plot.name).exists():
        errors["name"] = _("This rancher already has a plot of that name.")
    if errors:
        raise InvalidPlot(errors)
