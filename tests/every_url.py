"""Every address of the URL resolver, and asking for one as anybody: for the tests that walk them all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import world as worlds
from tests.access_table import COLUMNS, Row


def undone() -> transaction.Atomic:
    """A transaction that does not count as one for `durable`, as those of Django's TestCase."""
    block = transaction.atomic()
    block._from_testcase = True
    return block


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


def peopled_world() -> Any:
    """One of everything, and a browser for each column of the table that is logged in as that person."""
    found = worlds.build()
    found.clients = {column: _client(found, column) for column in COLUMNS}
    found.cookies = {column: found.clients[column].cookies.copy() for column in COLUMNS}
    return found


def _client(world: Any, column: str) -> Client:
    client = Client()
    if column != "nobody":
        client.force_login(getattr(world, column))
    return client


def path_of(world: Any, name: str, row: Row) -> str:
    """The address of a name, with what its line in the table says of that world."""
    return reverse(name, kwargs={key: str(_value(world, text)) for key, text in row.args.items()})


def _value(world: Any, text: str) -> Any:
    if text.startswith("="):
        return text[1:]
    found = getattr(world, text)
    return getattr(found, "pk", found)


def ask(world: Any, column: str, path: str, row: Row) -> Any:
    """Ask as one person and undo what it did."""
    client = world.clients[column]
    client.cookies = world.cookies[column].copy()
    data = {key: _value(world, text) for key, text in row.data.items()}
    with undone():
        response = getattr(client, row.method)(path, data)
        response.whole = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    return response


def answer(response: Any) -> str:
    """ok, login, away (another address), or the status."""
    if response.status_code in (301, 302):
        where = response["Location"]
        return "login" if where.startswith("/cuentas/entrar/?next=") else "away"
    return "ok" if response.status_code == 200 else str(response.status_code)
