"""Whatever two devices and the network do: every visit once, every edit applied or kept."""

import json
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring import conflicts
from monitoring.models import Conflict, InboxPayload, Visit, VisitVersion
from monitoring.sync import receive
from monitoring.sync.merge import changed, three_way
from tests.monitoring.factories import make_technician_and_rancher, payload

pytestmark = pytest.mark.django_db

EDIT = st.fixed_dictionaries(
    {},
    optional={
        "notes": st.sampled_from(["a", "b", ""]),
        "cows": st.integers(18, 22),
        "paddocks": st.integers(0, 3),
        "deleted": st.booleans(),
    },
)
DEVICES = ("one", "two")
STEP = st.one_of(
    st.tuples(st.just("save"), st.sampled_from(DEVICES), EDIT),
    st.tuples(st.just("send"), st.sampled_from(DEVICES), st.sampled_from(["ok", "no answer"])),
    st.tuples(st.just("resend"), st.integers(0, 30), st.none()),
    st.tuples(st.just("read"), st.sampled_from(DEVICES), st.none()),
)


class Device:
    """A phone as the protocol sees it: its copy, what it stands on, what it has to send."""

    def __init__(self, document: dict, version: int) -> None:
        self.id, self.revision = str(uuid4()), 0
        self.document, self.version = document, version
        self.queue: list[bytes] = []

    def save(self, edit: dict) -> None:
        figures = {k: v for k, v in edit.items() if k in ("cows", "paddocks")}
        rest = {k: v for k, v in edit.items() if k not in figures}
        self.document = self.document | rest
        self.document["measurements"] = self.document["measurements"] | figures
        self.revision += 1
        own = {"base_version": self.version, "device": self.id, "revision": self.revision}
        self.queue.append(json.dumps(self.document | own).encode())


class World:
    def __init__(self) -> None:
        self.technician, rancher = make_technician_and_rancher()
        self.first = payload(rancher, notes="", deleted=False)
        self.post(json.dumps(self.first).encode())
        self.devices = {name: Device(self.first, 1) for name in DEVICES}
        self.sent: list[bytes] = []

    def post(self, raw: bytes):
        return receive(raw=raw, sender=self.technician, channel="field")

    def run(self, step: tuple) -> None:
        kind, who, what = step
        if kind == "save":
            self.devices[who].save(what)
        elif kind == "send" and self.devices[who].queue:
            raw = self.devices[who].queue[0]
            self.sent.append(raw)
            receipt = self.post(raw)
            if what == "ok":
                self.devices[who].queue.pop(0)
                if not self.devices[who].queue and receipt.outcome == "updated":
                    self.read(who)
        elif kind == "resend" and self.sent:
            self.post(self.sent[who % len(self.sent)])
        elif kind == "read" and not self.devices[who].queue:
            self.read(who)

    def read(self, who: str) -> None:
        from monitoring.sync.content import as_payload
        from monitoring.sync.store import content_of

        visit = Visit.objects.get()
        device = self.devices[who]
        device.document = as_payload(content_of(visit), visit_id=visit.pk, base_version=None)
        device.version = visit.version

    def flush(self) -> None:
        for device in self.devices.values():
            for raw in device.queue:
                self.sent.append(raw)
                self.post(raw)
            device.queue.clear()


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEP, max_size=14))
def test_every_visit_once_and_every_edit_applied_or_kept(steps):
    Conflict.objects.all().delete()
    VisitVersion.objects.all().delete()
    Visit.objects.all().delete()
    known = InboxPayload.objects.count()
    world = World()
    for step in steps:
        world.run(step)
    world.flush()
    visit = Visit.objects.get()
    versions = list(visit.versions.order_by("version"))
    assert [row.version for row in versions] == list(range(1, visit.version + 1))
    assert versions[-1].content_hash == visit.content_hash
    received = InboxPayload.objects.order_by("id")[known:]
    assert {bytes(row.raw) for row in received} >= set(world.sent)
    for row in received:
        assert row.outcome in ("created", "updated", "unchanged", "conflict"), row.reasons
        is_applied_or_kept(row, versions)


def is_applied_or_kept(row: InboxPayload, versions: list[VisitVersion]) -> None:
    """Each property that a payload changed against its base stands in some version made since,
    waits in a conflict, or was overtaken by a later save of the same device."""
    if any(reason["code"] == "superseded" for reason in row.reasons):
        same = InboxPayload.objects.filter(device=row.device, revision__gte=row.revision)
        assert same.exclude(pk=row.pk).exists()
        return
    from monitoring.sync.content import understand
    from monitoring.sync.document import read

    content = understand(read(bytes(row.raw))).content
    base = versions[(row.base_version or 1) - 1].content
    twins = InboxPayload.objects.filter(
        content_hash=row.content_hash, base_version=row.base_version
    )
    kept = {
        name
        for conflict in Conflict.objects.filter(payload__in=twins)
        for name in [*conflict.fields, *(d.name for d in conflicts.differences(conflict))]
    }
    for name in changed(base, content) - {"confirmed"} - kept:
        assert any(row_.content.get(name) == content.get(name) for row_ in versions), name


CONTENT = st.dictionaries(st.sampled_from(["a", "b", "c", "deleted"]), st.integers(0, 2))


@given(base=CONTENT, ours=CONTENT, theirs=CONTENT)
def test_a_merge_loses_no_change_of_either_side(base, ours, theirs):
    base, ours, theirs = ({"confirmed": [], **content} for content in (base, ours, theirs))
    merge = three_way(base=base, current=ours, incoming=theirs)
    for name in changed(base, ours):
        assert merge.content.get(name) == ours.get(name)
    for name in changed(base, theirs) - set(merge.overlaps):
        assert merge.content.get(name) == theirs.get(name)
    if not changed(base, theirs):
        assert not merge.overlaps and merge.content == ours
