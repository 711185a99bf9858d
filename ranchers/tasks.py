"""Celery tasks of a few lines, and how any task is asked for."""

import logging
from uuid import UUID

from celery import Task, shared_task
from django.utils import translation
from kombu.exceptions import OperationalError

from ranchers.imports.batches import work

logger = logging.getLogger(__name__)


def ask(task: Task, *args: object, otherwise: str, **options: object) -> bool:
    """Ask a worker to do a task now; False with the broker down, when `otherwise` is logged."""
    try:
        task.apply_async(args=args, retry=False, **options)
    except OperationalError:
        logger.warning("broker out of reach; %s", otherwise)
        return False
    return True


@shared_task
def work_on_import(batch_id: str, language: str) -> None:
    """Check or apply a large import; asked for twice, the second finds nothing to do."""
    with translation.override(language):
        work(batch_id=UUID(batch_id))


def queue_work_on_import(batch_id: UUID, *, language: str) -> None:
    """Ask a worker to check or apply an import. With the broker down it is done here."""
    if not ask(work_on_import, str(batch_id), language, otherwise="working on the import here"):
        work_on_import(str(batch_id), language)
