"""Bring the catalogue files into the database, as often as one likes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.timezone import localdate

from practices.models import Criterion, Manual, Practice, Principle

FILES = Path(__file__).parent
LANGUAGES = ("es", "en")


class CatalogueError(ValueError):
    """A catalogue file is missing, unreadable or breaks a rule; the message names the file."""


class _DryRun(Exception):
    """Leaves the transaction without keeping it."""


@dataclass
class Loaded:
    """What a load did, by code: rows made, changed, left as the coordinator edited them."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)


def load(*, files: Path = FILES, dry_run: bool = False, overwrite: bool = False) -> Loaded:
    """Create or update principles, criteria, practices and manuals from the files.

    All or nothing. A practice edited by a coordinator keeps its texts unless `overwrite`; newer
    editions of a manual published on the site are never touched. Raises CatalogueError.
    """
    done = Loaded()
    try:
        with transaction.atomic():
            criteria = _load_principles(files / "principles.toml", done)
            for path in sorted((files / "practices").glob("*.toml")):
                practice = _load_practice(path, criteria, done, overwrite=overwrite)
                for language in LANGUAGES:
                    manual = files / "manuals" / language / f"{path.stem}.md"
                    if manual.exists():
                        _load_manual(manual, practice, language, done)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return done


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{path.name}: {error}") from error


def _store(row: Model, values: dict[str, Any], label: str, done: Loaded) -> None:
    """Save the row if it is new or differs from `values`; note which."""
    is_new = row._state.adding
    differs = [name for name, value in values.items() if getattr(row, name) != value]
    if not is_new and not differs:
        return
    for name, value in values.items():
        setattr(row, name, value)
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise CatalogueError(f"{label}: {error.message_dict}") from error
    row.save()
    (done.created if is_new else done.updated).append(label)


def _load_principles(path: Path, done: Loaded) -> dict[str, Criterion]:
    criteria: dict[str, Criterion] = {}
    for order, values in enumerate(_read(path).get("principle", []), start=1):
        listed = values.pop("criteria", [])
        principle = Principle.objects.filter(code=values["code"]).first() or Principle()
        _store(principle, {**values, "order": order}, values["code"], done)
        for place, wanted in enumerate(listed, start=1):
            criterion = Criterion.objects.filter(code=wanted["code"]).first() or Criterion()
            wanted = {**wanted, "order": place, "principle_id": principle.pk}
            _store(criterion, wanted, wanted["code"], done)
            criteria[criterion.code] = criterion
    return criteria


def _load_practice(
    path: Path, criteria: dict[str, Criterion], done: Loaded, *, overwrite: bool
) -> Practice:
    values = _read(path)
    try:
        number, code = values["id"], values["code"]
        values["criterion_id"] = criteria[values.pop("criterion")].pk
    except KeyError as error:
        raise CatalogueError(f"{path.name}: {error} is missing or unknown") from error
    practice = Practice.objects.filter(pk=number).first() or Practice(pk=number)
    if practice.code and practice.code != code:
        raise CatalogueError(f"{path.name}: number {number} belongs to '{practice.code}'")
    if practice.edited_at and not overwrite:
        done.kept.append(code)
        return practice
    _store(practice, {"order": number, **values}, code, done)
    return practice


def _load_manual(path: Path, practice: Practice, language: str, done: Loaded) -> None:
    heading, _, body = path.read_text(encoding="utf-8").partition("\n")
    if not heading.startswith("# ") or not body.strip():
        raise CatalogueError(f"{path.name}: must begin with '# title' and go on with the text")
    editions = Manual.objects.filter(practice=practice, language=language)
    manual = editions.filter(from_catalogue=True).first()
    values = {"title": heading.removeprefix("# ").strip(), "body": body.strip()}
    if manual is None:
        if editions.exists():
            done.kept.append(f"{practice.code} ({language})")
            return
        manual = Manual(practice=practice, language=language, from_catalogue=True)
    elif all(getattr(manual, name) == value for name, value in values.items()):
        return
    label = f"{practice.code} ({language})"
    _store(manual, {**values, "published_on": localdate()}, label, done)
