"""A line between the browser and the server that can be cut, and that loses what passes.

Real sockets, so that it holds for the service worker too. A lost request never arrives; a lost answer
does not come back although the server has done what was asked.
"""

from __future__ import annotations

import random
import socket
import socketserver
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LIMIT_S = 30


@dataclass
class Network:
    """`Network(live_server.url)`; use `network.url` in the browser."""

    target: str
    seed: int = 1
    loss: float = 0.0
    """Share of the API's requests that are lost: half of them before, half after they arrived."""
    is_cut: bool = False
    breaks_after: int | None = None
    """Bytes of photos (PATCH) that still pass before the line is cut, in the middle of a request."""
    photo_bytes: int = 0
    """Bytes of photos that have passed."""
    lost: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()
        network = self

        class Line(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                network._handle(self.request)

        self._server = socketserver.ThreadingTCPServer(
            ("127.0.0.1", 0), Line, bind_and_activate=False
        )
        self._server.daemon_threads = True
        self._server.request_queue_size = 64
        self._server.server_bind()
        self._server.server_activate()
        self.url = f"http://localhost:{self._server.server_address[1]}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _fate(self, path: str) -> str:
        if not path.startswith("/api/"):
            return "passes"
        with self._lock:
            chance = self._random.random()
        if chance < self.loss / 2:
            return "request lost"
        return "answer lost" if chance < self.loss else "passes"

    def _breaks(self, size: int) -> bool:
        if self.breaks_after is not None and self.photo_bytes + size > self.breaks_after:
            self.is_cut = True
        else:
            self.photo_bytes += size
        return self.is_cut

    def _handle(self, client: socket.socket) -> None:
        client.settimeout(LIMIT_S)
        try:
            if self.is_cut:
                return
            head, body = _read(client)
            if not head:
                return
            line = head.split(b"\r\n", 1)[0].decode("latin-1")
            if line.startswith("PATCH ") and self._breaks(len(body)):
                self.lost.append(f"cut: {line}")
                return
            fate = self._fate(line.split(" ")[1])
            if fate == "request lost":
                self.lost.append(f"{fate}: {line}")
                return
            answer = self._ask(head, body)
            if fate == "answer lost" or self.is_cut:
                self.lost.append(f"answer lost: {line}")
                return
            self.passed.append(line)
            client.sendall(answer)
        except OSError:
            return  # the browser went away, or the line was cut

    def _ask(self, head: bytes, body: bytes) -> bytes:
        address = urlsplit(self.target)
        lines = [
            line
            for line in head.split(b"\r\n")
            if not line.lower().startswith((b"connection:", b"keep-alive:"))
        ]
        lines.insert(1, b"Connection: close")
        with socket.create_connection(
            (address.hostname or "", address.port or 80), LIMIT_S
        ) as server:
            server.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + body)
            parts = []
            while part := server.recv(65536):
                parts.append(part)
        return b"".join(parts)


def _read(client: socket.socket) -> tuple[bytes, bytes]:
    """One request: its head without the empty line, and its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(65536)
        if not part:
            return b"", b""
        data += part
    head, _separator, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _colon, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = client.recv(65536)
        if not part:
            break
        body += part
    return head, body
