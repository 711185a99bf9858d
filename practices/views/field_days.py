"""Field days: list, calendar, one day, its form and its attendance."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from practices import field_days
from practices.forms import FieldDayForm
from practices.models import Attendance, FieldDay
from ranchers.access import has_role, role_required
from ranchers.models import Rancher, Role

EVERYONE = tuple(Role.values)
FIELD_STAFF = (Role.COORDINATOR, Role.TECHNICIAN)


@require_GET
@role_required(*EVERYONE)
def field_day_list(request: HttpRequest) -> HttpResponse:
    visible = field_days.visible_to(request.user)
    shows_past = request.GET.get("ver") == "pasados"
    rows = field_days.past(visible) if shows_past else field_days.upcoming(visible)
    return render(
        request,
        "practices/field_days.html",
        {
            "page": Paginator(rows, 20).get_page(request.GET.get("page")),
            "shows_past": shows_past,
            "may_announce": has_role(request.user, *FIELD_STAFF),
        },
    )


@require_GET
@role_required(*EVERYONE)
def field_day_calendar(request: HttpRequest) -> HttpResponse:
    month = field_days.parse_month(request.GET.get("mes", ""))
    before, after = field_days.neighbours(month)
    return render(
        request,
        "practices/field_day_calendar.html",
        {
            "month": month,
            "before": before,
            "after": after,
            "weeks": field_days.month_grid(field_days.visible_to(request.user), month),
            "may_announce": has_role(request.user, *FIELD_STAFF),
        },
    )


@require_GET
@role_required(*EVERYONE)
def field_day_page(request: HttpRequest, pk: int) -> HttpResponse:
    field_day = get_object_or_404(field_days.visible_to(request.user), pk=pk)
    attendances = Attendance.objects.filter(field_day=field_day)
    return render(
        request,
        "practices/field_day.html",
        {
            "field_day": field_day,
            "host": field_days.current_host(request.user, field_day).first(),
            "is_staff": has_role(request.user, *FIELD_STAFF),
            "is_open": field_days.is_open(field_day),
            "came": attendances.count(),
            "may_edit": field_days.editable_by(request.user).filter(pk=pk).exists(),
        },
    )


@require_http_methods(["GET", "POST"])
@role_required(*FIELD_STAFF)
def field_day_new(request: HttpRequest) -> HttpResponse:
    form = FieldDayForm(request.POST or None, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        field_day = form.save()
        messages.success(request, _("The field day was announced."))
        return redirect(field_day)
    status = 422 if form.errors else 200
    return render(request, "practices/field_day_form.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@role_required(*FIELD_STAFF)
def field_day_edit(request: HttpRequest, pk: int) -> HttpResponse:
    field_day = get_object_or_404(field_days.editable_by(request.user), pk=pk)
    form = FieldDayForm(request.POST or None, instance=field_day, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        messages.success(request, _("The field day was saved."))
        return redirect(form.save())
    status = 422 if form.errors else 200
    context = {"form": form, "field_day": field_days.visible_to(request.user).get(pk=pk)}
    return render(request, "practices/field_day_form.html", context, status=status)


@require_GET
@role_required(*FIELD_STAFF)
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    field_day = get_object_or_404(field_days.editable_by(request.user), pk=pk)
    return _attendance_page(request, field_day)


def _attendance_page(request: HttpRequest, field_day: FieldDay, status: int = 200) -> HttpResponse:
    search = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    came = field_days.attended(request.user, field_day)
    context = {
        "field_day": field_day,
        "search": search,
        "came": came,
        "hidden": Attendance.objects.filter(field_day=field_day).count() - len(came),
        "candidates": field_days.attendance_candidates(request.user, field_day, search),
        "is_open": field_days.is_open(field_day),
    }
    return render(request, "practices/attendance.html", context, status=status)


@require_POST
@role_required(*FIELD_STAFF)
def attendance_record(request: HttpRequest, pk: int, rancher_id: UUID) -> HttpResponse:
    field_day = get_object_or_404(field_days.editable_by(request.user), pk=pk)
    was_there = request.POST.get("asistio") == "si"
    try:
        rancher = field_days.record_attendance(
            viewer=request.user, field_day=field_day, rancher_id=rancher_id, was_there=was_there
        )
    except Rancher.DoesNotExist as error:
        raise Http404 from error
    except field_days.FieldDayNotHeldYet:
        messages.error(request, _("Attendance can be recorded once the day has come."))
        return _attendance_page(request, field_day, status=409)
    text = _("%(name)s was there.") if was_there else _("%(name)s was taken off the list.")
    messages.success(request, text % {"name": rancher.full_name})
    return redirect("practices:attendance", pk=field_day.pk)
