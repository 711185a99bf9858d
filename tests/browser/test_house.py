"""The fixtures' own promises: a browser, a worker and the test share one database."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.processes import Worker


@pytest.mark.django_db(transaction=True)
def test_the_health_page_answers_in_a_browser(open_as: Callable[..., Page]) -> None:
    page = open_as(None, "/salud/")
    assert '"database": true' in page.content()


def test_the_worker_answers_and_rests(worker: Worker) -> None:
    assert worker.answers()
    assert worker.is_idle()
