"""Field days: who may see and change them, how a month looks, who was there."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass, field
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate, localtime, make_aware, now

from practices.adoption import add_months
from practices.models import Attendance, FieldDay
from ranchers.access import Viewer, has_role, plots_for, ranchers_for
from ranchers.models import District, Plot, Rancher, Role, User
from ranchers.search import search_ranchers

SEARCH_LIMIT = 30


class FieldDayNotHeldYet(ValueError):
    """Attendance cannot be recorded before the day, nor for one that was cancelled."""


@dataclass
class CalendarDay:
    day: date
    in_month: bool
    is_today: bool
    field_days: list[FieldDay] = field(default_factory=list)


def visible_to(viewer: Viewer) -> QuerySet[FieldDay]:
    """Everyone who can log in sees that a field day takes place; the host farm is another matter."""
    field_days = FieldDay.objects.select_related("district").prefetch_related("practices")
    return field_days if has_role(viewer, *Role.values) else field_days.none()


def editable_by(viewer: Viewer) -> QuerySet[FieldDay]:
    """Coordinator: all. Technician: those they announced and those of their districts."""
    field_days = visible_to(viewer)
    if has_role(viewer, Role.COORDINATOR):
        return field_days
    if has_role(viewer, Role.TECHNICIAN) and isinstance(viewer, User):
        return field_days.filter(Q(created_by=viewer) | Q(district__in=districts_for(viewer)))
    return field_days.none()


def districts_for(viewer: Viewer) -> QuerySet[District]:
    """Districts in which the viewer may announce a field day."""
    if has_role(viewer, Role.COORDINATOR):
        return District.objects.all()
    if has_role(viewer, Role.TECHNICIAN) and isinstance(viewer, User):
        own = Q(technicians=viewer) | Q(ranchers__technician=viewer)
        return District.objects.filter(own).distinct()
    return District.objects.none()


def host_plots_for(viewer: Viewer) -> QuerySet[Plot]:
    """Plots that may be named as host: demonstration farms today that the viewer may see."""
    return plots_for(viewer).filter(demonstrations__period__contains=localdate()).distinct()


def current_host(viewer: Viewer, field_day: FieldDay) -> QuerySet[Plot]:
    """The host farm of a field day, where the viewer may see it; it may have been one earlier."""
    plots = plots_for(viewer)
    return plots.filter(pk=field_day.plot_id).distinct() if field_day.plot_id else plots.none()


def upcoming(field_days: QuerySet[FieldDay]) -> QuerySet[FieldDay]:
    start_of_today = make_aware(datetime.combine(localdate(), time.min))
    return field_days.filter(starts_at__gte=start_of_today).order_by("starts_at", "id")


def past(field_days: QuerySet[FieldDay]) -> QuerySet[FieldDay]:
    start_of_today = make_aware(datetime.combine(localdate(), time.min))
    return field_days.filter(starts_at__lt=start_of_today).order_by("-starts_at", "-id")


def month_grid(field_days: QuerySet[FieldDay], month: date) -> list[list[CalendarDay]]:
    """The weeks of `month` (Monday first), each day with its field days; one query."""
    today = localdate()
    weeks = [
        [CalendarDay(day, day.month == month.month, day == today) for day in week]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]
    by_day = {day.day: day for week in weeks for day in week}
    first, after = weeks[0][0].day, weeks[-1][-1].day
    in_grid = field_days.filter(
        starts_at__gte=make_aware(datetime.combine(first, time.min)),
        starts_at__lte=make_aware(datetime.combine(after, time.max)),
    )
    for field_day in in_grid.order_by("starts_at"):
        by_day[localtime(field_day.starts_at).date()].field_days.append(field_day)
    return weeks


def parse_month(text: str) -> date:
    """The first day of 'YYYY-MM'; of the current month where the text is something else."""
    try:
        year, month = (int(part) for part in text.split("-"))
        if not 2000 <= year <= 2100:
            raise ValueError(text)
        return date(year, month, 1)
    except ValueError:
        return localdate().replace(day=1)


def neighbours(month: date) -> tuple[date, date]:
    """The months before and after."""
    return add_months(month, -1), add_months(month, 1)


def attendance_candidates(viewer: Viewer, field_day: FieldDay, search: str) -> list[Rancher]:
    """Ranchers not yet on the list: those that match the search, else those of the district."""
    ranchers = ranchers_for(viewer).exclude(attendances__field_day=field_day)
    if search:
        ranchers = search_ranchers(ranchers, search)
    else:
        ranchers = ranchers.filter(district=field_day.district_id)
    return list(ranchers.select_related("district")[:SEARCH_LIMIT])


def attended(viewer: Viewer, field_day: FieldDay) -> list[Rancher]:
    """Ranchers on the list whose names the viewer may see."""
    ranchers = ranchers_for(viewer).filter(attendances__field_day=field_day)
    return list(ranchers.select_related("district"))


def is_open(field_day: FieldDay) -> bool:
    """Whether attendance may be recorded: the hour has come and the day was not cancelled."""
    return field_day.status != FieldDay.Status.CANCELLED and field_day.starts_at <= now()


def record_attendance(
    *, viewer: Viewer, field_day: FieldDay, rancher_id: UUID, was_there: bool
) -> Rancher:
    """Put a rancher on the list of a field day or take them off; doing it twice is harmless.

    Raises Rancher.DoesNotExist where the viewer may not see the rancher, FieldDayNotHeldYet.
    """
    if not is_open(field_day):
        raise FieldDayNotHeldYet
    rancher = ranchers_for(viewer).get(pk=rancher_id)
    if was_there:
        Attendance.objects.get_or_create(
            field_day=field_day, rancher=rancher, defaults={"recorded_by_id": viewer.pk}
        )
    else:
        Attendance.objects.filter(field_day=field_day, rancher=rancher).delete()
    return rancher
