"""Photos in quarantine: looked at, let in or refused by a coordinator."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.field import photos
from monitoring.models import PhotoState, PhotoUpload, Visit
from monitoring.photos import PhotoRefused, reencoded
from ranchers.access import UserRequest, role_required
from ranchers.models import Role


@role_required(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def quarantined_photo(request: UserRequest, pk: UUID) -> HttpResponse:
    """`/coordinacion/cuarentena/fotos/<id>/`: the photo, its visit, and the decision."""
    found = get_object_or_404(photos.quarantined_photos(request.user), pk=pk)
    if request.method == "POST":
        if "accept" in request.POST:
            placed = photos.place(found.pk, authority=request.user)
            if placed.state == PhotoState.STORED:
                messages.success(request, _("The photo is with its visit."))
            elif placed.state == PhotoState.QUARANTINED and not _visit_of(found):
                messages.warning(request, _("Its visit is not here yet: let that in first."))
            else:
                messages.error(request, placed.reason)
        elif photos.refuse(found, by=request.user):
            messages.success(request, _("It was rejected. What was received is kept."))
        return redirect("monitoring:quality_queue")
    context = {"photo": found, "visit": _visit_of(found)}
    return render(request, "monitoring/settlement/photo.html", context)


def _visit_of(photo: PhotoUpload) -> Visit | None:
    return Visit.objects.select_related("rancher").filter(pk=photo.visit_uuid).first()


@role_required(Role.COORDINATOR)
@require_safe
def picture(request: UserRequest, pk: UUID) -> HttpResponse:
    """The picture itself, decoded and written anew: what was sent is never handed out as it came."""
    found = get_object_or_404(photos.quarantined_photos(request.user), pk=pk)
    try:
        data = reencoded(photos.data_of(found))
    except PhotoRefused as refusal:
        raise Http404 from refusal
    answer = HttpResponse(data, content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    return answer
