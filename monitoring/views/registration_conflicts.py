"""Registrations in conflict: one person or two, or which value of an edit counts."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from monitoring import item_words, quality, registrations
from monitoring.models import Kind
from ranchers.access import UserRequest, role_required
from ranchers.models import Role


@role_required(Role.COORDINATOR)
@require_http_methods(["GET", "HEAD", "POST"])
def registration_conflict(request: UserRequest, conflict_id: int) -> HttpResponse:
    """`/coordinacion/registros/<id>/`: what came in beside the rancher who is on record."""
    open_ones = quality.open_conflicts(request.user).select_related("payload__sender", "rancher")
    found = get_object_or_404(open_ones, pk=conflict_id, rancher__isnull=False)
    if request.method == "POST":
        try:
            _settle(request, found)
            messages.success(request, _("The conflict is settled."))
            return redirect("monitoring:quality_queue")
        except quality.AlreadyClosed:
            messages.info(request, _("Somebody else had settled it already."))
            return redirect("monitoring:quality_queue")
        except (registrations.NotSettled, ValidationError) as error:
            messages.error(request, str(error))
    context = {
        "conflict": found,
        "incoming": registrations.incoming_of(found),
        "about_dni": registrations.is_about_dni(found),
        "rows": [
            {
                "name": name,
                "label": item_words.field_label(Kind.RANCHER, name),
                "now": item_words.field_text(Kind.RANCHER, name, now),
                "came": item_words.field_text(Kind.RANCHER, name, came),
            }
            for name, now, came in registrations.differences(found)
        ],
    }
    return render(request, "monitoring/settlement/registration.html", context)


def _settle(request: UserRequest, found: registrations.Conflict) -> None:
    if not registrations.is_about_dni(found):
        picks = {k.removeprefix("pick."): str(v) for k, v in request.POST.items()}
        registrations.settle_edit(conflict=found, picks=picks, by=request.user)
    elif "same" in request.POST:
        registrations.same_person(conflict=found, by=request.user)
    else:
        dni = request.POST.get("dni", "")[:20].replace("\x00", "")
        registrations.two_people(conflict=found, dni=dni, by=request.user)
