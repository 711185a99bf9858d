"""Walk every address of the URL resolver as every role and as nobody: tests/access_table.py."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests import world as worlds
from tests.access_table import COLUMNS, TABLE, Row
from tests.every_url import ALL_NAMES, answer, ask, path_of, peopled_world

UNSEEN_BY = ("nobody", "outsider", "ministry", "neighbour")


@pytest.fixture
def world() -> Any:
    return peopled_world()


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
    path = path_of(world, name, row)
    seen = {}
    for column in COLUMNS:
        response = ask(world, column, path, row)
        seen[column] = answer(response)
        if column in UNSEEN_BY and seen[column] == "ok":
            yield from _told(response, name=name, column=column)
    if list(seen.values()) != row.answers.split():
        yield f'{name}: the walk saw "{" ".join(seen.values())}"'


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
