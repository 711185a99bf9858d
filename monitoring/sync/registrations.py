"""A rancher registered (or corrected) on a phone: created, merged, or kept for a coordinator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from monitoring.models import Conflict, InboxPayload, Outcome
from monitoring.sync import fields as read
from monitoring.sync import gate, items
from monitoring.sync.content import Content
from monitoring.sync.document import Document
from monitoring.sync.merge import changed, three_way
from monitoring.sync.reasons import Judgement, Quarantine, Reason, Refused
from ranchers.access import can_register_ranchers, has_role
from ranchers.consents import give_consent, withdraw_consent
from ranchers.history import InvalidDate, check_since
from ranchers.merging import current_id
from ranchers.models import Consent, ConsentScope, District, Rancher, Role, User
from ranchers.registration import CLEANERS, InvalidRancher, register_rancher, update_rancher

PLAIN = ("given_names", "surnames", "dni", "phone", "sex", "birth_year", "community", "association")
SCOPES = {"programme": ConsentScope.PROGRAMME, "ministry": ConsentScope.MINISTRY}
NOT_COMPARED = {"registered_on", "consent.how"}
"""Said of the moment of registering; no later edit is made of them."""


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration understood: who it is of, and what it says."""

    rancher_id: UUID
    base_version: int | None
    device: UUID | None
    revision: int | None
    content: Content


def understand(document: Document) -> Registration:
    """The registration that a schema 1 document describes. Raises Refused with all reasons."""
    errors: list[Reason] = []

    def take(field: str, reader: Callable[..., Any], value: Any, **options: Any) -> Any:
        try:
            return reader(value, **options)
        except read.Unreadable as error:
            errors.append(Reason(field, error.code, str(error)))
        except ValidationError as error:
            errors.append(Reason(field, "invalid", error.messages[0]))
        return None

    rancher_id = take("id", read.uuid, document.get("id"), required=True)
    content: Content = {}
    for name in PLAIN:
        value = document.get(name)
        if name == "birth_year":
            value = take(name, read.count, value, most=2100)
        elif value is not None and not isinstance(value, str):
            value = take(name, read.text, value, longest=200)
        content[name] = take(name, CLEANERS[name], value)
    district = take("district", read.text, document.get("district"), longest=6, required=True)
    if district and not District.objects.filter(pk=district).exists():
        errors.append(Reason("district", "unknown", _("This district is not known.")))
    content["district"] = district
    consent = take("consent", read.mapping, document.get("consent")) or {}
    for name in SCOPES:
        content[f"consent.{name}"] = take(f"consent.{name}", read.truth, consent.get(name))
    content["consent.how"] = take("consent.how", read.text, consent.get("how"), longest=120)
    day = take("registered_on", read.day, document.get("registered_on"), required=True)
    if day:
        take("registered_on", _not_in_the_future, date.fromisoformat(day))
    content["registered_on"] = day
    found = Registration(
        rancher_id=UUID(rancher_id or "0" * 32),
        base_version=take("base_version", read.count, document.get("base_version"), most=10**6),
        device=_uuid_or_none(document.get("device")),
        revision=take("revision", read.count, document.get("revision"), most=10**9),
        content=content,
    )
    if errors:
        raise Refused(errors)
    return found


def _not_in_the_future(day: date) -> None:
    try:
        check_since(day)
    except InvalidDate as error:
        raise read.Unreadable("in_future", error.messages[0]) from error


def _uuid_or_none(value: object) -> UUID | None:
    try:
        found = read.uuid(value)
    except read.Unreadable:
        return None
    return UUID(found) if found else None


def settle_registration(
    payload: InboxPayload, document: Document, authority: User | None
) -> Judgement:
    """Write what a registration changes. Raises Refused and Quarantine, having written nothing."""
    incoming = understand(document)
    items.note_claims(payload, item=incoming.rancher_id, content=incoming.content, claims=incoming)
    gate.lock(incoming.rancher_id)
    known = items.seen_before(payload)
    if known is not None:
        return known
    by = gate.judged_by(payload, authority)
    if not can_register_ranchers(by):
        message = _("Your account may not register ranchers. A coordinator will look at it.")
        raise Quarantine(Reason("", "may_not_register", message))
    if incoming.content["dni"]:
        gate.lock(f"dni {incoming.content['dni']}")
    rancher = (
        Rancher.objects.select_for_update(of=("self",))
        .filter(pk=current_id(incoming.rancher_id))
        .first()
    )
    if rancher is not None:
        gate.check_rancher(by, rancher.pk)
        return _edit(payload, incoming, rancher, by)
    other = _holder_of_dni(incoming.content["dni"])
    if other is not None:
        return _dni_conflict(payload, incoming, other)
    return _create(payload, incoming, by)


def _holder_of_dni(dni: str | None) -> Rancher | None:
    return Rancher.objects.filter(dni=dni).first() if dni else None


def _dni_conflict(payload: InboxPayload, incoming: Registration, other: Rancher) -> Judgement:
    """Somebody else has this DNI: the same person registered twice, or a wrong digit. A coordinator
    decides; visits to the new registration are held until then."""
    _replace_conflicts(payload, incoming.rancher_id)
    Conflict.objects.create(
        rancher=other,
        payload=payload,
        base_version=incoming.base_version or 0,
        current_version=0,
        fields=["dni"],
    )
    message = _("This DNI is already registered. A coordinator will see whether it is one person.")
    version = items.latest_version(incoming.rancher_id)
    return Judgement(Outcome.CONFLICT, version, [Reason("dni", "dni_taken", message)])


