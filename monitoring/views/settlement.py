"""What only a coordinator settles: conflicts, and what is in quarantine."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from monitoring import conflicts, item_words, quality
from monitoring.sync.reasons import Quarantine, Refused
from monitoring.visit_trail import property_label, property_text
from monitoring.visits import NotDone
from ranchers.access import UserRequest, role_required
from ranchers.models import Role


@role_required(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def conflict(request: UserRequest, conflict_id: int) -> HttpResponse:
    """`/coordinacion/conflictos/<id>/`: side by side, a choice per property."""
    found = get_object_or_404(
        quality.open_conflicts(request.user), pk=conflict_id, visit__isnull=False
    )
    if request.method == "POST":
        picks = {
            name.removeprefix("pick."): str(value)
            for name, value in request.POST.items()
            if name.startswith("pick.")
        }
        try:
            conflicts.settle(conflict=found, picks=picks, by=request.user)
            messages.success(request, _("The conflict is settled."))
            return redirect("monitoring:quality_queue")
        except conflicts.AlreadyClosed:
            messages.info(request, _("Somebody else had settled it already."))
            return redirect("monitoring:quality_queue")
        except NotDone as error:
            messages.error(request, str(error))
    rows = [
        {
            "name": diff.name,
            "label": property_label(diff.name),
            "current": property_text(diff.name, diff.current),
            "incoming": property_text(diff.name, diff.incoming),
        }
        for diff in conflicts.differences(found)
    ]
    context = {"conflict": found, "rows": rows}
    return render(request, "monitoring/settlement/conflict.html", context)


@role_required(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def quarantine(request: UserRequest, number: int) -> HttpResponse:
    """`/coordinacion/cuarentena/<number>/`: let an item in, or reject it with a reason."""
    payload = get_object_or_404(quality.quarantined(request.user), pk=number)
    if request.method == "POST":
        if "accept" in request.POST:
            receipt = quality.accept(number=number, by=request.user)
            for words in item_words.reason_texts(receipt.kind, receipt.reasons):
                messages.error(request, words)
            if receipt.outcome not in ("quarantined", "rejected", "pending"):
                messages.success(request, _("It is in."))
            return redirect("monitoring:quality_queue")
        why = request.POST.get("reason", "").replace("\x00", "").strip()
        if why:
            quality.refuse(number=number, by=request.user, reason=why)
            messages.success(request, _("It was rejected. What was received is kept."))
            return redirect("monitoring:quality_queue")
        messages.error(request, _("Write why it is rejected."))
    try:
        said = item_words.described(payload)
    except (Refused, Quarantine):
        said = []
    context = {
        "payload": payload,
        "kind": item_words.kind_label(payload.kind),
        "said": said,
        "text": _as_text(bytes(payload.raw)),
    }
    return render(request, "monitoring/settlement/quarantine.html", context)


def _as_text(raw: bytes) -> str:
    """What was received, laid out when it is JSON."""
    try:
        return json.dumps(json.loads(raw), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return raw[:4000].decode(errors="replace")
