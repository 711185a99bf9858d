"""Pages of visits: list, form, receipt, record."""

import json
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring import sync, visit_sheet
from monitoring.forms import VisitFilter
from monitoring.models import Channel, InboxPayload, Visit
from monitoring.views.visit_photos import store_sent
from monitoring.visit_trail import measurement_label, trail
from monitoring.visits import NotDone, find_visits, route_of, set_deleted, visits_for
from ranchers.access import UserRequest, can_edit_visit, can_log_visits, ranchers_for, role_required
from ranchers.long_lists import LongList
from ranchers.models import Rancher, Role

WRITERS = (Role.COORDINATOR, Role.TECHNICIAN)


@role_required(*WRITERS)
@require_safe
def visit_list(request: UserRequest) -> HttpResponse:
    """`/visitas/`: who was visited when, newest first."""
    form = VisitFilter(request.GET, viewer=request.user)
    found = find_visits(viewer=request.user, **form.criteria())
    page = LongList(found, 25).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "is_narrowed": form.is_narrowed()}
    return render(request, "monitoring/visits/list.html", context)


@role_required(*WRITERS)
@require_safe
def choose_rancher(request: UserRequest) -> HttpResponse:
    """`/visitas/nueva/`: whose farm is it?"""
    text = request.GET.get("q", "")[:100].replace("\x00", "")
    page = Paginator(route_of(viewer=request.user, text=text), 25)
    context = {"page": page.get_page(request.GET.get("page")), "text": text}
    return render(request, "monitoring/visits/choose.html", context)


@role_required(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_visit(request: UserRequest, rancher_id: UUID) -> HttpResponse:
    """`/visitas/nueva/<rancher>/`: the form, and what was sent of it."""
    ranchers = ranchers_for(request.user).select_related("district")
    rancher = get_object_or_404(ranchers, pk=rancher_id)
    if request.method == "POST":
        return _take(request, rancher, visit=None)
    return _form(request, rancher, visit_sheet.sheet(rancher=rancher, answers=visit_sheet.blank()))


@role_required(*WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_visit(request: UserRequest, visit_id: UUID) -> HttpResponse:
    """`/visitas/<id>/editar/`: the same form with what was recorded."""
    visit = get_object_or_404(visits_for(request.user), pk=visit_id, deleted_at=None)
    if not _may_edit(request, visit):
        messages.error(
            request, _("Only the technician who made a visit, or a coordinator, edits it.")
        )
        return redirect("monitoring:visit", visit_id)
    if request.method == "POST":
        return _take(request, visit.rancher, visit=visit)
    answers = visit_sheet.answers_of(visit)
    sheet = visit_sheet.sheet(rancher=visit.rancher, answers=answers)
    return _form(request, visit.rancher, sheet, visit=visit)


def _take(request: UserRequest, rancher: Rancher, *, visit: Visit | None) -> HttpResponse:
    answers = visit_sheet.payload_from(request.POST, rancher_id=rancher.pk)
    if visit is not None:
        answers["id"] = str(visit.pk)
    raw = json.dumps(answers).encode()
    try:
        receipt = sync.receive(raw=raw, sender=request.user, channel=Channel.PAGE)
    except sync.PayloadTooLarge:
        return HttpResponse(_("The visit is too large."), status=413)
    if receipt.outcome == "rejected":
        sheet = visit_sheet.sheet(rancher=rancher, answers=answers, reasons=receipt.reasons)
        return _form(request, rancher, sheet, visit=visit, status=422)
    if receipt.visit_id:
        store_sent(request, receipt.visit_id)
    return redirect("monitoring:visit_receipt", receipt.number)


def _form(
    request: UserRequest,
    rancher: Rancher,
    sheet: visit_sheet.Sheet,
    *,
    visit: Visit | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"sheet": sheet, "rancher": rancher, "visit": visit, "sent_photos": request.FILES}
    return render(request, "monitoring/visits/form.html", context, status=status)


@role_required(*WRITERS)
@require_safe
def receipt(request: UserRequest, number: int) -> HttpResponse:
    """`/visitas/recibo/<number>/`: it arrived, and what happens next."""
    payload = get_object_or_404(InboxPayload, pk=number, sender=request.user)
    visit_id = payload.visit_uuid
    visit = visits_for(request.user).filter(pk=visit_id).first() if visit_id else None
    return render(request, "monitoring/visits/receipt.html", {"payload": payload, "visit": visit})


@role_required(*WRITERS)
@require_safe
def visit_detail(request: UserRequest, visit_id: UUID) -> HttpResponse:
    """`/visitas/<id>/`: everything recorded, and every version of it."""
    visit = get_object_or_404(visits_for(request.user), pk=visit_id)
    figures = [(measurement_label(name), value) for name, value in visit_sheet.figures_of(visit)]
    context = {
        "visit": visit,
        "figures": figures,
        "observations": visit.observations.select_related("practice"),
        "steps": visit.next_steps.select_related("practice"),
        "photos": visit.photos.order_by("received_at"),
        "trail": trail(visit),
        "conflicts": visit.conflicts.filter(settled_at=None),
        "may_edit": _may_edit(request, visit),
        "may_add": can_log_visits(request.user, visit.rancher),
    }
    return render(request, "monitoring/visits/detail.html", context)


@role_required(*WRITERS)
@require_POST
def delete_visit(request: UserRequest, visit_id: UUID) -> HttpResponse:
    return _set_deleted(request, visit_id, deleted=True, done=_("The visit was deleted."))


@role_required(*WRITERS)
@require_POST
def restore_visit(request: UserRequest, visit_id: UUID) -> HttpResponse:
    return _set_deleted(request, visit_id, deleted=False, done=_("The visit is back."))


def _set_deleted(request: UserRequest, visit_id: UUID, *, deleted: bool, done: str) -> HttpResponse:
    visit = get_object_or_404(visits_for(request.user), pk=visit_id)
    try:
        set_deleted(visit=visit, deleted=deleted, sender=request.user)
        messages.success(request, done)
    except NotDone as error:
        messages.error(request, str(error))
    return redirect("monitoring:visit", visit_id)


def _may_edit(request: UserRequest, visit: Visit) -> bool:
    return can_edit_visit(request.user, rancher=visit.rancher, technician_id=visit.technician_id)
