"""Membership of cohorts, and its status over time."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ranchers.changes import ranchers_changed
from ranchers.history import check_since, join_equal_neighbours, make_room, on_day
from ranchers.models import Cohort, Enrolment, EnrolmentStatus, Rancher, Status


class InvalidEnrolment(ValidationError):
    """The enrolment or its change cannot be recorded as asked."""


@transaction.atomic
def enrol(
    *, rancher: Rancher, cohort: Cohort, since: date, status: str = Status.INVITED
) -> Enrolment:
    """Enrol a rancher in a cohort with a first status from `since` on.

    Raises `InvalidEnrolment` when the rancher already is in that cohort, `InvalidDate`.
    """
    check_since(since)
    _check_status(status)
    Rancher.objects.select_for_update().get(pk=rancher.pk)
    enrolment, created = Enrolment.objects.get_or_create(rancher=rancher, cohort=cohort)
    if not created:
        raise InvalidEnrolment(
            {"cohort": _("Already enrolled in this cohort: change the status instead.")}
        )
    change_status(enrolment=enrolment, status=status, since=since)
    return enrolment


@transaction.atomic
def change_status(*, enrolment: Enrolment, status: str, since: date) -> bool:
    """Set the status from `since` up to the next change on record; False when it already was so.

    A change on the same day corrects; a back-dated one leaves later changes as they are. Raises
    `InvalidEnrolment` for an unknown status, `InvalidDate`.
    """
    check_since(since)
    _check_status(status)
    enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    rows = EnrolmentStatus.objects.filter(enrolment=enrolment)
    current = on_day(rows, since)
    if current is not None and current.status == status:
        return False
    period = make_room(rows, since=since)
    EnrolmentStatus.objects.create(enrolment=enrolment, status=status, period=period)
    join_equal_neighbours(rows, value="status")
    ranchers_changed(rancher_ids=[enrolment.rancher_id], since=since)
    return True


def _check_status(status: str) -> None:
    if status not in Status.values:
        raise InvalidEnrolment({"status": _("Unknown status.")})
