"""Two registrations of one person become one, and nothing of either is lost.

`practices` and `monitoring` keep rows of a rancher too: their app configs ask once, with
`on_merged`, to have them moved within the same transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ranchers.access import can_manage_accounts
from ranchers.changes import ranchers_changed
from ranchers.models import (
    AccessCard,
    Consent,
    Enrolment,
    EnrolmentStatus,
    ImportRow,
    Plot,
    Rancher,
    RancherAlias,
    User,
)

log = logging.getLogger(__name__)

FILLED = (
    "dni", "phone", "sex", "birth_year", "community", "association", "technician_id", "photo",
)  # fmt: skip
"""What the one that stays takes from the other where it has nothing itself."""


class NotMerged(ValidationError):
    """The two cannot be made one; the message says why."""


class Mover(Protocol):
    def __call__(self, *, duplicate: Rancher, into: Rancher) -> None:
        """Move every row of `duplicate` to `into`; called within the merge's transaction."""


_movers: list[Mover] = []


def on_merged(mover: Mover) -> None:
    """Have `mover` called at every merge; asking twice is the same as asking once."""
    if mover not in _movers:
        _movers.append(mover)


def current_ids(ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The rancher that each of these ids stands for today: itself unless it became an alias."""
    found = dict(RancherAlias.objects.filter(pk__in=ids).values_list("pk", "rancher_id"))
    return {one: found.get(one, one) for one in ids}


def current_id(one: UUID) -> UUID:
    return current_ids([one])[one]


@transaction.atomic
def merge_ranchers(*, duplicate: Rancher, into: Rancher, by: User) -> RancherAlias:
    """Make two registrations of one person one: `into` stays, with the plots, enrolments, consents,
    visits and cards of both; the id of `duplicate` is its alias from now on.

    Where both have a status or consent for a day, the one of `into` counts. Raises NotMerged.
    """
    if not can_manage_accounts(by):
        raise NotMerged(_("Only the coordination can do this."))
    if duplicate.pk == into.pk:
        raise NotMerged(_("Choose two different registrations."))
    locked = Rancher.objects.select_for_update().filter(pk__in=[duplicate.pk, into.pk])
    found = {one.pk: one for one in locked.order_by("pk")}
    if len(found) < 2:
        raise NotMerged(_("One of the two is no longer there."))
    duplicate, into = found[duplicate.pk], found[into.pk]
    _move_plots(duplicate, into)
    _move_enrolments(duplicate, into)
    _move_consents(duplicate, into)
    _move_cards(duplicate, into)
    ImportRow.objects.filter(rancher=duplicate).update(rancher=into)
    for mover in _movers:
        mover(duplicate=duplicate, into=into)
    RancherAlias.objects.filter(rancher=duplicate).update(rancher=into)
    alias = RancherAlias.objects.create(
        id=duplicate.pk, rancher=into, made_by=by, record=_record(duplicate)
    )
    taken = {name: getattr(duplicate, name) for name in FILLED if not getattr(into, name)}
    Rancher.objects.filter(pk=duplicate.pk).delete()
    for name, value in taken.items():
        setattr(into, name, value)
    into.save()
    ranchers_changed(rancher_ids=[into.pk], since=None)
    log.info("rancher %s merged into %s by %s", alias.pk, into.pk, by.pk)
    return alias


def _record(rancher: Rancher) -> dict[str, Any]:
    return {
        "given_names": rancher.given_names,
        "surnames": rancher.surnames,
        "community": rancher.community,
        "district": rancher.district_id,
        "created_at": rancher.created_at.isoformat(),
    }


def _move_plots(duplicate: Rancher, into: Rancher) -> None:
    taken = set(Plot.objects.filter(rancher=into).values_list("name", flat=True))
    for plot in Plot.objects.filter(rancher=duplicate).order_by("created_at"):
        numbered = (f"{plot.name[:112]} ({number})" for number in range(2, len(taken) + 3))
        plot.name = next(name for name in (plot.name, *numbered) if name not in taken)
        plot.rancher = into
        plot.save(update_fields=["name", "rancher"])
        taken.add(plot.name)


def _move_enrolments(duplicate: Rancher, into: Rancher) -> None:
    own = {one.cohort_id: one for one in Enrolment.objects.filter(rancher=into)}
    for enrolment in Enrolment.objects.filter(rancher=duplicate):
        if enrolment.cohort_id not in own:
            enrolment.rancher = into
            enrolment.save(update_fields=["rancher"])
            continue
        kept = own[enrolment.cohort_id]
        covered = list(kept.statuses.values_list("period", flat=True))
        for status in enrolment.statuses.all():
            for period in uncovered(status.period, covered):
                EnrolmentStatus.objects.create(enrolment=kept, status=status.status, period=period)
        enrolment.delete()


def _move_consents(duplicate: Rancher, into: Rancher) -> None:
    covered: dict[str, list[DateRange]] = {}
    for scope, period in Consent.objects.filter(rancher=into).values_list("scope", "period"):
        covered.setdefault(scope, []).append(period)
    for consent in Consent.objects.filter(rancher=duplicate):
        for period in uncovered(consent.period, covered.get(consent.scope, [])):
            Consent.objects.create(
                rancher=into,
                scope=consent.scope,
                period=period,
                how=consent.how,
                recorded_by=consent.recorded_by,
            )
    Consent.objects.filter(rancher=duplicate).delete()


def uncovered(period: DateRange, covered: Collection[DateRange]) -> list[DateRange]:
    """The parts of a period [from, to) that none of the others covers, in order."""
    left: list[DateRange] = []
    start = period.lower or date.min
    end = period.upper or date.max
    for other in sorted(covered, key=lambda one: one.lower or date.min):
        lower, upper = other.lower or date.min, other.upper or date.max
        if lower > start and start < end:
            left.append(_range(start, min(lower, end)))
        start = max(start, upper)
    if start < end:
        left.append(_range(start, end))
    return left


def _range(lower: date, upper: date) -> DateRange:
    return DateRange(None if lower == date.min else lower, None if upper == date.max else upper)


def _move_cards(duplicate: Rancher, into: Rancher) -> None:
    """Both people's cards stay on record; one is live. The log-in of `duplicate` goes."""
    live = AccessCard.objects.filter(rancher=into, revoked_at=None)
    if live.exists():
        AccessCard.objects.filter(rancher=duplicate, revoked_at=None).update(revoked_at=now())
    AccessCard.objects.filter(rancher=duplicate).update(rancher=into)
    spare = User.objects.filter(rancher=duplicate).first()
    if spare is None:
        return
    if User.objects.filter(rancher=into).exists():
        spare.delete()
    else:
        spare.rancher = into
        spare.save(update_fields=["rancher"])
