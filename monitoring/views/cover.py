"""Pages of the sources of tree cover: what there is, add one, check, compute, have it feed the figures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from monitoring import tasks
from monitoring.cover import sources
from monitoring.cover.forms import SourceForm
from monitoring.models import CoverSource, SourceStatus
from ranchers.access import UserRequest, role_required
from ranchers.models import Role

coordinator = role_required(Role.COORDINATOR)

EXAMPLES = (
    (gettext_lazy("Canopy in percent, 255 is no data"), '{"canopy": {"band": 1, "nodata": [255]}}'),
    (
        gettext_lazy("A map of forest: 1 is forest, 0 is not"),
        '{"forest": {"band": 1, "values": [1]}}',
    ),
)


@require_safe
@coordinator
def sources_page(request: UserRequest) -> HttpResponse:
    """`/cobertura/`: every source, those that feed the figures first."""
    found = sources.with_progress().order_by("-is_active", "measures", "code")
    context = {"sources": found, "new_url": reverse("monitoring:cover_new")}
    return render(request, "monitoring/cover/list.html", context)


@coordinator
def new_source(request: UserRequest) -> HttpResponse:
    """Add a source; a worker checks it at once."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            source = sources.add(by=request.user, **form.fields_for_add())
        except ValidationError as refused:
            for name, said in refused.message_dict.items():
                form.add_error(name if name in form.fields else None, said)
        else:
            tasks.queue_check_cover(source.pk, language=get_language() or "es")
            return redirect("monitoring:cover_source", pk=source.pk)
    context = {
        "form": form,
        "examples": EXAMPLES,
        "root": settings.COVER_ROOT,
        "crumbs": _crumbs(_("Add a source")),
    }
    status = 422 if form.errors else 200
    return render(request, "monitoring/cover/new.html", context, status=status)


@require_safe
@coordinator
def source_page(request: UserRequest, pk: int) -> HttpResponse:
    source = get_object_or_404(sources.with_progress().select_related("added_by"), pk=pk)
    context = _state(source) | {"crumbs": _crumbs(str(source))}
    return render(request, "monitoring/cover/source.html", context)


@require_safe
@coordinator
def source_progress(request: UserRequest, pk: int) -> HttpResponse:
    """How far the work is; when it is done, the whole page anew."""
    context = _state(get_object_or_404(sources.with_progress(), pk=pk))
    if not context["is_busy"]:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "monitoring/cover/progress.html", context)


@require_POST
@coordinator
def check_source(request: UserRequest, pk: int) -> HttpResponse:
    """Have a worker look at the files again."""
    source = get_object_or_404(CoverSource, pk=pk)
    sources.forget_check(source)
    tasks.queue_check_cover(source.pk, language=get_language() or "es")
    return redirect("monitoring:cover_source", pk=pk)


@require_POST
@coordinator
def compute_source(request: UserRequest, pk: int) -> HttpResponse:
    """Have a worker measure every boundary (again)."""
    marked = sources.start(get_object_or_404(CoverSource, pk=pk))
    said = ngettext("%(n)s outline will be measured.", "%(n)s outlines will be measured.", marked)
    messages.success(request, said % {"n": marked})
    return redirect("monitoring:cover_source", pk=pk)


@require_POST
@coordinator
def activate_source(request: UserRequest, pk: int) -> HttpResponse:
    """Have this source feed the figures instead of the one before."""
    try:
        sources.activate(get_object_or_404(CoverSource, pk=pk))
    except sources.CannotActivate as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("This source feeds the figures now; what is not measured yet is being measured."))  # fmt: skip
    return redirect("monitoring:cover_source", pk=pk)


def _state(source: CoverSource) -> dict[str, Any]:
    """`is_busy`: a worker checks it or measures from it."""
    measured, waiting = source.measured_count, source.waiting_count  # type: ignore[attr-defined]
    is_checking = source.status == SourceStatus.NEW
    is_stuck = source.status == SourceStatus.UNREADABLE
    return {
        "source": source,
        "done": measured,
        "total": measured + waiting,
        "waiting": waiting,
        "is_checking": is_checking,
        "is_busy": is_checking or (waiting > 0 and not is_stuck),
        "can_activate": not source.is_active and not is_checking and not is_stuck,
    }


def _crumbs(last: str) -> list[dict[str, str]]:
    return [
        {"label": _("Tree cover sources"), "url": reverse("monitoring:cover_sources")},
        {"label": last},
    ]
