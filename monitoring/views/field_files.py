"""Export files of phones: chosen, shown, imported or discarded."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring import item_words
from monitoring.field import imports
from monitoring.field.files import MOST_BYTES, FileUnreadable
from monitoring.models import FieldFile, FileState, Outcome, PhotoState
from ranchers.access import UserRequest, role_required
from ranchers.models import Role

PER_PAGE = 100


class FileForm(forms.Form):
    """The export file of a phone."""

    file = forms.FileField(
        label=gettext_lazy("File that the phone saved"),
        help_text=gettext_lazy(
            "Its name begins with “hato-” and ends with “.json”; at most 100 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )


@role_required(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def field_files(request: UserRequest) -> HttpResponse:
    """`/coordinacion/campo/importar/`: choose a file; the last ones."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            kept = imports.keep_file(
                name=upload.name, data=upload.read(MOST_BYTES + 1), by=request.user
            )
            return redirect("monitoring:field_file", pk=kept.pk)
        except FileUnreadable as error:
            form.add_error("file", str(error))
    files = FieldFile.objects.select_related("holder", "uploaded_by").defer("items", "photos")
    context = {"form": form, "files": files[:20], "crumbs": _crumbs()}
    status = 422 if form.errors else 200
    return render(request, "monitoring/field/files.html", context, status=status)


@role_required(Role.COORDINATOR)
@require_safe
def field_file(request: UserRequest, pk: UUID) -> HttpResponse:
    """What is in a file, from whose phone, what is here already; later what became of each."""
    files = FieldFile.objects.select_related("device__user", "holder", "settled_by")
    found = get_object_or_404(files, pk=pk)
    rows = imports.lines(found)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "file": found,
        "page": page,
        "rows": [_shown(row, found) for row in page],
        "counts": _counts(rows),
        "photos": _photo_lines(imports.photo_counts(found)),
        "pending": sum(row.outcome == Outcome.PENDING for row in rows),
        "quarantined": sum(row.outcome == Outcome.QUARANTINED for row in rows),
        "crumbs": [
            *_crumbs()[:-1],
            {"label": _("Import from a phone"), "url": reverse("monitoring:field_files")},
            {"label": found.file_name},
        ],
    }
    return render(request, "monitoring/field/file.html", context)


def _counts(rows: list[imports.Line]) -> list[tuple[str, int]]:
    return sorted(Counter(item_words.kind_label(row.kind) for row in rows).items())


BADGES = {
    Outcome.CREATED: "good",
    Outcome.UPDATED: "good",
    Outcome.UNCHANGED: "good",
    Outcome.REJECTED: "bad",
    Outcome.CONFLICT: "warning",
    Outcome.QUARANTINED: "warning",
}


def _shown(line: imports.Line, file: FieldFile) -> dict[str, Any]:
    """One line of the table: in words, with the badge of its state."""
    if line.outcome:
        badge = BADGES.get(Outcome(line.outcome), "info")
        state = item_words.outcome_label(line.outcome)
    elif file.state == FileState.APPLIED:
        badge, state = "bad", _("Not taken")
    elif line.reasons:
        badge, state = "bad", _("Cannot be taken like this")
    elif line.is_here:
        badge, state = "good", _("Here already")
    else:
        badge, state = "info", _("New")
    return {
        "what": line.what,
        "kind": item_words.kind_label(line.kind),
        "day": line.day,
        "number": line.number,
        "badge": badge,
        "state": state,
        "reasons": item_words.reason_texts(line.kind, list(line.reasons)),
    }


def _photo_lines(counts: Counter[str]) -> list[tuple[str, int]]:
    words = {
        "new": _("not here yet"),
        "wrong": _("damaged or incomplete: cannot be used"),
        **{state.value: str(state.label).lower() for state in PhotoState},
    }
    return [(words[state], number) for state, number in sorted(counts.items())]


@role_required(Role.COORDINATOR)
@require_POST
def apply(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(FieldFile, pk=pk)
    try:
        imports.apply_file(found, by=request.user)
    except imports.AlreadySettled:
        messages.info(request, _("This file had been imported or discarded already."))
    except FileUnreadable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Imported. Below is what became of each item."))
    return redirect("monitoring:field_file", pk=pk)


@role_required(Role.COORDINATOR)
@require_POST
def discard(request: UserRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(FieldFile, pk=pk)
    try:
        imports.discard_file(found, by=request.user)
    except imports.AlreadySettled:
        messages.info(request, _("This file had been imported or discarded already."))
    else:
        messages.success(request, _("The file was discarded; nothing was imported."))
    return redirect("monitoring:field_files")


def _crumbs() -> list[dict[str, Any]]:
    return [
        {"label": _("Coordination"), "url": reverse("monitoring:coordination")},
        {"label": _("Import from a phone")},
    ]
