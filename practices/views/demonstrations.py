"""Demonstration farms: the list, a new one, the end of one."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from practices import demonstrations
from practices.forms import DemonstrationForm
from ranchers.access import has_role, plots_for, role_required
from ranchers.models import Role


@require_GET
@role_required(Role.COORDINATOR, Role.TECHNICIAN)
def farm_list(request: HttpRequest) -> HttpResponse:
    context = {
        "farms": demonstrations.visible_to(request.user),
        "may_edit": has_role(request.user, Role.COORDINATOR),
        "may_announce": True,
    }
    return render(request, "practices/demonstrations.html", context)


@require_GET
@role_required(Role.COORDINATOR)
def farm_search(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    plots = demonstrations.candidates(request.user, search)
    context = {"search": search, "plots": plots}
    return render(request, "practices/demonstration_search.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.COORDINATOR)
def farm_new(request: HttpRequest, plot_id: UUID) -> HttpResponse:
    plots = plots_for(request.user).select_related("rancher", "district")
    plot = get_object_or_404(plots, pk=plot_id)
    form = DemonstrationForm(request.POST or None, plot=plot, initial={"since": localdate()})
    if request.method == "POST" and form.is_valid() and form.begin():
        messages.success(request, _("%(plot)s is now a demonstration farm.") % {"plot": plot.name})
        return redirect("practices:demonstrations")
    status = 422 if form.errors else 200
    context = {"form": form, "plot": plot}
    return render(request, "practices/demonstration_form.html", context, status=status)


@require_POST
@role_required(Role.COORDINATOR)
def farm_end(request: HttpRequest, pk: int) -> HttpResponse:
    farm = get_object_or_404(demonstrations.visible_to(request.user), pk=pk)
    try:
        demonstrations.end(farm)
    except demonstrations.AlreadyEnded:
        messages.info(request, _("This farm no longer served."))
    else:
        text = _("Today is the last day of %(plot)s as a demonstration farm.")
        messages.success(request, text % {"plot": farm.plot.name})
    return redirect("practices:demonstrations")
