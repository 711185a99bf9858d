"""Consent of a rancher to each scope of use of their data, as a history."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils.translation import gettext as _

from ranchers.changes import ranchers_changed
from ranchers.history import check_since, on_day
from ranchers.models import Consent, ConsentScope, Rancher, User


class InvalidConsent(ValidationError):
    """The consent cannot be given or withdrawn as asked."""


@transaction.atomic
def give_consent(
    *, rancher: Rancher, scope: str, since: date, how: str = "", by: User | None
) -> Consent:
    """Record that the rancher consents to `scope` from `since` on.

    Already in force on that day: returned as it is. Given earlier than a consent on record: the
    record is extended back, so nothing overlaps. Raises `InvalidConsent`, `InvalidDate`.
    """
    if scope not in ConsentScope.values:
        raise InvalidConsent({"scope": _("Unknown scope of consent.")})
    check_since(since)
    Rancher.objects.select_for_update().get(pk=rancher.pk)
    rows = Consent.objects.filter(rancher=rancher, scope=scope)
    in_force = on_day(rows, since)
    if in_force is not None:
        return in_force
    later = rows.filter(period__startswith__gt=since).order_by("period").first()
    if later is not None:
        # Said to hold since an earlier day than the one on record: one consent, not two.
        later.period = DateRange(since, later.period.upper)
        later.how = how or later.how
        later.save()
        ranchers_changed(rancher_ids=[rancher.pk], since=since)
        return later
    consent = Consent.objects.create(
        rancher=rancher, scope=scope, period=DateRange(since, None), how=how, recorded_by=by
    )
    ranchers_changed(rancher_ids=[rancher.pk], since=since)
    return consent


@transaction.atomic
def withdraw_consent(*, rancher: Rancher, scope: str, since: date, by: User | None) -> None:
    """Record that the rancher no longer consents to `scope` from `since` on.

    Consents recorded for later days are taken back as well. Raises `InvalidConsent` when none is
    in force on that day or later, `InvalidDate`.
    """
    check_since(since)
    Rancher.objects.select_for_update().get(pk=rancher.pk)
    rows = Consent.objects.filter(rancher=rancher, scope=scope).filter(
        Q(period__contains=since) | Q(period__startswith__gt=since)
    )
    affected = list(rows)
    if not affected:
        raise InvalidConsent({"scope": _("There is no such consent in force on that date.")})
    for consent in affected:
        if consent.period.lower >= since:
            consent.delete()
        else:
            consent.period = DateRange(consent.period.lower, since)
            consent.recorded_by = by
            consent.save()
    ranchers_changed(rancher_ids=[rancher.pk], since=since)
