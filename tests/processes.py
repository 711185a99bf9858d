"""Real processes that tests start, stop and kill: worker, web, and a Redis and PostgreSQL of a test's own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

import psycopg2
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

    def __init__(
        self,
        *,
        database: str,
        redis_url: str,
        broker_url: str,
        also: Mapping[str, str] | None = None,
    ) -> None:
        self.database = database
        self.redis_url = redis_url
        self.also = dict(also or {})
        # Not the current one: what the test itself asks of a worker goes where the settings say.
        self.app = Celery(broker=broker_url, set_as_current=False)
        self.log = BASE_DIR / "var" / "log" / f"test-worker-{database}.log"
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start the process and wait until it answers."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE": self.database,
            "TEST_REDIS_URL": self.redis_url,
            **self.also,
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
        try:
            return bool(self.app.control.ping(timeout=2.0, limit=1))
        except (redis.RedisError, OSError):  # the broker went away: connect anew
            self.app = Celery(broker=self.app.conf.broker_url, set_as_current=False)
            return False

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


class Web:
    """A gunicorn web process (one worker, threads, as in production) on a port of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self.log = BASE_DIR / "var" / "log" / "test-web.log"
        self.process: subprocess.Popen | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--workers=1"]
        command += ["--worker-class=gthread", "--threads=4", "--log-level=warning"]
        command += [f"--bind={self.address.removeprefix('http://')}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=BASE_DIR,
                env=os.environ | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until(self.answers, seconds=60, what=f"the start of the web process (see {self.log})")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/campo/sw.js", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def kill(self) -> None:
        """End master and worker at once, in the middle of whatever they answer."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Postgres:
    """A PostgreSQL cluster of a test's own, on a unix socket: it may be killed and recovers.

    Without fsync: a killed process, unlike a machine without power, loses nothing of what it had
    given to the system.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hato-pg-"))
        self.owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.owner is not None:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        self.process: subprocess.Popen | None = None
        newest = max(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        self.programs = newest.parent
        made = [self.programs / "initdb", "-D", self.folder / "pg", "-U", "hato", "--auth=trust"]
        made += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([str(part) for part in made], check=True, capture_output=True, **self._as())

    def _as(self) -> dict:
        """PostgreSQL refuses to run as root."""
        if self.owner is None:
            return {"cwd": self.folder}
        ids = {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}
        return ids | {"cwd": self.folder}

    def url(self, database: str) -> str:
        return f"postgres://hato@/{database}?host={self.folder}"

    def connect(self, database: str) -> psycopg2.extensions.connection:
        return psycopg2.connect(dbname=database, user="hato", host=str(self.folder))

    def start(self) -> None:
        """Start it, recovering if it was killed, and wait until it answers."""
        command = [self.programs / "postgres", "-D", self.folder / "pg", "-k", self.folder]
        command += ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=64MB"]
        with Path(self.folder / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdout=log, stderr=log, **self._as()
            )
        wait_until(self.answers, seconds=60, what="PostgreSQL's start")

    def answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def copy(self, database: str, *, of: str) -> None:
        """Make `database` as the database at the address `of` is now."""
        connection = self.connect("postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f'create database "{database}"')
        connection.close()
        dump = subprocess.run(
            [str(self.programs / "pg_dump"), "--no-owner", "--no-privileges", f"--dbname={of}"],
            check=True,
            capture_output=True,
        )
        done = subprocess.run(
            [str(self.programs / "psql"), "-Xq", "-v", "ON_ERROR_STOP=1"]
            + ["-h", str(self.folder), "-U", "hato", "-d", database],
            input=dump.stdout,
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]

    def kill(self) -> None:
        """End the server at once; its children see that and end, so that it can start again."""
        if self.process is None or self.process.poll() is not None:
            return
        children = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True
        )
        self.process.kill()
        self.process.wait()
        for child in children.stdout.split():
            wait_until(
                lambda number=child: not Path(f"/proc/{number}").exists(),
                seconds=30,
                what="the end of PostgreSQL's children",
            )

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder)
