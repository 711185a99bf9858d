"""Spanish for every message: check, extract what lacks it, merge the areas' parts.

The reference is what Django's makemessages finds in the sources now; gettext's own tools compare it.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django
from django.core.management import call_command
from django.core.management.commands import makemessages

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LOCALE = BASE_DIR / "locale"
DOMAINS = {"django": ["html", "txt", "py"], "djangojs": ["js"]}
HEADER = """msgid ""
msgstr ""
"Language: es\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
QUOTED_NOTHING = '""'  # the msgid of a catalogue's header
IGNORED = ["var/*", "node_modules/*", ".venv/*", "tests/*", "bench/*", "script/*"]


class Extract(makemessages.Command):
    """Django's makemessages that leaves the .pot file and touches no .po file."""

    def write_po_file(self, potfile: str, locale: str) -> None:
        return


def reference(domain: str, folder: Path) -> Path | None:
    """Return the .pot file of the messages in the sources; None when there is no message."""
    LOCALE.mkdir(exist_ok=True)
    call_command(
        Extract(),
        locale=["es"],
        domain=domain,
        extensions=DOMAINS[domain],
        ignore_patterns=IGNORED,
        keep_pot=True,
        no_location=False,
        verbosity=0,
    )
    pot = LOCALE / f"{domain}.pot"
    if not pot.exists():
        return None
    kept = folder / pot.name
    pot.replace(kept)
    return kept


def catalogues(domain: str) -> list[Path]:
    """Return the Spanish catalogues of a domain: the main one, then the areas' parts."""
    parts = sorted(LOCALE.glob(f"parts/*/es/LC_MESSAGES/{domain}.po"))
    main = LOCALE / "es" / "LC_MESSAGES" / f"{domain}.po"
    return [path for path in [main, *parts] if path.exists()]


def merged(domain: str, folder: Path) -> Path | None:
    """Return one catalogue of all the domain's; where two differ, the first one's text stands."""
    found = catalogues(domain)
    if not found:
        return None
    whole = folder / f"{domain}.po"
    run("msgcat", "--use-first", "--no-wrap", "-o", str(whole), *map(str, found))
    return whole


def run(*command: str) -> str:
    """Run one of gettext's tools and return what it says; raise SystemExit with it on failure."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command[:2])}: {done.stderr}")
    return done.stdout


def lacking(pot: Path, po: Path | None, folder: Path) -> Path | None:
    """Return a catalogue of the messages of `pot` that `po` does not translate; None when it does all."""
    absent = folder / "absent.po"
    twice = [
        str(folder / "translated.po"),
        str(folder / "again.po"),
    ]  # known: in two files and more
    if po is not None:
        for copy in twice:
            run("msgattrib", "--translated", "--no-fuzzy", "-o", copy, str(po))
    known = [copy for copy in twice if Path(copy).exists()]
    run("msgcat", "--use-first", "--no-wrap", "--less-than=2", "-o", str(absent), str(pot), *known)
    return absent if absent.exists() else None


def faults(pot: Path, po: Path | None) -> list[str]:
    """Return what is wrong with the Spanish of `po` for the messages of `pot`: absent, fuzzy, broken."""
    found = []
    if po is not None:
        command = ["msgfmt", "--check-format", "-o", "/dev/null", str(po)]
        broken = subprocess.run(command, capture_output=True, text=True)
        found += broken.stderr.splitlines() if broken.returncode else []
    with tempfile.TemporaryDirectory() as name:
        if absent := lacking(pot, po, Path(name)):
            msgids = absent.read_text(encoding="utf-8").split("\nmsgid ")[1:]
            named = [msgid.split("\nmsgstr")[0] for msgid in msgids]
            found += [f"no Spanish for {msgid}" for msgid in named if msgid != QUOTED_NOTHING]
    return found


def check() -> int:
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for domain in DOMAINS:
            if pot := reference(domain, Path(folder)):
                found += faults(pot, merged(domain, Path(folder)))
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    if found:
        sys.stderr.write("script/messages extract AREA adds what lacks, to be translated.\n")
    return 1 if found else 0


def extract(area: str) -> int:
    """Add what has no Spanish in any catalogue to the area's part, with an empty text."""
    for domain in DOMAINS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            pot, po = reference(domain, folder), merged(domain, folder)
            if pot and (absent := lacking(pot, po, folder)):
                _append(absent, LOCALE / "parts" / area / "es" / "LC_MESSAGES" / f"{domain}.po")
    return 0


def _append(absent: Path, part: Path) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    if not part.exists():
        part.write_text(HEADER, encoding="utf-8")
    run("msgcat", "--use-first", "--no-wrap", "-o", str(part), str(part), str(absent))
    sys.stdout.write(f"{part.relative_to(BASE_DIR)}\n")


def merge() -> int:
    """Gather the parts in locale/es, without what the sources no longer say, and remove them."""
    for domain in DOMAINS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            pot, po = reference(domain, folder), merged(domain, folder)
            if pot is None or po is None:
                continue
            main = LOCALE / "es" / "LC_MESSAGES" / f"{domain}.po"
            main.parent.mkdir(parents=True, exist_ok=True)
            whole = folder / "whole.po"
            run("msgmerge", "--no-fuzzy-matching", "--no-wrap", "-o", str(whole), str(po), str(pot))
            run("msgattrib", "--no-obsolete", "--no-wrap", "-o", str(main), str(whole))
            for part in LOCALE.glob(f"parts/*/es/LC_MESSAGES/{domain}.?o"):
                part.unlink()
    return 0


def main(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    match arguments:
        case ["check"]:
            return check()
        case ["extract", area]:
            return extract(area)
        case ["merge"]:
            return merge()
    sys.stderr.write("usage: script/messages check | extract AREA | merge\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
