"""A boundary walked with a phone: a new plot, or the boundary of a plot from that day on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, Polygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from monitoring.models import DataFlag, InboxPayload, Outcome
from monitoring.sync import fields as read
from monitoring.sync import gate, items
from monitoring.sync.content import Content
from monitoring.sync.document import Document
from monitoring.sync.reasons import NEEDS_CONFIRMATION, Judgement, Reason, Refused
from ranchers.boundaries import BoundaryCheck, check_boundary, set_boundary
from ranchers.history import on_day
from ranchers.merging import current_id
from ranchers.models import Plot, PlotBoundary, Rancher, User
from ranchers.plots import open_plot
from ranchers.registration import tidy_text

ACCEPT_REPAIRED = "accept_repaired"
MOST_POINTS = 50_000


@dataclass(frozen=True, slots=True)
class Walk:
    """A walked boundary understood. It has no base version: it is whole each time."""

    item: UUID
    device: UUID | None
    revision: int | None
    content: Content
    geometry: GEOSGeometry
    base_version: None = None


def understand(document: Document) -> Walk:
    """The walk that a schema 1 document describes. Raises Refused with all reasons."""
    errors: list[Reason] = []

    def take(field: str, reader: Callable[..., Any], value: Any, **options: Any) -> Any:
        try:
            return reader(value, **options)
        except read.Unreadable as error:
            errors.append(Reason(field, error.code, str(error)))
            return None

    item = take("id", read.uuid, document.get("id"), required=True)
    geometry = take("geometry", _polygon, document.get("geometry"))
    take("track", read.items, document.get("track"), most=MOST_POINTS)
    content: Content = {
        "plot": take("plot", read.uuid, document.get("plot"), required=True),
        "plot_name": take("plot_name", read.text, document.get("plot_name"), longest=110),
        "rancher": take("rancher", read.uuid, document.get("rancher"), required=True),
        "walked_on": take("walked_on", read.day, document.get("walked_on"), required=True),
        "geometry": geometry.wkt if geometry else None,
        "confirmed": sorted(
            code
            for code in take("confirmed", read.items, document.get("confirmed"), most=100) or []
            if isinstance(code, str)
        ),
    }
    device = None
    try:
        device = read.uuid(document.get("device"))
    except read.Unreadable:
        device = None
    revision = take("revision", read.count, document.get("revision"), most=10**9)
    if errors or geometry is None:
        raise Refused(errors)
    return Walk(
        item=UUID(item),
        device=UUID(device) if device else None,
        revision=revision,
        content=content,
        geometry=geometry,
    )


def _polygon(value: Any) -> Polygon:
    if not isinstance(value, dict) or value.get("type") != "Polygon":
        raise read.Unreadable("invalid", _("The boundary is not a closed outline."))
    try:
        shape = GEOSGeometry(json.dumps(value, default=_plain), srid=4326)
    except (ValueError, TypeError, KeyError, GEOSException, GDALException) as error:
        raise read.Unreadable(
            "invalid", _("The outline of the boundary cannot be read.")
        ) from error
    if not isinstance(shape, Polygon):
        raise read.Unreadable("invalid", _("The boundary is not a closed outline."))
    return shape


def _plain(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError


def settle_walk(payload: InboxPayload, document: Document, authority: User | None) -> Judgement:
    """Write what a walked boundary changes. Raises Refused, Quarantine and Held."""
    incoming = understand(document)
    items.note_claims(payload, item=incoming.item, content=incoming.content, claims=incoming)
    gate.lock(incoming.item)
    known = items.seen_before(payload)
    if known is not None:
        return known
    named = current_id(UUID(incoming.content["rancher"]))
    by = gate.judged_by(payload, authority, rancher_id=named)
    gate.check_rancher(by, named)
    plot_id = UUID(incoming.content["plot"])
    gate.lock(plot_id)
    plot = Plot.objects.select_for_update(of=("self",)).filter(pk=plot_id).first()
    if plot is not None and plot.rancher_id != named:
        message = _("The plot is not one of this rancher's.")
        raise Refused([Reason("plot", "plot_not_of_rancher", message)])
    day = date.fromisoformat(incoming.content["walked_on"])
    check = check_boundary(geometry=incoming.geometry, plot=plot, on=day)
    _ask_about_repair(check, incoming)
    outcome = Outcome.UPDATED if plot else Outcome.CREATED
    replaced = on_day(PlotBoundary.objects.filter(plot=plot_id), day)
    try:
        plot = _write(incoming, plot, named, day, by=payload.sender or by)
    except ValidationError as error:
        raise Refused(_reasons(error)) from error
    _flag(payload, plot, check, replaced, day)
    version = items.keep_version(payload, item=incoming.item, content=incoming.content)
    return Judgement(outcome, version, arrived=(plot_id,))


def _ask_about_repair(check: BoundaryCheck, incoming: Walk) -> None:
    if check.problems:
        raise Refused([Reason("geometry", one.code, one.message) for one in check.problems])
    if check.repaired and ACCEPT_REPAIRED not in incoming.content["confirmed"]:
        message = _("The line crosses itself. Accept the repaired shape or redraw it.")
        raise Refused([Reason("geometry", NEEDS_CONFIRMATION, message, confirm=ACCEPT_REPAIRED)])


def _write(incoming: Walk, plot: Plot | None, rancher_id: UUID, day: date, *, by: User) -> Plot:
    if plot is not None:
        set_boundary(
            plot=plot,
            geometry=incoming.geometry,
            since=day,
            by=by,
            source="gps",
            accept_repaired=True,
        )
        return plot
    rancher = Rancher.objects.select_related("district").get(pk=rancher_id)
    return open_plot(
        rancher=rancher,
        name=_free_name(rancher, incoming.content["plot_name"]),
        by=by,
        geometry=incoming.geometry,
        since=day,
        source="gps",
        accept_repaired=True,
        plot_id=UUID(incoming.content["plot"]),
    )


def _free_name(rancher: Rancher, wanted: str) -> str:
    """The name, with a number when the rancher has a plot of that name already: two phones that both
    walked a first plot must not wait for each other."""
    name = tidy_text(wanted) or _("Plot")
    Rancher.objects.select_for_update().get(pk=rancher.pk)
    taken = set(Plot.objects.filter(rancher=rancher).values_list("name", flat=True))
    numbered = (f"{name} ({number})" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbered) if one not in taken)


def _reasons(error: ValidationError) -> list[Reason]:
    fields = {"since": "walked_on", "name": "plot_name"}
    if not hasattr(error, "error_dict"):
        return [Reason("geometry", "invalid", text) for text in error.messages]
    return [
        Reason(fields.get(field, field), "invalid", texts[0])
        for field, texts in error.message_dict.items()
    ]


def _flag(
    payload: InboxPayload,
    plot: Plot,
    check: BoundaryCheck,
    replaced: PlotBoundary | None,
    day: date,
) -> None:
    """What a coordinator should look at: land of two plots, two walks of one day."""
    notes: dict[str, dict[str, Any]] = {}
    if check.overlaps:
        names = ", ".join(f"{one.plot.name} ({one.area_ha} ha)" for one in check.overlaps[:5])
        notes["boundary_overlap"] = {"message": names}
    if replaced is not None and replaced.period.lower == day and replaced.source == "gps":
        notes["boundary_replaced"] = {"message": f"{plot.name}: {replaced.area_ha} ha"}
    DataFlag.objects.bulk_create(
        DataFlag(code=code, rancher_id=plot.rancher_id, payload=payload, detail=detail)
        for code, detail in notes.items()
    )
