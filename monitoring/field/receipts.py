"""What became of a device's items after they were answered: settled, let in, applied late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext as _

from monitoring import sync
from monitoring.models import Conflict, FieldDevice, InboxPayload, Kind, Outcome, Visit
from ranchers.merging import current_id

OVERLAP = timedelta(minutes=5)
"""Told again: a change that was written but not yet committed when the last package was made."""


def as_json(receipt: sync.Receipt) -> dict[str, Any]:
    """A receipt as the field app knows it."""
    return {
        "number": receipt.number,
        "sha256": receipt.sha256,
        "kind": receipt.kind,
        "id": str(receipt.visit_id) if receipt.visit_id else None,
        "outcome": receipt.outcome,
        "version": receipt.version,
        "reasons": receipt.reasons,
    }


def changed_receipts(device: FieldDevice, *, since: datetime) -> list[dict[str, Any]]:
    """The device's items whose outcome changed since an instant, in the order they came in."""
    unsettled = Conflict.objects.filter(
        settled_at=None,
        payload__visit_uuid=OuterRef("visit_uuid"),
        payload__sha256=OuterRef("sha256"),
    )
    current = Visit.objects.filter(pk=OuterRef("visit_uuid")).values("version")
    rows = (
        InboxPayload.objects.filter(via=device, changed_at__gte=since - OVERLAP)
        .annotate(waits=Exists(unsettled), now=Subquery(current))
        .defer("raw")
        .order_by("id")
    )
    return [_told(row) for row in rows]


def _told(row: Any) -> dict[str, Any]:
    told = as_json(sync.receipt_of(row))
    if row.outcome == Outcome.CONFLICT and not row.waits:
        message = _("A coordinator has settled it.")
        told |= {
            "outcome": str(Outcome.UPDATED),
            "version": row.now or row.visit_version,
            "reasons": [{"field": "", "code": "settled", "message": message}],
        }
    if row.kind == Kind.RANCHER and row.visit_uuid:
        told["rancher"] = str(current_id(row.visit_uuid))
    return told
