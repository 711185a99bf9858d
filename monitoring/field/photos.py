"""Photos in chunks: resumed from where they broke off, stored once whole and their visit is here."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring.field import escrow
from monitoring.field.devices import must_wipe
from monitoring.models import (
    FieldDevice,
    Photo,
    PhotoChunk,
    PhotoState,
    PhotoUpload,
    Visit,
)
from monitoring.photos import MAX_BYTES, PhotoRefused, store_photo
from practices.models import Practice
from ranchers.access import Viewer, has_role
from ranchers.models import Role, User

logger = logging.getLogger(__name__)

CHUNK_BYTES_MAX = 512 * 1024
SEAL_BYTES = 16
"""What AES-GCM adds."""
_OPEN = (PhotoState.WAITING, PhotoState.QUARANTINED)


class WrongOffset(ValueError):
    """The chunk does not begin where the last one ended."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"expected offset {offset}")
        self.offset = offset


class UploadRefused(ValueError):
    """The photo cannot be announced so; `code` for the API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a photo is: bytes that are safe here, whether all of them are, and what is wrong.
    `refused`: all is here, and it cannot be used."""

    offset: int
    done: bool
    reason: str = ""
    refused: bool = False


def progress_of(upload: PhotoUpload) -> Progress:
    refused = upload.state == PhotoState.REFUSED
    return Progress(upload.offset, upload.state != PhotoState.ARRIVING, upload.reason, refused)


def announce(
    *,
    photo_id: UUID,
    visit_id: UUID,
    practice: str,
    sha256: str,
    size: int,
    taken_at: datetime | None,
    sender: User,
    device: FieldDevice | None,
    sealed_iv: bytes | None = None,
) -> PhotoUpload:
    """The photo on its way, new or as far as it had come. The visit need not have arrived.
    `sealed_iv`: it comes encrypted, and what had come in the open begins anew.

    Raises UploadRefused for one larger than 8 MB, and for an id that another photo has.
    """
    if not 0 < size <= MAX_BYTES:
        raise UploadRefused("too_large", _("The photo is larger than 8 MB."))
    with transaction.atomic():
        upload, _is_new = PhotoUpload.objects.get_or_create(
            pk=photo_id,
            defaults={
                "visit_uuid": visit_id,
                "practice": practice[:40],
                "sha256": sha256,
                "size": size + SEAL_BYTES if sealed_iv else size,
                "sealed_iv": sealed_iv,
                "taken_at": taken_at,
                "sender": sender,
                "device": device,
            },
        )
    same = (upload.sender_id, upload.sha256, upload.visit_uuid) == (sender.pk, sha256, visit_id)
    if not same:
        raise UploadRefused("taken", _("Another photo has this identifier."))
    kept = None if upload.sealed_iv is None else bytes(upload.sealed_iv)
    return upload if kept == sealed_iv else _come_otherwise(photo_id, size, sealed_iv)


@transaction.atomic
def _come_otherwise(photo_id: UUID, size: int, sealed_iv: bytes | None) -> PhotoUpload:
    """It began in the open and comes encrypted now, or the other way round: from the beginning."""
    upload = PhotoUpload.objects.select_for_update().get(pk=photo_id)
    if upload.state != PhotoState.ARRIVING:
        return upload
    upload.chunks.all().delete()
    upload.offset, upload.sealed_iv = 0, sealed_iv
    upload.size = size + SEAL_BYTES if sealed_iv else size
    upload.save()
    return upload


@transaction.atomic
def append(*, photo_id: UUID, offset: int, data: bytes, sender: User) -> Progress:
    """How far the photo is with this chunk. Kept in the database: what was answered is committed.

    The last chunk has the whole checked by its hash; when that fails it begins anew, with the
    reason. Raises PhotoUpload.DoesNotExist, WrongOffset, UploadRefused.
    """
    upload = PhotoUpload.objects.select_for_update().get(pk=photo_id, sender=sender)
    if upload.state != PhotoState.ARRIVING:
        return progress_of(upload)
    if offset != upload.offset:
        raise WrongOffset(upload.offset)
    if not data or len(data) > CHUNK_BYTES_MAX or offset + len(data) > upload.size:
        raise UploadRefused("chunk", _("This part of the photo is empty or too long."))
    PhotoChunk.objects.create(upload=upload, offset=offset, data=data)
    upload.offset += len(data)
    if upload.offset == upload.size:
        if upload.sealed_iv is not None and not _unseal(upload):
            return progress_of(upload)
        if hashlib.sha256(data_of(upload)).hexdigest() != upload.sha256:
            return _begin_anew(upload)
        upload.state, upload.whole_at = PhotoState.WAITING, now()
    upload.save()
    return Progress(upload.offset, upload.state == PhotoState.WAITING)


def take_whole(upload: PhotoUpload, data: bytes, *, quarantine: str = "") -> None:
    """Take all the bytes of a photo that are not here yet; `data` has its hash. With a word in
    `quarantine` it waits for a coordinator instead of its visit. In the caller's transaction."""
    while upload.state == PhotoState.ARRIVING:
        part = data[upload.offset : upload.offset + CHUNK_BYTES_MAX]
        append(photo_id=upload.pk, offset=upload.offset, data=part, sender=upload.sender)
        upload.refresh_from_db()
        if quarantine and upload.state == PhotoState.WAITING:
            _quarantine(upload, quarantine)


