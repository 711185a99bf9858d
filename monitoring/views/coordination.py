"""The coordinator's page: targets against achieved, and the queue of what needs a look."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from monitoring import item_words, quality
from monitoring.field.photos import quarantined_photos
from monitoring.models import InboxPayload, Outcome
from monitoring.targets import achievements
from ranchers.access import role_required
from ranchers.models import Role

PER_PAGE = 25


class ResolutionForm(forms.Form):
    """Why a flag is taken off the queue, or a payload refused."""

    resolution = forms.CharField(
        label=gettext_lazy("What you found"),
        max_length=300,
        help_text=gettext_lazy("A few words, kept with the record."),
    )


@require_safe
@role_required(Role.COORDINATOR)
def coordination(request: HttpRequest) -> HttpResponse:
    context = {
        "achievements": achievements(),
        "flags": quality.open_flags(request.user).exclude(code="quarantined").count(),
        "conflicts": quality.open_conflicts(request.user).count(),
        "quarantined": quality.quarantined(request.user).count()
        + quarantined_photos(request.user).count(),
    }
    return render(request, "monitoring/coordination/home.html", context)


@require_safe
@role_required(Role.COORDINATOR)
def queue(request: HttpRequest) -> HttpResponse:
    warnings = quality.open_flags(request.user).exclude(code="quarantined")  # listed on their own
    flags = Paginator(warnings, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": flags,
        "items": list(zip(flags, quality.titles(flags), strict=True)),
        "conflicts": quality.open_conflicts(request.user)[:PER_PAGE],
        "payloads": _named(quality.quarantined(request.user).defer("raw")),
        "photos": quarantined_photos(request.user)[:PER_PAGE],
        "held": _named(quality.held(request.user)),
        "form": ResolutionForm(),
    }
    return render(request, "monitoring/coordination/queue.html", context)


def _named(payloads: QuerySet[InboxPayload]) -> list[tuple[InboxPayload, str]]:
    """The first of them, each with what its kind is called."""
    return [(one, item_words.kind_label(one.kind)) for one in payloads[:PER_PAGE]]


@require_POST
@role_required(Role.COORDINATOR)
def close_flag(request: HttpRequest, pk: int) -> HttpResponse:
    flag = get_object_or_404(quality.open_flags(request.user), pk=pk)
    form = ResolutionForm(request.POST)
    if not form.is_valid():
        context = {"flag": flag, "label": quality.titles([flag])[0], "form": form}
        return render(request, "monitoring/coordination/close_flag.html", context, status=400)
    try:
        quality.close_flag(flag=flag, by=request.user, resolution=form.cleaned_data["resolution"])  # type: ignore[arg-type]
    except quality.AlreadyClosed:
        messages.warning(request, _("Somebody else had already closed it."))
    else:
        messages.success(request, _("Taken off the queue."))
    return redirect("monitoring:quality_queue")


@require_POST
@role_required(Role.COORDINATOR)
def accept_payload(request: HttpRequest, number: int) -> HttpResponse:
    payload = get_object_or_404(quality.quarantined(request.user), pk=number)
    receipt = quality.accept(number=payload.pk, by=request.user)  # type: ignore[arg-type]
    if receipt.outcome not in (Outcome.QUARANTINED, Outcome.REJECTED, Outcome.PENDING):
        messages.success(request, _("It was let in."))
    else:
        messages.error(request, "; ".join(r["message"] for r in receipt.reasons) or _("It could not be let in."))  # fmt: skip
    return redirect("monitoring:quality_queue")


@require_POST
@role_required(Role.COORDINATOR)
def refuse_payload(request: HttpRequest, number: int) -> HttpResponse:
    payload = get_object_or_404(quality.quarantined(request.user), pk=number)
    form = ResolutionForm(request.POST)
    reason = form.cleaned_data["resolution"] if form.is_valid() else _("Refused by the coordinator")
    try:
        quality.refuse(number=payload.pk, by=request.user, reason=reason)  # type: ignore[arg-type]
    except quality.AlreadyClosed:
        messages.warning(request, _("Somebody else had already closed it."))
    else:
        messages.success(request, _("Refused; what was sent is kept in the inbox."))
    return redirect("monitoring:quality_queue")
