"""script/server in a checkout of its own: it comes up, its demo is there, and it takes all down again."""

import os
import shutil
import signal
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

    def __init__(self, checkout: Path) -> None:
        self.log = checkout / "var-server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                ["script/server"],
                cwd=checkout,
                env=ENVIRONMENT,
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
def start(checkout: Path) -> Iterator[Callable[[], Server]]:
    """Start script/server; whatever the test does, it is stopped."""
    started: list[Server] = []

    def start_one() -> Server:
        started.append(Server(checkout))
        started[-1].wait_for_start()
        return started[-1]

    yield start_one
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGTERM)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """The tracked files as they are now, in a new folder, sharing only the installed packages."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (BASE_DIR / name).exists():
            shutil.copy2(BASE_DIR / name, target, follow_symlinks=False)
    for name in (".venv", "node_modules"):
        (tmp_path / name).symlink_to((BASE_DIR / name).resolve())
    yield tmp_path
    urls = subprocess.run(
        ["script/services", "urls"], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True
    )
    run = Path(urls.stdout.split("host=")[1].splitlines()[0])
    if run.is_relative_to("/var/lib/hato"):  # where root's services go from an unreachable folder
        shutil.rmtree(run.parent)


def test_the_server_comes_up_with_its_demo_and_takes_everything_down(
    checkout: Path, start: Callable[[], Server]
) -> None:
    first = start()
    with urllib.request.urlopen(f"{first.address()}/salud/", timeout=10) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(f"{first.address()}/cuentas/entrar/", timeout=10) as answer:
        assert "hato" in answer.read().decode().lower()
    assert "coordinacion@hato.example" in first.said()
    first.stop(signal.SIGINT)
    assert processes_of(checkout) == []

    done = work_done(checkout)
    assert done.keys() >= {"static.log", "migrate.log", "messages.log"}
    second = start()
    second.stop(signal.SIGTERM)
    assert work_done(checkout) == done
    assert processes_of(checkout) == []
