"""What the server answers: a receipt, with reasons a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

NEEDS_CONFIRMATION = "needs_confirmation"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one field was not taken as it is.

    `field` is a property of the content ("measurements.cows"), "" for the payload as a whole. With
    code `needs_confirmation`, sending `confirm` in the payload's `confirmed` accepts the value.
    """

    field: str
    code: str
    message: str
    confirm: str = ""

    def as_json(self) -> dict[str, str]:
        found = {"field": self.field, "code": self.code, "message": str(self.message)}
        return found | {"confirm": self.confirm} if self.confirm else found


class Refused(Exception):
    """The payload cannot be taken as it is; carries every reason found, not only the first."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(f"{reason.field}: {reason.code}" for reason in reasons))
        self.reasons = list(reasons)


class Quarantine(Exception):
    """The payload is kept for a coordinator to decide on."""

    def __init__(self, reason: Reason, rancher_id: UUID | None = None) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.rancher_id = rancher_id


class Held(Exception):
    """The payload names a rancher or plot that has not arrived; it is applied when that does."""

    def __init__(self, waits_for: UUID, reason: Reason) -> None:
        super().__init__(f"waits for {waits_for}")
        self.waits_for = waits_for
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a payload did. `arrived`: ranchers and plots that are here now and others may wait for."""

    outcome: str
    version: int | None
    reasons: list[Reason] = field(default_factory=list)
    arrived: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one payload. `number` is the inbox id, the receipt number that people see;
    `visit_id` the id of the item, of whatever kind."""

    number: int
    outcome: str
    visit_id: UUID | None = None
    version: int | None = None
    reasons: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "visit"
    sha256: str = ""
