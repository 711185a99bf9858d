"""Fixtures for every test: real PostgreSQL, Redis, worker and browser; nothing of ours is mocked."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from tests.processes import Redis, Worker, wait_until

BASE_DIR = Path(__file__).resolve().parent.parent
SHOTS = BASE_DIR / "var" / "shots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_configure(config: pytest.Config) -> None:
    """Hold the private PostgreSQL and Redis while the tests run (once, not in each xdist process)."""
    hypothesis.settings.register_profile("hato", deadline=None)  # the machine may be busy
    hypothesis.settings.load_profile("hato")
    if not hasattr(config, "workerinput"):
        _services("hold")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _services("release")


def _services(verb: str) -> None:
    """Call script/services; addresses that the settings took from var/env are not the caller's own."""
    private = (BASE_DIR / "var" / "env").read_text().splitlines()
    environment = {
        name: value for name, value in os.environ.items() if f"{name}={value}" not in private
    }
    command = [BASE_DIR / "script" / "services", verb, str(os.getpid())]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by folder; keep what drives the whole machine in one process; restore migrations' rows."""
    for item in items:
        folder = item.path.parent.name
        if folder == "browser":
            item.add_marker(pytest.mark.browser)
        if folder == "faults":
            item.add_marker(pytest.mark.fault)
        if folder in ("browser", "faults"):
            item.add_marker(pytest.mark.xdist_group("whole machine"))
        _keep_rows_of_migrations(item)


def _keep_rows_of_migrations(item: pytest.Item) -> None:
    """A transactional test truncates every table; have what migrations loaded put back after it."""
    names = getattr(item, "fixturenames", [])
    marker = item.get_closest_marker("django_db")
    transactional = bool(marker and marker.kwargs.get("transaction"))
    if transactional or {"transactional_db", "live_server"} & set(names):
        names.append("django_db_serialized_rollback")


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """No throttle count or cached page outlives a test."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _clean_media() -> None:
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    Path(settings.MEDIA_ROOT).mkdir(parents=True)


@pytest.fixture(scope="session")
def _worker(django_db_setup: None) -> Iterator[Worker]:
    worker = Worker(
        database=connection.settings_dict["NAME"],
        redis_url=settings.REDIS_URL,
        broker_url=settings.CELERY_BROKER_URL,
    )
    worker.app.control.purge()
    yield worker
    worker.stop()


@pytest.fixture
def worker(transactional_db: None, _worker: Worker) -> Iterator[Worker]:
    """A running Celery worker that shares the test's database; the test's rows are committed.

    It takes nothing from the queue after the test: the same process's next tests write tasks of
    their own, and a worker that did them would recompute under their hands.
    """
    if not _worker.runs():
        _worker.start()
    _worker.app.control.purge()
    _worker.listen()
    yield _worker
    if _worker.runs():
        wait_until(_worker.is_idle, seconds=30, what="the worker's rest")
        _worker.rest()


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A Redis server that the test may kill and start again."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


# --- Browser ------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    assert Path(CHROMIUM).exists(), f"{CHROMIUM} is missing: run script/setup"
    return {"executable_path": CHROMIUM, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {
        "locale": "es-PE",
        "timezone_id": "America/Lima",
        "viewport": {"width": 1366, "height": 768},
    }


@pytest.fixture
def open_as(
    live_server: object, browser: Browser, browser_context_args: dict
) -> Iterator[Callable[..., Page]]:
    """`open_as(user, "/tablero/", width=360)`: a page of the live server seen by that user.

    `user=None` is somebody who is not logged in. Each page has a browser context of its own. Opening
    fails the test when the page asks anything of another site, or raises an error in its script.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    base: str = live_server.url  # type: ignore[attr-defined]

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: faults.append(f"script error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((base, "data:", "blob:"))
                else faults.append(f"request to another site: {request.url}")
            ),
        )

    def open_page(user: object, path: str, *, width: int = 1366, height: int = 768) -> Page:
        size = {"viewport": {"width": width, "height": height}}
        context = browser.new_context(**browser_context_args | size, base_url=base)
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": base}]
            )
        page = context.new_page()
        watch(page)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def shot() -> Callable[..., Path]:
    """`shot(page, "tablero-360")`: keep a picture of the whole page in var/shots."""

    def take(page: Page, name: str) -> Path:
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return take


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """`axe(page) == []`: what axe-core finds wrong with the page for people with disabilities."""
    script = (BASE_DIR / "node_modules" / "axe-core" / "axe.min.js").read_text()

    def check(page: Page) -> list[str]:
        page.evaluate(script)  # not a script tag: the page's own CSP stays on
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']} ({violation['impact']}): {violation['help']}: "
            + "; ".join(str(node["target"]) for node in violation["nodes"])
            for violation in found["violations"]
        ]

    return check
