"""The technician's page: whom to visit, what is due."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from monitoring.models import NextStep
from monitoring.visits import NotDone, route_counts, route_of, set_step_done, with_steps
from ranchers.access import UserRequest, role_required, rows_for
from ranchers.models import Role


@role_required(Role.TECHNICIAN)
@require_safe
def my_route(request: UserRequest) -> HttpResponse:
    """`/mi-ruta/`: my ranchers, the longest without a visit first."""
    text = request.GET.get("q", "")[:100].replace("\x00", "")
    only = request.GET.get("ver", "due")
    only = only if only in ("due", "never", "all") else "due"
    ranchers = route_of(viewer=request.user, text=text, only="" if text else only)
    page = Paginator(ranchers, 20).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": with_steps(list(page.object_list)),
        "text": text,
        "only": "" if text else only,
        "counts": route_counts(viewer=request.user),
    }
    return render(request, "monitoring/route/my_route.html", context)


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
@require_POST
def step_done(request: UserRequest, step_id: UUID) -> HttpResponse:
    """Mark a next step done today (or, with `undo`, not done)."""
    steps = rows_for(request.user, NextStep.objects.select_related("visit"), path="visit__rancher")
    step = get_object_or_404(steps, pk=step_id, visit__deleted_at=None)
    done_on = None if "undo" in request.POST else localdate()
    try:
        set_step_done(step=step, done_on=done_on, sender=request.user)
        text = _("Done: %(step)s") if done_on else _("Open again: %(step)s")
        messages.success(request, text % {"step": step.text})
    except NotDone as error:
        messages.error(request, str(error))
    if request.POST.get("back") == "visit":
        return redirect("monitoring:visit", step.visit_id)
    return redirect("monitoring:my_route")
