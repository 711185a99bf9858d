"""Pages about land: a plot, its outline over time and its use over time."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ranchers.access import UserRequest, plots_for, ranchers_for, role_required
from ranchers.boundaries import check_boundary, set_boundary
from ranchers.forms.plots import CloseForm, LandUseForm, NewPlotForm, OutlineFields, PlotForm
from ranchers.land_use import land_use_on, set_land_use
from ranchers.land_use_table import land_use_history
from ranchers.maps import feature, ground, plot_features
from ranchers.models import Plot, PlotBoundary, Rancher, Role
from ranchers.outline import outline_of_form
from ranchers.outline_history import outline_history
from ranchers.plot_sections import sections_of
from ranchers.plots import close_plot, describe_plot, open_plot


@require_GET
@role_required(Role.COORDINATOR, Role.TECHNICIAN, Role.RANCHER)
def plot_page(request: UserRequest, pk: UUID) -> HttpResponse:
    today = localdate()
    plot = _plot(request, pk)
    boundaries = list(plot.boundaries.select_related("recorded_by").order_by("-period"))
    current = next((b for b in boundaries if b.period.upper is None), None)
    shown = [feature(current.boundary, label=plot.name)] if current else []
    earlier = [
        feature(b.boundary, label=_("until %(day)s") % {"day": b.period.upper.isoformat()})
        for b in boundaries
        if b is not current
    ]
    return render(
        request,
        "ranchers/plot.html",
        {
            "plot": plot,
            "crumbs": _crumbs(request, plot.rancher, plot),
            "may_edit": request.user.role != Role.RANCHER,
            "current": current,
            "versions": outline_history(boundaries),
            "sections": sections_of(plot=plot, boundaries=boundaries, viewer=request.user),
            "land_use": land_use_history(plot=plot, today=today),
            "map": {
                **ground(),
                "plots": {"type": "FeatureCollection", "features": shown},
                "earlier": {"type": "FeatureCollection", "features": earlier},
                **_neighbours(request, plot, current),
            },
        },
    )


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def new_plot(request: UserRequest, rancher_pk: UUID) -> HttpResponse:
    rancher = get_object_or_404(ranchers_for(request.user), pk=rancher_pk)
    form = NewPlotForm(request.POST or None, request.FILES or None)
    check = None
    if request.method == "POST" and form.is_valid():
        check = _checked_outline(form, plot=None)
        if check and _is_confirmed(request, check, before=None):
            given = form.cleaned_data
            try:
                plot = open_plot(
                    rancher=rancher,
                    name=given["name"],
                    tenure=given["tenure"],
                    district=given["district"],
                    external_ref=given["external_ref"],
                    geometry=check.boundary,
                    since=given["since"],
                    by=request.user,
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("The plot was saved."))
                return redirect("ranchers:plot", pk=plot.pk)
    crumbs = [*_crumbs(request, rancher), {"label": _("New plot")}]
    crumbs[-2]["url"] = reverse("ranchers:page", args=[rancher.pk])
    return _outline_page(request, form, rancher, check, title=_("New plot"), crumbs=crumbs)


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def new_boundary(request: UserRequest, pk: UUID) -> HttpResponse:
    plot = _plot(request, pk)
    current = plot.boundaries.filter(period__endswith=None).first()
    initial = {"outline": current.boundary.geojson} if current else {}
    form = OutlineFields(request.POST or None, request.FILES or None, initial=initial)
    check = None
    if request.method == "POST" and form.is_valid():
        check = _checked_outline(form, plot=plot)
        if check and _is_confirmed(request, check, before=current):
            try:
                set_boundary(
                    plot=plot,
                    geometry=check.boundary,
                    since=form.cleaned_data["since"],
                    by=request.user,
                )
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                messages.success(request, _("The new outline was saved; the earlier one is kept."))
                return redirect("ranchers:plot", pk=plot.pk)
    return _outline_page(
        request,
        form,
        plot.rancher,
        check,
        plot=plot,
        before=current,
        title=_("New outline"),
        crumbs=_crumbs(request, plot.rancher, plot, _("New outline")),
    )


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def edit_plot(request: UserRequest, pk: UUID) -> HttpResponse:
    plot = _plot(request, pk)
    initial = {name: getattr(plot, name) for name in ("name", "tenure", "district", "external_ref")}
    form = PlotForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        given["district"] = given["district"] or plot.district
        try:
            describe_plot(plot=plot, **given)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Saved."))
            return redirect("ranchers:plot", pk=plot.pk)
    return _form_page(request, form, plot, title=_("Edit the plot"))


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def edit_land_use(request: UserRequest, pk: UUID) -> HttpResponse:
    plot = _plot(request, pk)
    form = LandUseForm(request.POST or None, initial=land_use_on(plot=plot, day=localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            set_land_use(
                plot=plot,
                areas_ha=form.areas_ha(),
                since=form.cleaned_data["since"],
                by=request.user,
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The land use was saved."))
            return redirect("ranchers:plot", pk=plot.pk)
    return _form_page(
        request,
        form,
        plot,
        title=_("Land use"),
        lead=_("The whole table as it is since one day; what is left empty is not on the plot."),
    )


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def close(request: UserRequest, pk: UUID) -> HttpResponse:
    plot = _plot(request, pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            close_plot(plot=plot, on=form.cleaned_data["closed_on"])
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The plot is closed; its history is kept."))
            return redirect("ranchers:plot", pk=plot.pk)
    return _form_page(request, form, plot, title=_("Close the plot"))


@require_GET
@role_required(Role.COORDINATOR, Role.TECHNICIAN, Role.MINISTRY)
def moved_map(request: UserRequest) -> HttpResponse:
    """The map's old address, kept for people's bookmarks."""
    return redirect("monitoring:map", permanent=True)


def _plot(request: UserRequest, pk: UUID) -> Plot:
    """A plot of a rancher whose record the viewer may see, or 404."""
    plots = Plot.objects.filter(rancher__in=ranchers_for(request.user))
    return get_object_or_404(plots.select_related("rancher", "district"), pk=pk)


def _neighbours(request, plot, current):
    """The plots around, for staff who know their way by them."""
    if current is None or request.user.role == Role.RANCHER:
        return {}
    window = Polygon.from_bbox(current.boundary.buffer(0.03).extent)
    window.srid = 4326
    others = plots_for(request.user).exclude(pk=plot.pk)
    return {"others": plot_features(others, viewer=request.user, day=localdate(), window=window)}


def _checked_outline(form, *, plot):
    """The check of the outline sent, or None when it cannot be read; problems go to the form."""
    try:
        shape = outline_of_form(form.cleaned_data["outline"], form.cleaned_data["file"])
    except ValidationError as unreadable:
        form.add_error("outline", unreadable)
        return None
    check = check_boundary(geometry=shape, plot=plot, on=form.cleaned_data["since"])
    for problem in check.problems:
        form.add_error("outline", problem.message)
    return check


def _is_confirmed(request, check, *, before):
    """A shape that was repaired, overlaps or replaces another is saved once it was looked at."""
    if not check.acceptable:
        return False
    if not (check.repaired or check.overlaps or before):
        return True
    # What was looked at is what is saved: the confirmation carries the shape shown.
    return request.POST.get("confirmed") == str(check.area_ha)


def _outline_page(request, form, rancher: Rancher, check, *, plot=None, before=None, **context):
    others = plots_for(request.user)
    if plot:
        others = others.exclude(pk=plot.pk)
    visible = set(
        others.filter(pk__in=[o.plot.pk for o in check.overlaps]).values_list("pk", flat=True)
        if check
        else []
    )
    shown = {**ground(), "draw": True, "aim": _where_to_look(rancher)}
    if before:
        shown["earlier"] = {
            "type": "FeatureCollection",
            "features": [feature(before.boundary, label=_("Outline until now"))],
        }
    if rancher.district.boundary:
        window = Polygon.from_bbox(rancher.district.boundary.extent)
        window.srid = 4326
        shown["others"] = plot_features(others, viewer=request.user, day=localdate(), window=window)
    return render(
        request,
        "ranchers/outline.html",
        {
            "form": form,
            "check": check if check and check.acceptable and not form.errors else None,
            "overlaps": [(o, o.plot.pk in visible) for o in check.overlaps] if check else [],
            "checked_geojson": check.boundary.geojson if check and check.acceptable else "",
            "before": before,
            "map": shown,
            "cancel_url": reverse("ranchers:plot", args=[plot.pk])
            if plot
            else reverse("ranchers:page", args=[rancher.pk]),
            **context,
        },
        status=422 if form.errors else 200,
    )


def _where_to_look(rancher: Rancher) -> list[float] | None:
    """Latitude and longitude to start drawing at: the rancher's land, else the district's town."""
    known = PlotBoundary.objects.filter(plot__rancher=rancher, period__endswith=None).first()
    point = known.boundary.point_on_surface if known else rancher.district.capital_point
    return [point.y, point.x] if point else None


def _crumbs(request, rancher, plot=None, last=None):
    crumbs = []
    if request.user.role != Role.RANCHER:
        crumbs.append({"label": _("Ranchers"), "url": reverse("ranchers:list")})
    crumbs.append({"label": rancher.full_name, "url": reverse("ranchers:page", args=[rancher.pk])})
    if plot:
        url = reverse("ranchers:plot", args=[plot.pk]) if last else ""
        crumbs.append({"label": plot.name, "url": url})
    if last:
        crumbs.append({"label": last})
    return crumbs


def _form_page(request, form, plot, *, title, lead=""):
    return render(
        request,
        "ranchers/form.html",
        {
            "form": form,
            "title": title,
            "lead": lead,
            "crumbs": _crumbs(request, plot.rancher, plot, title),
            "cancel_url": reverse("ranchers:plot", args=[plot.pk]),
        },
        status=422 if form.errors else 200,
    )
