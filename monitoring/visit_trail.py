"""What changed between the versions of a visit, in words."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Field
from django.utils.translation import gettext as _

from monitoring.models import Measurement, Visit
from monitoring.sync.content import Content
from monitoring.sync.merge import changed
from practices.models import Practice, Stage
from ranchers.models import Plot, Rancher


def measurement_label(name: str) -> str:
    """What a figure is called, with its unit."""
    column = cast("Field[Any, Any]", Measurement._meta.get_field(name))
    text = str(column.verbose_name)
    return text[:1].upper() + text[1:]


def property_label(name: str) -> str:
    """What a property of the content is called on the screen."""
    group, _dot, key = name.partition(".")
    if group == "measurements":
        return measurement_label(key)
    if group == "observations":
        practice = Practice.objects.filter(code=key).first()
        return practice.name if practice else key
    plain = {
        "rancher": _("Rancher"),
        "plot": _("Plot"),
        "visited_on": _("Date of the visit"),
        "started_at": _("Started at"),
        "position": _("Position"),
        "notes": _("Notes"),
        "deleted": _("Deleted"),
        "confirmed": _("Confirmed values"),
        "next_steps": _("Next step"),
    }
    return plain.get(group, name)


def property_text(name: str, value: Any) -> str:
    """A property's value as a person reads it."""
    if value is None or value == "":
        return _("(nothing)")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name == "position":
        return f"{value['lat']}, {value['lon']}"
    if name.startswith("observations."):
        parts = [str(Stage(value["stage"]).label), value["intensity"], value["note"]]
        if value["evidence_seen"]:
            parts.insert(1, _("evidence seen"))
        return " · ".join(part for part in parts if part)
    if name.startswith("next_steps."):
        done = _("done on %(day)s") % {"day": value["done_on"]} if value["done_on"] else ""
        return " · ".join(part for part in (value["text"], value["due_on"], done) if part)
    if name == "plot":
        return str(Plot.objects.filter(pk=value).first() or value)
    if name == "rancher":
        return str(Rancher.objects.filter(pk=value).first() or value)
    return ", ".join(value) if isinstance(value, list) else str(value)


def trail(visit: Visit) -> list[dict[str, Any]]:
    """The versions of a visit, newest first: who, when, by which receipt, what changed."""
    before: Content = {}
    found = []
    for row in visit.versions.select_related("made_by", "payload").order_by("version"):
        names = sorted(changed(before, row.content) - {"confirmed"}) if before else []
        changes = [
            {
                "label": property_label(name),
                "before": property_text(name, before.get(name)),
                "after": property_text(name, row.content.get(name)),
            }
            for name in names
        ]
        found.append({"row": row, "changes": changes})
        before = row.content
    return found[::-1]
