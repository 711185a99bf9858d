"""The rancher's progress page, and the same page as the rancher's technician sees it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import conditional_page, require_safe

from monitoring.own_forest import draw_forest, forest_of
from monitoring.progress import progress_of
from monitoring.progress_charts import draw
from ranchers.access import ranchers_for, role_required
from ranchers.models import Rancher, Role


def _page(request: HttpRequest, rancher: Rancher, *, own: bool) -> HttpResponse:
    progress = progress_of(rancher)
    part = "live" in request.GET
    template = "monitoring/progress_content.html" if part else "monitoring/progress.html"
    context = {
        "progress": progress,
        "figures": draw(progress),
        "forest": draw_forest(forest_of(rancher.pk)),
        "own": own,
    }
    return render(request, template, context)


@role_required(Role.RANCHER)
@require_safe
@conditional_page
def my_progress(request: HttpRequest) -> HttpResponse:
    """`/avance/`: my farm. `?live` gives only the content, with an ETag, for static/js/live.js."""
    mine = ranchers_for(request.user).select_related("technician", "district")
    return _page(request, get_object_or_404(mine), own=True)


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
@require_safe
@conditional_page
def rancher_progress(request: HttpRequest, rancher_id: UUID) -> HttpResponse:
    """`/avance/<id>/`: what this rancher sees, to look at together during a visit."""
    visible = ranchers_for(request.user).select_related("technician", "district")
    return _page(request, get_object_or_404(visible, pk=rancher_id), own=False)
