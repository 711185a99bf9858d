"""An export file's way in: kept, shown, then taken by the same path as what a phone sends."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring import sync
from monitoring.field import photos
from monitoring.field.files import ExportFile, FilePhoto, FileUnreadable, read_file
from monitoring.models import (
    Channel,
    FieldDevice,
    FieldFile,
    FileState,
    InboxPayload,
    Photo,
    PhotoState,
    PhotoUpload,
)
from monitoring.sync.items import TOOK_EFFECT
from monitoring.tasks import queue_place_photos, queue_process_pending
from ranchers.models import Rancher, User
from ranchers.plain_text import printable

logger = logging.getLogger(__name__)

DIRECT_ITEMS = 100
"""Up to this many items are understood in the request; more by a Celery worker."""


class AlreadySettled(ValueError):
    """The file was imported or discarded before."""


@dataclass(slots=True)
class Line:
    """One item of a file as the page shows it: what it is, and what became of it."""

    kind: str
    what: str
    day: date | None
    number: int | None = None
    outcome: str = ""
    reasons: Sequence[dict[str, str]] = field(default_factory=list)
    is_here: bool = False


def keep_file(*, name: str, data: bytes, by: User) -> FieldFile:
    """The file, read and kept to be looked at; the same bytes again: the one that is here.

    Raises FileUnreadable.
    """
    digest = hashlib.sha256(data).hexdigest()
    known = FieldFile.objects.filter(sha256=digest).exclude(state=FileState.DISCARDED).first()
    if known is not None:
        return known
    found = read_file(data)
    device = _device_of(found)
    with transaction.atomic():
        FieldFile.objects.filter(sha256=digest).delete()
        kept = FieldFile.objects.create(
            file_name=printable(name)[-200:],
            sha256=digest,
            device=device,
            holder=device.user if device else User.objects.filter(pk=found.user or 0).first(),
            app_version=found.app_version,
            exported_at=found.exported_at,
            items=[item.summary() for item in found.items],
            photos=[photo.summary() for photo in found.photos],
            uploaded_by=by,
        )
        kept.content.save(f"{kept.pk}.json", ContentFile(data))
    logger.info("file of a phone kept: %s items, %s photos", len(found.items), len(found.photos))
    return kept


def _device_of(found: ExportFile) -> FieldDevice | None:
    """The phone that the file is of, when it is known here as that person's."""
    if found.device is None or found.user is None:
        return None
    devices = FieldDevice.objects.select_related("user")
    return devices.filter(pk=found.device, user=found.user).first()


def apply_file(file: FieldFile, *, by: User) -> None:
    """Take everything in the file, as if its phone had sent it (channel `file`).

    What its phone did not make, or a phone that is not known here, goes into quarantine. All bytes
    are committed first; then the items are understood, many by a worker. Raises AlreadySettled, and
    FileUnreadable when the kept file is gone.
    """
    with transaction.atomic():
        kept = _claim(file, FileState.APPLIED, by=by)
        found = _content(kept)
        able = [number for number, item in enumerate(found.items) if item.sent.raw]
        rows = sync.store(
            items=[found.items[number].sent for number in able],
            sender=kept.holder,
            channel=Channel.FILE,
            via=kept.device,
        )
        numbers = dict(zip(able, (row.pk for row in rows), strict=True))
        kept.receipts = [numbers.get(number) for number in range(len(found.items))]
        for summary, photo in zip(kept.photos, found.photos, strict=True):
            summary["problem"] = photo.problem or _take_photo(kept, photo, by=by)
        kept.save(update_fields=["receipts", "photos"])
    if len(rows) > DIRECT_ITEMS:
        queue_process_pending()
    else:
        sync.take_up(rows)
    queue_place_photos(photos.whole_of([one["id"] for one in kept.photos if one["id"]]))
    if all(kept.receipts) and not any(one["problem"] for one in kept.photos):
        kept.content.delete()  # everything in it is kept elsewhere now
    logger.info("file of a phone imported by account %s: %s items", by.pk, len(rows))


def discard_file(file: FieldFile, *, by: User) -> None:
    """Delete the file unread. Raises AlreadySettled."""
    with transaction.atomic():
        kept = _claim(file, FileState.DISCARDED, by=by)
        FieldFile.objects.filter(pk=kept.pk).update(items=[], photos=[])
    kept.content.delete()


