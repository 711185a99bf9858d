"""Real processes that tests start, stop and kill: a Celery worker, a Redis of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import redis
from celery import Celery

BASE_DIR = Path(__file__).resolve().parent.parent


def wait_until(holds: Callable[[], object], *, seconds: float, what: str) -> None:
    """Return as soon as `holds()` is true; raise AssertionError naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
        time.sleep(0.05)


class Worker:
    """A Celery worker process on a test database, listening to the queue at `redis_url`."""

    def __init__(self, *, database: str, redis_url: str, broker_url: str) -> None:
        self.database = database
        self.redis_url = redis_url
        self.app = Celery(broker=broker_url)
        self.log = BASE_DIR / "var" / "log" / f"test-worker-{database}.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE": self.database,
            "TEST_REDIS_URL": self.redis_url,
        }
        command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency=1"]
        command += ["--without-gossip", "--without-mingle", "--loglevel=INFO"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self.answers, seconds=60, what=f"the worker's start (see {self.log})")

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the worker ended: {self.log.read_text()[-3000:]}"
        return bool(self.app.control.ping(timeout=2.0, limit=1))

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def listen(self) -> None:
        """Take tasks from the queue (again)."""
        self.app.control.add_consumer("celery", reply=True)

    def rest(self) -> None:
        """Take no more tasks until `listen`."""
        self.app.control.cancel_consumer("celery", reply=True)

    def is_idle(self) -> bool:
        """Say whether nothing is queued and nothing is being worked on."""
        with self.app.connection_for_read() as connection:
            queued = connection.default_channel.client.llen("celery")
        if queued:
            return False
        busy = self.app.control.inspect(timeout=2.0, limit=1)
        return not any((busy.active() or {"": [1]}).values()) and not any(
            (busy.reserved() or {"": [1]}).values()
        )

    def stop(self) -> None:
        """Let it finish its task and end."""
        self._end(signal.SIGTERM, whole_group=False)

    def kill(self) -> None:
        """End it and its pool at once, as a power cut does."""
        self._end(signal.SIGKILL, whole_group=True)

    def _end(self, how: signal.Signals, *, whole_group: bool) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        if whole_group:
            os.killpg(self.process.pid, how)
        else:
            self.process.send_signal(how)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Redis:
    """A Redis server of a test's own, on a unix socket in `folder`: it may be killed and restarted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it with what it had kept on disk, and wait until it answers."""
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket)]
        command += ["--dir", str(self.folder), "--appendonly", "yes", "--appendfsync", "always"]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        wait_until(self.answers, seconds=20, what="Redis's start")

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
