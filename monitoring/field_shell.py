"""What the field app consists of: its files with the hash of each, and its words in each language.

The service worker precaches exactly this list. Addresses are the plain ones, since ES modules name
each other by them; the hash beside each (`revision`) decides what is loaded anew: decision 070.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.template.loader import get_template
from django.utils import translation
from django.views.i18n import JSONCatalog

LANGUAGES = ("es", "en")
FOLDER = "field"
BESIDE = (
    "css/hato.css",
    "img/cerco.svg",
    "img/favicon.svg",
    "img/icons.svg",
    "vendor/idb/index.js",
)
WORKBOX = (
    "vendor/workbox/workbox-core.prod.js",
    "vendor/workbox/workbox-routing.prod.js",
    "vendor/workbox/workbox-strategies.prod.js",
    "vendor/workbox/workbox-precaching.prod.js",
)
WORKER = "field/sw.js"
BACKGROUND = "field/background.js"


def url(path: str) -> str:
    """The address of a static file without the hash in its name."""
    return f"{settings.STATIC_URL}{path}"


def revision(path: str) -> str:
    """A hash of a static file's content: of the manifest where there is one, else of the file."""
    if isinstance(staticfiles_storage, ManifestFilesMixin):
        return staticfiles_storage.stored_name(path)
    return _digest(_content(path).encode("utf-8", "surrogateescape"))


def paths() -> list[str]:
    """The static files of the shell; the worker's own files are kept by the browser with it."""
    folder = settings.BASE_DIR / "static" / FOLDER
    own = sorted(
        f"{FOLDER}/{found.relative_to(folder).as_posix()}"
        for found in folder.rglob("*")
        if found.suffix in {".js", ".css", ".png", ".svg"}
    )
    return [*BESIDE, *(path for path in own if path != WORKER)]


def words(language: str) -> dict[str, Any]:
    """The field app's messages: `{language, messages: {msgid: text | [one, many]}}`."""
    catalogue = _Catalogue()
    with translation.override(language):
        found = catalogue.catalogue()
    return {"language": language, "messages": dict(sorted(found.items()))}


class _Catalogue(JSONCatalog):
    """Django's own reading of the djangojs messages, without its request."""

    def catalogue(self) -> dict[str, Any]:
        self.translation = translation.trans_real.DjangoTranslation(
            translation.get_language() or settings.LANGUAGE_CODE, domain="djangojs"
        )
        return self.get_catalog()


def files() -> list[dict[str, str]]:
    """What the service worker precaches: `{url, revision}` of the page, words, manifest, files."""
    found = [{"url": url(path), "revision": revision(path)} for path in paths()]
    for language in LANGUAGES:
        text = json.dumps(words(language), sort_keys=True)
        found.append({"url": f"/campo/textos/{language}.json", "revision": _digest(text.encode())})
    page = _digest(_source("field/shell.html") + settings.RELEASE.encode())
    manifest = _digest(_source("field/app.webmanifest"))
    found.append({"url": "/campo/app.webmanifest", "revision": manifest})
    # The page names the version, so it is another one whenever anything is.
    whole = _digest(
        json.dumps([found, page, [revision(path) for path in (WORKER, *WORKBOX)]]).encode()
    )
    return [{"url": "/campo/", "revision": whole}, *found]


def version(found: list[dict[str, str]]) -> str:
    """What the phone says of the app's version: the release, if there is one, and a hash of all files."""
    short = found[0]["revision"][:8]
    return f"{settings.RELEASE}-{short}" if settings.RELEASE else short


def worker_script(*, sends: bool) -> str:
    """The service worker: what it keeps, Workbox, static/field/sw.js; with `sends` a module that has
    the sync engine too."""
    found = files()
    about = json.dumps({"version": version(found), "files": found})
    # Workbox's builds are plain scripts that hang themselves on `this`, which a module does not have.
    libraries = [f"(function () {{\n{_content(path)}\n}}).call(self);" for path in WORKBOX]
    parts = [f"self.HATO = {about};", *libraries, _content(WORKER)]
    if sends:
        parts.insert(0, f'import "{url(BACKGROUND)}";')
    return "\n".join(parts)


def _content(path: str) -> str:
    """What is served at `url(path)`: the collected file, or in a checkout without them its source."""
    collected = isinstance(staticfiles_storage, ManifestFilesMixin)
    found = staticfiles_storage.path(path) if collected else finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(path)
    return Path(found).read_text("utf-8", "surrogateescape")


@cache
def _source(name: str) -> bytes:
    template = get_template(name)
    return Path(template.template.origin.name).read_bytes()  # type: ignore[attr-defined]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
