"""What devices send, in words: each kind's properties as the screens name them."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django.db.models import Field
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from monitoring.models import InboxPayload, Kind, Outcome
from monitoring.sync.kinds import content_received
from monitoring.sync.registrations import PLAIN
from monitoring.visit_trail import property_label, property_text
from ranchers.models import District, Plot, Rancher, Sex


def kind_label(kind: str) -> str:
    """What an item of this kind is called; the kind itself when it is not known."""
    return str(dict(Kind.choices).get(kind, kind))


def outcome_label(outcome: str) -> str:
    """What became of an item of any kind."""
    words = {
        Outcome.PENDING: _("Not read yet"),
        Outcome.CREATED: _("Received"),
        Outcome.UPDATED: _("Received: an edit"),
        Outcome.UNCHANGED: _("Was here already"),
        Outcome.CONFLICT: _("In conflict"),
        Outcome.REJECTED: _("Not accepted"),
        Outcome.QUARANTINED: _("In quarantine"),
        Outcome.HELD: _("Waits for what it names"),
    }
    return words[Outcome(outcome)]


def field_label(kind: str, name: str) -> str:
    """What a property is called on the screens; "" for the item as a whole."""
    if not name:
        return ""
    if kind == Kind.RANCHER:
        return _registration_label(name)
    more = {
        "plot_name": _("Name of the plot"),
        "walked_on": _("Day of the walk"),
        "geometry": _("Outline"),
        "track": _("Track"),
        "done_on": _("Done on"),
    }
    return more.get(name) or property_label(name)


def _registration_label(name: str) -> str:
    if name in (*PLAIN, "district"):
        column = cast("Field[Any, Any]", Rancher._meta.get_field(name))
        text = str(column.verbose_name)
        return text[:1].upper() + text[1:]
    consents = {
        "consent.programme": _("Consent to the programme"),
        "consent.ministry": _("Consent to share with the ministry"),
        "consent.how": _("How consent was given"),
        "registered_on": _("Registered on"),
    }
    return consents.get(name, name)


def field_text(kind: str, name: str, value: Any) -> str:
    """A property's value as a person reads it."""
    if kind == Kind.RANCHER and name == "district" and value:
        found = District.objects.filter(pk=value).first()
        return found.name if found else str(value)
    if kind == Kind.RANCHER and name == "sex" and value:
        return str(dict(Sex.choices).get(value, value))
    if name.endswith("_on") and value:
        return date_format(date.fromisoformat(value), "j b Y")
    if name == "plot" and value and not Plot.objects.filter(pk=value).exists():
        return _("A new plot")
    if name == "geometry" and value:
        return _("An outline of %(n)s corners") % {"n": max(str(value).count(","), 1)}
    return property_text(name, value)


def reason_texts(kind: str, reasons: list[dict[str, str]]) -> list[str]:
    """Reasons as sentences, each with the name of its field before it."""
    return [
        f"{field_label(kind, reason['field'])}: {reason['message']}"
        if reason.get("field")
        else reason["message"]
        for reason in reasons
    ]


def described(payload: InboxPayload) -> list[tuple[str, str]]:
    """(label, text) of everything that an item says. Raises Refused and Quarantine when it cannot be
    understood."""
    kind = payload.kind
    return [
        (field_label(kind, name), field_text(kind, name, value))
        for name, value in content_received(payload).items()
        if value not in (None, "", [], False)
    ]
