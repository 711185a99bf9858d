"""Celery tasks: a few lines each, idempotent."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from celery import shared_task
from django.utils import translation

from monitoring import recompute
from ranchers.tasks import ask

logger = logging.getLogger(__name__)

LAST = 9
"""Celery's lowest priority with Redis: what waits in another is taken first."""


@shared_task
def recompute_dirty() -> int:
    """Recompute what is marked, batch by batch, until nothing is."""
    total = 0
    while done := recompute.recompute_dirty():
        total += done
    if total:
        queue_draw_ahead()
    return total


@shared_task
def full_recompute() -> int:
    """The nightly check; returns the number of differences found and mended."""
    differences = recompute.full_recompute().differences
    queue_draw_ahead()
    return differences


@shared_task
def draw_ahead(first: int = 0) -> None:
    """Draw the dashboard pages that people look at, a turn at a time."""
    from monitoring import drawn_ahead

    left = drawn_ahead.draw_ahead(first=first)
    if left is not None:
        queue_draw_ahead(first=left)


def queue_draw_ahead(*, first: int = 0) -> None:
    """Ask a worker to draw when it has nothing else to do; once, however many ask. With the broker
    down readers draw."""
    from monitoring import drawn_ahead

    if first or drawn_ahead.is_first_to_ask():
        ask(draw_ahead, first, otherwise="readers draw the dashboard", priority=LAST, expires=60)


@shared_task
def compare_users() -> int:
    """Compare users of practices with others where the facts changed; how many quarters."""
    from monitoring.use import keeping

    compared = keeping.refresh()
    if compared:
        queue_draw_ahead()
    return compared


@shared_task
def compare_all_users() -> int:
    """The nightly comparison from scratch; how many quarters."""
    from monitoring.use import keeping

    return keeping.refresh(everything=True)


_later: ContextVar[list[bool] | None] = ContextVar("recompute_later", default=None)


@contextmanager
def recomputed_once() -> Iterator[None]:
    """Within it, many writes ask a worker to recompute only once, at the end."""
    asked: list[bool] = []
    token = _later.set(asked)
    try:
        yield
    finally:
        _later.reset(token)
        if asked:
            queue_recompute_dirty()


def queue_recompute_dirty() -> None:
    """Ask a worker to recompute now. With the broker down the mark stays and beat sweeps it."""
    later = _later.get()
    if later is not None:
        later.append(True)
        return
    ask(recompute_dirty, otherwise="the sweep will recompute later", expires=60)


@shared_task
def compute_cover() -> int:
    """Measure what is marked, source by source; returns how many boundaries."""
    from monitoring.cover import sources

    return sources.compute_waiting()


@shared_task
def check_cover(source_id: int, language: str) -> None:
    """Look at the files of a source; what was found is kept in the reader's language."""
    from monitoring.cover import sources

    with translation.override(language):
        sources.check_by_id(source_id)


def queue_check_cover(source_id: int, *, language: str) -> None:
    """Ask a worker to look at the files of a source. With the broker down it is done here."""
    if not ask(check_cover, source_id, language, otherwise="checking the source here"):
        check_cover(source_id, language)


@shared_task
def mark_missing_cover() -> int:
    """The nightly look for boundaries that the active sources have not measured as they are now."""
    from monitoring.cover import marks

    return marks.mark_missing()


def queue_compute_cover() -> None:
    """Ask a worker to measure now. With the broker down the marks stay and beat sweeps them."""
    ask(compute_cover, otherwise="the sweep will measure later", expires=60)


@shared_task
def process_pending_inbox() -> int:
    """Understand what a crash left stored but not understood, and place photos that waited."""
    from monitoring import sync
    from monitoring.field import photos

    return sync.process_pending() + photos.place_waiting()


def queue_process_pending() -> None:
    """Ask a worker to understand what is stored. With the broker down beat's sweep does it."""
    ask(process_pending_inbox, otherwise="the sweep will understand what was stored")


@shared_task
def place_photos(photo_ids: list[str]) -> int:
    """Store photos whose visit has just arrived."""
    from monitoring.field import photos

    return len([photos.place(UUID(one)) for one in photo_ids])


def queue_place_photos(photo_ids: Iterable[UUID]) -> None:
    """Ask a worker to store photos. With the broker down beat's sweep does it."""
    ids = [str(one) for one in photo_ids]
    if ids:
        ask(place_photos, ids, otherwise="the sweep will place the photos later")


@shared_task
def draw_plots() -> int:
    """Bring the shapes under the map in step with what changed; how many marks there were."""
    from monitoring import plot_shapes

    return plot_shapes.refresh_all()


@shared_task
def draw_all_plots() -> int:
    """The nightly rebuild of the shapes and counts under the map; how many plots."""
    from monitoring import plot_shapes

    return plot_shapes.rebuild()


@shared_task
def write_eudr_export(export_id: str, language: str) -> None:
    """Make a file for the European Union; asked for twice, the second finds nothing to do."""
    from monitoring.eudr import exports

    with translation.override(language):
        exports.work(export_id=UUID(export_id))


def queue_write_eudr_export(export_id: UUID, *, language: str) -> None:
    """Ask a worker to make a file. With the broker down it is made here."""
    if not ask(write_eudr_export, str(export_id), language, otherwise="making the file here"):
        write_eudr_export(str(export_id), language)


@shared_task
def delete_expired_eudr_files() -> int:
    """Delete files for the European Union whose time is over; how many exports."""
    from monitoring.eudr import exports

    return exports.delete_expired()
