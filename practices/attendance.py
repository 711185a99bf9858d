"""Attendance at field days when two registrations of one person become one."""

from __future__ import annotations

from practices.models import Attendance
from ranchers.models import Rancher


def move_attendance(*, duplicate: Rancher, into: Rancher) -> None:
    """Have `into` be at every field day that either was at. Calls within the merge's transaction."""
    already = Attendance.objects.filter(rancher=into).values("field_day")
    both = Attendance.objects.filter(rancher=duplicate, field_day__in=already)
    both.delete()
    Attendance.objects.filter(rancher=duplicate).update(rancher=into)
