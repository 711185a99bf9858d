"""Carry out the Dockerfile and the compose file's commands without a container engine.

Called by script/checks/bare with a folder that holds a bare Debian: each stage of the Dockerfile becomes
a copy of what it starts from, its COPY and RUN lines are done there in a chroot, and the compose file's
commands and health checks run in the last one, as its user, with a read-only root. The images of others
are stood in for: Debian's own Python and Node for python and node, this machine's PostgreSQL and Redis.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
STANDS_IN_FOR = {"node": "nodejs npm", "python": "python3 python3-venv python-is-python3"}
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
APT = "DEBIAN_FRONTEND=noninteractive apt-get -y -q install --no-install-recommends"


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """Yield (word, rest) of each instruction, lines that go on put together."""
    text = re.sub(r"^\s*#.*\n", "", dockerfile, flags=re.MULTILINE)
    for line in re.sub(r"\\\n", " ", text).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word:
            yield word, rest


class Stage:
    """One stage: its folder, and what ENV, WORKDIR and USER have set."""

    def __init__(self, folder: Path, parent: "Stage | None" = None) -> None:
        self.folder = folder
        self.environment: dict[str, str] = dict(parent.environment) if parent else {}
        self.workdir: str = parent.workdir if parent else "/"
        self.user: str = parent.user if parent else "0:0"

    def run(self, command: str) -> None:
        """Run a shell command as the stage's RUN would; raise CalledProcessError when it fails."""
        exports = " ".join(f"{k}={shlex.quote(v)}" for k, v in self.environment.items())
        script = f"mount -t proc proc {self.folder}/proc && exec chroot {self.folder} sh -c " + (
            shlex.quote(f"export {exports} LC_ALL=C.UTF-8; cd {self.workdir} && {command}")
        )
        kept = ("https_proxy", "http_proxy", "no_proxy")
        environment = {name: os.environ[name] for name in kept if name in os.environ} | {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "NODE_EXTRA_CA_CERTS": CERTIFICATES,
        }
        subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def set_environment(self, rest: str) -> None:
        for pair in shlex.split(rest):
            name, _, value = pair.partition("=")
            known = self.environment.get(name, "/usr/sbin:/usr/bin:/sbin:/bin")
            self.environment[name] = value.replace(f"${name}", known)


def build(root: Path, context: Path) -> Stage:
    """Carry out the Dockerfile up to its target `app`, below `root`; return that stage."""
    stages: dict[str, Stage] = {}
    stage = Stage(root)
    for word, rest in instructions((context / "Dockerfile").read_text()):
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            if name == "proxy":
                break
            print(f"   stage {name}", flush=True)
            stage = Stage(root.parent / f"{root.name}-{name}", stages.get(base))
            shutil.rmtree(stage.folder, ignore_errors=True)
            source = stages[base].folder if base in stages else root
            subprocess.run(["cp", "-a", source, stage.folder], check=True)
            if base not in stages:
                packages = STANDS_IN_FOR[base.partition(":")[0]]
                stage.run(f"apt-get -q update && {APT} ca-certificates {packages}")
            stages[name] = stage
        elif word == "RUN":
            stage.run(rest)
        elif word == "ENV":
            stage.set_environment(rest)
        elif word == "WORKDIR":
            stage.workdir = rest
            (stage.folder / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        elif word == "USER":
            stage.user = rest
        elif word == "COPY":
            _copy(rest.split(), stage, stages, context)
    return stages["app"]


def _copy(words: list[str], stage: Stage, stages: dict[str, Stage], context: Path) -> None:
    origin = context
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).removeprefix("--from=")].folder
    *sources, target = words
    place = stage.folder / str(Path(stage.workdir, target)).lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    for source in sources:
        found = origin / source.lstrip("/")
        whole = target.endswith("/") and not found.is_dir()
        if found.is_dir():  # a folder's content goes into the place
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", f"{found}/.", place], check=True)
        else:
            shutil.copy2(found, place / found.name if whole or place.is_dir() else place)


def main() -> int:
    root = Path(sys.argv[1])
    app = build(root, root / "home" / "ana" / "hato")
    state = {
        "folder": str(app.folder),
        "user": app.user,
        "environment": app.environment,
        "workdir": app.workdir,
    }
    (root.parent / "image.json").write_text(json.dumps(state))
    return 0


if __name__ == "__main__":
    sys.exit(main())
