"""The write path: every visit on the server exactly once, every edit applied or kept."""

import json
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import InternalError, connection, transaction
from django.utils import timezone

from monitoring import conflicts, quality, sync
from monitoring.models import (
    Conflict,
    DataFlag,
    DirtyRancher,
    InboxPayload,
    Visit,
    VisitVersion,
)
from monitoring.sync.document import upcast
from monitoring.sync.reasons import Refused
from practices.models import StageInterval
from ranchers.models import Role
from tests.monitoring.factories import codes, make_technician_and_rancher, payload, send
from tests.practices.factories import make_practice, make_rancher, make_user

pytestmark = pytest.mark.django_db
PAYLOADS = Path(__file__).parent / "payloads"


def test_a_visit_is_stored_with_everything_in_it_and_marks_what_depends_on_it():
    technician, rancher = make_technician_and_rancher()
    make_practice("cercos-vivos")
    raw = (PAYLOADS / "v1_full.json").read_bytes().replace(b"RANCHER", str(rancher.pk).encode())
    receipt = send(raw, technician)
    assert receipt.outcome == "created", receipt.reasons
    visit = Visit.objects.get()
    assert (visit.pk, visit.version, visit.technician) == (receipt.visit_id, 1, technician)
    assert (visit.measurement.cows, str(visit.measurement.milk_l_per_day)) == (20, "55.50")
    assert visit.observations.get().stage == "adopted"
    assert visit.next_steps.get().text == "Podar el cerco"
    assert bytes(InboxPayload.objects.get(pk=receipt.number).raw) == raw
    assert StageInterval.objects.get(rancher=rancher).stage == "adopted"
    assert DirtyRancher.objects.get(rancher=rancher).from_quarter <= 2026 * 4


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("v*.json")), ids=lambda path: path.stem)
def test_a_payload_of_every_past_version_is_still_accepted(path):
    technician, rancher = make_technician_and_rancher()
    make_practice("cercos-vivos")
    raw = path.read_bytes().replace(b"RANCHER", str(rancher.pk).encode())
    assert send(raw, technician).outcome == "created"


def test_older_schemas_climb_step_by_step():
    steps = {1: lambda d: d | {"b": d["a"]}, 2: lambda d: d | {"c": d["b"]}}
    assert upcast({"schema": 1, "a": 5}, upcasters=steps)["c"] == 5
    with pytest.raises(Refused):
        upcast({"schema": "1"})


def test_sending_again_changes_nothing_and_still_gives_a_receipt():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    first, second = send(document, technician), send(document, technician)
    assert (first.outcome, second.outcome) == ("created", "unchanged")
    assert first.number != second.number
    assert Visit.objects.get().version == 1


def test_the_same_said_in_other_words_is_unchanged():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    send(document, technician)
    document["measurements"] |= {"milk_l_per_day": "50,00", "bulls": None}
    document["notes"] = "  "
    assert send(document, technician).outcome == "unchanged"


def test_an_edit_from_the_current_version_is_the_next_version():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    send(document, technician)
    receipt = send(document | {"base_version": 1, "notes": "corregido"}, technician)
    assert (receipt.outcome, receipt.version) == ("updated", 2)
    assert list(VisitVersion.objects.values_list("version", flat=True)) == [1, 2]


def test_edits_of_different_fields_are_merged():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    send(document, technician)
    send(document | {"base_version": 1, "notes": "desde el teléfono"}, technician)
    other = document | {"base_version": 1, "measurements": document["measurements"] | {"cows": 21}}
    receipt = send(other, technician)
    assert (receipt.outcome, receipt.version) == ("updated", 3)
    visit = Visit.objects.get()
    assert (visit.notes, visit.measurement.cows) == ("desde el teléfono", 21)
    assert not Conflict.objects.exists()


def test_an_older_edit_is_kept_as_a_conflict():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    send(document, technician)
    send(document | {"base_version": 1, "notes": "una"}, technician)
    late = document | {"base_version": 1, "notes": "otra", "plot": None}
    receipt = send(late, technician)
    assert receipt.outcome == "conflict"
    assert codes(receipt) == [("notes", "conflict")]
    assert Visit.objects.get().notes == "una"
    conflict = Conflict.objects.get()
    assert (conflict.fields, conflict.base_version) == (["notes"], 1)
    again = send(late, technician)  # its answer was lost: it still waits for the coordinator
    assert (again.outcome, codes(again)) == ("conflict", [("notes", "conflict")])
    assert Conflict.objects.count() == 1


