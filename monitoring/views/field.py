"""The field app's shell at /campo/: one page, its worker, its words. No data: that comes by the API."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from monitoring import field_shell


@never_cache
@ensure_csrf_cookie  # the phone's first call, made by the person who is logged in, needs it
@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    """`/campo/`: the same page for everybody; it opens without signal once it was opened with it."""
    context = {
        "version": field_shell.version(field_shell.files()),
        "styles": [field_shell.url(f"field/{name}.css") for name in ("field", "forms")],
        "main": field_shell.url("field/main.js"),
        "base_style": field_shell.url("css/hato.css"),
        "favicon": field_shell.url("img/favicon.svg"),
        "touch_icon": field_shell.url("field/icons/192.png"),
    }
    with translation.override("es"):  # the page itself speaks only to who has no script
        return render(request, "field/shell.html", context)


@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """`/campo/sw.js`: everything the service worker runs, in one script.

    With `?simple` it is for browsers whose workers cannot import modules: nothing is sent while
    the app is closed.
    """
    text = field_shell.worker_script(sends="simple" not in request.GET)
    return HttpResponse(text, content_type="text/javascript; charset=utf-8")


@never_cache
@require_safe
def words(_request: HttpRequest, language: str) -> HttpResponse:
    """`/campo/textos/es.json`: the app's messages in one language."""
    if language not in field_shell.LANGUAGES:
        raise Http404
    return JsonResponse(field_shell.words(language))


@never_cache
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """`/campo/app.webmanifest`: how a phone installs it."""
    icons = {
        f"size_{size}": field_shell.url(f"field/icons/{size}.png")
        for size in ("192", "512", "maskable")
    }
    return render(
        request,
        "field/app.webmanifest",
        {"icons": icons},
        content_type="application/manifest+json",
    )
