"""Photos of visits: checked by decoding them, stripped of everything but the picture, stored once."""

from __future__ import annotations

import hashlib
import io
import warnings
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from monitoring.models import Photo
from monitoring.visits import visits_for
from ranchers.models import User

MAX_BYTES = 8 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONGEST_SIDE_PX = 1600
FORMATS = ("JPEG", "PNG", "WEBP")


class PhotoRefused(ValueError):
    """The file cannot be taken; the message says why. `code` is for the API."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def store_photo(*, visit_id: UUID, data: bytes, sha256: str = "", sender: User) -> Photo:
    """The stored photo. The same bytes for the same visit again: the photo already there.

    `sha256` (hex) is that of the bytes as the device sent them; "" skips the check. Raises
    PhotoRefused, also when the visit is not one that the sender may see (code `visit`).
    """
    if not visits_for(sender).filter(pk=visit_id).exists():
        raise PhotoRefused("visit", _("The visit of this photo is not here, or not yours."))
    found = hashlib.sha256(data).hexdigest()
    if sha256 and sha256.lower() != found:
        raise PhotoRefused("hash", _("The photo arrived damaged. Send it again."))
    already = Photo.objects.filter(visit=visit_id, sha256=found).first()
    if already is not None:
        return already
    picture = reencoded(data)
    with transaction.atomic():
        photo, is_new = Photo.objects.get_or_create(
            visit_id=visit_id, sha256=found, defaults={"size_bytes": len(picture)}
        )
        if is_new:
            photo.file.save(f"{photo.pk}.jpg", ContentFile(picture), save=True)
    return photo


def reencoded(data: bytes) -> bytes:
    """A JPEG of at most `LONGEST_SIDE_PX` without metadata (EXIF and its GPS position). Raises
    PhotoRefused."""
    if len(data) > MAX_BYTES:
        raise PhotoRefused("too_large", _("The photo is larger than 8 MB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise PhotoRefused("too_large", _("The photo has too many pixels."))
            image.draft("RGB", (LONGEST_SIDE_PX, LONGEST_SIDE_PX))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except PhotoRefused:
        raise
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
    ):
        message = _("This file is not a photo that can be read (JPEG, PNG or WebP).")
        raise PhotoRefused("not_a_photo", message) from None
    upright.thumbnail((LONGEST_SIDE_PX, LONGEST_SIDE_PX))
    plain = Image.frombytes("RGB", upright.size, upright.tobytes())
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()
