"""What an attacker would try at every address: text that is markup, a form sent from another site, a
page kept where the next person finds it. The addresses are those of tests/access_table.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, models
from django.test import Client

from tests.access_table import COLUMNS, TABLE
from tests.every_url import ALL_NAMES, answer, ask, path_of, peopled_world, undone

MARKUP = "\"'><img src=x onerror=alert(1)>"
RAW = "<img src=x onerror"
OURS = ("ranchers", "practices", "monitoring")
READERS = ("coordinator", "technician", "ministry", "rancher")
MEANT_AS_NAMES_OF_THINGS = {"password", "sha256", "language", "location", "file", "pdf", "code"}
"""Columns that no page shows as text, or by which the tests themselves find a row."""


@pytest.fixture
def world() -> Any:
    return peopled_world()


def paths(world: Any) -> Iterator[tuple[str, str]]:
    for name in ALL_NAMES:
        yield name, path_of(world, name, TABLE[name])


def spoil() -> set[str]:
    """Write markup into every column of text that takes it; returns which."""
    spoilt = set()
    for model in (one for app in OURS for one in apps.get_app_config(app).get_models()):
        if not model._meta.managed or not model.objects.exists():
            continue
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField) and not (
                field.choices or field.unique or field.primary_key
            )
            if not is_text or field.name in MEANT_AS_NAMES_OF_THINGS:
                continue
            try:
                with undone():
                    model.objects.update(**{field.name: MARKUP[: field.max_length]})
                spoilt.add(f"{model.__name__}.{field.name}")
            except DatabaseError:
                continue  # the database does not take it, so no page will show it
    return spoilt


@pytest.mark.django_db
def test_text_that_is_markup_is_shown_as_text_on_every_page(world: Any) -> None:
    spoilt = spoil()
    assert {
        "Rancher.given_names", "Rancher.surnames", "Rancher.community", "Visit.notes",
        "NextStep.text", "Plot.name", "User.name", "Cohort.name", "District.name",
        "Practice.name_es", "Practice.summary_es", "Manual.body", "FieldDay.title",
    } <= spoilt  # fmt: skip
    found, shown = [], 0
    for name, path in paths(world):
        if TABLE[name].method != "get":
            continue
        for column in READERS:
            response = ask(world, column, path, TABLE[name])
            if "html" not in response.get("Content-Type", "") and "svg" not in response.get("Content-Type", ""):  # fmt: skip
                continue
            body = response.whole.decode("utf-8", "replace")
            shown += "&lt;img src=x onerror" in body
            if RAW in body:
                at = body.index(RAW)
                found.append(f"{name} as {column}: …{body[max(at - 80, 0) : at + 40]}…")
    assert found == []
    assert shown > 50


@pytest.mark.django_db
def test_a_form_sent_from_another_site_is_refused_everywhere(world: Any) -> None:
    wrong = []
    for column in ("coordinator", "technician", "rancher"):
        client = Client(enforce_csrf_checks=True)
        client.force_login(getattr(world, column))
        cookies = client.cookies.copy()
        for name, path in paths(world):
            client.cookies = cookies.copy()
            with undone():
                response = client.post(
                    path, {"x": "y"}, headers={"origin": "https://other.example"}
                )
            if response.status_code not in (401, 403, 404, 405):
                wrong.append(f"{name} as {column}: {response.status_code}")
    assert wrong == []


@pytest.mark.django_db
def test_no_page_of_a_person_may_be_kept_by_a_cache_that_others_share(world: Any) -> None:
    wrong = []
    for name, path in paths(world):
        row = TABLE[name]
        nobody, *others = row.answers.split()
        if row.method != "get" or nobody == "ok" or "ok" not in others:
            continue
        column = COLUMNS[1 + others.index("ok")]
        response = ask(world, column, path, row)
        control = response.get("Cache-Control", "")
        varies = {one.strip().lower() for one in response.get("Vary", "").split(",")}
        is_private = "private" in control or "no-store" in control
        if answer(response) == "ok" and ("public" in control or not (is_private or "cookie" in varies)):  # fmt: skip
            wrong.append(f"{name}: Cache-Control {control!r}, Vary {sorted(varies)}")
    assert wrong == []