def _unseal(upload: PhotoUpload) -> bool:
    """Put what the phone had encrypted in its place; False when it cannot be opened: the bytes stay."""
    try:
        data = escrow.opened(
            FieldDevice.objects.get(photoupload=upload),
            iv=bytes(upload.sealed_iv or b""),
            data=data_of(upload),
        )
    except escrow.KeyUnreadable:
        upload.state, upload.reason = PhotoState.REFUSED, _("The photo cannot be decrypted.")
        upload.save()
        return False
    upload.chunks.all().delete()
    PhotoChunk.objects.create(upload=upload, offset=0, data=data)
    upload.offset = upload.size = len(data)
    upload.sealed_iv = None
    upload.save()
    return True


def _begin_anew(upload: PhotoUpload) -> Progress:
    upload.chunks.all().delete()
    upload.offset = 0
    upload.save()
    return Progress(0, False, _("The photo arrived damaged. Send it again."))


def data_of(upload: PhotoUpload) -> bytes:
    """The bytes that have arrived."""
    return b"".join(bytes(part) for part in upload.chunks.values_list("data", flat=True))


def place(photo_id: UUID, *, authority: User | None = None) -> PhotoUpload:
    """Store a whole photo with its visit, if that is here and the sender may add to it.

    From a closed account or a signed-out phone, or for another's rancher, it goes into quarantine;
    `authority` is the coordinator who lets it out. Doing it again changes nothing.
    """
    with transaction.atomic():
        upload = PhotoUpload.objects.select_for_update(of=("self",)).get(pk=photo_id)
        waits = _OPEN if authority else (PhotoState.WAITING,)
        if upload.state not in waits:
            return upload
        if authority is None and _is_out(upload):
            return _quarantine(upload, _("Sent by a signed-out phone or a closed account."))
        if not Visit.objects.filter(pk=upload.visit_uuid).exists():
            return upload  # in quarantine, too: its visit is let in first
        try:
            photo = store_photo(
                visit_id=upload.visit_uuid,
                data=data_of(upload),
                sha256=upload.sha256,
                sender=authority or upload.sender,
            )
        except PhotoRefused as refusal:
            if refusal.code == "visit":
                return _quarantine(upload, str(refusal))
            upload.state, upload.reason = PhotoState.REFUSED, str(refusal)[:300]
            upload.save(update_fields=["state", "reason"])
            return upload
        _name_practice(photo, upload.practice)
        upload.state, upload.photo, upload.reason = PhotoState.STORED, photo, ""
        upload.save(update_fields=["state", "photo", "reason"])
        upload.chunks.all().delete()
        return upload


def _is_out(upload: PhotoUpload) -> bool:
    if not upload.sender.is_active:
        return True
    device = upload.device
    if device is None or not must_wipe(device):
        return False
    return not (device.revoked_at and upload.whole_at and upload.whole_at < device.revoked_at)


def _quarantine(upload: PhotoUpload, reason: str) -> PhotoUpload:
    upload.state, upload.reason = PhotoState.QUARANTINED, reason[:300]
    upload.save(update_fields=["state", "reason"])
    return upload


def _name_practice(photo: Photo, code: str) -> None:
    if code and photo.practice_id is None:
        practice = Practice.objects.filter(code=code).first()
        Photo.objects.filter(pk=photo.pk).update(practice=practice)


def place_waiting(*, limit: int = 200) -> int:
    """Store what waited for its visit and is whole; returns how many."""
    ready = PhotoUpload.objects.filter(
        state=PhotoState.WAITING, visit_uuid__in=Visit.objects.values("pk")
    )
    numbers = list(ready.values_list("pk", flat=True)[:limit])
    return sum(place(one).state == PhotoState.STORED for one in numbers)


def waiting_for(visit_ids: list[UUID]) -> list[UUID]:
    """Whole photos that wait for one of these visits."""
    rows = PhotoUpload.objects.filter(state=PhotoState.WAITING, visit_uuid__in=visit_ids)
    return list(rows.values_list("pk", flat=True))


def whole_of(photo_ids: list[str]) -> list[UUID]:
    """Those of these photos that are whole and wait for their visit."""
    rows = PhotoUpload.objects.filter(state=PhotoState.WAITING, pk__in=photo_ids)
    return list(rows.values_list("pk", flat=True))


def quarantined_photos(viewer: Viewer) -> QuerySet[PhotoUpload]:
    """Photos in quarantine, oldest first, for coordinators; nobody else sees them."""
    if not has_role(viewer, Role.COORDINATOR):
        return PhotoUpload.objects.none()
    return (
        PhotoUpload.objects.filter(state=PhotoState.QUARANTINED)
        .select_related("sender", "device")
        .order_by("started_at")
    )


def refuse(upload: PhotoUpload, *, by: User) -> bool:
    """A coordinator does not let a photo in; its bytes are kept. False when it was settled already."""
    waiting = PhotoUpload.objects.filter(pk=upload.pk, state=PhotoState.QUARANTINED)
    reason = _("Refused by the coordinator")
    logger.info("photo on its way refused by account %s", by.pk)
    return bool(waiting.update(state=PhotoState.REFUSED, reason=reason))
