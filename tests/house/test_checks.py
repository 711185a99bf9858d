"""The checks of script/lint refuse what they are there to refuse, and accept the tree as it is."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from script.checks import browser, compose, messages, tree

BASE_DIR = Path(__file__).resolve().parent.parent.parent
COMPOSE = (BASE_DIR / "docker-compose.yml").read_text()
DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def changed(service: str, **values: object) -> str:
    """Return the compose file with some keys of one service replaced; None removes one."""
    document = yaml.safe_load(COMPOSE)
    for key, value in values.items():
        if value is None:
            del document["services"][service][key]
        else:
            document["services"][service][key] = value
    return yaml.safe_dump(document)


def test_the_compose_file_and_dockerfile_are_accepted() -> None:
    assert list(compose.faults(COMPOSE)) == []
    assert list(compose.dockerfile_faults(DOCKERFILE)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services: [", "not YAML"),
        ("name: hato", "'services' is a required property"),
        (changed("web", imagen="hato:1"), "'imagen' was unexpected"),
        (changed("web", image="hato"), "names no version"),
        (changed("broker", image="redis:latest"), "names no version"),
        (changed("web", user="root"), "runs as root"),
        (changed("web", user=None), "runs as root"),
        (changed("worker", healthcheck=None), "has no healthcheck"),
        (changed("web", cap_drop=[]), "keeps capabilities"),
        (changed("web", environment={"SECRET_KEY": "hunter2"}), "SECRET_KEY has to come from"),
        (changed("web", environment={"DATABASE_URL": "postgres://h:pw@d/h"}), "holds a password"),
        (changed("web", volumes=["elsewhere:/media"]), "volume elsewhere is not declared"),
        (changed("web", networks=["outside"]), "network outside is not declared"),
        (
            changed("web", depends_on={"databse": {"condition": "service_healthy"}}),
            "depends on databse",
        ),
        (
            changed("proxy", depends_on={"migrate": {"condition": "service_healthy"}}),
            "which has no healthcheck",
        ),
    ],
)
def test_a_bad_compose_file_is_refused(text: str, said: str) -> None:
    assert any(said in fault for fault in compose.faults(text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DOCKERFILE.replace("USER 10001:10001", ""), "target app ends as root"),
        (
            DOCKERFILE.replace("FROM caddy:2.8.4-alpine", "FROM caddy"),
            "FROM caddy names no version",
        ),
    ],
)
def test_a_bad_dockerfile_is_refused(text: str, said: str) -> None:
    assert said in list(compose.dockerfile_faults(text))


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("requirements/x.txt", "--index-url https://pypi" + ".org/simple", "registry's host"),
        ("ranchers/utils.py", "", "'utils' says nothing"),
        ("ranchers/long.py", "x = 1\n" * 401, "at most 400"),
        ("static/field/long.js", "let x = 1;\n" * 401, "at most 400"),
        ("templates/long.html", "<p></p>\n" * 151, "at most 150"),
        ("templates/a.html", '<p style="color: red">', "a style attribute"),
        ("templates/a.html", "<script>alert(1)</script>", "a script in the page"),
        ("templates/a.html", '<a href="#" onclick="x()">', "an event attribute"),
    ],
)
def test_a_file_that_breaks_a_house_rule_is_named(path: str, text: str, said: str) -> None:
    assert any(said in fault for fault in tree.faults(Path(path), text))


def test_a_served_script_and_data_island_are_allowed() -> None:
    page = '<script src="a.js" type="module"></script><script type="application/json">{}</script>'
    assert list(tree.faults(Path("templates/a.html"), page)) == []


@pytest.mark.parametrize(
    ("spanish", "said"),
    [
        ("", 'no Spanish for "%(n)s plots"'),
        ('#, python-format\nmsgid "%(n)s plots"\nmsgstr ""\n', 'no Spanish for "%(n)s plots"'),
        (
            '#, fuzzy, python-format\nmsgid "%(n)s plots"\nmsgstr "%(n)s predios"\n',
            'no Spanish for "%(n)s plots"',
        ),
        ('#, python-format\nmsgid "%(n)s plots"\nmsgstr "%(m)s predios"\n', "'m'"),
    ],
)
def test_a_message_without_sound_spanish_is_named(tmp_path: Path, spanish: str, said: str) -> None:
    pot, po = tmp_path / "django.pot", tmp_path / "django.po"
    pot.write_text(HEADER + '#, python-format\nmsgid "%(n)s plots"\nmsgstr ""\n')
    po.write_text(HEADER + spanish)
    assert any(said in fault for fault in messages.faults(pot, po))


def test_a_message_with_spanish_passes(tmp_path: Path) -> None:
    pot, po = tmp_path / "django.pot", tmp_path / "django.po"
    pot.write_text(HEADER + '#, python-format\nmsgid "%(n)s plots"\nmsgstr ""\n')
    po.write_text(HEADER + '#, python-format\nmsgid "%(n)s plots"\nmsgstr "%(n)s predios"\n')
    assert messages.faults(pot, po) == []


def test_a_browser_module_with_a_wrong_type_is_named(tmp_path: Path) -> None:
    module = tmp_path / "module.js"
    module.write_text('import { openDB } from "./vendor/idb/index.js";\nopenDB(1, "one");\n')
    config = tmp_path / "tsconfig.json"
    extended = {"extends": str(BASE_DIR / "tsconfig.json"), "include": ["*.js"], "exclude": []}
    config.write_text(json.dumps(extended | {"compilerOptions": {"rootDirs": []}}))
    browser.link_vendor(tmp_path)
    [fault] = browser.faults(config)
    assert "module.js(2,8)" in fault
    assert "'number' is not assignable to parameter of type 'string'" in fault

    module.write_text(module.read_text().replace('1, "one"', '"hato", 1'))
    assert browser.faults(config) == []


def test_ci_runs_lint_and_every_test_and_fails_with_either(tmp_path: Path) -> None:
    """Run the real .ci/run over stand-in verbs: what counts is which it calls and what it returns."""
    import subprocess

    (tmp_path / ".ci").mkdir()
    (tmp_path / "script").mkdir()
    shutil.copy(BASE_DIR / ".ci" / "run", tmp_path / ".ci" / "run")

    def outcome(lint: int, tests: int) -> tuple[int, str]:
        for verb, status in (("lint", lint), ("test", tests)):
            file = tmp_path / "script" / verb
            file.write_text(f'#!/bin/sh\necho "{verb}($*)"\nexit {status}\n')
            file.chmod(0o755)
        done = subprocess.run(["bash", tmp_path / ".ci" / "run"], capture_output=True, text=True)
        return done.returncode, done.stdout

    assert outcome(0, 0) == (0, "lint()\ntest()\n")
    assert outcome(1, 0) == (1, "lint()\ntest()\n")
    assert outcome(0, 5) == (5, "lint()\ntest()\n")
