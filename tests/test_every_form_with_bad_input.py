"""Every field of every form of every page gets what no person should type: the page answers in words.

The pages are those of tests/access_table.py, so a new form is tried as soon as its address is there.
Nothing may fail with an error of ours (5xx), and what is answered with anything but a redirect has
written nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from tests import world as worlds
from tests.access_table import COLUMNS, TABLE
from tests.every_url import ALL_NAMES, undone
from tests.thoroughness import QUICK

HOSTILE = [
    "x\x00y",
    "ñ" * 70_000,
    "\u202egnirts\u200b\u2066\ufeff",
    "<script>alert(1)</script>",
    "'; DROP TABLE ranchers_rancher; --",
    "x\r\nSet-Cookie: hato=1",
    "²",
    "-1",
    "1e400",
    "NaN",
    "99999999999999999999999",
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    '{"type": "Polygon", "coordinates": [[[1e400, null], []]]}',
    "[" * 5_000,
    "{{ 7*7 }}{% debug %}%s%(x)d",
    "../../etc/passwd",
    "00000000-0000-4000-8000-000000000000",
    "",
]
FILES = [
    ("a\r\nSet-Cookie: b.jpg", b"\xff\xd8\xff\xe0 no"),
    ("../../../etc/passwd", b"x"),
    ("vacía.csv", b""),
    ("n" * 300 + ".xlsx", b"PK\x03\x04" + b"\0" * 40),
    ("dibujo.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
    ("nul.csv", b"dni;nombres\n1\x00;a"),
]
FILLED_BY = ("coordinator", "technician", "rancher", "nobody")
NOT_POSTED = {"account_logout"}
NOT_OF_THE_PROGRAMME = {"sessions", "axes", "pghistory"}
KEPT_ON_PURPOSE = {"monitoring_inboxpayload"}  # what was sent is stored before it is understood
VALUES_A_FIELD = 1 if QUICK else 4


@dataclass
class Form:
    """A form as a page shows it: where it goes, and its fields with what they hold."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)


class Forms(HTMLParser):
    """Gathers a page's forms."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []
        self._select = self._text = ""
        self._form: Form | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            action = urljoin(self.path, given.get("action", "")) or self.path
            self._form = Form(action, given.get("method", "get").lower())
            self.found.append(self._form)
        if self._form is None:
            return
        name = given.get("name", "")
        if tag == "input" and given.get("type") == "file" and name:
            self._form.files.add(name)
        elif tag == "input" and name:
            ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
            self._form.values.setdefault(name, []).extend([given.get("value", "on")] * ticked)
        elif tag == "textarea" and name:
            self._text = name
            self._form.values.setdefault(name, [""])
        elif tag == "select" and name:
            self._select = name
            self._form.values.setdefault(name, [])
        elif tag == "option" and self._select and "selected" in given:
            self._form.values[self._select].append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._form and self._text:
            self._form.values[self._text][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._text = ""


@pytest.fixture
def world() -> Any:
    found = worlds.build()
    found.clients = {}
    for column in COLUMNS:
        found.clients[column] = Client(raise_request_exception=False)
        if column != "nobody":
            found.clients[column].force_login(getattr(found, column))
    return found


@pytest.mark.django_db
def test_no_field_of_any_form_breaks_a_page_or_writes_by_halves(world: Any) -> None:
    """One test, so that the world is built once; it lists every field that did."""
    wrong, tried, before = [], 0, _rows()
    for who, form in _forms(world):
        for attempt in _attempts(form, of=VALUES_A_FIELD):
            tried += 1
            wrong += _try(world.clients[who], form, before, *attempt)
    assert tried > 200
    assert wrong == [], "\n".join(wrong)


def _forms(world: Any) -> Iterator[tuple[str, Form]]:
    """Every form of every page once, with who may fill it in."""
    seen = set()
    for name in ALL_NAMES:
        row = TABLE.get(name)
        if row is None or name in NOT_POSTED:
            continue
        answers = dict(zip(COLUMNS, row.answers.split(), strict=True))
        who = next((column for column in FILLED_BY if answers[column] == "ok"), None)
        if who is None:
            continue
        values = {key: _value(world, text) for key, text in row.args.items()}
        path = reverse(name, kwargs=values)
        data = {key: _value(world, text) for key, text in row.data.items()}
        with undone():
            page = getattr(world.clients[who], row.method)(path, data)
            transaction.set_rollback(True)
        if page.streaming or "html" not in page.headers.get("Content-Type", ""):
            continue
        reader = Forms(path)
        reader.feed(page.content.decode())
        for form in reader.found:
            key = (form.action, form.method, tuple(sorted(form.values)))
            if urlsplit(form.action).path != reverse("account_logout") and key not in seen:
                seen.add(key)
                yield who, form


def _value(world: Any, text: str) -> str:
    if text.startswith("="):
        return text[1:]
    found = getattr(world, text)
    return str(getattr(found, "pk", found))


def _attempts(form: Form, *, of: int) -> Iterator[tuple[str, str | int]]:
    """Each field with `of` of the hostile values, not the same ones for every field."""
    for position, name in enumerate(sorted(form.values)):
        if name == "csrfmiddlewaretoken":
            continue
        for step in range(of):
            yield name, HOSTILE[(7 * position + 5 * step) % len(HOSTILE)]
    for name in sorted(form.files):
        for number in range(len(FILES)):
            yield name, number


def _try(
    client: Client, form: Form, before: dict[str, int], name: str, value: str | int
) -> Iterator[str]:
    """Send the form with one field changed, and undo it; what went wrong."""
    data: dict[str, Any] = dict(form.values)
    if isinstance(value, int):
        file_name, content = FILES[value]
        data[name] = SimpleUploadedFile(file_name, content)
        said = file_name
    else:
        data[name] = [value]
        said = value
    written: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        written.extend([sql] * sql.startswith(("INSERT", "UPDATE", "DELETE")))
        return execute(sql, *rest)

    with undone(), connection.execute_wrapper(note):
        response = getattr(client, form.method)(form.action, data)
        if response.status_code >= 500:
            yield f"{form.method} {form.action} {name}={said[:40]!r}: {response.status_code}"
        elif response.status_code >= 400 and written:
            more = {table for table, count in _rows().items() if count != before[table]}
            if more:
                yield f"{form.action} {name}={said[:40]!r}: {response.status_code} wrote {more}"
        transaction.set_rollback(True)


def _rows() -> dict[str, int]:
    """The number of rows in each table of the programme."""
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label not in NOT_OF_THE_PROGRAMME
        and model._meta.managed
        and model._meta.db_table not in KEPT_ON_PURPOSE
    }
