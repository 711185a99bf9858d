"""Rasters at an https address, read by ranges; asked of public hosts only.

Whoever may add a source could otherwise have the server ask what only the server can reach. So every
connection goes to an address that was looked at (a name cannot point elsewhere the next moment), every
redirect is judged like the first address, and GDAL's own network code is not used.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
from collections import OrderedDict
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

CHUNK = 1 << 20  # bytes asked for at once: some blocks of a tile
CHUNKS_KEPT = 24
TIMEOUT_S = 60
CONNECT_TIMEOUT_S = 10
MOST_REDIRECTS = 5
TRIES = 3


class InvalidLocation(ValidationError):
    """The place where the rasters are is not allowed or makes no sense."""


def check_location(location: str) -> None:
    """Raise InvalidLocation unless it is a path on this machine or https of a host that may be asked."""
    if "://" not in location:
        if location.startswith("/vsi"):
            raise InvalidLocation(_("Write a path or an https address, without /vsi..."))
        return
    parts = _split(location)
    _addresses(parts.hostname or "", parts.port or 443)


def head(url: str) -> HTTPMessage | None:
    """The headers (in any case) of a file at an address; None where there is none or nobody answers.

    Raises InvalidLocation.
    """
    connection = _Connection(url)
    try:
        answer = connection.ask("HEAD", {})
        return answer.headers if answer.status == 200 else None
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def opener_of(url: str) -> Callable[..., RemoteFile]:
    """What `rasterio.open(opener=...)` takes: opens this address and nothing beside it."""

    def open_only(path: str, mode: str = "rb") -> RemoteFile:
        if path != url or mode not in ("r", "rb"):
            raise FileNotFoundError(path)
        return RemoteFile(url)

    return open_only


class RemoteFile(io.RawIOBase):
    """Reads a file at an address by ranges of CHUNK bytes, the newest of which it keeps.

    Raises InvalidLocation, FileNotFoundError.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        headers = head(url)
        size = "" if headers is None else headers.get("Content-Length", "")
        if not size.isdecimal():
            raise FileNotFoundError(url)
        self._size = int(size)
        self._connection = _Connection(url)
        self._chunks: OrderedDict[int, bytes] = OrderedDict()
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = self._size if size is None or size < 0 else min(self._at + size, self._size)
        found = []
        while self._at < end:
            number, offset = divmod(self._at, CHUNK)
            part = self._chunk(number)[offset : offset + end - self._at]
            found.append(part)
            self._at += len(part)
        return b"".join(found)

    def close(self) -> None:
        if not self.closed:
            self._connection.close()
        super().close()

    def _chunk(self, number: int) -> bytes:
        if number in self._chunks:
            self._chunks.move_to_end(number)
            return self._chunks[number]
        first = number * CHUNK
        last = min(first + CHUNK, self._size) - 1
        content = self._connection.range(first, last)
        self._chunks[number] = content
        if len(self._chunks) > CHUNKS_KEPT:
            self._chunks.popitem(last=False)
        return content


class _Connection:
    """One file at one address; the connection is kept between questions."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: HTTPSConnection | None = None

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def range(self, first: int, last: int) -> bytes:
        """Bytes `first` to `last`. Raises OSError when the server does not give them."""
        failed: Exception = OSError(self._url)
        for _again in range(TRIES):
            try:
                answer = self.ask("GET", {"Range": f"bytes={first}-{last}"})
                if answer.status == 206:
                    content = answer.read(last - first + 2)
                    if len(content) == last - first + 1:
                        return content
                failed = OSError(f"{self._url}: {answer.status}, bytes {first} to {last}")
            except (OSError, HTTPException) as error:
                failed = error
            self.close()
        raise OSError(str(failed)) from failed

    def ask(self, method: str, headers: dict[str, str]) -> HTTPResponse:
        """The answer, redirects followed. Raises InvalidLocation, OSError, HTTPException."""
        for _hop in range(MOST_REDIRECTS):
            parts = _split(self._url)
            if self._open is None:
                self._open = _Pinned(parts.hostname or "", parts.port or 443)
            query = f"?{parts.query}" if parts.query else ""
            self._open.request(method, (parts.path or "/") + query, headers=headers)
            answer = self._open.getresponse()
            target = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return answer
            self.close()
            self._url = urljoin(self._url, target)
        raise OSError(f"{self._url}: too many redirects")


class _Pinned(HTTPSConnection):
    """Connects to the address that was looked at, and asks for the host's certificate."""

    def __init__(self, host: str, port: int) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT_S, context=self._tls)

    def connect(self) -> None:
        address = _addresses(self.host, self.port)[0]
        plain = socket.create_connection((address, self.port), timeout=CONNECT_TIMEOUT_S)
        plain.settimeout(TIMEOUT_S)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_possible = parts.scheme == "https" and parts.hostname and parts.username is None
        _port: Any = parts.port
    except ValueError:
        is_possible = False
    if not is_possible:
        raise InvalidLocation(_("Only addresses that begin with https:// are read."))
    return parts


def _addresses(host: str, port: int) -> list[str]:
    """The IP addresses of a host that may be asked. Raises InvalidLocation."""
    try:
        found = socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)
    except OSError as error:
        raise InvalidLocation(_("No such host: %(host)s.") % {"host": host}) from error
    addresses = [str(one[4][0]) for one in found]
    if host in settings.COVER_TRUSTED_HOSTS:
        return addresses
    if not all(ipaddress.ip_address(one.partition("%")[0]).is_global for one in addresses):
        raise InvalidLocation(_("This host is not a public one."))
    return addresses
