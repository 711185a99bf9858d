"""A phone signed out while it is locked: it hears of it, hands over what it kept encrypted, and wipes itself."""

import base64
import hashlib
import json
import os
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from monitoring.field import devices
from monitoring.models import FieldDevice, InboxPayload, Outcome, PhotoState, PhotoUpload, Visit
from ranchers.models import Role
from tests import people
from tests.monitoring.factories import payload
from tests.monitoring.field import bodies
from tests.monitoring.field.phone import DATA_KEY, Phone

pytestmark = pytest.mark.django_db


class LockedPhone(Phone):
    @property
    def headers(self):
        return {"authorization": f"Locked {self.id}:{self.locked_token}"}

    def locked(self, *items):
        told = {"app_version": "1", "items": list(items)}
        return self.post(f"devices/{self.id}/locked/", told)


@pytest.fixture
def phone(technician):
    return LockedPhone(technician)


def sign_out(phone):
    devices.sign_out(FieldDevice.objects.get(pk=phone.id), by=people.staff(Role.COORDINATOR))


def sealed(document, *, key=DATA_KEY, kind="visit"):
    iv = os.urandom(12)
    content = {name: document[name] for name in document if name not in ("id", "schema")}
    data = AESGCM(key).encrypt(iv, json.dumps({"content": content, "reasons": []}).encode(), None)
    return {
        "kind": kind,
        "id": document["id"],
        "revision": 3,
        "base_version": None,
        "iv": base64.b64encode(iv).decode(),
        "sealed": base64.b64encode(data).decode(),
    }


def test_a_locked_phone_that_was_not_signed_out_hands_over_nothing(phone, rancher):
    answer = phone.locked(sealed(payload(rancher)))
    assert answer.status_code == 200
    assert (answer.json()["wipe"], answer.json()["items"]) == (False, [])
    assert not InboxPayload.objects.exists()


def test_a_signed_out_locked_phone_hands_over_its_visits_into_quarantine(phone, rancher):
    visit = payload(rancher, notes="la quebrada")
    sign_out(phone)
    answer = phone.locked(sealed(visit)).json()
    assert answer["wipe"] is True
    assert [one["outcome"] for one in answer["items"]] == ["quarantined"]
    kept = json.loads(bytes(InboxPayload.objects.get().raw))
    assert (kept["id"], kept["device"], kept["revision"]) == (visit["id"], phone.id, 3)
    assert kept["notes"] == "la quebrada"
    assert not Visit.objects.exists()
    assert phone.post(f"devices/{phone.id}/wiped/").status_code == 200
    assert FieldDevice.objects.get().wiped_at is not None


def test_what_cannot_be_decrypted_is_kept_as_it_came(phone, rancher):
    sign_out(phone)
    [receipt] = phone.locked(sealed(payload(rancher), key=bytes(32))).json()["items"]
    assert receipt["outcome"] == "quarantined"
    inbox = InboxPayload.objects.get()
    assert (inbox.kind, inbox.outcome) == ("sealed", Outcome.QUARANTINED)


@pytest.mark.parametrize("path", ["package/", "sync/"])
def test_the_open_token_opens_nothing_else(phone, path):
    sign_out(phone)
    assert phone.get(path).status_code in (401, 405)
    assert phone.post(path).status_code in (401, 405)


def test_the_open_token_sends_no_photo_and_wipes_nothing_before_the_sign_out(phone, rancher):
    assert phone.post("photos/", {}).status_code == 403
    assert phone.post(f"devices/{phone.id}/wiped/").status_code == 403
    phone.locked_token = "x" * 43
    assert phone.locked().status_code == 401


def test_the_locked_photo_is_decrypted_when_it_is_whole(phone, rancher):
    picture = bodies.picture()
    iv = os.urandom(12)
    data = AESGCM(DATA_KEY).encrypt(iv, picture, None)
    told = {
        "id": str(uuid4()),
        "visit": payload(rancher)["id"],
        "sha256": hashlib.sha256(picture).hexdigest(),
        "size": len(picture),
    }
    sign_out(phone)
    assert phone.post("photos/", told).json()["offset"] == 0
    phone_patch(phone, told["id"], 0, picture[:1000])  # it had begun before it was locked
    sealed_told = told | {"sealed_iv": base64.b64encode(iv).decode()}
    assert phone.post("photos/", sealed_told).json()["offset"] == 0
    assert phone_patch(phone, told["id"], 0, data[:50_000])["offset"] == 50_000
    assert phone.post("photos/", sealed_told).json()["offset"] == 50_000
    assert phone_patch(phone, told["id"], 50_000, data[50_000:])["done"] is True
    upload = PhotoUpload.objects.get()
    assert upload.state == PhotoState.QUARANTINED
    assert b"".join(bytes(part.data) for part in upload.chunks.all()) == picture
    assert phone.post("photos/", sealed_told).json()["done"] is True


def test_a_photo_that_cannot_be_decrypted_is_kept_and_refused(phone, rancher):
    data = os.urandom(200)
    told = {
        "id": str(uuid4()),
        "visit": payload(rancher)["id"],
        "sha256": "0" * 64,
        "size": len(data) - 16,
        "sealed_iv": base64.b64encode(os.urandom(12)).decode(),
    }
    sign_out(phone)
    phone.post("photos/", told)
    answer = phone_patch(phone, told["id"], 0, data)
    assert (answer["done"], answer["refused"]) == (True, True)
    assert bytes(PhotoUpload.objects.get().chunks.get().data) == data


def phone_patch(phone, photo, offset, data):
    answer = phone.client.generic(
        "PATCH",
        f"/api/v1/field/photos/{photo}/",
        data,
        content_type="application/octet-stream",
        headers=phone.headers | {"upload-offset": str(offset)},
    )
    return answer.json()
