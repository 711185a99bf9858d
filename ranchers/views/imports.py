"""Pages of imports: upload, preview, apply, mend, undo."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.gis.geos import GeometryCollection, GEOSGeometry
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from ranchers.access import UserRequest, role_required
from ranchers.forms.imports import ApplyForm, MappingForm, UploadForm
from ranchers.imports.batches import (
    DIRECT_ROWS,
    begin_applying,
    counts,
    progress,
    receive_file,
    remap,
    work,
)
from ranchers.imports.source import MOST_BYTES
from ranchers.imports.undoing import undo_import
from ranchers.imports.workbooks import template_workbook, wrong_rows_workbook
from ranchers.maps import feature, ground
from ranchers.models import BatchState, ImportBatch, Role, RowOutcome
from ranchers.places import as_multipolygon
from ranchers.tasks import queue_work_on_import

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BUSY = (BatchState.CHECKING, BatchState.APPLYING)
MAP_SHAPES = 500


@role_required(Role.COORDINATOR)
def imports(request: UserRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        upload = given.pop("file")
        try:
            batch = receive_file(
                name=upload.name, content=upload.read(MOST_BYTES + 1), by=request.user, **given
            )
        except ValidationError as refused:
            form.add_error(None if hasattr(refused, "error_dict") else "file", refused)
        else:
            _set_to_work(batch)
            return redirect("ranchers:import", pk=batch.pk)
    return render(
        request,
        "ranchers/imports.html",
        {
            "form": form,
            "batches": ImportBatch.objects.select_related("uploaded_by")[:20],
            "crumbs": _crumbs(),
        },
        status=422 if form.errors else 200,
    )


@role_required(Role.COORDINATOR)
def import_page(request: UserRequest, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.select_related("uploaded_by"), pk=pk)
    form = MappingForm(request.POST or None, batch=batch)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            remap(
                batch=batch,
                mapping=form.mapping(),
                since=given["since"],
                district=given["district"],
                accept_repaired=given["accept_repaired"],
            )
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            _set_to_work(batch)
            return redirect("ranchers:import", pk=batch.pk)
    template = "ranchers/import_busy.html" if batch.state in BUSY else "ranchers/import.html"
    return render(
        request, template, _page(request, batch, form), status=422 if form.errors else 200
    )


@require_GET
@role_required(Role.COORDINATOR)
def import_progress(request: UserRequest, pk: UUID) -> HttpResponse:
    """The progress bar; when the work is done, the whole page anew."""
    batch = get_object_or_404(ImportBatch, pk=pk)
    if batch.state not in BUSY:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    done, total = progress(batch)
    context = {"batch": batch, "done": done, "total": total}
    return render(request, "ranchers/import_progress.html", context)


@require_POST
@role_required(Role.COORDINATOR)
def apply_import(request: UserRequest, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk)
    form = ApplyForm(request.POST)
    skip_bad = form.is_valid() and form.cleaned_data["mode"] == "skip"
    try:
        batch = begin_applying(batch=batch, skip_bad=skip_bad)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        _set_to_work(batch)
    return redirect("ranchers:import", pk=batch.pk)


@require_POST
@role_required(Role.COORDINATOR)
def undo(request: UserRequest, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk)
    try:
        undo_import(batch=batch)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, _("The import was undone."))
    return redirect("ranchers:import", pk=batch.pk)


@require_GET
@role_required(Role.COORDINATOR)
def wrong_rows(request: UserRequest, pk: UUID) -> HttpResponse:
    batch = get_object_or_404(ImportBatch, pk=pk)
    return _download(wrong_rows_workbook(batch), "filas-con-errores.xlsx")


@require_GET
@role_required(Role.COORDINATOR)
def template(request: UserRequest) -> HttpResponse:
    return _download(template_workbook(), "plantilla-ganaderos.xlsx")


def _set_to_work(batch: ImportBatch) -> None:
    if batch.rows.count() > DIRECT_ROWS:
        queue_work_on_import(batch.pk, language=get_language() or "es")
    else:
        work(batch_id=batch.pk)


def _page(request: UserRequest, batch: ImportBatch, form: MappingForm) -> dict:
    wrong = batch.rows.filter(outcome=RowOutcome.ERROR)
    noted = batch.rows.exclude(notes=[]).exclude(outcome=RowOutcome.ERROR)
    sample = list(batch.rows.defer("geometry").all()[:8])
    found = counts(batch)
    return {
        "batch": batch,
        "form": form,
        "apply_form": ApplyForm(),
        "counts": [
            (label, found[value], value)
            for value, label in RowOutcome.choices
            if value != RowOutcome.PENDING
        ],
        "wrong_total": found[RowOutcome.ERROR],
        "right_total": found[RowOutcome.NEW] + found[RowOutcome.CHANGED],
        "wrong": Paginator(wrong.defer("geometry"), 50).get_page(request.GET.get("page")),
        "noted": noted.defer("geometry")[:50],
        "sample": [(r, [str(r.raw.get(c, ""))[:60] for c in batch.columns]) for r in sample],
        "map": _map(batch),
        "crumbs": [*_crumbs()[:-1], {"label": _("Import"), "url": reverse("ranchers:imports")}, {"label": batch.file_name}],
        "done": progress(batch)[0],
        "total": progress(batch)[1],
    }  # fmt: skip


def _map(batch: ImportBatch) -> dict | None:
    """The shapes of the file on the ground; None when there are none in degrees."""
    features = []
    for row in batch.rows.exclude(geometry=None)[:MAP_SHAPES]:
        shape: GEOSGeometry = row.geometry  # type: ignore[assignment]
        if shape.empty:
            continue
        if isinstance(shape, GeometryCollection) or shape.geom_type == "Polygon":
            shape = as_multipolygon(shape).simplify(0.00005, preserve_topology=True)
        west, south, east, north = shape.extent
        if -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
            features.append(feature(shape, label=f"{row.number}"))
    if not features:
        return None
    return {**ground(), "plots": {"type": "FeatureCollection", "features": features}}


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Ranchers"), "url": reverse("ranchers:list")},
        {"label": _("Import")},
    ]


def _download(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
