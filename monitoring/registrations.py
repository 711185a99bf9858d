"""What only a coordinator settles of registrations: one person or two, and edits in conflict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring import sync
from monitoring.models import Conflict, InboxPayload
from monitoring.quality import AlreadyClosed
from monitoring.sync import gate, items
from monitoring.sync import registrations as judge
from monitoring.sync.content import Content
from monitoring.sync.inbox import apply_held
from monitoring.sync.kinds import content_received
from monitoring.sync.reasons import Refused
from ranchers.merging import merge_ranchers
from ranchers.models import Rancher, RancherAlias, User
from ranchers.registration import CLEANERS, update_rancher

SAME, TWO = "same", "two"


class NotSettled(ValueError):
    """It cannot be settled so; the message says why."""


def incoming_of(conflict: Conflict) -> Content:
    """What the registration said that is in conflict."""
    return content_received(conflict.payload)


def is_about_dni(conflict: Conflict) -> bool:
    return conflict.rancher_id is not None and conflict.fields == ["dni"]


def same_person(*, conflict: Conflict, by: User) -> None:
    """The registration is of the rancher who has the DNI: its id becomes an alias, its visits and
    plots go there. Raises AlreadyClosed, NotMerged."""
    payload, content = conflict.payload, incoming_of(conflict)
    with transaction.atomic():
        kept, other = _open(conflict)
        item = _item(payload)
        gate.lock(item)
        mine = Rancher.objects.filter(pk=item).first()
        if mine is not None:
            merge_ranchers(duplicate=mine, into=other, by=by)
        else:
            _become_alias(payload, content, other, by=by)
        _close(kept, by=by, settlement=SAME)
    apply_held([item])


def _become_alias(payload: InboxPayload, content: Content, other: Rancher, *, by: User) -> None:
    """The new registration was never a row: what it adds to the old one is kept there."""
    item = _item(payload)
    names = ("given_names", "surnames", "community", "district")
    record = {name: content[name] for name in names}
    RancherAlias.objects.create(id=item, rancher=other, made_by=by, record=record)
    missing = {
        name: content[name] for name in judge.PLAIN if content[name] and not getattr(other, name)
    }
    if missing:
        update_rancher(rancher=other, by=by, **missing)
    judge.give_consents(other, content, by=by)
    items.keep_version(payload, item=item, content=content)


def two_people(*, conflict: Conflict, dni: str, by: User) -> None:
    """The registration is of somebody else, whose DNI is `dni` (may be empty: not known yet).
    Raises AlreadyClosed, NotSettled."""
    payload, content = conflict.payload, incoming_of(conflict)
    try:
        clean = CLEANERS["dni"](dni)
    except ValidationError as error:
        raise NotSettled(error.messages[0]) from error
    with transaction.atomic():
        kept, other = _open(conflict)
        item = _item(payload)
        gate.lock(item)
        gate.lock(f"dni {clean}")
        if clean and Rancher.objects.filter(dni=clean).exclude(pk=item).exists():
            raise NotSettled(_("Another rancher already has this DNI."))
        mine = Rancher.objects.filter(pk=item).first()
        try:
            if mine is not None:
                update_rancher(rancher=mine, by=by, dni=clean)
            else:
                judge.register(item, content | {"dni": clean}, by=payload.sender or by)
                items.keep_version(payload, item=item, content=content)
        except (Refused, ValidationError) as error:
            raise NotSettled(str(error)) from error
        _close(kept, by=by, settlement=TWO)
    apply_held([item])


def differences(conflict: Conflict) -> list[tuple[str, Any, Any]]:
    """(property, value now, value that came in) of an edit in conflict."""
    now, incoming = judge.content_now(_rancher(conflict)), incoming_of(conflict)
    return [(name, now.get(name), incoming.get(name)) for name in conflict.fields]


def settle_edit(*, conflict: Conflict, picks: Mapping[str, str], by: User) -> None:
    """Write the picks ("current" or "incoming" per property). Raises AlreadyClosed, NotSettled."""
    incoming = incoming_of(conflict)
    with transaction.atomic():
        kept, rancher = _open(conflict)
        now = judge.content_now(rancher)
        taken = [name for name in conflict.fields if picks.get(name) == "incoming"]
        wanted = now | {name: incoming[name] for name in taken}
        try:
            judge.write(rancher, now, wanted, incoming, by=by)
        except (Refused, ValidationError) as error:
            raise NotSettled(_("That cannot be: another rancher has this DNI.")) from error
        if taken:
            content = incoming | wanted
            items.keep_version(conflict.payload, item=_item(conflict.payload), content=content)
        everything = len(taken) == len(conflict.fields)
        _close(kept, by=by, settlement="applied" if everything else "merged" if taken else "kept")


def _open(conflict: Conflict) -> tuple[Conflict, Rancher]:
    """The conflict, locked, and its rancher. Raises AlreadyClosed."""
    kept = Conflict.objects.select_for_update().filter(pk=conflict.pk, settled_at=None).first()
    if kept is None:
        raise AlreadyClosed
    rancher = Rancher.objects.select_for_update(of=("self",)).get(conflicts=kept)
    return kept, rancher


def _rancher(conflict: Conflict) -> Rancher:
    if conflict.rancher is None:
        raise LookupError
    return conflict.rancher


def _item(payload: InboxPayload) -> Any:
    return payload.visit_uuid


def _close(conflict: Conflict, *, by: User, settlement: str) -> None:
    conflict.settled_at, conflict.settled_by = timezone.now(), by
    conflict.settlement = settlement
    conflict.save(update_fields=["settled_at", "settled_by", "settlement"])
    sync.tell_senders(conflict.payload)
