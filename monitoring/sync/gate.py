"""What every kind of payload passes before it is judged: who sends it, and is what it names here."""

from __future__ import annotations

from collections.abc import Callable, Collection
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from monitoring.models import Channel, InboxPayload
from monitoring.sync.reasons import Held, Quarantine, Reason
from ranchers.access import has_role, ranchers_for
from ranchers.models import Rancher, Role, User


def lock(item: UUID | str) -> None:
    """One payload of an item (visit, rancher, plot, a DNI) at a time, also before the item exists;
    held to the commit."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 5))", [str(item)])


def judged_by(
    payload: InboxPayload, authority: User | None, *, rancher_id: UUID | None = None
) -> User:
    """By whose rights a payload is judged: the coordinator's who let it in, else its sender's.

    Raises Quarantine for what nobody sent, what comes from a closed account, what a device sent
    after it was signed out, and what a file holds that its own phone did not make.
    """
    by = authority or payload.released_by
    if by is not None:
        return by
    sender = payload.sender
    if sender is None:
        raise Quarantine(Reason("", "no_sender", _("Nobody is named as the sender.")))
    if not sender.is_active:
        message = _("The account is closed. A coordinator will look at what was sent.")
        raise Quarantine(Reason("", "account_closed", message), rancher_id=_known(rancher_id))
    device = payload.via
    if device and device.revoked_at and payload.received_at >= device.revoked_at:
        message = _("This phone was signed out. A coordinator will look at what it sent.")
        raise Quarantine(Reason("", "device_signed_out", message), rancher_id=_known(rancher_id))
    if payload.channel == Channel.FILE and (device is None or payload.device != device.pk):
        message = _("The phone that made this is not the one of the file, or is not known here.")
        raise Quarantine(Reason("", "device_unknown", message), rancher_id=_known(rancher_id))
    return sender


def check_rancher(by: User, rancher_id: UUID, *, also: Collection[UUID] = ()) -> None:
    """Raises Held when the rancher has not arrived, Quarantine when `by` may not see the rancher
    (or one of `also`)."""
    needed = {rancher_id, *also}
    seen = set(ranchers_for(by).filter(pk__in=needed).values_list("pk", flat=True))
    in_the_field = has_role(by, Role.TECHNICIAN, Role.COORDINATOR)
    if in_the_field and seen == needed:
        return
    if in_the_field and rancher_id not in seen:
        wait_for(
            rancher_id,
            is_here=lambda: _known(rancher_id) is not None,
            message=_("The rancher has not arrived yet. This waits for them and is not lost."),
            field="rancher",
        )
    message = _("You may not see this rancher. A coordinator will look at the visit.")
    raise Quarantine(
        Reason("rancher", "rancher_not_visible", message), rancher_id=_known(rancher_id)
    )


def wait_for(item: UUID, *, is_here: Callable[[], bool], message: str, field: str) -> None:
    """Raises Held unless the item is here.

    Looks again under the item's lock, which whoever brings it holds: either it is seen, or its
    bringer sees that this waits.
    """
    if is_here():
        return
    lock(item)
    if not is_here():
        raise Held(item, Reason(field, f"{field}_not_here", message))


def _known(rancher_id: UUID | None) -> UUID | None:
    if rancher_id is None:
        return None
    return Rancher.objects.filter(pk=rancher_id).values_list("pk", flat=True).first()
