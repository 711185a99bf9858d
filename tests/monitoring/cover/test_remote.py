"""Rasters by https, from a real server: read by ranges, never from where they may not be."""

import os
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitoring.cover import remote, sources, tiles
from monitoring.cover.layouts import layout_of
from monitoring.models import PlotCover, SourceStatus
from ranchers.models import Rancher
from tests.monitoring.cover.rasters import VERSION, gfc_source
from tests.monitoring.cover.test_compute import plot_of, square


def certificate(folder: Path) -> Path:
    """A key and its certificate for 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.pem").write_bytes(secret + made.public_bytes(pem))
    return folder / "tls.pem"


class Server(SimpleHTTPRequestHandler):
    """Files by ranges; /away/... leads to whatever is asked for."""

    asked: list[tuple[str, str, str]] = []  # noqa: RUF012 (shared by all requests on purpose)

    def log_message(self, *_arguments: Any) -> None:
        return

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers.get("Range", "")))
        if self.path.startswith("/away/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/away/"))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        place = Path(self.translate_path(self.path))
        if not place.is_file():
            self.send_error(404)
            return
        content = place.read_bytes()
        wanted = self.headers.get("Range", "").removeprefix("bytes=").split("-")
        part = content[int(wanted[0]) : int(wanted[1]) + 1] if len(wanted) == 2 else content
        self.send_response(206 if len(wanted) == 2 else 200)
        self.send_header("content-length", str(len(part)))  # in small letters, as many servers do
        self.send_header("etag", f'"{place.stat().st_mtime_ns}"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(part)

    do_HEAD = do_GET


@pytest.fixture
def server(gfc_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server of the tiles, whose certificate is trusted."""
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    Server.asked = []
    made = ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *given: Server(*given, directory=str(gfc_folder))
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    made.socket = context.wrap_socket(made.socket, server_side=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


@pytest.fixture
def trusted(settings: Any) -> None:
    settings.COVER_TRUSTED_HOSTS = ["127.0.0.1"]


def test_tiles_at_an_address_are_measured_like_those_on_disk(
    rancher: Rancher, server: str, trusted: None, gfc_folder: Path
) -> None:
    plot_of(rancher, square(90, 30))
    figures = []
    for code, place in (("disk", str(gfc_folder)), ("far", server)):
        source = gfc_source(place, code=code)
        source.save()
        assert not sources.check(source).problem
        sources.start(source)
        sources.compute_waiting()
        cover = PlotCover.objects.get(source=source)
        figures.append((cover.forest_m2, cover.loss_m2, cover.land_m2, cover.canopy_pct))
    assert figures[0] == figures[1]
    assert {(method, bool(part)) for method, _path, part in Server.asked} == {("HEAD", False), ("GET", True)}  # fmt: skip


def test_a_file_replaced_at_its_address_is_noticed_whatever_case_its_headers_have(
    server: str, trusted: None, gfc_folder: Path
) -> None:
    name = f"Hansen_{VERSION}_lossyear_10S_070W.tif"
    assert tiles.file_size(f"{server}/{name}") == (gfc_folder / name).stat().st_size
    source = gfc_source(server)
    layout = layout_of(source, threshold_pct=30)

    def seen() -> str:
        found = tiles.find_tiles(source, layout, extents=[(-69.5, -11.1, -69.4, -11.0)]).tiles
        return tiles.fingerprint(source, found)

    before = seen()
    assert seen() == before
    os.utime(gfc_folder / name, ns=(1, 1))
    assert seen() != before


def test_a_host_of_ones_own_network_is_not_asked(rancher: Rancher, server: str) -> None:
    source = gfc_source(server)
    source.save()
    assert (
        "no es público" in sources.check(source).problem
        or "public" in sources.check(source).problem
    )
    assert source.status == SourceStatus.UNREADABLE
    assert Server.asked == []


@pytest.mark.parametrize("target", ["http://127.0.0.1/a.tif", "https://localhost/a.tif", "file:///etc/passwd"])  # fmt: skip
def test_a_redirect_is_judged_like_the_first_address(
    server: str, trusted: None, target: str
) -> None:
    with pytest.raises(remote.InvalidLocation):
        remote.head(f"{server}/away/{target}")
    with pytest.raises(remote.InvalidLocation):
        remote.RemoteFile(f"{server}/away/{target}")


def test_a_redirect_within_what_is_allowed_is_followed(server: str, trusted: None) -> None:
    name = f"/Hansen_{VERSION}_datamask_10S_070W.tif"
    with remote.RemoteFile(f"{server}/away/{name}") as file:
        file.seek(-4, 2)
        assert len(file.read()) == 4
        file.seek(0)
        assert file.read(2) == b"II"


def test_what_is_not_there_is_missing_and_not_an_error(server: str, trusted: None) -> None:
    assert remote.head(f"{server}/nothing.tif") is None
    with pytest.raises(FileNotFoundError):
        remote.RemoteFile(f"{server}/nothing.tif")
