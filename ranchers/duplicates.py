"""Registrations that may be of one and the same person, and what making them one would do."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.formats import date_format, localize
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from ranchers.merging import FILLED
from ranchers.models import Rancher
from ranchers.search import search_ranchers
from ranchers.tables import Column, Table

MOST = 10
LOOKED_AT = 50

Text = str | Promise

_FIELDS: Sequence[tuple[str, Text]] = (
    ("surnames", _("Surnames")),
    ("given_names", _("Given names")),
    ("dni", _("DNI")),
    ("phone", _("Phone")),
    ("sex", _("Sex")),
    ("birth_year", _("Year of birth")),
    ("district", _("District")),
    ("community", _("Community")),
    ("association", _("Association")),
    ("technician", _("Technician")),
    ("created_at", _("Registered")),
)

_BELONGINGS: Sequence[tuple[str, Text]] = (
    ("plots", _("Plots")),
    ("visits", _("Visits")),
    ("enrolments", _("Enrolments in cohorts")),
    ("consents", _("Consents")),
    ("attendances", _("Field days attended")),
    ("access_cards", _("Access cards")),
)
"""What hangs on a rancher, of all apps, by the name on `Rancher`."""


def likely_duplicates(rancher: Rancher, *, among: QuerySet[Rancher]) -> list[Rancher]:
    """Those with the same telephone, or in whose record each word of the name is found or nearly
    so; the same telephone first, then the same district."""
    others = among.exclude(pk=rancher.pk)
    same = Q(pk__in=search_ranchers(others, rancher.full_name).values("pk"))
    if rancher.phone:
        same |= Q(phone=rancher.phone)
    found = others.filter(same).select_related("district", "technician")[:LOOKED_AT]

    def farness(one: Rancher) -> tuple[bool, bool, str]:
        is_same_phone = bool(one.phone) and one.phone == rancher.phone
        return not is_same_phone, one.district_id != rancher.district_id, one.full_name

    return sorted(found, key=farness)[:MOST]


def comparison(*, stays: Rancher, goes: Rancher) -> Table:
    """Each piece of both registrations and what it will be. Where both say something, the one that
    stays counts; what hangs on either is all kept."""
    rows: list[tuple[Text, str, str, str]] = []
    for name, label in _FIELDS:
        own, other = _words(stays, name), _words(goes, name)
        is_filled = f"{name}_id" in FILLED or name in FILLED
        rows.append((label, own or "—", other or "—", own or (other if is_filled else "") or "—"))
    for name, label in _BELONGINGS:
        mine, others = getattr(stays, name).count(), getattr(goes, name).count()
        rows.append((label, localize(mine), localize(others), localize(mine + others)))
    return Table.of(
        caption=_("The two registrations side by side"),
        columns=[
            Column(_("What")),
            Column(_("The one that stays")),
            Column(_("The one that goes")),
            Column(_("Afterwards")),
        ],
        rows=rows,
        sortable=False,
    )


def have_different_dnis(one: Rancher, other: Rancher) -> bool:
    """True where a DNI speaks against their being one person."""
    return bool(one.dni and other.dni and one.dni != other.dni)


def _words(rancher: Rancher, name: str) -> str:
    if name == "sex":
        return str(rancher.get_sex_display()) if rancher.sex else ""
    if name == "district":
        return rancher.district.name
    if name == "technician":
        return rancher.technician.name if rancher.technician else ""
    if name == "created_at":
        return date_format(localtime(rancher.created_at), "j b Y")
    return str(getattr(rancher, name) or "")
