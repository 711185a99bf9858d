"""The drawn part of a dashboard page, kept until a figure of it changes.

Drawing costs some ten times what looking it up does, and many people look at the same few pages. The
key holds everything that a drawing depends on: the stamp of its cells, the reader's choices, role and
language, the names on it, and the release of the code. A role never gets what another one was shown.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterable
from functools import cache as once
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from redis.exceptions import RedisError

from monitoring.dashboard_pages import Ask, Page

logger = logging.getLogger(__name__)

KEPT_S = 15 * 60
"""Seconds. What is not in the key (a district's outline redrawn) is seen after that at the latest."""


def drawn(page: Page, ask: Ask, *, stamp: str) -> SafeString:
    """The figures of a page as HTML, from the cache or drawn now.

    `stamp` is `page.stamp(ask)`, read before the figures: a change in between is drawn under the
    older stamp, which no later reader asks for.
    """
    if settings.DEBUG:  # a template may have been edited since
        return _draw(page, ask)
    key = drawing_key(page, ask, stamp=stamp)
    try:
        kept = cache.get(key)
    except RedisError:
        logger.warning("the cache does not answer; drawing %s anew", page.slug)
        return _draw(page, ask)
    try:
        if kept is not None:
            return mark_safe(zlib.decompress(kept).decode())  # noqa: S308 (rendered by our template)
    except (TypeError, ValueError, zlib.error):
        logger.warning("what was kept of %s cannot be read; drawing it anew", page.slug)
    return draw_and_keep(page, ask, key=key)


def drawing_key(page: Page, ask: Ask, *, stamp: str) -> str:
    return "drawn:" + _digest(
        [page.slug, stamp, ask.role, get_language(), _release(), ask.fingerprint()]
    )


def draw_and_keep(page: Page, ask: Ask, *, key: str) -> SafeString:
    html = _draw(page, ask)
    try:
        cache.set(key, zlib.compress(html.encode(), 1), KEPT_S)
    except RedisError:
        logger.warning("the cache does not take %s", page.slug)
    return html


def _draw(page: Page, ask: Ask) -> SafeString:
    return render_to_string(page.template, page.context(ask))


def _digest(parts: Iterable[object]) -> str:
    return sha256(repr(list(parts)).encode()).hexdigest()


@once
def _release() -> str:
    """Changes with the code, the templates and the translations that draw."""
    folders = [settings.BASE_DIR / name for name in ("monitoring", "templates", "locale")]
    files = [path for folder in folders for path in Path(folder).rglob("*.*") if path.is_file()]
    return _digest(sorted((str(path), path.stat().st_mtime_ns) for path in files))