def _claim(file: FieldFile, state: FileState, *, by: User) -> FieldFile:
    kept = FieldFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    if kept.state != FileState.CHECKED:
        raise AlreadySettled
    kept.state, kept.settled_by, kept.settled_at = state, by, now()
    kept.save(update_fields=["state", "settled_by", "settled_at"])
    return kept


def _content(file: FieldFile) -> ExportFile:
    try:
        with file.content.open("rb") as stream:
            return read_file(stream.read())
    except (OSError, ValueError) as error:
        raise FileUnreadable(_("The file is not here any more. Choose it again.")) from error


def _take_photo(file: FieldFile, photo: FilePhoto, *, by: User) -> str:
    """Take one photo; what is wrong with it, "" when nothing is."""
    if photo.data is None or photo.id is None or photo.visit is None:
        return photo.problem
    quarantine = "" if file.device else _("The phone of the file is not known here.")
    try:
        upload = photos.announce(
            photo_id=photo.id,
            visit_id=photo.visit,
            practice=photo.practice,
            sha256=photo.sha256,
            size=len(photo.data),
            taken_at=photo.taken_at,
            sender=file.holder or by,
            device=file.device,
        )
    except photos.UploadRefused as refusal:
        return str(refusal)
    photos.take_whole(upload, photo.data, quarantine=quarantine)
    return ""


def lines(file: FieldFile) -> list[Line]:
    """The items of a file for people, in its order."""
    payloads = InboxPayload.objects.defer("raw").in_bulk([one for one in file.receipts if one])
    here = _taken_before(file) if file.state == FileState.CHECKED else set()
    names = _names(file)
    found = []
    numbers = file.receipts or [None] * len(file.items)
    for item, number in zip(file.items, numbers, strict=True):
        name = names.get(item["rancher"] or "", "") or names.get(item["id"] or "", "")
        line = Line(
            item["kind"], name or item["label"], _day(item["day"]), reasons=item["problems"]
        )
        payload = payloads.get(number) if number else None
        if payload is not None:
            line.number, line.outcome = payload.pk, payload.outcome
            line.reasons = payload.reasons
        line.is_here = (item["id"], item["sha256"]) in here
        found.append(line)
    return found


def _day(told: str | None) -> date | None:
    try:
        return date.fromisoformat(told or "")
    except ValueError:
        return None


def _taken_before(file: FieldFile) -> set[tuple[str, str]]:
    """(item, hash) of the items that came in already, by the phone itself or another file."""
    ids = [item["id"] for item in file.items if item["id"]]
    rows = InboxPayload.objects.filter(
        visit_uuid__in=ids, sender=file.holder, outcome__in=[*TOOK_EFFECT, "unchanged"]
    ).values_list("visit_uuid", "sha256")
    return {(str(item), digest) for item, digest in rows}


def _names(file: FieldFile) -> dict[str, str]:
    """Who the ids of ranchers in a file are: of those on record, else of those it brings."""
    brought = {item["id"]: item["label"] for item in file.items if item["kind"] == "rancher"}
    ids = {UUID(one) for item in file.items for one in (item["rancher"], item["id"]) if one}
    known = {str(rancher.pk): rancher.full_name for rancher in Rancher.objects.filter(pk__in=ids)}
    return brought | known


def photo_counts(file: FieldFile) -> Counter[str]:
    """How many photos of a file are in which state; `new` and `wrong` beside those of PhotoState."""
    ids = [one["id"] for one in file.photos if one["id"]]
    states: dict[Any, str] = dict(PhotoUpload.objects.filter(pk__in=ids).values_list("pk", "state"))
    hashes = {one["sha256"] for one in file.photos}
    stored = set(
        Photo.objects.filter(
            sha256__in=hashes, visit__in=[one["visit"] for one in file.photos if one["visit"]]
        ).values_list("sha256", flat=True)
    )
    counts: Counter[str] = Counter()
    for one in file.photos:
        if one["problem"]:
            counts["wrong"] += 1
        elif one["sha256"] in stored:
            counts[PhotoState.STORED] += 1
        else:
            counts[states.get(UUID(one["id"]), "new")] += 1
    return counts
