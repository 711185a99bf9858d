"""A batch from a phone: each item for itself, raw first, answered in order."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import now

from monitoring.field import devices
from monitoring.models import DataFlag, FieldDevice, InboxPayload, Visit
from ranchers.models import Role
from tests import people
from tests.monitoring.factories import payload
from tests.monitoring.field.phone import item

pytestmark = pytest.mark.django_db


def test_the_answers_come_in_the_order_of_the_items_and_one_bad_item_spoils_nothing(phone, rancher):
    good = payload(rancher)
    answer = phone.sync(good, "{broken", payload(rancher, visited_on="2999-01-01"), good).json()
    told = [one["outcome"] for one in answer["items"]]
    assert told == ["created", "rejected", "rejected", "unchanged"]
    assert answer["items"][0]["id"] == good["id"]
    assert [one["sha256"] for one in answer["items"]] == [
        item("visit", one)["sha256"]
        for one in (good, "{broken", payload(rancher, visited_on="2999-01-01"), good)
    ][:2] + [one["sha256"] for one in answer["items"][2:]]
    assert Visit.objects.count() == 1
    assert InboxPayload.objects.count() == 4
    assert answer["wipe"] is False


def test_what_was_received_is_kept_byte_for_byte_with_the_device_that_sent_it(phone, rancher):
    body = json.dumps(payload(rancher, notes="año, «ñandú»"), ensure_ascii=False, indent=1)
    phone.sync(body)
    row = InboxPayload.objects.get()
    assert bytes(row.raw).decode() == body
    assert (str(row.via_id), row.channel, row.kind) == (phone.id, "field", "visit")


def test_a_body_that_was_damaged_on_the_way_is_kept_and_sent_again(phone, rancher):
    damaged = item("visit", payload(rancher)) | {"sha256": "f" * 64}
    answer = phone.post("sync/", {"items": [damaged]}).json()["items"][0]
    assert (answer["outcome"], answer["reasons"][0]["code"]) == ("rejected", "hash")
    assert Visit.objects.count() == 0
    assert InboxPayload.objects.count() == 1


@pytest.mark.parametrize(
    "odd", [None, 5, [], "visit", {"kind": "visit"}, {"kind": 1, "body": "{}", "sha256": ""}]
)
def test_an_item_that_is_none_is_rejected_for_itself(phone, rancher, odd):
    items = [odd, item("visit", payload(rancher))]
    answer = phone.post("sync/", {"items": items}).json()
    assert [one["outcome"] for one in answer["items"]] == ["rejected", "created"]


def test_a_kind_of_a_newer_app_waits_in_quarantine(phone):
    answer = phone.sync({"schema": 1, "id": str(uuid4())}, kind="hologram").json()["items"][0]
    assert (answer["outcome"], answer["reasons"][0]["code"]) == ("quarantined", "kind_unknown")


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"items": 3}', b'{"items": {}}', b"\xff\xfe"])
def test_what_is_no_batch_is_refused_and_nothing_stored(phone, body):
    answer = phone.client.generic(
        "POST",
        "/api/v1/field/sync/",
        body,
        content_type="application/json",
        headers=phone.headers,
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "batch")
    assert InboxPayload.objects.count() == 0


def test_too_many_or_too_large_is_413(phone, rancher):
    assert phone.sync(*["{}"] * 101).status_code == 413
    assert phone.sync(json.dumps({"notes": "x" * 2_200_000})).status_code == 413
    assert InboxPayload.objects.count() == 0


def test_a_gzipped_batch_is_understood_and_a_bomb_is_not(phone, rancher):
    batch = json.dumps({"items": [item("visit", payload(rancher))]}).encode()
    assert phone.sync_gzipped(batch).json()["items"][0]["outcome"] == "created"
    assert phone.sync_gzipped(b" " * 30_000_000).status_code == 413


def test_an_item_over_the_limit_of_its_kind_is_rejected_and_kept(phone, rancher):
    answer = phone.sync(payload(rancher, notes="x" * 300_000), payload(rancher)).json()["items"]
    assert [one["outcome"] for one in answer] == ["rejected", "created"]
    assert InboxPayload.objects.count() == 2


def test_a_wrong_clock_is_told_to_the_phone_and_noted_for_the_coordinator(phone, rancher):
    ahead = (now() + timedelta(hours=26)).isoformat()
    answer = phone.sync(payload(rancher), sent_at=ahead).json()
    assert abs(answer["clock_offset_s"] - 26 * 3600) < 60
    assert answer["items"][0]["outcome"] == "created"
    assert DataFlag.objects.get(code="clock_wrong").detail["seconds"] == answer["clock_offset_s"]
    assert FieldDevice.objects.get().clock_offset_s == answer["clock_offset_s"]


def test_a_week_without_signal_is_not_a_wrong_clock(phone, rancher):
    week_ago = (now() - timedelta(days=7)).isoformat()
    phone.sync(payload(rancher, device_sent_at=week_ago))
    assert not DataFlag.objects.filter(code="clock_wrong").exists()


def test_a_signed_out_phone_may_still_send_and_all_of_it_lands_in_quarantine(phone, rancher):
    before = payload(rancher)
    phone.sync(before)
    devices.sign_out(FieldDevice.objects.get(), by=people.staff(Role.COORDINATOR))
    answer = phone.sync(before, payload(rancher)).json()
    assert answer["wipe"] is True
    assert [one["outcome"] for one in answer["items"]] == ["unchanged", "quarantined"]
    assert answer["items"][1]["reasons"][0]["code"] == "device_signed_out"
    assert Visit.objects.count() == 1


def test_the_phone_of_a_closed_account_may_still_send(phone, rancher, technician):
    technician.is_active = False
    technician.save()
    answer = phone.sync(payload(rancher)).json()
    assert (answer["wipe"], answer["items"][0]["outcome"]) == (True, "quarantined")


def test_a_visit_for_a_rancher_who_has_not_arrived_is_held(phone):
    answer = phone.sync(payload(uuid4())).json()["items"][0]
    assert (answer["outcome"], answer["reasons"][0]["code"]) == ("held", "rancher_not_here")
    assert InboxPayload.objects.get().waits_for is not None
