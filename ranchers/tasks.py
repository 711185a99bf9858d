"""Celery tasks of a few lines."""

from uuid import UUID

from celery import shared_task
from django.utils import translation

from ranchers.imports.batches import work


@shared_task
def work_on_import(batch_id: str, language: str) -> None:
    """Check or apply a large import; asked for twice, the second finds nothing to do."""
    with translation.override(language):
        work(batch_id=UUID(batch_id))
