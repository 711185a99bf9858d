"""Addresses of Redis, as its different clients spell them."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def celery_url(url: str) -> str:
    """Return `url` as Celery spells it: only for a unix socket is that another way than redis-py's.

    >>> celery_url("unix:///run/redis.sock?db=2")
    'redis+socket:///run/redis.sock?virtual_host=2'
    """
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = dict(parse_qsl(parts.query))
    query["virtual_host"] = query.pop("db", "0")
    return urlunsplit(("redis+socket", "", parts.path, urlencode(query), ""))


def database(url: str) -> int:
    """Return the number of the database that `url` selects (0 when it names none)."""
    parts = urlsplit(url)
    found = dict(parse_qsl(parts.query)).get("db") or parts.path.strip("/")
    return int(found) if found.isdigit() else 0


def with_database(url: str, number: int) -> str:
    """Return `url` selecting the database `number`."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        query = dict(parse_qsl(parts.query)) | {"db": str(number)}
        return urlunsplit(parts._replace(query=urlencode(query)))
    return urlunsplit(parts._replace(path=f"/{number}", query=re.sub(r"db=\d+&?", "", parts.query)))


def next_database(url: str) -> str:
    """Return `url` with the database after its own: a cleared cache must not clear the queue."""
    return with_database(url, database(url) + 1)
