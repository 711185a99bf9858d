"""The map of plots, its tiles, and the way from a shape on it to the plot's page."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from monitoring import tiles
from practices.models import Practice
from ranchers.access import EVERYONE, UserRequest, plots_for, role_required, sees_names
from ranchers.models import Role


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
