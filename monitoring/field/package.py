"""The package that a phone carries into the field, whole or as the difference to its last one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import translation
from django.utils.timezone import now

from monitoring.field import records
from monitoring.field.receipts import changed_receipts
from monitoring.models import FieldDevice, FieldManifest
from ranchers.models import User

SCHEMA = 1
APP_MIN = "1"
RECEIPTS_DAYS = 60
KINDS = ("ranchers", "plots", "visits")

Hashes = dict[str, dict[str, str]]


def package_for(device: FieldDevice, *, since: str = "") -> dict[str, Any]:
    """What has changed for this device since the package with the cursor `since`; everything when
    it is empty or no longer known (`full`). Leaves a manifest of what it holds now."""
    before = _manifest(device, since)
    with translation.override(device.user.language):
        found, lists = _records(device.user), _lists()
    hashes = _hashes(found, lists)
    made_at = now()
    receipts_since = before.made_at if before else made_at - timedelta(days=RECEIPTS_DAYS)
    known: Hashes = before.hashes if before else {}
    package: dict[str, Any] = {
        "cursor": str(_keep(device, before, hashes)),
        "full": before is None,
        "schema": SCHEMA,
        "app_min": APP_MIN,
        "me": _me(device.user),
        "receipts": changed_receipts(device, since=receipts_since),
        "gone": {kind: _gone(known.get(kind, {}), hashes[kind]) for kind in KINDS},
    }
    for name, value in lists.items():
        if known.get("lists", {}).get(name) != hashes["lists"][name]:
            package[name] = value
    for kind in KINDS:
        old = known.get(kind, {})
        package[kind] = [
            record for record in found[kind] if old.get(record["id"]) != hashes[kind][record["id"]]
        ]
    return package


def _manifest(device: FieldDevice, since: str) -> FieldManifest | None:
    try:
        cursor = UUID(since)
    except ValueError:
        return None
    return device.manifests.filter(pk=cursor).first()


def _records(user: User) -> dict[str, list[records.Record]]:
    ranchers = records.ranchers_in_care(user)
    return {
        "ranchers": records.rancher_records(ranchers, user=user),
        "plots": records.plot_records(ranchers),
        "visits": records.visit_records(ranchers, user=user),
    }


def _lists() -> dict[str, Any]:
    return {"practices": records.practice_records(), "limits": records.limits_record()}


def _me(user: User) -> dict[str, Any]:
    districts = user.districts.order_by("name").values_list("ubigeo", "name")
    return {
        "id": user.pk,
        "name": user.name,
        "language": user.language,
        "districts": [{"code": code, "name": name} for code, name in districts],
    }


def _hashes(found: Mapping[str, Sequence[records.Record]], lists: Mapping[str, Any]) -> Hashes:
    hashes = {kind: {one["id"]: _hash(one) for one in found[kind]} for kind in KINDS}
    return hashes | {"lists": {name: _hash(value) for name, value in lists.items()}}


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _gone(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return sorted(before.keys() - after.keys())


def _keep(device: FieldDevice, before: FieldManifest | None, hashes: Hashes) -> UUID:
    """The cursor of what the device holds once it has this answer. The one it stands on is kept
    until it comes back with the new one, for this answer may be lost."""
    if before is not None and before.hashes == hashes:
        return before.pk
    cursor = uuid4()
    with transaction.atomic():
        FieldManifest.objects.create(id=cursor, device=device, made_at=now(), hashes=hashes)
        kept = [cursor] + ([before.pk] if before else [])
        device.manifests.exclude(pk__in=kept).delete()
    return cursor
