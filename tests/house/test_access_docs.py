"""docs/access.md says of every address who may see it, as tests/access_table.py has it."""

from fnmatch import fnmatch
from pathlib import Path

from tests.access_table import COLUMNS, TABLE

ROLES = ("coordinator", "technician", "ministry", "rancher")
BY_PHONE = "api:field_"
"""Answered to the secret of a phone, which the walk does not carry."""


def rows() -> list[tuple[list[str], dict[str, str]]]:
    text = Path("docs/access.md").read_text()
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.partition("## Every address")[2].partition("\n## ")[0].splitlines()
        if line.startswith("| `")
    ]
    return [(line[0].split("`")[1::2], dict(zip(ROLES, line[1:], strict=True))) for line in lines]


def said_of(name: str) -> list[dict[str, str]]:
    """The rows that speak of an address: by its name, else by a pattern."""
    exact = [said for patterns, said in rows() if name in patterns]
    return exact or [said for some, said in rows() if any(fnmatch(name, one) for one in some)]


def test_every_address_is_told_once() -> None:
    assert [name for name in TABLE if len(said_of(name)) != 1] == []


def test_no_line_tells_of_an_address_that_is_not_there() -> None:
    patterns = [one for some, _said in rows() for one in some]
    assert [one for one in patterns if not any(fnmatch(name, one) for name in TABLE)] == []


def test_the_document_forbids_what_the_table_forbids() -> None:
    wrong = []
    for name, row in TABLE.items():
        if name.startswith(BY_PHONE):
            continue
        answers = dict(zip(COLUMNS, row.answers.split(), strict=True))
        for role, said in said_of(name)[0].items():
            if (said == "no") != (answers[role] == "403"):
                wrong.append(f"{name}: {role} {said!r}, but {answers[role]}")
    assert wrong == []
