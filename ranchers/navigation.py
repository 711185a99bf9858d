"""The main menu of each role.

Each entry names a URL; an entry whose URL does not exist is left out, so an app can be taken
away without breaking every page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class NavItem:
    label: Text
    url: str
    icon: str
    is_current: bool = False


@dataclass(frozen=True)
class Entry:
    label: Text
    url_name: str
    icon: str


COORDINATION = Entry(_("Coordination"), "monitoring:coordination", "target")
RANCHERS = Entry(_("Ranchers"), "ranchers:list", "people")
MAP = Entry(_("Map"), "monitoring:map", "map")
PRACTICES = Entry(_("Practices"), "practices:list", "leaf")
FIELD_DAYS = Entry(_("Field days"), "practices:field_days", "calendar")
VISITS = Entry(_("Visits"), "monitoring:visits", "clipboard")
DASHBOARD = Entry(_("Dashboard"), "monitoring:dashboard", "chart")
MY_ROUTE = Entry(_("My route"), "monitoring:my_route", "route")
MY_PROGRESS = Entry(_("My progress"), "monitoring:my_progress", "cow")
CARDS = Entry(_("Cards"), "cards", "phone")
EUDR = Entry(_("EU file"), "monitoring:eudr", "download")
ACCOUNTS = Entry(_("Accounts"), "users", "lock")

MENUS: Mapping[str, Sequence[Entry]] = {
    "coordinator": (
        COORDINATION,
        DASHBOARD,
        RANCHERS,
        MAP,
        VISITS,
        PRACTICES,
        FIELD_DAYS,
        CARDS,
        EUDR,
        ACCOUNTS,
    ),
    "technician": (MY_ROUTE, RANCHERS, MAP, VISITS, PRACTICES, FIELD_DAYS, CARDS),
    "ministry": (DASHBOARD, MAP, PRACTICES),
    "rancher": (MY_PROGRESS, PRACTICES, FIELD_DAYS),
}


def menu(*, role: str, path: str) -> list[NavItem]:
    """The menu of a role, with the entry current whose address is the longest prefix of `path`."""
    found: list[tuple[Entry, str]] = []
    for entry in MENUS.get(role, ()):
        try:
            found.append((entry, reverse(entry.url_name)))
        except NoReverseMatch:
            continue
    current = max((url for _entry, url in found if path.startswith(url)), key=len, default="")
    return [
        NavItem(label=entry.label, url=url, icon=entry.icon, is_current=url == current)
        for entry, url in found
    ]