def test_two_possible_edits_that_are_impossible_together_are_a_conflict():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    send(document, technician)
    figures = document["measurements"]
    send(document | {"base_version": 1, "measurements": figures | {"cows": 12}}, technician)
    more = figures | {"cows_in_milk": 14}
    receipt = send(document | {"base_version": 1, "measurements": more}, technician)
    assert receipt.outcome == "conflict"
    assert Visit.objects.get().measurement.cows_in_milk == 10


def test_settling_takes_some_of_each_side_and_does_not_ask_again():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    send(document, technician)
    figures = document["measurements"]
    ours = {"base_version": 1, "notes": "una", "measurements": figures | {"milk_l_per_day": 60}}
    limit = "soft_milk_per_cow_max"
    theirs = {"base_version": 1, "notes": "otra", "measurements": figures | {"milk_l_per_day": 250}}
    send(document | ours, technician)
    send(document | theirs | {"confirmed": [limit]}, technician)
    coordinator = make_user(Role.COORDINATOR)
    picks = {"measurements.milk_l_per_day": "incoming", "notes": "current"}
    conflicts.settle(conflict=Conflict.objects.get(), picks=picks, by=coordinator)
    visit = Visit.objects.get()
    assert (visit.notes, int(visit.measurement.milk_l_per_day)) == ("una", 250)
    conflict = Conflict.objects.get()
    assert (conflict.settlement, conflict.settled_by) == ("merged", coordinator)
    assert DataFlag.objects.filter(closed_at=None, code=limit).exists()
    with pytest.raises(conflicts.AlreadyClosed):
        conflicts.settle(conflict=conflict, picks=picks, by=coordinator)


def test_deleting_is_an_edit_that_can_be_undone():
    technician, rancher = make_technician_and_rancher()
    practice = make_practice()
    seen = [{"practice": practice.code, "stage": "trial"}]
    document = payload(rancher, observations=seen)
    send(document, technician)
    send(document | {"base_version": 1, "deleted": True}, technician)
    visit = Visit.objects.get()
    assert visit.deleted_at is not None and visit.deleted_by == technician
    assert not StageInterval.objects.exists()
    send(document | {"base_version": 2, "deleted": False}, technician)
    assert Visit.objects.get().deleted_at is None
    assert StageInterval.objects.get().stage == "trial"


def test_deleting_against_an_edit_is_a_conflict_whichever_comes_first():
    technician, rancher = make_technician_and_rancher()
    for changes in [({"deleted": True}, {"notes": "x"}), ({"notes": "x"}, {"deleted": True})]:
        document = payload(rancher)
        send(document, technician)
        first, second = (document | {"base_version": 1} | change for change in changes)
        assert send(first, technician).outcome == "updated"
        receipt = send(second, technician)
        assert receipt.outcome == "conflict"
        assert "deleted" in Conflict.objects.get(payload=receipt.number).fields


def test_a_second_save_on_the_device_before_the_first_was_answered_is_no_conflict():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher, device=str(uuid4()))
    send(document | {"revision": 1}, technician)
    later = document | {"revision": 2, "notes": "completado"}
    assert send(later, technician).outcome == "updated"
    stale = document | {"revision": 1, "notes": "a medias"}
    receipt = send(stale, technician)
    assert (receipt.outcome, codes(receipt)) == ("unchanged", [("", "superseded")])
    assert Visit.objects.get().notes == "completado"


def test_an_edit_of_a_visit_loaded_in_bulk_keeps_what_was_there():
    technician, rancher = make_technician_and_rancher()
    visit = Visit.objects.create(
        rancher=rancher, technician=technician, visited_on="2026-01-10", notes="antes"
    )
    document = payload(rancher, id=str(visit.pk), base_version=1, visited_on="2026-01-10")
    assert send(document, technician).outcome == "updated"
    assert visit.versions.get(version=1).content["notes"] == "antes"


def test_a_visit_moved_to_an_earlier_date_marks_from_the_earlier_quarter():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    send(document, technician)
    DirtyRancher.objects.all().delete()
    send(document | {"base_version": 1, "visited_on": "2025-05-01"}, technician)
    assert DirtyRancher.objects.get().from_quarter == 2025 * 4 + 1


