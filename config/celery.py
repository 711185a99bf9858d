"""The Celery application; tasks live in each app's tasks.py."""

import os
import signal

from celery import Celery
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("hato")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def leave_the_end_to_the_parent(**_kwargs: object) -> None:
    """Let a task be finished when the whole process group is told to end (Ctrl-C of script/server).

    The parent ends the pool when its tasks are done; a process that died of the same signal would
    leave its task to be done again, and a page of traceback to whoever pressed Ctrl-C.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
