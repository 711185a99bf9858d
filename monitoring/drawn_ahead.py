"""Dashboard pages drawn by a worker after a recompute, so that the first reader does not wait.

Which ones: those that somebody asked for within a day, the newest first. A drawing is made as the
view makes it, for a reader of the asker's role (`Ask.of`), and kept under the same key. Nothing
depends on it: what is not drawn ahead, the reader who asks for it draws (docs/decisions/044).
"""

from __future__ import annotations

import logging
import time
from typing import NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.utils import translation
from redis.exceptions import RedisError

from monitoring.dashboard_pages import PAGES, Ask, Page
from monitoring.drawn import draw_and_keep, drawing_key
from monitoring.models import DirtyRancher
from ranchers.models import User

logger = logging.getLogger(__name__)

MOST = 50
ASKED_WITHIN_S = 24 * 3600
NOTED_EVERY_S = 60
"""An open page asks every few seconds; that it was asked for is written once in this time."""

TURN_S = 1.0
"""Seconds of drawing before other work of the worker has its turn."""

QUEUED_S = 60
"""Seconds after which a queued drawing counts as lost."""

BEING_DRAWN_S = 10
"""Seconds in which a second worker leaves a drawing to the first."""

_ASKED = "drawn-ahead:asked:1"  # another number when `Asked` has other fields
_QUEUED = "drawn-ahead:queued"


class Asked(NamedTuple):
    """A page as somebody asked for it: all that its drawing depends on besides the figures."""

    slug: str
    role: str
    language: str
    choices: tuple[tuple[str, str], ...]


def remember(page: Page, ask: Ask) -> None:
    """Note that the page is looked at. Two notes at one moment may lose one: the next look notes it."""
    if settings.DEBUG or not ask.form.is_valid():
        return
    choices = tuple(sorted(ask.form.chosen().items()))
    one = Asked(page.slug, ask.role, translation.get_language() or settings.LANGUAGE_CODE, choices)
    at = time.time()
    try:
        known = asked()
        if at - known.get(one, 0) >= NOTED_EVERY_S:
            newest = sorted((known | {one: at}).items(), key=lambda each: -each[1])[:MOST]
            cache.set(_ASKED, {tuple(each): seen for each, seen in newest}, ASKED_WITHIN_S)
    except RedisError:
        logger.warning("the cache does not take what was asked for")


def draw_ahead(*, first: int = 0) -> int | None:
    """Draw what was asked for lately and is not kept as it is now, from the `first` on; where to go
    on, or None at the end.

    Ends when its turn is over, and as soon as a rancher waits to be recomputed: that comes first, and
    asks for the drawing again.
    """
    cache.delete(_QUEUED)  # what is computed from now on asks for a drawing of its own
    until = time.monotonic() + TURN_S
    pages = sorted(asked().items(), key=lambda each: -each[1])
    for number, (one, _at) in enumerate(pages[first:], start=first):
        if DirtyRancher.objects.exists():
            return None
        if time.monotonic() > until:
            return number
        _draw_one(one)
    return None


def is_first_to_ask() -> bool:
    """Whether no drawing is queued yet; from now on one is, until it begins."""
    try:
        return cache.add(_QUEUED, True, QUEUED_S)
    except RedisError:
        return True


def _draw_one(one: Asked) -> None:
    page = PAGES.get(one.slug)
    if page is None:
        return
    with translation.override(one.language):
        ask = Ask.of(page.form, dict(one.choices), viewer=User(role=one.role))
        if not ask.form.is_valid():  # a practice or a district that is gone
            return
        key = drawing_key(page, ask, stamp=page.stamp(ask))
        if cache.get(key) is None and cache.add(f"{key}:begun", True, BEING_DRAWN_S):
            draw_and_keep(page, ask, key=key)


def asked() -> dict[Asked, float]:
    """When each page was last asked for (seconds since 1970), of those of the last day."""
    known = cache.get(_ASKED)
    oldest = time.time() - ASKED_WITHIN_S
    try:
        return {Asked(*one): at for one, at in (known or {}).items() if at > oldest}
    except (AttributeError, TypeError, ValueError):  # another release's way of writing it down
        logger.warning("what was asked for cannot be read; it is forgotten")
        return {}
