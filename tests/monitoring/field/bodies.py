"""Bodies of a phone's items other than visits."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

from PIL import Image

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
