"""The map of plots, its tiles, and the way from a shape on it to the plot's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from monitoring import plot_map, tiles
from monitoring.forms import MapForm
from monitoring.tile_choices import UnknownChoice, choice_of
from practices.models import Practice
from ranchers.access import (
    EVERYONE,
    STAFF,
    UserRequest,
    Viewer,
    plots_for,
    role_required,
    sees_names,
)
from ranchers.maps import ground
from ranchers.models import Cohort, District, Role


@require_safe
@role_required(*STAFF)
def page(request: UserRequest) -> HttpResponse:
    """The map of plots, and the same as tables."""
    has_values = sees_names(request.user)
    given = request.GET.copy()
    given.setdefault("valor", "cohorte")
    form = MapForm(given, has_values=has_values)
    words = form.words()
    cohorts = list(Cohort.objects.all())
    context = map_context(
        request.user,
        words,
        value=form.chosen("valor"),
        cohorts=cohorts,
        practices=list(Practice.objects.filter(is_active=True)),
    )
    if has_values:
        if context["value"].code != "etapa":
            del form.fields["practica"]
        context["table"], context["has_more"] = plot_map.table(
            request.user, context["choice"], cohorts=cohorts
        )
    context["form"] = form
    context["totals"] = plot_map.totals(request.user, context["choice"])
    context["clear_url"] = request.path if request.GET else ""
    return render(request, "monitoring/map/page.html", context)


def map_context(
    viewer: Viewer,
    words: Mapping[str, str],
    *,
    value: str | None,
    cohorts: Sequence[Cohort],
    practices: Sequence[Practice],
) -> dict[str, Any]:
    """What templates/monitoring/map/box.html draws: legend, choices and the script's data.

    `words` are the choices as tile_choices reads them, `value` what the plots are coloured by;
    `cohorts` and `practices` are those there are.
    """
    has_values = sees_names(viewer)
    first = practices[0] if practices else None
    practice = next((one for one in practices if one.code == words["practica"]), first)
    words = {**words, "practica": practice.code if practice and value == "etapa" else ""}
    choice = choice_of(viewer, words)
    found = plot_map.values(cohorts=cohorts, practice=practice) if has_values else []
    values = {one.code: one for one in found}
    shown = values[value or "cohorte"] if has_values else None
    district = District.objects.get(pk=choice.district) if choice.district else None
    address = reverse("monitoring:tile", args=["predios", 0, 0, 0]).replace("0/0/0", "{z}/{x}/{y}")
    if chosen := {name: word for name, word in words.items() if word}:
        address = f"{address}?{urlencode(chosen)}"
    page_words = {**words, "valor": value} if value and has_values else words
    query = urlencode({name: word for name, word in page_words.items() if word})
    return {
        "map_url": f"{reverse('monitoring:map')}{'?' if query else ''}{query}#tabla",
        "value": shown,
        "choice": choice,
        "map": {
            **ground(),
            "plots": address,
            "opens": reverse("monitoring:plot_by_number", args=[0]) if has_values else "",
            "value": shown.for_script() if shown else None,
            "bounds": list(district.boundary.extent)
            if district and district.boundary
            else tiles.bounds_of_plots(viewer, choice),
            "values": [{**one.for_script(), "title": str(one.title)} for one in values.values()],
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
    try:
        choice = choice_of(request.user, request.GET)
    except UnknownChoice as wrong:
        raise Http404(str(wrong)) from wrong
    word = tiles.etag(request.user, choice=choice)
    unchanged = get_conditional_response(request, etag=f'"{word}"')
    if unchanged is not None and unchanged.status_code == 304:
        answer = unchanged
    else:
        content = tiles.tile_for(request.user, layer=layer, tile=place, choice=choice, word=word)
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
