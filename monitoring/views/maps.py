"""The map of plots, its tiles, and the way from a shape on it to the plot's page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from monitoring import plot_map, tiles
from monitoring.forms import MapForm
from practices.models import Practice
from ranchers.access import EVERYONE, STAFF, UserRequest, plots_for, role_required, sees_names
from ranchers.maps import ground
from ranchers.models import Cohort, Role


@require_safe
@role_required(*STAFF)
def page(request: UserRequest) -> HttpResponse:
    """The map of plots, and the same as tables."""
    context = map_context(request)
    form = context["form"]
    if sees_names(request.user):
        context["table"], context["has_more"] = plot_map.table(
            request.user,
            practice=context["practice"],
            cohorts=context["cohorts"],
            district=form.chosen("distrito"),
            cohort=form.chosen("cohorte"),
        )
    context["totals"] = plot_map.totals(request.user)
    context["clear_url"] = request.path if request.GET else ""
    return render(request, "monitoring/map/page.html", context)


def map_context(request: UserRequest) -> dict[str, Any]:
    """What templates/monitoring/map/box.html draws: legend, choices and the script's data."""
    has_values = sees_names(request.user)
    given = request.GET.copy()
    given.setdefault("valor", "cohorte")
    form = MapForm(given, has_values=has_values)
    cohorts = list(Cohort.objects.all())
    practice = form.chosen("practica") or Practice.objects.filter(is_active=True).first()
    values = {one.code: one for one in plot_map.values(cohorts=cohorts, practice=practice)}
    value = values[form.chosen("valor") or "cohorte"] if has_values else None
    district, cohort = form.chosen("distrito"), form.chosen("cohorte")
    address = reverse("monitoring:tile", args=["predios", 0, 0, 0]).replace("0/0/0", "{z}/{x}/{y}")
    if value and value.code == "etapa" and practice:
        address += f"?practica={practice.code}"
    if has_values and not (value and value.code == "etapa"):
        del form.fields["practica"]
    return {
        "form": form,
        "value": value,
        "practice": practice,
        "cohorts": cohorts,
        "map": {
            **ground(),
            "plots": address,
            "opens": reverse("monitoring:plot_by_number", args=[0]) if has_values else "",
            "value": value.for_script() if value else None,
            "cohort": cohort.pk if cohort else None,
            "district": district.pk if district else "",
            "bounds": list(district.boundary.extent)
            if district and district.boundary
            else tiles.bounds_of_plots(request.user),
            "values": [{**one.for_script(), "title": str(one.title)} for one in values.values()]
            if has_values
            else [],
        },
    }


@require_safe
@role_required(*EVERYONE)
def tile(request: UserRequest, layer: str, z: str, x: str, y: str) -> HttpResponse:
    """One vector tile; 304 when it did not change since the reader's ETag."""
    if layer not in tiles.LAYERS:
        raise Http404(layer)
    try:
        place = tiles.Tile.parse(z, x, y)
    except tiles.InvalidTile as wrong:
        return HttpResponseBadRequest(str(wrong), content_type="text/plain")
    code = request.GET.get("practica", "")
    practice = get_object_or_404(Practice, code=code) if code else None
    word = tiles.etag(request.user, practice=practice)
    unchanged = get_conditional_response(request, etag=f'"{word}"')
    if unchanged is not None and unchanged.status_code == 304:
        answer = unchanged
    else:
        content = tiles.tile_for(
            request.user, layer=layer, tile=place, practice=practice, word=word
        )
        answer = HttpResponse(content, content_type=tiles.CONTENT_TYPE)
    answer["ETag"] = f'"{word}"'
    patch_cache_control(answer, private=True, no_cache=True)
    patch_vary_headers(answer, ["Cookie"])
    return answer


@require_safe
@role_required(Role.COORDINATOR, Role.TECHNICIAN, Role.RANCHER)
def plot_by_number(request: UserRequest, number: int) -> HttpResponse:
    """From a shape's short name in a tile to the plot's page."""
    if not sees_names(request.user):
        raise Http404
    plot = get_object_or_404(plots_for(request.user), drawn__number=number)
    return redirect("ranchers:plot", pk=plot.pk)
