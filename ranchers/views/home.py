"""The front door: each role's own first page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from ranchers.access import EVERYONE, role_of, role_required
from ranchers.navigation import menu


@never_cache
@role_required(*EVERYONE)
def home(request: HttpRequest) -> HttpResponse:
    """To the first entry of the role's menu (ranchers/navigation.py)."""
    entries = menu(role=role_of(request.user) or "", path=request.path)
    if not entries:
        raise Http404
    return redirect(entries[0].url)
