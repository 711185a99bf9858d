"""docker-compose.yml holds to its schema and to the house's rules; no container engine is needed."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

BASE_DIR = Path(__file__).resolve().parent.parent.parent
SCHEMA = json.loads((Path(__file__).parent / "compose.schema.json").read_text())
SECRET_NAMES = re.compile(r"PASSWORD|SECRET|TOKEN|AUTH|KEY$", re.IGNORECASE)
FROM_ENVIRONMENT = re.compile(r"^\$\{\w+:\?[^}]+\}$")
PASSWORD_IN_URL = re.compile(r"://[^/@\s]*:(?!\$\{\w+:\?)[^/@\s]+@")
PINNED = re.compile(r":(?:\$\{\w+:-)?\d+[\w.-]*\}?(?:@sha256:[0-9a-f]{64})?$")


def faults(text: str) -> Iterator[str]:
    """Yield what is wrong with a compose file: form first, and the rules only when that is right."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"not YAML: {error}"
        return
    errors = sorted(Draft202012Validator(SCHEMA).iter_errors(document), key=lambda e: e.json_path)
    if errors:
        yield from (f"{error.json_path}: {error.message}" for error in errors)
        return
    for name, service in document["services"].items():
        for fault in _service_faults(service, document):
            yield f"services.{name}: {fault}"


def _service_faults(service: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    if not PINNED.search(service["image"]):
        yield f"image {service['image']} names no version"
    user = str(service.get("user", "root")).split(":")[0]
    if user in ("root", "0"):
        yield "runs as root: set user"
    if "ALL" not in service.get("cap_drop", []):
        yield "keeps capabilities: cap_drop [ALL]"
    one_shot = service.get("restart") == "no"
    if not one_shot and "healthcheck" not in service:
        yield "has no healthcheck"
    yield from _secret_faults(service.get("environment", {}))
    yield from _reference_faults(service, document)


def _secret_faults(environment: dict[str, Any]) -> Iterator[str]:
    for name, value in environment.items():
        if SECRET_NAMES.search(name) and not FROM_ENVIRONMENT.match(str(value)):
            yield f"{name} has to come from the environment: ${{{name}:?...}}"
        if PASSWORD_IN_URL.search(str(value)):
            yield f"{name} holds a password"


def _reference_faults(service: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    for mount in service.get("volumes", []):
        source = mount.split(":")[0]
        if not source.startswith((".", "/")) and source not in document.get("volumes", {}):
            yield f"volume {source} is not declared"
    for network in service.get("networks", []):
        if network not in document.get("networks", {}):
            yield f"network {network} is not declared"
    for other, how in service.get("depends_on", {}).items():
        needed = document["services"].get(other)
        if needed is None:
            yield f"depends on {other}, which is no service"
        elif how["condition"] == "service_healthy" and "healthcheck" not in needed:
            yield f"waits for {other}'s health, which has no healthcheck"


def dockerfile_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with a Dockerfile: unpinned bases, and targets that end as root."""
    stages: dict[str, str] = {}
    stage = ""
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, stage = rest.partition(" AS ")
            if base not in stages and not PINNED.search(base):
                yield f"FROM {base} names no version"
            stages[stage] = stages.get(base, "root")
        elif word == "USER":
            stages[stage] = rest.split(":")[0]
    for target in ("app", "proxy"):
        if stages.get(target, "root") in ("root", "0"):
            yield f"target {target} ends as root"


def main() -> int:
    found = [
        *(
            f"docker-compose.yml: {fault}"
            for fault in faults((BASE_DIR / "docker-compose.yml").read_text())
        ),
        *(
            f"Dockerfile: {fault}"
            for fault in dockerfile_faults((BASE_DIR / "Dockerfile").read_text())
        ),
    ]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
