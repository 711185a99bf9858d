"""Databases with the synthetic programme at several sizes, made once and kept for all benchmarks.

`hato_bench_20000` holds 20,000 ranchers, and so on, beside the database of DATABASE_URL.
A changed model or demo makes an old one stale: drop it by hand (`dropdb`) and it is made again.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import environ
import psycopg2

BASE_DIR = Path(__file__).resolve().parent.parent
RECOMPUTE = """
import django
django.setup()
from monitoring.recompute import recompute_all
recompute_all()
"""
SIZES = (210, 2_000, 20_000, 200_000)


def database_url(ranchers: int | str) -> str:
    """The address of the database with `ranchers` ranchers (or of another name); it need not exist yet."""
    parts = urlsplit(_own_url())
    return urlunsplit(parts._replace(path=f"/hato_bench_{ranchers}"))


def ready(ranchers: int) -> str:
    """The address of the database with `ranchers` ranchers, made and filled if need be (minutes)."""
    url = database_url(ranchers)
    if make_empty(f"hato_bench_{ranchers}"):
        print(f"making the database of {ranchers:,} ranchers", file=sys.stderr)
    _manage(url, "migrate", "--noinput", "-v0")
    _manage(url, "demo", f"--ranchers={ranchers}")
    if _fill_cover(url):
        _run(url, "-c", RECOMPUTE)
    return url


def machine() -> str:
    """One line on the machine that the figures were taken on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, {platform.system()}, Python {platform.python_version()}"


def _fill_cover(url: str) -> bool:
    """True if there was no cover and some was made up."""
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("select exists (select from monitoring_plotcover)")
        if cursor.fetchone() == (True,):
            return False
        cursor.execute((BASE_DIR / "bench" / "cover.sql").read_text())
    connection.close()
    return True


def _own_url() -> str:
    env = environ.Env()
    environ.Env.read_env(BASE_DIR / "var" / "env")
    return str(env("DATABASE_URL"))


def make_empty(name: str) -> bool:
    """True if the database was not there."""
    settings = environ.Env.db_url_config(_own_url())
    connection = psycopg2.connect(
        dbname=settings["NAME"],
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        host=settings.get("OPTIONS", {}).get("host") or settings["HOST"] or None,
        port=settings.get("OPTIONS", {}).get("port") or settings["PORT"] or None,
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [name])
        if cursor.fetchone():
            return False
        cursor.execute(f'create database "{name}"')
    connection.close()
    return True


def _manage(url: str, *arguments: str) -> None:
    _run(url, str(BASE_DIR / "manage.py"), *arguments)


def _run(url: str, *arguments: str) -> None:
    subprocess.run(
        [sys.executable, *arguments],
        check=True,
        cwd=BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.DEVNULL,
    )
