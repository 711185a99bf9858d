"""The one write path of what comes from the field: `receive` (docs/sync.md says what it promises)."""

from monitoring.sync.inbox import (
    MAX_STORED_BYTES,
    PayloadTooLarge,
    Sent,
    process,
    process_pending,
    receipt_of,
    receive,
    receive_many,
    release,
    store,
    take_up,
    tell_senders,
)
from monitoring.sync.reasons import Reason, Receipt

__all__ = [
    "MAX_STORED_BYTES",
    "PayloadTooLarge",
    "Reason",
    "Receipt",
    "Sent",
    "process",
    "process_pending",
    "receipt_of",
    "receive",
    "receive_many",
    "release",
    "store",
    "take_up",
    "tell_senders",
]
