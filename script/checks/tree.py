"""House rules that hold for the tracked files: names, lengths, no registry host, no inline style."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
MODULE_LINES = 400
TEMPLATE_LINES = 150
BANNED_MODULES = {"utils", "helpers", "common", "services"}
# Spelled in pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(
        rf"\b{host}\.{domain}\b"
        for host, domain in [
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("npmjs", "(?:org|com)"),
            ("yarnpkg", "com"),
            ("(?:deb|security|ftp)", r"debian\.org"),
            ("docker", "io"),
            ("(?:ghcr|quay|gcr)", "io"),
            ("(?:unpkg|jsdelivr|cdnjs|skypack|esm)", r"(?:com|net|dev|sh|cloudflare\.com)"),
        ]
    )
)
INLINE = [
    (re.compile(r"\sstyle\s*=\s*[\"']"), "a style attribute: the CSP refuses it"),
    (re.compile(r"<style\b"), "a style element: the CSP refuses it"),
    (
        re.compile(r"<script\b(?![^>]*\b(?:src=|type=[\"']application/))"),
        "a script in the page: the CSP refuses it",
    ),
    (re.compile(r"\son(?:click|load|change|submit|input)\s*="), "an event attribute"),
]
PDF_FOLDERS = {"print", "pdf", "cards"}  # WeasyPrint's sheets are not served, so no CSP is on them


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=BASE_DIR, capture_output=True, check=True, text=True
    )
    return [Path(name) for name in listed.stdout.split("\0") if name]


def faults(path: Path, text: str) -> Iterator[str]:
    """Yield what is wrong with one tracked file; `path` is relative to the checkout."""
    for number, line in enumerate(text.splitlines(), start=1):
        if REGISTRY_HOSTS.search(line):
            yield f"{path}:{number}: names a package registry's host"
    if path.suffix == ".py":
        yield from _module_faults(path, text)
    if path.suffix == ".js":
        yield from _length_faults(path, text)
    if path.suffix == ".html":
        yield from _template_faults(path, text)


def _module_faults(path: Path, text: str) -> Iterator[str]:
    if path.stem in BANNED_MODULES:
        yield f"{path}: '{path.stem}' says nothing; name the module for its job"
    if "migrations" not in path.parts:
        yield from _length_faults(path, text)


def _length_faults(path: Path, text: str) -> Iterator[str]:
    if (lines := text.count("\n")) > MODULE_LINES:
        yield f"{path}: {lines} lines; a module has at most {MODULE_LINES}"


def _template_faults(path: Path, text: str) -> Iterator[str]:
    if (lines := text.count("\n")) > TEMPLATE_LINES:
        yield f"{path}: {lines} lines; a template has at most {TEMPLATE_LINES}"
    if PDF_FOLDERS & set(path.parts):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, what in INLINE:
            if pattern.search(line):
                yield f"{path}:{number}: {what}"


def main() -> int:
    found: list[str] = []
    for path in tracked_files():
        whole = BASE_DIR / path
        if not whole.is_file() or whole.is_symlink():
            continue
        content = whole.read_bytes()
        if b"\0" not in content[:8000]:
            found += faults(path, content.decode("utf-8", errors="replace"))
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
