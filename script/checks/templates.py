"""Every template compiles: no unknown tag, filter, missing parent or unclosed block."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import django
from django.template import TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates

BASE_DIR = Path(__file__).resolve().parent.parent.parent


def faults(folder: Path) -> Iterator[str]:
    """Yield what keeps a template below `folder` from compiling."""
    engine = cast(DjangoTemplates, engines["django"])
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.txt")]):
        try:
            engine.engine.from_string(path.read_text(encoding="utf-8"))
        except TemplateSyntaxError as error:
            yield f"{path.relative_to(folder)}: {error}"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    found = [
        fault
        for folder in [BASE_DIR / "templates", *BASE_DIR.glob("*/templates")]
        for fault in faults(folder)
    ]
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
