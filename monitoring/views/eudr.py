"""Pages of the file for the European Union: ask for one, see what is in it, take it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from monitoring import tasks
from monitoring.eudr import exports, report
from monitoring.eudr.forms import EudrForm
from monitoring.exports import render_as
from monitoring.models import EudrDownload, EudrExport, EudrState
from ranchers.access import UserRequest, role_required
from ranchers.models import Role

coordinator = role_required(Role.COORDINATOR)


@coordinator
def eudr(request: UserRequest) -> HttpResponse:
    """Ask for a file; below, every file ever made."""
    form = EudrForm(request.POST or None, initial={"dni": _dni_of(request)})
    if request.method == "POST" and form.is_valid():
        try:
            export = exports.request_export(by=request.user, **form.asked())
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            _set_to_work(export)
            return redirect("monitoring:eudr_export", pk=export.pk)
    made = EudrExport.objects.select_related("made_by", "district", "cohort")
    context = {"form": form, "exports": made[:50], "kept_days": exports.KEPT_DAYS}
    status = 422 if form.errors else 200
    return render(request, "monitoring/eudr/home.html", context, status=status)


@require_safe
@coordinator
def eudr_export(request: UserRequest, pk: UUID) -> HttpResponse:
    export = _export(pk)
    context: dict[str, Any] = {"export": export, "crumbs": _crumbs(export)}
    if export.state == EudrState.WAITING:
        context["done"], context["total"] = exports.progress(export)
        return render(request, "monitoring/eudr/busy.html", context)
    context["table"], context["has_more"] = report.report_table(export)
    context["reasons"] = report.reasons_counted(export)
    context["downloads"] = export.downloads.select_related("by")[:50]
    return render(request, "monitoring/eudr/export.html", context)


@require_safe
@coordinator
def eudr_progress(request: UserRequest, pk: UUID) -> HttpResponse:
    """The progress bar; when the work is done, the whole page anew."""
    export = _export(pk)
    if export.state != EudrState.WAITING:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    done, total = exports.progress(export)
    context = {"export": export, "done": done, "total": total}
    return render(request, "monitoring/eudr/progress.html", context)


@require_safe
@coordinator
def eudr_file(request: UserRequest, pk: UUID, name: str) -> HttpResponse:
    """One part of the file; who took it is noted."""
    try:
        content = exports.take_file(export=_export(pk), name=name, by=request.user)
    except exports.InvalidExport as gone:
        raise Http404(name) from gone
    return _download(content, name=name, content_type="application/geo+json")


@require_safe
@coordinator
def eudr_report(request: UserRequest, pk: UUID, kind: str) -> HttpResponse:
    """The report as a spreadsheet; who took it is noted."""
    export = _export(pk)
    if export.state == EudrState.WAITING:
        raise Http404("waiting")
    content, content_type = render_as(report.report_sheet(export), kind=kind)
    name = f"hato-ue-{export.made_at:%Y%m%d}.{kind}"
    EudrDownload.objects.create(export=export, name=name, by=request.user)
    return _download(content, name=name, content_type=content_type)


def _export(pk: UUID) -> EudrExport:
    exports_ = EudrExport.objects.select_related("made_by", "district", "cohort", "source")
    return get_object_or_404(exports_, pk=pk)


def _dni_of(request: UserRequest) -> str:
    """The DNI in the address, from a link on a rancher's page."""
    return request.GET.get("dni", "")[:8]


def _set_to_work(export: EudrExport) -> None:
    if exports.plots_asked_for(export) > exports.DIRECT_PLOTS:
        tasks.queue_write_eudr_export(export.pk, language=get_language() or "es")
    else:
        exports.work(export_id=export.pk)


def _crumbs(export: EudrExport) -> list[dict[str, str]]:
    return [
        {"label": _("File for the European Union"), "url": reverse("monitoring:eudr")},
        {"label": export.recipient},
    ]


def _download(content: bytes, *, name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
