"""The one write path of visits: `receive` (docs/sync.md says what it promises)."""

from monitoring.sync.inbox import (
    MAX_STORED_BYTES,
    PayloadTooLarge,
    process,
    process_pending,
    receive,
    release,
)
from monitoring.sync.reasons import Reason, Receipt

__all__ = [
    "MAX_STORED_BYTES",
    "PayloadTooLarge",
    "Reason",
    "Receipt",
    "process",
    "process_pending",
    "receive",
    "release",
]
