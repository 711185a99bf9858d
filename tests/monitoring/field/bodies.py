"""Bodies of a phone's items other than visits."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from uuid import uuid4

from PIL import Image

from monitoring.field import photos
from monitoring.models import FieldDevice, PhotoUpload
from tests.monitoring.field.phone import Phone

RING = [[-69.49, -11.40], [-69.48, -11.40], [-69.48, -11.39], [-69.49, -11.39], [-69.49, -11.40]]
BOW_TIE = [[-69.49, -11.40], [-69.48, -11.39], [-69.48, -11.40], [-69.49, -11.39], [-69.49, -11.40]]


def registration(**changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": str(uuid4()),
        "base_version": None,
        "given_names": "Rosa",
        "surnames": "Quispe Mamani",
        "dni": "45678912",
        "phone": "982123456",
        "sex": "f",
        "birth_year": 1980,
        "community": "La Novia",
        "district": "170302",
        "association": "",
        "consent": {"programme": True, "ministry": False, "how": "Voz"},
        "registered_on": "2026-03-01",
    } | changes


def walk(rancher: Any, *, ring: Any = RING, **changes: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": str(uuid4()),
        "plot": str(uuid4()),
        "plot_name": "Fundo Sur",
        "rancher": str(getattr(rancher, "pk", rancher)),
        "walked_on": "2026-03-01",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "track": [[-69.49, -11.4, 5.0, 1772355600]],
    } | changes


def picture() -> bytes:
    """A photo that takes some chunks: a JPEG of noise."""
    out = io.BytesIO()
    Image.effect_noise((500, 400), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def whole_photo(phone: Phone, visit: str, data: bytes) -> PhotoUpload:
    """A photo of a phone that has arrived whole, put where it belongs."""
    upload = photos.announce(
        photo_id=uuid4(),
        visit_id=visit,  # type: ignore[arg-type]
        practice="",
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        taken_at=None,
        sender=phone.user,
        device=FieldDevice.objects.get(pk=phone.id),
    )
    photos.take_whole(upload, data)
    return photos.place(upload.pk)