# --- Quarantine ---------------------------------------------------------------------------------
def test_a_visit_of_somebody_elses_rancher_waits_in_quarantine():
    technician, _ = make_technician_and_rancher()
    stranger = make_rancher()
    document = payload(stranger)
    receipt = send(document, technician)
    assert (receipt.outcome, codes(receipt)) == (
        "quarantined",
        [("rancher", "rancher_not_visible")],
    )
    send(document, technician)
    assert not Visit.objects.exists()
    assert DataFlag.objects.filter(code="quarantined").count() == 1


def test_what_a_coordinator_refused_is_not_asked_again():
    technician, _ = make_technician_and_rancher()
    document = payload(make_rancher())
    number, coordinator = send(document, technician).number, make_user(Role.COORDINATOR)
    quality.refuse(number=number, by=coordinator, reason="No es su zona")
    receipt = send(document, technician)
    assert (receipt.outcome, codes(receipt)) == ("rejected", [("", "refused_by_coordinator")])
    assert not DataFlag.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.RANCHER])
def test_roles_that_log_no_visits_are_quarantined(role):
    rancher = make_rancher()
    user = make_user(role, rancher=rancher if role == Role.RANCHER else None)
    assert send(payload(rancher), user).outcome == "quarantined"


def test_a_revoked_technicians_queue_waits_and_a_coordinator_lets_it_in():
    technician, rancher = make_technician_and_rancher()
    technician.is_active = False
    technician.save()
    document = payload(rancher)
    receipt = send(document, technician)
    assert receipt.outcome == "quarantined"
    accepted = sync.release(receipt.number, by=make_user(Role.COORDINATOR))
    assert accepted.outcome == "created"
    assert Visit.objects.get().technician == technician
    assert not DataFlag.objects.filter(closed_at=None).exists()
    assert send(document, technician).outcome == "unchanged"


def test_another_technicians_visit_is_changed_only_through_a_coordinator():
    technician, rancher = make_technician_and_rancher()
    other = make_user(Role.TECHNICIAN)
    other.districts.add(rancher.district)
    step = {"id": str(uuid4()), "text": "Podar"}
    document = payload(rancher, next_steps=[step])
    send(document, technician)
    receipt = send(document | {"base_version": 1, "notes": "x"}, other)
    assert (receipt.outcome, codes(receipt)) == ("quarantined", [("", "not_own_visit")])
    done = document | {"base_version": 1, "next_steps": [step | {"done_on": "2026-04-01"}]}
    assert send(done, other).outcome == "updated"


def test_a_payload_newer_than_the_server_is_kept():
    technician, rancher = make_technician_and_rancher()
    receipt = send(payload(rancher, schema=2), technician)
    assert (receipt.outcome, codes(receipt)) == ("quarantined", [("schema", "schema_newer")])


def test_a_wrong_clock_is_noted_and_the_visit_taken():
    technician, rancher = make_technician_and_rancher()
    sent_at = (timezone.now() + timedelta(hours=3)).isoformat()
    receipt = send(payload(rancher, device_sent_at=sent_at), technician)
    assert receipt.outcome == "created"
    assert DataFlag.objects.get(code="clock_wrong").detail["seconds"] > 10_000


# --- Crash and concurrency ----------------------------------------------------------------------
def test_what_a_crash_left_waiting_is_understood_later():
    technician, rancher = make_technician_and_rancher()
    raw = json.dumps(payload(rancher)).encode()
    InboxPayload.objects.create(sender=technician, channel="field", raw=raw, sha256="x" * 64)
    assert sync.process_pending() == 1
    assert Visit.objects.count() == 1
    assert sync.process_pending() == 0


def test_what_was_received_is_never_changed_or_deleted():
    technician, _ = make_technician_and_rancher()
    send(b"what cannot be understood", technician)
    stored = InboxPayload.objects.get()
    stored.raw = b"{}"
    with pytest.raises(InternalError), transaction.atomic():
        stored.save()
    with pytest.raises(InternalError), transaction.atomic():
        stored.delete()


@pytest.mark.django_db(transaction=True)
def test_the_same_visit_posted_many_times_at_once_is_one_visit():
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher)
    outcomes: list[str] = []
    start = threading.Barrier(5)

    def post() -> None:
        try:
            start.wait(timeout=10)
            outcomes.append(send(document, technician).outcome)
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["created"] + ["unchanged"] * 4
    assert Visit.objects.get().pk == UUID(document["id"])
    assert InboxPayload.objects.count() == 5
