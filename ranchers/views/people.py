"""Pages about people: list, record, registration, consent and enrolment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ranchers.access import UserRequest, plots_for, ranchers_for, role_required
from ranchers.consents import give_consent, withdraw_consent
from ranchers.enrolments import change_status, enrol
from ranchers.forms.people import ConsentForm, EnrolForm, RancherFilter, RancherForm, StatusForm
from ranchers.long_lists import LongList
from ranchers.maps import boundaries_on, ground, plot_features
from ranchers.models import ConsentScope, Enrolment, Role
from ranchers.registration import register_rancher, update_rancher
from ranchers.search import filter_ranchers, with_status

PAGE = 50


@require_GET
@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def rancher_list(request: UserRequest) -> HttpResponse:
    today = localdate()
    form = RancherFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}

    def pages(*, nearly: bool) -> LongList:
        found = filter_ranchers(
            ranchers_for(request.user),
            on=today,
            text=given.get("q", ""),
            district=given.get("district"),
            cohort=given.get("cohort"),
            status=given.get("status", ""),
            technician=given.get("technician"),
            nearly=nearly,
        )
        return LongList(with_status(found, on=today), PAGE)

    # Who is only nearly called so is looked for where those who are do not fill a page.
    listed = pages(nearly=False)
    if given.get("q") and listed.count <= PAGE:
        listed = pages(nearly=True)
    page = listed.get_page(request.GET.get("page"))
    return render(
        request,
        "ranchers/list.html",
        {
            "page": page,
            "form": form,
            "is_filtered": any(given.values()),
            "clear_url": reverse("ranchers:list") if any(given.values()) else "",
        },
    )


@require_GET
@role_required(Role.COORDINATOR, Role.TECHNICIAN, Role.RANCHER)
def rancher_page(request: UserRequest, pk: UUID) -> HttpResponse:
    today = localdate()
    rancher = get_object_or_404(
        ranchers_for(request.user).select_related("district", "technician"), pk=pk
    )
    plots = plots_for(request.user).filter(rancher=rancher)
    boundaries = {b.plot_id: b for b in boundaries_on(plots, day=today)}
    consents = list(rancher.consents.select_related("recorded_by").order_by("scope", "-period"))
    in_force = {
        c.scope
        for c in consents
        if c.period.lower <= today and (c.period.upper is None or today < c.period.upper)
    }
    return render(
        request,
        "ranchers/page.html",
        {
            "rancher": rancher,
            "crumbs": _crumbs(request, rancher),
            "may_edit": _may_edit(request),
            "aliases": rancher.aliases.select_related("made_by").order_by("made_at")
            if _may_edit(request)
            else (),
            "scopes": [(value, label, value in in_force) for value, label in ConsentScope.choices],
            "consents": consents,
            "enrolments": rancher.enrolments.select_related("cohort").prefetch_related("statuses"),
            "plots": [(plot, boundaries.get(plot.pk)) for plot in plots],
            "has_map": bool(boundaries),
            "map": {**ground(), "plots": plot_features(plots, viewer=request.user, day=today)},
        },
    )


@require_GET
@role_required(Role.COORDINATOR, Role.TECHNICIAN, Role.RANCHER)
def photo(request: UserRequest, pk: UUID) -> FileResponse:
    rancher = get_object_or_404(ranchers_for(request.user), pk=pk)
    if not rancher.photo.name or not rancher.photo.storage.exists(rancher.photo.name):
        raise Http404
    response = FileResponse(rancher.photo.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "private, max-age=3600"
    return response


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def register(request: UserRequest) -> HttpResponse:
    form = RancherForm(request.POST or None, request.FILES or None, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        details = form.details()
        if request.user.role == Role.TECHNICIAN:
            details["technician"] = request.user
        try:
            rancher = register_rancher(by=request.user, **details)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Registered. Now record the consent and the plot."))
            return redirect("ranchers:page", pk=rancher.pk)
    return _form_page(
        request,
        form,
        title=_("Register a rancher"),
        crumbs=[
            {"label": _("Ranchers"), "url": reverse("ranchers:list")},
            {"label": _("Register a rancher")},
        ],
        cancel_url=reverse("ranchers:list"),
    )


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def edit(request: UserRequest, pk: UUID) -> HttpResponse:
    rancher = get_object_or_404(ranchers_for(request.user), pk=pk)
    names = [n for n in RancherForm.base_fields if n != "photo"]
    initial = {name: getattr(rancher, name) for name in names}
    initial["district"] = rancher.district_id
    form = RancherForm(
        request.POST or None, request.FILES or None, viewer=request.user, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = update_rancher(rancher=rancher, by=request.user, **form.details())
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Saved.") if changed else _("Nothing had changed."))
            return redirect("ranchers:page", pk=rancher.pk)
    return _rancher_form(request, rancher, form, title=_("Edit the record"))


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def consent(request: UserRequest, pk: UUID) -> HttpResponse:
    rancher = get_object_or_404(ranchers_for(request.user), pk=pk)
    form = ConsentForm(request.POST or None, initial={"scope": request.GET.get("scope")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["action"] == "give":
                give_consent(
                    rancher=rancher,
                    scope=given["scope"],
                    since=given["since"],
                    how=given["how"],
                    by=request.user,
                )
            else:
                withdraw_consent(
                    rancher=rancher, scope=given["scope"], since=given["since"], by=request.user
                )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("The consent was recorded."))
            return redirect("ranchers:page", pk=rancher.pk)
    return _rancher_form(
        request,
        rancher,
        form,
        title=_("Give or withdraw consent"),
        lead=_("The person decides, for each use apart, and may withdraw at any time (Law 29733)."),
    )


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def enrol_in_cohort(request: UserRequest, pk: UUID) -> HttpResponse:
    rancher = get_object_or_404(ranchers_for(request.user), pk=pk)
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            enrol(rancher=rancher, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, _("Enrolled."))
            return redirect("ranchers:page", pk=rancher.pk)
    return _rancher_form(request, rancher, form, title=_("Enrol in a cohort"))


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def status(request: UserRequest, pk: int) -> HttpResponse:
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("rancher", "cohort"),
        pk=pk,
        rancher__in=ranchers_for(request.user),
    )
    form = StatusForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_status(enrolment=enrolment, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(
                request, _("The status was changed.") if changed else _("Nothing had changed.")
            )
            return redirect("ranchers:page", pk=enrolment.rancher_id)
    return _rancher_form(
        request, enrolment.rancher, form, title=_("Change the status"), lead=enrolment.cohort.name
    )


def _may_edit(request):
    return request.user.role in (Role.COORDINATOR, Role.TECHNICIAN)


def _crumbs(request, rancher, *more):
    first = (
        [{"label": _("Ranchers"), "url": reverse("ranchers:list")}] if _may_edit(request) else []
    )
    url = reverse("ranchers:page", args=[rancher.pk]) if more else ""
    return [*first, {"label": rancher.full_name, "url": url}, *({"label": m} for m in more)]


def _rancher_form(request, rancher, form, *, title, lead=""):
    return _form_page(
        request,
        form,
        title=title,
        lead=lead,
        crumbs=_crumbs(request, rancher, title),
        cancel_url=reverse("ranchers:page", args=[rancher.pk]),
    )


def _form_page(request, form, **context):
    status_code = 422 if form.errors else 200
    return render(request, "ranchers/form.html", {"form": form, **context}, status=status_code)
