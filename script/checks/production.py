"""Run docker-compose.yml's commands and health checks as its user, on what script.checks.image built.

Each service gets namespaces of its own and a read-only root, as in a container; PostgreSQL and Redis are
this machine's, started with the compose file's options and passwords, on free ports of the loopback.
"""

import contextlib
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOST = "hato.example"
GIVEN = {
    name: secrets.token_hex(32) for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "REDIS_PASSWORD")
}
GIVEN |= {"SITE_HOST": HOST, "ACME_EMAIL": "operator@hato.example"}
SECONDS = 120


def resolved(value: Any, ports: dict[str, int]) -> Any:
    """Return a value of the compose file as the engine would hand it on, with our addresses in it."""
    if isinstance(value, dict):
        return {key: resolved(inner, ports) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, ports) for inner in value]
    if not isinstance(value, str):
        return value
    text = re.sub(r"(?<!\$)\$\{(\w+)[^}]*\}", lambda found: GIVEN.get(found[1], ""), value)
    text = text.replace("$$", "$").replace("0.0.0.0:8000", f"127.0.0.1:{ports['web']}")
    text = text.replace("localhost:8000", f"localhost:{ports['web']}")
    text = text.replace("@database:5432", f"@127.0.0.1:{ports['database']}")
    return text.replace("@broker:6379", f"@127.0.0.1:{ports['broker']}")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Container:
    """One service of the compose file: its command in namespaces of its own."""

    def __init__(
        self, image: dict[str, Any], name: str, service: dict[str, Any], media: Path
    ) -> None:
        self.name, self.service, self.image = name, service, image
        root = image["folder"]
        settings = (
            image["environment"] | service["environment"] | {"HOSTNAME": socket.gethostname()}
        )
        self.environment = [f"{key}={value}" for key, value in settings.items()]
        user = service["user"].replace(":", " --regid=")
        self.enter = ["chroot", root, "setpriv", *f"--reuid={user}".split(), "--clear-groups"]
        self.enter += ["--no-new-privs", "--bounding-set=-all", "env", "-i", "HOME=/tmp"]
        self.mounts = (
            f"mount --bind {root} {root} && mount -o remount,ro,bind {root}"
            f" && mount -t proc proc {root}/proc && mount -t tmpfs tmpfs {root}/tmp"
            f" && mount -t tmpfs -o mode=1777 tmpfs {root}/dev/shm"
            f" && mount --bind {media} {root}/media && exec "
        )
        self.process: subprocess.Popen | None = None

    def _shell(self, command: list[str], without: str = "") -> list[str]:
        given = [
            pair for pair in self.environment if not (without and pair.startswith(f"{without}="))
        ]
        inner = f"cd {self.image['workdir']} && exec {shlex.join(command)}"
        return [*self.enter, *given, "sh", "-c", inner]

    def run(self, command: list[str], *, without: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command to its end in the service's place, without one of its settings if named."""
        whole = self.mounts + shlex.join(self._shell(command, without))
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", whole],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def start(self, log: Path) -> None:
        whole = self.mounts + shlex.join(self._shell(self.service["command"]))
        with log.open("wb") as said:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", whole],
                stdout=said,
                stderr=said,
            )

    def is_healthy(self) -> bool:
        """Run the health check inside, as the engine does."""
        if self.process is None or self.process.poll() is not None:
            raise SystemExit(f"{self.name} ended by itself")
        kind, *test = self.service["healthcheck"]["test"]
        command = ["sh", "-c", test[0]] if kind == "CMD-SHELL" else test
        inside = ["nsenter", f"--target={self.first_process()}", "--mount", "--pid"]
        done = subprocess.run([*inside, *self._shell(command)], capture_output=True, timeout=60)
        return done.returncode == 0

    def first_process(self) -> int:
        """Return the number, seen from outside, of what is process 1 inside."""
        pid = self.process.pid if self.process else 0
        return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])

    def stop(self) -> None:
        """End it as the engine does: a signal to process 1, and if need be the end of the namespace."""
        if self.process is None or self.process.poll() is not None:
            return
        os.kill(self.first_process(), signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()  # and with it its child: --kill-child
            raise SystemExit(f"{self.name} does not stop") from None


def wait_until_healthy(container: Container, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not container.is_healthy():
        if time.monotonic() > deadline:
            raise SystemExit(f"{container.name} is not healthy:\n{log.read_text()[-3000:]}")
        time.sleep(1)
    print(f"   {container.name} is healthy", flush=True)


@contextlib.contextmanager
def database(service: dict[str, Any], folder: Path, port: int) -> Iterator[None]:
    """PostgreSQL with the service's options; `hato` is its superuser, as in the image."""
    bin_folder = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    password = folder / "password"
    password.write_text(GIVEN["POSTGRES_PASSWORD"])
    for path in (folder, password):
        shutil.chown(path, "postgres")
    as_postgres: list[Any] = ["runuser", "-u", "postgres", "--"]
    arguments = service["environment"]["POSTGRES_INITDB_ARGS"].split()
    init: list[Any] = [
        bin_folder / "initdb",
        "-D",
        folder / "pg",
        "-U",
        "hato",
        f"--pwfile={password}",
    ]
    subprocess.run(
        [*as_postgres, *init, "--auth=scram-sha-256", *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=folder,
    )
    options = [*service["command"][1:], f"-cport={port}", f"-cunix_socket_directories={folder}"]
    server = subprocess.Popen(
        [*as_postgres, bin_folder / "postgres", "-D", folder / "pg", *options],
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    environment = os.environ | {"PGPASSWORD": GIVEN["POSTGRES_PASSWORD"]}
    ready = [*service["healthcheck"]["test"][1:], f"--port={port}"]
    try:
        while subprocess.run(ready, stdout=subprocess.DEVNULL).returncode:
            time.sleep(0.2)
        create = ["createdb", "--host=127.0.0.1", f"--port={port}", "--username=hato", "hato"]
        subprocess.run(create, check=True, env=environment)
        yield
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def broker(service: dict[str, Any], folder: Path, port: int) -> Iterator[None]:
    environment = os.environ | service["environment"]
    *shell, command = service["command"]
    with (folder / "redis.log").open("wb") as said:
        server = subprocess.Popen(
            [*shell, f"{command} --port {port} --dir {folder}"], env=environment, stdout=said
        )
    check = [*service["healthcheck"]["test"][1:]]
    check[1:1] = ["-p", str(port)]
    try:
        while b"PONG" not in subprocess.run(check, env=environment, capture_output=True).stdout:
            time.sleep(0.2)
        yield
    finally:
        server.terminate()
        server.wait()


def fetched(port: int, path: str, **headers: str) -> tuple[int, Any, str]:
    """Return status, headers and text of a page as the proxy asks for it; redirects are not followed."""
    asked = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"} | headers
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=asked)  # noqa: S310
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


def expect(holds: object, what: str) -> None:
    if not holds:
        raise SystemExit(f"does not hold: {what}")
    print(f"   {what}", flush=True)


def prove(image: dict[str, Any], services: dict[str, Any], folder: Path, port: int) -> None:
    media = folder / "media"
    media.mkdir()
    user, group = (int(number) for number in image["user"].split(":"))
    os.chown(media, user, group)
    named = {
        name: Container(image, name, services[name], media)
        for name in ("migrate", "web", "worker", "beat")
    }
    web = named["web"]
    libraries = web.run(["python", "-c", "import rasterio, exactextract, weasyprint, pyogrio"])
    expect(libraries.returncode == 0, f"libraries load {libraries.stderr[-300:]}")
    for setting in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL"):
        refused = web.run(web.service["command"], without=setting)
        expect(refused.returncode, f"web refuses to start without {setting}")
        expect(setting in refused.stdout + refused.stderr, f"... and names {setting}")
    done = named["migrate"].run(named["migrate"].service["command"])
    expect(done.returncode == 0, f"migrate ends well {done.stderr[-1500:]}")
    checked = web.run(
        ["python", "manage.py", "check", "--deploy", "--tag=security", "--fail-level=WARNING"]
    )
    expect(checked.returncode == 0, f"deployment check {checked.stderr[-500:]}")
    running = [named[name] for name in ("web", "worker", "beat")]
    try:
        for container in running:
            container.start(folder / f"{container.name}.log")
        for container in running:
            wait_until_healthy(container, folder / f"{container.name}.log")
        prove_pages(port)
    finally:
        for container in running:
            container.stop()


def prove_pages(port: int) -> None:
    status, headers, page = fetched(port, "/cuentas/entrar/")
    expect(status == 200, "the log-in page is served")
    expect("max-age=31536000" in headers["Strict-Transport-Security"], "... with HSTS")
    expect("default-src 'self'" in headers["Content-Security-Policy"], "... and a CSP")
    style = re.search(r'href="(/static/[^"]+\.css)"', page)
    expect(style, "it names a style sheet")
    status, headers, _text = fetched(port, style[1] if style else "")
    expect(status == 200 and "immutable" in headers["Cache-Control"], "... which is kept for ever")
    status, headers, _text = fetched(port, "/cuentas/entrar/", **{"X-Forwarded-Proto": "http"})
    expect(status == 301 and headers["Location"].startswith("https://"), "http goes to https")
    expect(fetched(port, "/", Host="evil.example")[0] == 400, "another host name is refused")


def main() -> int:
    image = json.loads(Path(sys.argv[1]).read_text())
    ports = {name: free_port() for name in ("web", "database", "broker")}
    document = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text())
    services = resolved(document["services"], ports)
    with tempfile.TemporaryDirectory(prefix="hato-production-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        (folder / "database").mkdir()
        with (
            database(services["database"], folder / "database", ports["database"]),
            broker(services["broker"], folder, ports["broker"]),
        ):
            prove(image, services, folder, ports["web"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
