"""Addresses of Redis, as its different clients spell them."""

from urllib.parse import parse_qsl, urlencode, urlsplit


def celery_url(url: str) -> str:
    """Return `url` as Celery spells it: only for a unix socket is that another way than redis-py's.

    unix:///run/redis.sock?db=2 becomes redis+socket:///run/redis.sock?virtual_host=2
    """
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    query = dict(parse_qsl(parts.query))
    query["virtual_host"] = query.pop("db", "0")
    return f"redis+socket://{parts.path}?{urlencode(query)}"


def database(url: str) -> int:
    """Return the number of the database that `url` selects (0 when it names none)."""
    parts = urlsplit(url)
    found = dict(parse_qsl(parts.query)).get("db") or parts.path.strip("/")
    return int(found) if found.isdigit() else 0


def with_database(url: str, number: int) -> str:
    """Return `url` selecting the database `number`."""
    parts = urlsplit(url)
    query = {key: value for key, value in parse_qsl(parts.query) if key != "db"}
    if parts.scheme == "unix":
        return f"unix://{parts.path}?{urlencode(query | {'db': str(number)})}"
    return f"{parts.scheme}://{parts.netloc}/{number}" + (f"?{urlencode(query)}" if query else "")


def next_database(url: str) -> str:
    """Return `url` with the database after its own: a cleared cache must not clear the queue."""
    return with_database(url, database(url) + 1)
