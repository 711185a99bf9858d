"""Photos of visits: add them, and see them."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from monitoring.models import Photo
from monitoring.photos import MAX_BYTES, PhotoRefused, store_photo
from monitoring.visits import visits_for
from ranchers.access import UserRequest, role_required, rows_for
from ranchers.models import Role

MOST_AT_ONCE = 12


def store_sent(request: UserRequest, visit_id: UUID) -> None:
    """Store the photos of a posted form one by one; say of each that was refused why."""
    stored = 0
    for file in request.FILES.getlist("photos")[:MOST_AT_ONCE]:
        try:
            data = file.read(MAX_BYTES + 1)
            store_photo(visit_id=visit_id, data=data, sender=request.user)
            stored += 1
        except PhotoRefused as error:
            name = (file.name or "")[:60]
            messages.warning(request, _("%(name)s: %(why)s") % {"name": name, "why": str(error)})
    if stored:
        text = ngettext("%(n)s photo stored.", "%(n)s photos stored.", stored)
        messages.success(request, text % {"n": stored})


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
@require_POST
def add_photos(request: UserRequest, visit_id: UUID) -> HttpResponse:
    visit = get_object_or_404(visits_for(request.user), pk=visit_id, deleted_at=None)
    store_sent(request, visit.pk)
    return redirect("monitoring:visit", visit.pk)


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
@require_safe
@cache_control(private=True, max_age=3600)
def photo(request: UserRequest, photo_id: UUID) -> HttpResponseBase:
    """The picture itself, for those who may read its visit."""
    photos = rows_for(request.user, Photo.objects.all(), path="visit__rancher")
    found = get_object_or_404(photos, pk=photo_id)
    try:
        file = found.file.open("rb")
    except (FileNotFoundError, ValueError):
        raise Http404 from None
    response = FileResponse(file, content_type="image/jpeg")
    response["Content-Disposition"] = "inline"
    response["X-Content-Type-Options"] = "nosniff"
    return response