def _replace_conflicts(payload: InboxPayload, rancher_id: UUID) -> None:
    """A later save of the same registration stands for the earlier ones that still wait."""
    Conflict.objects.filter(
        settled_at=None, fields=["dni"], payload__visit_uuid=rancher_id, payload__kind=payload.kind
    ).update(settled_at=timezone.now(), settlement="overtaken")


def _create(payload: InboxPayload, incoming: Registration, by: User) -> Judgement:
    register(incoming.rancher_id, incoming.content, by=payload.sender or by)
    _replace_conflicts(payload, incoming.rancher_id)
    version = items.keep_version(payload, item=incoming.rancher_id, content=incoming.content)
    return Judgement(Outcome.CREATED, version, arrived=(incoming.rancher_id,))


def register(rancher_id: UUID, content: Content, *, by: User) -> Rancher:
    """Record the rancher that a content describes, in the care of who registered. Raises Refused."""
    details = {name: content[name] for name in PLAIN if name not in ("given_names", "surnames")}
    try:
        rancher = register_rancher(
            given_names=content["given_names"],
            surnames=content["surnames"],
            district=District.objects.get(pk=content["district"]),
            by=by,
            rancher_id=rancher_id,
            technician=by if has_role(by, Role.TECHNICIAN) else None,
            **details,
        )
    except InvalidRancher as error:
        raise Refused(_reasons(error)) from error
    give_consents(rancher, content, by=by)
    return rancher


def give_consents(rancher: Rancher, content: Content, *, by: User) -> None:
    for name, scope in SCOPES.items():
        if content[f"consent.{name}"]:
            since = date.fromisoformat(content["registered_on"])
            give_consent(
                rancher=rancher, scope=scope, since=since, how=content["consent.how"], by=by
            )


def _reasons(error: ValidationError) -> list[Reason]:
    if not hasattr(error, "error_dict"):
        return [Reason("", "invalid", text) for text in error.messages]
    told = error.message_dict.items()
    return [Reason(field, "invalid", texts[0]) for field, texts in told]


def content_now(rancher: Rancher) -> Content:
    """What the rows say of a rancher today, in the words of a registration."""
    content: Content = {name: getattr(rancher, name) for name in PLAIN}
    content["district"] = rancher.district_id
    today = Consent.objects.filter(rancher=rancher, period__contains=localdate())
    scopes = set(today.values_list("scope", flat=True))
    return content | {f"consent.{name}": scope in scopes for name, scope in SCOPES.items()}


def _edit(payload: InboxPayload, incoming: Registration, rancher: Rancher, by: User) -> Judgement:
    versions = items.versions_of(incoming.rancher_id)
    now = content_now(rancher)
    proposed = {k: v for k, v in incoming.content.items() if k not in NOT_COMPARED}
    base_version = _base(payload, incoming, versions)
    base = {k: v for k, v in versions.get(base_version, {}).items() if k not in NOT_COMPARED}
    latest = items.latest_version(incoming.rancher_id)
    if not changed(now, proposed):
        return Judgement(Outcome.UNCHANGED, latest)
    merge = three_way(base=base or now, current=now, incoming=proposed)
    merged = {name: value for name, value in merge.content.items() if name in now}
    if merged["dni"] != now["dni"]:
        other = _holder_of_dni(merged["dni"])
        if other is not None:
            return _dni_conflict(payload, incoming, other)
    if changed(now, merged):
        write(rancher, now, merged, incoming.content, by=by)
        latest = items.keep_version(
            payload, item=incoming.rancher_id, content=incoming.content | merged
        )
    if not merge.overlaps:
        return Judgement(Outcome.UPDATED, latest)
    Conflict.objects.create(
        rancher=rancher,
        payload=payload,
        base_version=incoming.base_version or 0,
        current_version=latest or 0,
        fields=merge.overlaps,
    )
    message = _("Someone else changed this too. Both are kept; a coordinator will decide.")
    reasons = [Reason(name, "conflict", message) for name in merge.overlaps]
    return Judgement(Outcome.CONFLICT, latest, reasons)


def _base(payload: InboxPayload, incoming: Registration, versions: dict[int, Content]) -> int:
    """The version an edit stands on: as with visits, a device that saves again before it hears of
    its last save's version stands on that save."""
    base = incoming.base_version or 0
    if incoming.device is None or incoming.revision is None:
        return base
    own = items.earlier_of(payload).filter(
        device=incoming.device, base_version=incoming.base_version
    )
    last = own.exclude(outcome=Outcome.CONFLICT).order_by("-revision").first()
    return max(base, last.visit_version or 0) if last is not None else base


def write(rancher: Rancher, now: Content, wanted: Content, said: Content, *, by: User) -> None:
    """Have the rows say what is wanted. Raises Refused."""
    differs = changed(now, wanted)
    details: dict[str, Any] = {name: wanted[name] for name in PLAIN if name in differs}
    if "district" in differs:
        details["district"] = District.objects.get(pk=wanted["district"])
    if details:
        try:
            update_rancher(rancher=rancher, by=by, **details)
        except InvalidRancher as error:
            raise Refused(_reasons(error)) from error
    for name, scope in SCOPES.items():
        if f"consent.{name}" not in differs:
            continue
        if wanted[f"consent.{name}"]:
            since = date.fromisoformat(said["registered_on"])
            give_consent(rancher=rancher, scope=scope, since=since, how=said["consent.how"], by=by)
        else:
            withdraw_consent(rancher=rancher, scope=scope, since=localdate(), by=by)
