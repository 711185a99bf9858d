"""Manuals: which edition a reader gets, how its page is rendered, what a PDF must be to get in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import markdown
import nh3
from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import Max
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from practices.models import Manual, Practice

PDF_MAX_BYTES = 10 * 1024 * 1024
PDF_MAX_PAGES = 200
PDF_MAX_OBJECTS = 50_000

_TAGS = {
    "h2",
    "h3",
    "h4",
    "p",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "blockquote",
    "br",
    "hr",
    "a",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
}
_ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA"}
_ACTIVE_ACTIONS = {"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE"}


class PdfRefused(ValueError):
    """The file is not a PDF fit to publish; the message says why, in the reader's language."""


def edition_for(practice: Practice, language: str) -> Manual | None:
    """The newest edition in `language`, else the newest in Spanish, else none."""
    editions = Manual.objects.filter(practice=practice, language__in=[language, "es"])
    newest = sorted(editions, key=lambda m: (m.language == language, m.version), reverse=True)
    return newest[0] if newest else None


def as_html(body: str) -> SafeString:
    """Markdown as HTML that is safe to put in a page: few tags, no scripts, styles or images."""
    html = markdown.markdown(body, extensions=["tables", "sane_lists"], output_format="html")
    return mark_safe(  # noqa: S308 — cleaned on the same line
        nh3.clean(
            html,
            tags=_TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto", "tel"},
            link_rel="noopener noreferrer",
        )
    )


def publish(
    *,
    practice: Practice,
    language: str,
    title: str,
    body: str,
    pdf: File[Any] | None = None,
    keep_pdf_of: Manual | None = None,
) -> Manual:
    """Add a new edition; earlier ones stay. The PDF must have passed `check_pdf`.

    The file gets a name of our own: nothing of the uploaded name reaches the disk.
    """
    with transaction.atomic():
        Practice.objects.select_for_update().get(pk=practice.pk)
        editions = Manual.objects.filter(practice=practice, language=language)
        version = (editions.aggregate(newest=Max("version"))["newest"] or 0) + 1
        manual = Manual(
            practice=practice,
            language=language,
            title=title,
            body=body,
            version=version,
            published_on=localdate(),
        )
        if pdf is not None:
            pdf.seek(0)
            manual.pdf.save(download_name(manual), ContentFile(pdf.read()), save=False)
        elif keep_pdf_of is not None:
            manual.pdf = keep_pdf_of.pdf
        manual.save()
    return manual


def download_name(manual: Manual) -> str:
    """The name under which a reader saves the PDF."""
    return f"{manual.practice.code}-{manual.language}-v{manual.version}.pdf"


def check_pdf(upload: BinaryIO, *, size_bytes: int) -> int:
    """The number of pages of a PDF that is fit to publish. Raises PdfRefused.

    Judged by content, never by name: magic number, readable, not encrypted, of a sensible length,
    and without scripts, launch actions, forms that send data, or other files inside.
    """
    if size_bytes > PDF_MAX_BYTES:
        limit = PDF_MAX_BYTES // (1024 * 1024)
        raise PdfRefused(_("The file is larger than %(limit)s MB.") % {"limit": limit})
    upload.seek(0)
    if upload.read(5) != b"%PDF-":
        raise PdfRefused(_("The file is not a PDF. Save it as PDF and try again."))
    upload.seek(0)
    try:
        reader = PdfReader(upload, strict=False)
        if reader.is_encrypted:
            raise PdfRefused(_("The PDF has a password. Save it without one."))
        pages = len(reader.pages)
        active = any(_is_active(found) for found in _dictionaries(reader))
    except PdfRefused:
        raise
    except Exception as error:  # noqa: BLE001 — a hostile file may raise anything in the parser
        raise PdfRefused(_("The PDF is damaged and cannot be read.")) from error
    if pages == 0:
        raise PdfRefused(_("The PDF has no pages."))
    if pages > PDF_MAX_PAGES:
        raise PdfRefused(
            ngettext(
                "The PDF has more than %(limit)s page.",
                "The PDF has more than %(limit)s pages.",
                PDF_MAX_PAGES,
            )
            % {"limit": PDF_MAX_PAGES}
        )
    if active:
        raise PdfRefused(
            _(
                "The PDF carries programs, forms or other files inside. Print it again as a plain PDF."
            )
        )
    return pages


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary reachable from the trailer, each once; refuses absurdly large graphs."""
    seen: set[int] = set()
    waiting: list[object] = [reader.trailer]
    visited = 0
    while waiting:
        visited += 1
        if visited > PDF_MAX_OBJECTS * 20 or len(seen) > PDF_MAX_OBJECTS:
            raise PdfRefused(_("The PDF is too complex."))
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            if found.idnum in seen:
                continue
            seen.add(found.idnum)
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            yield found
            waiting.extend(found.raw_get(key) for key in found)
        elif isinstance(found, ArrayObject):
            waiting.extend(list.__iter__(found))


def _is_active(found: DictionaryObject) -> bool:
    keys = set(found)
    if keys & _ACTIVE_KEYS:
        return True
    action = found.raw_get("/S") if "/S" in keys else None
    kind = found.raw_get("/Type") if "/Type" in keys else None
    return str(action) in _ACTIVE_ACTIONS or str(kind) == "/EmbeddedFile"
