"""The field app's shell: everything it precaches is there, small enough, and named by its content."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from monitoring import field_shell

pytestmark = pytest.mark.django_db
BUDGET = 250_000
IMPORT = re.compile(r"""^(?:import|export) (?:.*? from )?["'](\.[^"']+)["']""", re.MULTILINE)


def _content(client: Client, url: str) -> bytes:
    if url.startswith(settings.STATIC_URL):
        path = finders.find(url.removeprefix(settings.STATIC_URL))
        assert isinstance(path, str), url
        return Path(path).read_bytes()
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content


def test_the_whole_shell_is_within_its_budget(client: Client) -> None:
    urls = [*(file["url"] for file in field_shell.files()), "/campo/sw.js"]
    sizes = {url: len(gzip.compress(_content(client, url))) for url in urls}
    assert sum(sizes.values()) < BUDGET, sizes


def _imports() -> Iterator[tuple[str, str]]:
    for path in (settings.BASE_DIR / "static" / "field").rglob("*.js"):
        for found in IMPORT.findall(path.read_text()):
            target = (path.parent / found).resolve()
            yield path.name, field_shell.url(str(target.relative_to(settings.BASE_DIR / "static")))


def test_every_module_that_is_imported_is_precached() -> None:
    precached = {file["url"] for file in field_shell.files()}
    imports = list(_imports())
    assert len(imports) > 20
    assert not [pair for pair in imports if pair[1] not in precached]


def test_a_new_release_is_another_version_of_the_page_and_the_worker(
    client: Client, settings: Any
) -> None:
    before = client.get("/campo/sw.js").content
    assert client.get("/campo/sw.js").content == before
    settings.RELEASE = "2026-12"
    after = client.get("/campo/sw.js").content
    assert after != before
    assert b"2026-12-" in client.get("/campo/").content


def test_the_words_come_in_both_languages(client: Client) -> None:
    spanish = json.loads(client.get("/campo/textos/es.json").content)["messages"]
    assert spanish["My day"] == "Mi día"
    assert spanish["{n} on the phone"] == ["{n} en el teléfono", "{n} en el teléfono"]
    assert json.loads(client.get("/campo/textos/en.json").content)["language"] == "en"
    assert client.get("/campo/textos/fr.json").status_code == 404
