"""script/server in a checkout of its own: it comes up, its demo is there, and it takes all down again."""

import os
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.processes import BASE_DIR, wait_until

OURS = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "DEBUG",
    "HTTPS",
    "DJANGO_SETTINGS_MODULE",
    "PORT",
)
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OURS}


class Server:
    """One run of script/server, as a job in the background: born deaf to Ctrl-C."""

    def __init__(self, checkout: Path, **settings: str) -> None:
        self.log = checkout / "var-server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["script/server"],
                cwd=checkout,
                env=ENVIRONMENT | settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
            )

    def wait_for_start(self) -> None:
        wait_until(self.is_up, seconds=300, what="the start of script/server")

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.said()[-3000:]
        return "Ctrl-C stops it" in self.said()

    def address(self) -> str:
        return self.said().split("Hato runs at ")[1].split()[0]

    def stop(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=40)


def work_done(checkout: Path) -> dict[str, float]:
    """Return when each step of script/setup last did its work; a start is quick when it does none."""
    return {log.name: log.stat().st_mtime for log in (checkout / "var" / "log").glob("*.log")} | {
        "demo.log": 0  # asked for the log-ins at every start
    }


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def children_of(pid: int) -> list[int]:
    """Return the process's children and theirs, parents first."""
    found = [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [grandchild for child in found for grandchild in children_of(child)]


def processes_of(checkout: Path) -> list[str]:
    """Return the living processes that work in the checkout or serve it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            where = str((folder / "cwd").readlink())
        except OSError:
            continue
        if command and (str(checkout) in command or where.startswith(str(checkout))):
            found.append(command)
    return found


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """`start(checkout, PORT="8123")`: start script/server there; whatever the test does, it is stopped."""
    started: list[Server] = []

    def start_one(checkout: Path, **settings: str) -> Server:
        started.append(Server(checkout, **settings))
        started[-1].wait_for_start()
        return started[-1]

    yield start_one
    for server in reversed(started):
        if server.process.poll() is None:
            server.stop(signal.SIGTERM)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A checkout of its own, with the services that it starts."""
    made = copy_of_the_tree(tmp_path / "one")
    yield made
    run = Path(service_urls(made)["DATABASE_URL"].split("host=")[1])
    if (
        run.is_relative_to("/var/lib/hato") and run.parent.exists()
    ):  # where root's services go from an unreachable folder
        shutil.rmtree(run.parent)


def copy_of_the_tree(folder: Path) -> Path:
    """The tracked files as they are now, in a new folder, sharing only the installed packages."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (BASE_DIR / name).exists():
            shutil.copy2(BASE_DIR / name, target, follow_symlinks=False)
    for name in (".venv", "node_modules"):
        (folder / name).symlink_to((BASE_DIR / name).resolve())
    return folder


def service_urls(checkout: Path) -> dict[str, str]:
    """Return DATABASE_URL and REDIS_URL of the checkout's private services."""
    said = subprocess.run(
        ["script/services", "urls"],
        cwd=checkout,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return dict(line.split("=", 1) for line in said.splitlines())


def answers(server: Server, path: str = "/salud/") -> int:
    with urllib.request.urlopen(f"{server.address()}{path}", timeout=10) as answer:
        return answer.status


def test_the_server_comes_up_with_its_demo_and_takes_everything_down(
    checkout: Path, tmp_path: Path, start: Callable[..., Server]
) -> None:
    first = start(checkout)
    assert answers(first) == answers(first, "/cuentas/entrar/") == 200
    assert "coordinacion@hato.example" in first.said()
    first.stop(signal.SIGINT)
    assert processes_of(checkout) == []

    done = work_done(checkout)
    assert done.keys() >= {"static.log", "migrate.log", "messages.log"}
    second = start(checkout)
    assert work_done(checkout) == done

    # A second checkout beside it, told to use the services of the first: it starts none, and ends none.
    beside = copy_of_the_tree(tmp_path / "two")
    other = start(beside, **service_urls(checkout))
    assert other.address() != second.address()
    assert answers(other) == answers(second) == 200
    assert not any("postgres" in command for command in processes_of(beside))
    other.stop(signal.SIGTERM)
    assert processes_of(beside) == []
    assert answers(second) == 200

    # One process of it dies: the rest is taken down and the command fails, it does not limp on.
    web = next(p for p in children_of(second.process.pid) if "gunicorn" in command_of(p))
    os.kill(web, signal.SIGKILL)
    assert second.process.wait(timeout=40) != 0
    assert "web.1 stopped" in second.said()
    assert processes_of(checkout) == []


def test_a_port_that_is_taken_is_said_before_anything_starts(checkout: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        server = Server(checkout, PORT=port)
        assert server.process.wait(timeout=60) == 1
    assert f"Port {port} is taken" in server.said()
    assert processes_of(checkout) == []


def test_one_address_of_services_without_the_other_is_refused(checkout: Path) -> None:
    server = Server(checkout, DATABASE_URL="postgres://hato@/hato?host=/nowhere")
    assert server.process.wait(timeout=60) == 1
    assert "Set both DATABASE_URL and REDIS_URL" in server.said()
    assert processes_of(checkout) == []
