"""Statements that a connection keeps prepared, so that they are planned once and not at each visit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

SMALL = 50
"""Batches of up to so many ranchers run on plans that were made for one; larger ones are planned anew."""

_TYPES = {"ids": "uuid[]", "until": "date"}
_PARAMETER = re.compile(r"%\((\w+)\)s")
_FILLS = re.compile(r"\s*insert into (pg_temp\.\w+)")


def split(text: str) -> list[str]:
    """The statements of an SQL text without comments; none may hold a semicolon of its own."""
    return [one.strip() for one in text.split(";") if one.strip()]


class Prepared:
    """Groups of statements on a connection's temporary tables, which `setup` makes.

    Parameters are written `%(name)s`. The name of a prepared statement is made from its text, so a
    new release finds none of the old ones. Nothing is assumed of the connection (it may come from a
    pool, or a rolled back transaction may have taken the tables): `open` looks, once a batch.
    """

    def __init__(self, *, setup: str, groups: Mapping[str, Sequence[str]]) -> None:
        self.setup = setup
        self._texts = {key: list(texts) for key, texts in groups.items()}
        content = setup + "".join(text for texts in self._texts.values() for text in texts)
        self._prefix = "hato_" + hashlib.sha256(content.encode()).hexdigest()[:12]
        self._last_table = re.findall(r"exists (pg_temp\.\w+)", setup)[-1]

    def open(self, cursor: Any, *, ranchers: int) -> bool:
        """Make tables and statements unless they are there; inside the batch's transaction.

        Returns whether this batch should take statistics of what it stages: a large one, and the
        first of a connection, for the plans that are kept are made after it.
        """
        # Compiling takes longer than these plans run. Nothing is lost with a commit that is: the
        # marks go in the same transaction.
        cursor.execute(
            "set local jit = off; set local synchronous_commit = off;"
            " select to_regclass(%s) is not null,"
            " (select count(*) from pg_prepared_statements where name like %s)",
            [self._last_table, self._prefix + "%"],
        )
        has_tables, prepared = cursor.fetchone()
        is_new = not has_tables or prepared != sum(len(texts) for texts in self._texts.values())
        if not has_tables:
            cursor.execute(self.setup)
        if is_new:
            self._prepare(cursor, anew=prepared > 0)
        analyze = is_new or ranchers > SMALL
        kind = "custom" if analyze else "generic"
        cursor.execute(f"set local plan_cache_mode = force_{kind}_plan")
        return analyze

    def _prepare(self, cursor: Any, *, anew: bool) -> None:
        if anew:
            cursor.execute("deallocate all")
        for key, texts in self._texts.items():
            for number, text in enumerate(texts):
                names = _names(text)
                for at, name in enumerate(names, 1):
                    text = text.replace(f"%({name})s", f"${at}::{_TYPES.get(name, 'int')}")
                text = text.replace("%%", "%")
                # Past the wrappers: within a request pghistory gives every statement parameters of its
                # own, and then a lone % would be taken for a place of one.
                cursor.cursor.execute(f"prepare {self._name(key, number)} as {text}")

    def run(self, cursor: Any, key: str, parameters: Mapping[str, Any], *, analyze: bool) -> None:
        """Run a group: in one round trip, or, to `analyze`, one by one with statistics after each."""
        calls = []
        for number, text in enumerate(self._texts[key]):
            given = ", ".join(f"%({name})s::{_TYPES.get(name, 'int')}" for name in _names(text))
            calls.append(f"execute {self._name(key, number)}" + (f"({given})" if given else ""))
            if analyze and (filled := _FILLS.match(text)):
                calls.append(f"analyze {filled[1]}")
        cursor.execute("; ".join(calls), parameters)

    def _name(self, key: str, number: int) -> str:
        return f"{self._prefix}_{key}_{number}"


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(_PARAMETER.findall(text)))
