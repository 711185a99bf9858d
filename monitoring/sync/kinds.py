"""Each kind of item from the field, and what understands it before anything is judged or written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from monitoring.models import InboxPayload, Kind
from monitoring.sync import content as visits
from monitoring.sync import document as documents
from monitoring.sync import registrations, steps, walks
from monitoring.sync.content import Content
from monitoring.sync.document import Document
from monitoring.sync.reasons import Quarantine, Reason

READERS: Mapping[str, Callable[[Document], Any]] = {
    Kind.VISIT: visits.understand,
    Kind.RANCHER: registrations.understand,
    Kind.BOUNDARY: walks.understand,
    Kind.STEP: steps.understand,
}
"""From a document of the newest schema to what it says. Each raises Refused with all reasons."""


def check_kind(kind: str) -> None:
    """Raises Quarantine for a kind that this server does not know: the app is newer."""
    if kind not in READERS:
        message = _("The app is newer than the server. What it sent waits and is not lost.")
        raise Quarantine(Reason("kind", "kind_unknown", message))


def content_received(payload: InboxPayload) -> Content:
    """The canonical content of an item as it came. Raises Refused and Quarantine."""
    check_kind(payload.kind)
    document = documents.read(bytes(payload.raw), kind=payload.kind)
    lifted = documents.upcast(document, kind=payload.kind)
    content: Content = READERS[payload.kind](lifted).content
    return content
