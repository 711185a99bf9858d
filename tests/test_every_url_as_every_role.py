"""Walk every address of the URL resolver as every role and as nobody: tests/access_table.py."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import world as worlds
from tests.access_table import COLUMNS, TABLE, Row


def undone() -> transaction.Atomic:
    """A transaction that does not count as one for `durable`, as those of Django's TestCase."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


UNSEEN_BY = ("nobody", "outsider", "ministry", "neighbour")


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """The full name of every pattern; a pattern without a name gives its route."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield f"{namespace}{pattern.name or f'unnamed {pattern.pattern}'}"


ALL_NAMES = sorted(set(names(get_resolver())))


@pytest.fixture
def world() -> Any:
    found = worlds.build()
    found.clients = {column: _client(found, column) for column in COLUMNS}
    found.cookies = {column: found.clients[column].cookies.copy() for column in COLUMNS}
    return found


def test_every_address_is_in_the_table() -> None:
    """An address that is missing here has been seen by nobody's eye: add its line, see docs/access.md."""
    assert set(ALL_NAMES) - set(TABLE) == set(), "addresses without a line in tests/access_table.py"
    assert set(TABLE) - set(ALL_NAMES) == set(), "lines without an address"


def test_the_table_is_sorted() -> None:
    assert list(TABLE) == sorted(TABLE)


@pytest.mark.django_db
def test_every_address_answers_each_role_as_the_table_says(world: Any) -> None:
    """One test, so that the world is built once; it lists everything that is not as declared."""
    wrong = [
        line for name in ALL_NAMES if name in TABLE for line in _walk(world, name, TABLE[name])
    ]
    assert wrong == [], "\n".join(["not as tests/access_table.py says:", *wrong])


def _walk(world: Any, name: str, row: Row) -> Iterator[str]:
    """Ask for one address as everybody; what is not as it should be."""
    path = reverse(name, kwargs={key: str(_value(world, text)) for key, text in row.args.items()})
    seen = {}
    for column in COLUMNS:
        response = _ask(world, column, path, row)
        seen[column] = _answer(response)
        if column in UNSEEN_BY and seen[column] == "ok":
            yield from _told(response, name=name, column=column)
    if list(seen.values()) != row.answers.split():
        yield f'{name}: the walk saw "{" ".join(seen.values())}"'


def _value(world: Any, text: str) -> Any:
    if text.startswith("="):
        return text[1:]
    found = getattr(world, text)
    return getattr(found, "pk", found)


def _client(world: Any, column: str) -> Client:
    client = Client()
    if column != "nobody":
        client.force_login(getattr(world, column))
    return client


def _ask(world: Any, column: str, path: str, row: Row) -> Any:
    """Ask as one person and undo what it did."""
    client = world.clients[column]
    client.cookies = world.cookies[column].copy()
    data = {key: _value(world, text) for key, text in row.data.items()}
    with undone():
        response = getattr(client, row.method)(path, data)
        response.whole = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    return response


def _answer(response: Any) -> str:
    if response.status_code in (301, 302):
        where = response["Location"]
        return "login" if where.startswith("/cuentas/entrar/?next=") else "away"
    return "ok" if response.status_code == 200 else str(response.status_code)


def _told(response: Any, *, name: str, column: str) -> Iterator[str]:
    """Names, DNI, phone or plot names of a rancher whom the reader may not see."""
    texts = [response.whole]
    if response.whole.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(response.whole)) as archive:
            texts = [archive.read(member) for member in archive.namelist()]
    body = "\n".join(text.decode("utf-8", "replace") for text in texts)
    for secret in worlds.SECRETS:
        if secret in body:
            yield f"{name} tells {column}: {secret}"
