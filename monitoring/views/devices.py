"""Phones with the field app: seen, signed out from afar, and the sign-out undone."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from monitoring.field.devices import devices_for, sign_out, undo_sign_out
from ranchers.access import UserRequest, has_role, role_required
from ranchers.models import Role


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
@require_safe
def device_list(request: UserRequest) -> HttpResponse:
    context = {
        "devices": devices_for(request.user)[:200],
        "may_import": has_role(request.user, Role.COORDINATOR),
    }
    return render(request, "monitoring/field/devices.html", context)


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
@require_POST
def device_sign_out(request: UserRequest, pk: UUID) -> HttpResponse:
    sign_out(get_object_or_404(devices_for(request.user), pk=pk), by=request.user)
    messages.success(request, _("The phone will send what it has and wipe itself."))
    return redirect("monitoring:devices")


@role_required(Role.COORDINATOR, Role.TECHNICIAN)
@require_POST
def device_undo(request: UserRequest, pk: UUID) -> HttpResponse:
    if undo_sign_out(get_object_or_404(devices_for(request.user), pk=pk)):
        messages.success(request, _("The sign-out was undone."))
    else:
        messages.warning(request, _("Too late: the phone has wiped itself already."))
    return redirect("monitoring:devices")
