"""Walks the site as a person does, by its links, and says what is wrong with each page."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import ConsoleMessage, Page, Response

BASE_DIR = Path(__file__).resolve().parent.parent.parent
WIDTHS = (1366, 360, 320)
AXE_WIDTHS = (1366, 360)
SERIOUS = ("serious", "critical")
NOT_WALKED = {"account_logout", "set_language", "api:schema", "api:docs"}
COMPRESSIBLE = ("text/", "javascript", "json", "svg", "xml")
MOST_PAGES = 60


@dataclass
class Walk:
    """The pages seen, by the name of their view, and what was wrong."""

    seen: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def walk(
    page: Page,
    *,
    start: str,
    axe: Callable[[Page], list[str]],
    shot: Callable[..., object],
    who: str,
) -> Walk:
    """One page of every view that can be reached from `start`, looked at in three widths."""
    done = Walk()
    page.on("console", lambda message: _complain(done, page, message))
    queue = [start]
    while queue and len(done.seen) < MOST_PAGES:
        path = queue.pop(0)
        name = view_name(path)
        if name is None or name in done.seen or name in NOT_WALKED:
            continue
        done.seen[name] = path
        if "html" not in page.request.get(path).headers.get("content-type", "html"):
            continue  # a download
        answer = page.goto(path)
        if answer is None or answer.status != 200:
            done.faults.append(f"{path}: status {answer and answer.status}")
            continue
        page.wait_for_load_state("networkidle")
        done.faults += [f"{path} {fault}" for fault in look(page, axe)]
        if os.environ.get("SHOTS"):
            for width in AXE_WIDTHS:
                page.set_viewport_size({"width": width, "height": 740})
                shot(page, f"{who}-{name.replace(':', '-')}-{width}")
        queue += list(links(page))
    return done


def look(page: Page, axe: Callable[[Page], list[str]]) -> Iterator[str]:
    """What is wrong with the open page: too wide, not Spanish, hard for some people to use."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"at {width} px scrolls sideways to {wide} px: {_culprit(page, width)}"
        if width in AXE_WIDTHS:
            for fault in axe(page):
                if any(f"({impact})" in fault for impact in SERIOUS):
                    yield f"at {width} px axe: {fault}"
    page.set_viewport_size({"width": 1366, "height": 768})
    for text in english(page):
        yield f"is not in Spanish: {text!r}"


def _culprit(page: Page, width: int) -> str:
    return str(
        page.evaluate(
            """width => [...document.querySelectorAll("body *")]
                .filter(e => e.getBoundingClientRect().right > width + 1
                    && !e.closest(".scroll, .table-scroll, [tabindex='0']"))
                .slice(0, 3)
                .map(e => e.tagName + "." + e.className + " " + (e.textContent || "").trim().slice(0, 30))
                .join(" | ")""",
            width,
        )
    )


def links(page: Page) -> Iterator[str]:
    """Paths of the page's links within the site."""
    base = urlsplit(page.url)
    for href in page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)"):
        parts = urlsplit(href)
        if parts.netloc == base.netloc and parts.scheme == base.scheme:
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def view_name(path: str) -> str | None:
    """The name of the view behind a path, None where there is none."""
    try:
        return resolve(urlsplit(path).path).view_name
    except Resolver404:
        return None


# --- Language -----------------------------------------------------------------------------------
ENGLISH = re.compile(
    r"\b(the|and|with|your|this|that|from|Save|Edit|Delete|Cancel|Log in|Sign in|Password|Search"
    r"|Ranchers?|Visits?|Practices?|Field days?|Stage|Adopted|Dropped|Planned|Paused|District"
    r"|Download|Language|Dashboard|Cohort|Scale-up|Supported|Invited|Herd|Milk|Trees|Pasture)\b"
)


def english(page: Page) -> list[str]:
    """Visible texts that are msgids left untranslated, or hold words that Spanish does not have."""
    known = untranslated_msgids()
    texts = page.evaluate(
        """() => {
            const out = [];
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const parent = walker.currentNode.parentElement;
                if (!parent || parent.closest("script, style, template, [lang=en]")) continue;
                out.push(walker.currentNode.textContent.trim());
            }
            for (const e of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]")) {
                if (e.closest("[lang=en]")) continue;
                for (const name of ["aria-label", "placeholder", "title", "alt"])
                    out.push((e.getAttribute(name) || "").trim());
            }
            out.push(document.title);
            return [...new Set(out)].filter(Boolean);
        }"""
    )
    return [text for text in texts if text in known or ENGLISH.search(text)]


def untranslated_msgids() -> set[str]:
    """The msgids whose Spanish differs: none of them may be seen on a Spanish page."""
    found: set[str] = set()
    for path in (BASE_DIR / "locale").rglob("es/LC_MESSAGES/django.po"):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r'^msgid "(.+)"\nmsgstr "(.+)"$', text, re.MULTILINE):
            if match[1] != match[2]:
                found.add(match[1])
    return found


# --- Weight ---------------------------------------------------------------------------------------
def compressed_bytes(responses: list[Response]) -> int:
    """What a first visit costs over the wire, in bytes: text as gzip makes it, the rest as it is."""
    total = 0
    for response in responses:
        if response.status != 200:
            continue
        body = response.body()
        kind = response.headers.get("content-type", "")
        total += len(gzip.compress(body, 6)) if any(k in kind for k in COMPRESSIBLE) else len(body)
    return total


def _complain(done: Walk, page: Page, message: ConsoleMessage) -> None:
    if message.type == "error" or "Content Security Policy" in message.text:
        done.faults.append(f"{page.url} console: {message.text}")
