"""A file too large for a request: a worker's, or done at once when none can be asked."""

import io

import pytest
from django.urls import reverse
from kombu.exceptions import OperationalError

from ranchers.imports.batches import DIRECT_ROWS
from ranchers.models import ImportBatch
from tests.ranchers import files

pytestmark = pytest.mark.django_db


def send_many(client, coordinator):
    rows = [["", f"Ríos {n}", "Luz", "Iberia", "", ""] for n in range(DIRECT_ROWS + 1)]
    client.force_login(coordinator)
    upload = io.BytesIO(files.csv_file(rows))
    upload.name = "muchos.csv"
    return client.post(reverse("ranchers:imports"), {"file": upload, "since": "2022-01-01"})


def test_a_large_file_is_left_to_a_worker(client, coordinator, places, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "ranchers.tasks.work_on_import.apply_async", lambda *, args, **_how: asked.append(args)
    )
    answer = send_many(client, coordinator)
    batch = ImportBatch.objects.get()
    assert asked == [(str(batch.pk), "es")]
    assert "hx-get" in client.get(answer.url).content.decode()


def test_a_large_file_is_worked_through_at_once_when_no_worker_can_be_asked(
    client, coordinator, places, monkeypatch
):
    def nobody(**_how):
        raise OperationalError

    monkeypatch.setattr("ranchers.tasks.work_on_import.apply_async", nobody)
    answer = send_many(client, coordinator)
    assert ImportBatch.objects.get().state == "checked"
    assert "hx-get" not in client.get(answer.url).content.decode()
