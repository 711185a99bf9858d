"""The export file of a phone, read trusting nothing: what it says it is, its items, its photos."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from monitoring.field.batch import NO_HASH, sent_of
from monitoring.photos import MAX_BYTES as PHOTO_BYTES
from monitoring.sync import MAX_STORED_BYTES, Sent
from monitoring.sync import document as documents
from monitoring.sync.document import Document
from monitoring.sync.kinds import READERS, check_kind
from monitoring.sync.reasons import Quarantine, Reason, Refused
from ranchers.plain_text import printable

FORMAT, VERSION = "hato-field-export", 1
MOST_BYTES = 100 * 1024 * 1024
MOST_ITEMS = 2000
MOST_PHOTOS = 2000


class FileUnreadable(ValueError):
    """Not an export file of the field app; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the file. `rancher`, `day` and `label` as it claims, for people to recognise it;
    `problems`: what is wrong with it, [{field, message}]."""

    sent: Sent
    id: str | None
    rancher: str | None
    day: str | None
    label: str
    problems: Sequence[dict[str, str]]

    def summary(self) -> dict[str, Any]:
        """What the preview keeps of it."""
        return {
            "kind": self.sent.kind,
            "id": self.id,
            "rancher": self.rancher,
            "day": self.day,
            "label": self.label,
            "sha256": hashlib.sha256(self.sent.raw).hexdigest(),
            "problems": list(self.problems),
        }


@dataclass(frozen=True, slots=True)
class FilePhoto:
    """One photo of the file; `data` is None, and `problem` says why, when it cannot be used."""

    id: UUID | None
    visit: UUID | None
    practice: str
    sha256: str
    taken_at: datetime | None
    data: bytes | None
    problem: str = ""

    def summary(self) -> dict[str, Any]:
        """What the preview keeps of it."""
        return {
            "id": str(self.id) if self.id else None,
            "visit": str(self.visit) if self.visit else None,
            "size": len(self.data or b""),
            "sha256": self.sha256,
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class ExportFile:
    """What a phone saved. `device` and `user` are its claims."""

    device: UUID | None
    user: int | None
    app_version: str
    exported_at: datetime | None
    items: Sequence[Item]
    photos: Sequence[FilePhoto]


def read_file(data: bytes) -> ExportFile:
    """The export file in `data`. Raises FileUnreadable; a bad item or photo spoils no other."""
    if len(data) > MOST_BYTES:
        raise FileUnreadable(_("The file is larger than 100 MB."))
    document = _document(data)
    if document.get("format") != FORMAT:
        raise FileUnreadable(_("This is not a file of the field app."))
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FileUnreadable(_("This is not a file of the field app."))
    if version > VERSION:
        raise FileUnreadable(_("The app that wrote this file is newer than the server."))
    items, photos = document.get("items"), document.get("photos", [])
    if not isinstance(items, list) or not isinstance(photos, list):
        raise FileUnreadable(_("This is not a file of the field app."))
    if len(items) > MOST_ITEMS or len(photos) > MOST_PHOTOS:
        raise FileUnreadable(_("The file holds more than 2,000 items or photos."))
    user = document.get("user")
    return ExportFile(
        device=_uuid(document.get("device")),
        user=user if isinstance(user, int) and 0 < user < 2**63 else None,
        app_version=_text(document.get("app_version"), 40),
        exported_at=_instant(document.get("exported_at")),
        items=[_item(item) for item in items],
        photos=[_photo(photo) for photo in photos],
    )


def _document(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        message = _("The file cannot be read: it is not the field app's, or it is cut off.")
        raise FileUnreadable(message) from error
    if not isinstance(document, dict):
        raise FileUnreadable(_("This is not a file of the field app."))
    return document


def _item(given: Any) -> Item:
    sent = sent_of(given)
    if len(sent.raw) > MAX_STORED_BYTES:
        message = _("This is larger than 1 MB and cannot be taken.")
        return Item(Sent(sent.kind, b"", sent.sha256), None, None, None, "", [_told(message)])
    if sent.sha256.lower() != hashlib.sha256(sent.raw).hexdigest():
        message = _("This is not complete in the file.")
        if sent.sha256 != NO_HASH:
            message = _("This is damaged in the file: its hash is another.")
        return Item(sent, None, None, None, "", [_told(message)])
    document: Document = {}
    problems: list[dict[str, str]] = []
    try:
        document = documents.read(sent.raw, kind=sent.kind)
        check_kind(sent.kind)
        READERS[sent.kind](documents.upcast(document, kind=sent.kind))
    except Refused as error:
        problems = [_told(reason.message, reason.field) for reason in error.reasons]
    except Quarantine as error:
        problems = [_told(error.reason.message, error.reason.field)]
    names = [_text(document.get(name), 80) for name in ("given_names", "surnames")]
    days = (document.get(name) for name in ("visited_on", "walked_on", "registered_on", "done_on"))
    return Item(
        sent=sent,
        id=_plain(_uuid(document.get("id"))),
        rancher=_plain(_uuid(document.get("rancher"))),
        day=next((_text(day, 10) for day in days if day), None),
        label=" ".join(name for name in names if name) or _text(document.get("plot_name"), 80),
        problems=problems,
    )


def _told(message: str, field: str = "") -> dict[str, str]:
    return Reason(field, "", message).as_json()


def _photo(given: Any) -> FilePhoto:
    fields = given if isinstance(given, dict) else {}
    told = fields.get("sha256")
    photo = FilePhoto(
        id=_uuid(fields.get("id")),
        visit=_uuid(fields.get("visit")),
        practice=_text(fields.get("practice"), 40),
        sha256=told.lower() if isinstance(told, str) and len(told) == 64 else "",
        taken_at=_instant(fields.get("taken_at")),
        data=_decoded(fields.get("data")),
    )
    if photo.id is None or photo.visit is None or photo.data is None:
        return _unusable(photo, _("The photo is not complete in the file."))
    if hashlib.sha256(photo.data).hexdigest() != photo.sha256:
        return _unusable(photo, _("The photo is damaged in the file: its hash is another."))
    if len(photo.data) > PHOTO_BYTES:
        return _unusable(photo, _("The photo is larger than 8 MB."))
    return photo


def _unusable(photo: FilePhoto, problem: str) -> FilePhoto:
    return replace(photo, data=None, problem=problem)


def _decoded(value: Any) -> bytes | None:
    if not isinstance(value, str) or not value:
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        return None


def _plain(value: UUID | None) -> str | None:
    return str(value) if value else None


def _text(value: Any, longest: int) -> str:
    """Text for people to read: no control characters, nothing that the database cannot hold."""
    return printable(value[:longest]) if isinstance(value, str) else ""


def _instant(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None and 2000 <= found.year <= 2100 else None
