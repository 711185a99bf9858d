"""Phones are updated late: payloads of every past version of every kind go on being taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from monitoring import conflicts, sync
from monitoring.models import Conflict, InboxPayload, NextStep, Visit
from monitoring.sync import Sent
from monitoring.sync.document import UPCASTERS, Document
from tests import people
from tests.monitoring.factories import make_technician_and_rancher, payload, send

pytestmark = pytest.mark.django_db
PAYLOADS = Path(__file__).parent.parent / "payloads"
OTHERS = sorted(path for path in PAYLOADS.glob("*_v*.json"))
KINDS = ("rancher", "boundary", "step")


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.stem)
def test_a_payload_of_every_past_version_of_every_kind_is_taken(path: Path) -> None:
    people.district()
    technician, rancher = make_technician_and_rancher()
    step = str(uuid4())
    send(payload(rancher, next_steps=[{"id": step, "text": "Podar"}]), technician)
    raw = path.read_bytes().replace(b"RANCHER", str(rancher.pk).encode())
    item = Sent(path.stem.partition("_")[0], raw.replace(b"STEP", step.encode()))
    [receipt] = sync.receive_many(items=[item], sender=technician, channel="field")
    assert receipt.outcome in ("created", "updated"), receipt.reasons
    if item.kind == "step":
        assert NextStep.objects.get().done_on is not None


def test_every_version_of_every_kind_has_a_kept_payload() -> None:
    kept = {path.stem for path in OTHERS}
    for kind in KINDS:
        versions = range(1, max(UPCASTERS[kind], default=0) + 2)
        assert {f"{kind}_v{version}" for version in versions} <= kept
    visits = {path.stem.partition("_")[0] for path in PAYLOADS.glob("v*.json")}
    assert {f"v{version}" for version in range(1, max(UPCASTERS["visit"], default=0) + 2)} == visits


@pytest.fixture
def a_next_schema() -> Iterator[None]:
    """As if today's visit were one schema further, and the last one had named the day otherwise."""

    def from_last(document: Document) -> Document:
        rest = {name: value for name, value in document.items() if name != "visit_date"}
        return rest | {"visited_on": document["visit_date"]}

    last = max(UPCASTERS["visit"], default=0) + 1
    UPCASTERS["visit"][last] = from_last
    yield
    del UPCASTERS["visit"][last]


@pytest.mark.usefixtures("a_next_schema")
def test_an_older_visit_is_lifted_on_its_way_in_and_again_when_its_conflict_is_settled() -> None:
    technician, rancher = make_technician_and_rancher()
    last = max(UPCASTERS["visit"])
    new = payload(rancher, schema=last + 1, notes="nueva")
    old = {name: value for name, value in new.items() if name != "visited_on"}
    old |= {"schema": last, "visit_date": "2026-02-11"}
    first = send(old, technician)
    assert first.outcome == "created", first.reasons
    assert str(Visit.objects.get().visited_on) == "2026-02-11"
    assert InboxPayload.objects.get().schema_version == last
    assert b"visit_date" in bytes(InboxPayload.objects.get().raw)

    send(new | {"base_version": 1, "visited_on": "2026-02-12"}, technician)
    late = send(old | {"base_version": 1, "visit_date": "2026-02-13"}, technician)
    assert late.outcome == "conflict"
    [difference] = conflicts.differences(Conflict.objects.get())
    assert (difference.current, difference.incoming) == ("2026-02-12", "2026-02-13")


@pytest.mark.usefixtures("a_next_schema")
def test_a_visit_newer_than_the_server_waits_in_quarantine() -> None:
    technician, rancher = make_technician_and_rancher()
    receipt = send(payload(rancher, schema=max(UPCASTERS["visit"]) + 2), technician)
    assert receipt.outcome == "quarantined"
    assert [reason["code"] for reason in receipt.reasons] == ["schema_newer"]
