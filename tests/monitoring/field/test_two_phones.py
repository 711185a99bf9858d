"""Whatever two phones, their technicians and the network do: each thing saved arrives exactly once.

Chance plays saves, edits, registrations and ticked steps on two phones, of one technician or
two, and loses requests and answers, repeats and reorders them, kills the server between storing and
understanding, and signs phones out. In the end every phone has sent everything. PROPERTY_EXAMPLES=200
digs deeper than an everyday run has time for.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring import recompute, sync
from monitoring.field import devices
from monitoring.models import FieldDevice, InboxPayload, NextStep, Outcome, Visit
from monitoring.sync import Sent
from ranchers.models import Rancher, Role
from tests import people
from tests.monitoring.factories import payload
from tests.monitoring.field.bodies import registration
from tests.monitoring.field.phone import Phone, item
from tests.monitoring.test_incremental_equals_full import everything
from tests.monitoring.test_sync_properties import is_applied_or_kept
from tests.thoroughness import examples

pytestmark = pytest.mark.django_db

ONE, OTHER = 0, 1
STEPS = 60
WEIGHTS = {
    "visit": 5,
    "register": 2,
    "edit": 8,
    "tick": 3,
    "send": 9,
    "repeat": 3,
    "restart": 1,
    "sign_out": 1,
    "read": 5,
}
"""How often each thing happens."""
FATES = ["arrives", "arrives", "arrives", "no request", "no answer", "server dies"]


@dataclass
class Thing:
    """A visit, a registration or a ticked step as it is on one phone."""

    kind: str
    document: dict[str, Any]
    revision: int = 0
    base_version: int | None = None
    body: str = ""
    waits: bool = False


@dataclass
class Pocket:
    """What a phone holds. It has one body for each save, as the field app has."""

    phone: Phone
    things: dict[str, Thing] = field(default_factory=dict)
    bodies: list[str] = field(default_factory=list)

    def save(self, thing: Thing) -> None:
        thing.revision += 1
        own = {"device": self.phone.id, "revision": thing.revision}
        if thing.kind != "step":
            own["base_version"] = thing.base_version
        thing.body = json.dumps(thing.document | own)
        thing.waits = True
        self.things[thing.document["id"]] = thing
        self.bodies.append(thing.body)

    def waiting(self) -> list[Thing]:
        return [thing for thing in self.things.values() if thing.waits]

    def hear(self, sent: list[tuple[str, str]], answers: list[dict[str, Any]]) -> None:
        """Take in the answers to what was sent: (id, body)."""
        for (name, body), answer in zip(sent, answers, strict=True):
            thing = self.things[name]
            if thing.body != body or answer["outcome"] == Outcome.PENDING:
                continue  # saved again meanwhile, or to be sent again
            thing.waits = False
            thing.base_version = answer["version"] or thing.base_version


class TwoPhones:
    """The world of one example; rolled back at its end."""

    def __init__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True  # type: ignore[attr-defined]
        self.atomic.__enter__()
        self.batches: list[tuple[int, list[tuple[str, str, str]]]] = []
        self.registered: list[str] = []

    def begin(self, of_one: bool) -> None:
        self.coordinator = people.staff(Role.COORDINATOR)
        first = people.technician()
        second = first if of_one else people.technician()
        self.pockets = [Pocket(Phone(first)), Pocket(Phone(second))]
        self.ranchers = [
            str(people.rancher(technician=pocket.phone.user).pk) for pocket in self.pockets
        ]

    def visit(self, on: int, who: int, days: int) -> None:
        step = {"id": str(uuid4()), "text": "Podar el cerco"}
        document = payload(
            (self.ranchers + self.registered)[who % (2 + len(self.registered))],
            visited_on=str(localdate() - timedelta(days=days)),
            notes="",
            deleted=False,
            next_steps=[step],
        )
        self.pockets[on].save(Thing("visit", document))

    def register(self, on: int) -> None:
        document = registration(dni=None, registered_on=str(localdate() - timedelta(days=60)))
        self.registered.append(document["id"])
        self.pockets[on].save(Thing("rancher", document))

    def edit(self, on: int, which: int, change: dict[str, Any]) -> None:
        visits = [one for one in self.pockets[on].things.values() if one.kind == "visit"]
        if not visits:
            return
        thing = visits[which % len(visits)]
        figures = {name: value for name, value in change.items() if name == "cows"}
        rest = {name: value for name, value in change.items() if name != "cows"}
        thing.document = thing.document | rest
        thing.document["measurements"] = thing.document["measurements"] | figures
        self.pockets[on].save(thing)

    def tick(self, on: int, which: int, is_done: bool) -> None:
        """A step of a visit that is here, perhaps of the other phone's."""
        steps = list(NextStep.objects.order_by("pk"))
        if not steps:
            return
        step = str(steps[which % len(steps)].pk)
        thing = self.pockets[on].things.get(step) or Thing("step", {"schema": 1, "id": step})
        thing.document = thing.document | {"done_on": str(localdate()) if is_done else None}
        self.pockets[on].save(thing)

    def send(self, on: int, fate: str, order: Random, most: int) -> None:
        pocket = self.pockets[on]
        things = pocket.waiting()
        order.shuffle(things)
        batch = [(one.kind, one.document["id"], one.body) for one in things[:most]]
        if not batch or fate == "no request":
            return
        self.batches.append((on, batch))
        if fate == "server dies":
            self._die(on, batch, after=order.randint(0, len(batch)))
        else:
            answers = self._post(on, batch)
            if fate == "arrives":
                pocket.hear([(name, body) for _kind, name, body in batch], answers)

    def _post(self, on: int, batch: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
        items = [item(kind, body) for kind, _name, body in batch]
        answer = self.pockets[on].phone.post("sync/", {"items": items})
        assert answer.status_code == 200
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    def _die(self, on: int, batch: list[tuple[str, str, str]], *, after: int) -> None:
        """The server stores a batch, understands some of it and is gone."""
        phone = self.pockets[on].phone
        rows = sync.store(
            items=[Sent(kind, body.encode()) for kind, _name, body in batch],
            sender=phone.user,
            channel="field",
            via=FieldDevice.objects.get(pk=phone.id),
        )
        sync.take_up(rows[:after])

    def repeat(self, which: int) -> None:
        """An old request comes once more, late."""
        if self.batches:
            self._post(*self.batches[which % len(self.batches)])

    def restart(self) -> None:
        sync.process_pending()

    def sign_out(self, on: int) -> None:
        device = FieldDevice.objects.get(pk=self.pockets[on].phone.id)
        if device.revoked_at:
            devices.undo_sign_out(device)
        else:
            devices.sign_out(device, by=self.coordinator)

    def read(self, on: int) -> None:
        """The package brings the holder's own visits, also those of the other phone."""
        pocket = self.pockets[on]
        answer = pocket.phone.get("package/")
        for record in answer.json().get("visits", ()):
            mine = pocket.things.get(record["id"])
            if mine is None or not mine.waits:
                thing = mine or Thing("visit", {})
                thing.document = {
                    name: value for name, value in record["content"].items() if name != "confirmed"
                }
                thing.base_version = record["version"]
                pocket.things[record["id"]] = thing

    def play(self, chance: Random) -> None:
        """What happens, then the end of it; rolled back."""
        try:
            self.begin(of_one=chance.random() < 0.8)
            for who in (ONE, OTHER):  # both have something in common to edit
                self.visit(who, who, days=5)
                self.send(who, "arrives", chance, most=1)
            self.read(ONE)
            self.read(OTHER)
            for name in chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=STEPS):
                self._happen(name, chance)
            self._flush()
            self._check()
        finally:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def _happen(self, name: str, chance: Random) -> None:
        on, which = chance.randrange(2), chance.randrange(100)
        if name == "visit":
            self.visit(on, which, days=chance.randint(1, 50))
        elif name == "edit":
            change: dict[str, Any] = {"notes": f"nota {chance.randrange(10**6)}"}
            if chance.random() < 0.5:
                change["cows"] = chance.randint(18, 22)
            if chance.random() < 0.1:
                change["deleted"] = True
            self.edit(on, which, change)
        elif name == "tick":
            self.tick(on, which, is_done=chance.random() < 0.6)
        elif name == "send":
            self.send(on, chance.choice(FATES), chance, most=chance.randint(1, 4))
        elif name == "repeat":
            self.repeat(which)
        elif name == "restart":
            self.restart()
        else:
            getattr(self, name)(on)

    def _flush(self) -> None:
        for on, pocket in enumerate(self.pockets):
            for _try in range(3):
                batch = [(one.kind, one.document["id"], one.body) for one in pocket.waiting()]
                if batch:
                    answers = self._post(on, batch)
                    pocket.hear([(name, body) for _kind, name, body in batch], answers)
            assert pocket.waiting() == []
        sync.process_pending()

    def _check(self) -> None:
        rows = list(InboxPayload.objects.order_by("id"))
        received = {bytes(row.raw).decode() for row in rows}
        assert received <= {body for pocket in self.pockets for body in pocket.bodies}
        for pocket in self.pockets:
            assert received >= {one.body for one in pocket.things.values() if one.revision}
        self._check_that_nobody_wrote_another_s(rows)
        self._let_everything_in()
        rows = list(InboxPayload.objects.order_by("id"))
        saved = {"visit": set(), "rancher": set(), "step": set()}  # type: dict[str, set[str]]
        for pocket in self.pockets:
            for name, thing in pocket.things.items():
                if thing.revision:
                    saved[thing.kind].add(name)
        assert {str(pk) for pk in Visit.objects.values_list("pk", flat=True)} == saved["visit"]
        registered = Rancher.objects.exclude(pk__in=self.ranchers).values_list("pk", flat=True)
        assert {str(pk) for pk in registered} == saved["rancher"]
        self._check_edits(rows)
        recompute.recompute_dirty()
        incremental = everything()
        recompute.recompute_all()
        assert everything() == incremental

    def _check_that_nobody_wrote_another_s(self, rows: list[InboxPayload]) -> None:
        """What did not pass is held or in quarantine, where a person finds it; nothing is rejected."""
        for row in rows:
            assert row.outcome not in (Outcome.PENDING, Outcome.REJECTED), row.reasons
            if row.outcome == Outcome.HELD:
                assert not Rancher.objects.filter(pk=row.waits_for).exists()
        for visit in Visit.objects.select_related("rancher"):
            assert visit.technician_id == visit.rancher.technician_id

    def _let_everything_in(self) -> None:
        """The coordinator accepts what waits, in the order in which it came, until nothing does."""
        for _again in range(4):
            waiting = InboxPayload.objects.filter(outcome=Outcome.QUARANTINED).order_by("id")
            for number in waiting.values_list("pk", flat=True):
                sync.release(number, by=self.coordinator)
        of_deleted = NextStep.objects.filter(visit__deleted_at__isnull=False).values("pk")
        left = InboxPayload.objects.filter(outcome__in=["quarantined", "held", "pending"])
        left = left.exclude(kind="step", visit_uuid__in=of_deleted)  # stays for a person to refuse
        assert [(row.kind, row.outcome, row.reasons) for row in left] == []

    def _check_edits(self, rows: list[InboxPayload]) -> None:
        for visit in Visit.objects.all():
            versions = list(visit.versions.order_by("version"))
            assert [row.version for row in versions] == list(range(1, visit.version + 1))
            for row in rows:
                if row.visit_uuid == visit.pk:
                    assert row.outcome != Outcome.REJECTED, row.reasons
                    is_applied_or_kept(row, versions)


@settings(
    max_examples=int(os.environ.get("PROPERTY_EXAMPLES", examples(12))),
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(chance=st.randoms(use_true_random=True))
def test_each_thing_saved_arrives_once_and_each_edit_is_applied_or_kept(chance: Random) -> None:
    TwoPhones().play(chance)
