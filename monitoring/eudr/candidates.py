"""Which plots an export is about, and whether each may be in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.contrib.gis.geos import MultiPolygon
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from monitoring.eudr.shapes import (
    UnusableShape,
    geodesic_ha,
    outline_json,
    outline_of,
    point_json,
)
from monitoring.models import CoverSource, EudrExport, EudrShape, PlotCover
from ranchers.models import Consent, ConsentScope, EnrolmentStatus, Plot, PlotBoundary

COUNTRY = "PE"
BATCH = 500

REASONS: dict[str, str | Promise] = {
    "no_consent": _("The rancher has not consented to this file."),
    "no_outline": _("The plot has no outline today."),
    "unusable_shape": _("The outline crosses itself and cannot be repaired: draw it again."),
    "loss": _(
        "Forest was lost after 31 December 2020: it would be refused. Check it in the field."
    ),
}
NOTICES: dict[str, str | Promise] = {
    "holes_dropped": _("Holes in the outline were filled: the EU’s system ignores them."),
    "repaired": _("The outline was repaired."),
    "loss": _("In the file, though forest was lost after 31 December 2020: it would be refused."),
    "loss_unknown": _("Loss since 2020 has not been computed for today’s outline."),
    "loss_later": _("The source of loss ends before today: newer loss is not seen."),
}


@dataclass
class Judged:
    """One plot, what speaks against it, and its feature as JSON text when nothing does."""

    plot: Plot
    boundary: PlotBoundary | None = None
    reasons: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    loss_m2: int | None = None
    geometry: str = ""
    area_ha: float = 0.0


def plots_of(export: EudrExport, *, today: date) -> QuerySet[Plot]:
    """The plots in use of the ranchers chosen, each marked `may_be_given` by consent today."""
    consent = Consent.objects.filter(
        rancher=OuterRef("rancher"), scope=ConsentScope.EUDR, period__contains=today
    )
    plots = Plot.objects.filter(Q(closed_on=None) | Q(closed_on__gt=today))
    if export.ranchers:
        plots = plots.filter(rancher__in=export.ranchers)
    if export.district_id:
        plots = plots.filter(district=export.district_id)
    if export.cohort_id:
        counted = EnrolmentStatus.objects.filter(
            enrolment__rancher=OuterRef("rancher"),
            enrolment__cohort=export.cohort_id,
            period__contains=today,
        ).exclude(status__in=["invited", "left"])
        plots = plots.filter(Exists(counted))
    return plots.annotate(may_be_given=Exists(consent)).select_related("rancher", "district")


def judged(export: EudrExport, source: CoverSource | None) -> Iterator[list[Judged]]:
    """Every plot of the export, in batches; consent and outline are those of today."""
    today = localdate()
    last = None
    while True:
        plots = plots_of(export, today=today).order_by("id")
        batch = list((plots.filter(pk__gt=last) if last else plots)[:BATCH])
        if not batch:
            return
        last = batch[-1].pk
        boundaries = {
            row.plot_id: row
            for row in PlotBoundary.objects.filter(plot__in=batch, period__contains=today)
        }
        covers = {
            cover.boundary_id: cover
            for cover in PlotCover.objects.filter(
                source=source, boundary__in=[row.pk for row in boundaries.values()]
            ).select_related("source")
        }
        found = []
        for plot in batch:
            boundary = boundaries.get(plot.pk)
            cover = covers.get(boundary.pk) if boundary else None
            found.append(_judge(export, plot, boundary, cover))
        yield found


def _judge(
    export: EudrExport, plot: Plot, boundary: PlotBoundary | None, cover: PlotCover | None
) -> Judged:
    one = Judged(plot, boundary)
    if not plot.may_be_given:  # type: ignore[attr-defined]
        one.reasons.append("no_consent")
    if boundary is None:
        one.reasons.append("no_outline")
        return one
    _judge_loss(export, one, cover)
    if one.reasons:
        return one  # nobody's shape is worked on who is not in the file
    try:
        _shape(export, one, boundary)
    except UnusableShape:
        one.reasons.append("unusable_shape")
    return one


def _judge_loss(export: EudrExport, one: Judged, cover: PlotCover | None) -> None:
    if cover is None or cover.forest_m2 is None:
        one.notices.append("loss_unknown")
        return
    one.loss_m2 = int(cover.loss_since() * 10_000)
    if one.loss_m2 > 0 and export.keeps_loss:
        one.notices.append("loss")
    elif one.loss_m2 > 0:
        one.reasons.append("loss")
    elif (cover.source.last_year or 0) < localdate().year - 1:
        one.notices.append("loss_later")


def _shape(export: EudrExport, one: Judged, boundary: PlotBoundary) -> None:
    shape: MultiPolygon = boundary.boundary
    one.area_ha = float(boundary.area_ha)
    if export.shape == EudrShape.POINT:
        inside = shape.point_on_surface
        one.geometry = point_json((inside.x, inside.y))
        return
    outline = outline_of(shape)
    one.notices += outline.notices
    if outline.notices:
        one.area_ha = geodesic_ha(outline.shape())
    one.geometry = outline_json(outline)
