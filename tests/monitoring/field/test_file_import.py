"""The coordinator imports the export file of a phone that cannot send."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from monitoring.field import devices, photos
from monitoring.models import (
    DataFlag,
    FieldDevice,
    FieldFile,
    InboxPayload,
    Photo,
    PhotoState,
    PhotoUpload,
    Visit,
)
from ranchers.models import Plot, Rancher, Role, User
from tests import people
from tests.monitoring.factories import make_technician_and_rancher, payload
from tests.monitoring.field.bodies import picture, registration, walk
from tests.monitoring.field.exports import as_bytes, export, photo_of
from tests.monitoring.field.phone import Phone, item

pytestmark = pytest.mark.django_db
PAGE = "/coordinacion/campo/importar/"


class Desk:
    """A coordinator's browser."""

    def __init__(self) -> None:
        self.user = people.staff(Role.COORDINATOR)
        self.client = Client(headers={"accept-language": "es"})
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")

    def choose(self, data: bytes, name: str = "hato-20260301.json") -> Any:
        return self.client.post(PAGE, {"file": SimpleUploadedFile(name, data)})

    def bring_in(self, data: bytes) -> str:
        """Choose and import; the text of the page of what became of it."""
        answer = self.choose(data)
        assert answer.status_code == 302, answer.content.decode()
        assert self.client.post(f"{answer.url}aplicar/").status_code == 302
        return self.read(answer.url)

    def read(self, address: str) -> str:
        return self.client.get(address).content.decode()


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


@pytest.fixture
def farm(db: None) -> tuple[User, Rancher]:
    return make_technician_and_rancher()


def test_it_is_shown_before_anything_is_imported(desk: Desk, farm: tuple[User, Rancher]) -> None:
    phone = Phone(farm[0])
    here, new = payload(farm[1]), payload(farm[1], visited_on="2026-02-11")
    phone.sync({"device": phone.id, "revision": 1} | here)
    answer = desk.choose(as_bytes(export(phone, here, new, ("rancher", registration()))))
    text = desk.read(answer.url)
    for words in ("Ya está aquí", "Moto G", farm[0].name, farm[1].full_name, "Rosa Quispe Mamani"):
        assert words in text
    assert "11 feb 2026" in text.lower()
    assert Visit.objects.count() == 1
    assert not InboxPayload.objects.filter(channel="file").exists()


def test_everything_comes_in_as_if_the_phone_had_sent_it(
    desk: Desk, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    person = registration(device=phone.id)
    land = walk(person["id"])
    visit = payload(person["id"], plot=land["plot"])
    data = picture()
    exported = export(
        phone,
        visit,
        ("boundary", land),
        ("rancher", person),
        photos=[photo_of(visit["id"], data)],
    )
    desk.bring_in(as_bytes(exported))
    photos.place_waiting()
    assert Visit.objects.get().technician == farm[0]
    assert Plot.objects.get().rancher_id == Visit.objects.get().rancher_id
    assert Photo.objects.get().sha256 == hashlib.sha256(data).hexdigest()
    received = InboxPayload.objects.filter(channel="file")
    assert {bytes(row.raw).decode() for row in received} == {
        one["body"] for one in exported["items"]
    }
    assert {row.via_id for row in received} == {FieldDevice.objects.get().pk}
    kept = FieldFile.objects.get()
    assert kept.state == "applied"
    assert not kept.content  # all of it is in the inbox now


def test_the_phone_that_sends_later_adds_nothing(desk: Desk, farm: tuple[User, Rancher]) -> None:
    phone = Phone(farm[0])
    visit = payload(farm[1])
    data = picture()
    photo = photo_of(visit["id"], data)
    exported = export(phone, visit, photos=[photo])
    desk.bring_in(as_bytes(exported))
    photos.place_waiting()
    [answer] = phone.post("sync/", {"items": exported["items"]}).json()["items"]
    assert (answer["outcome"], answer["version"]) == ("unchanged", 1)
    told = {name: photo[name] for name in ("id", "visit", "sha256", "size", "taken_at")}
    assert phone.post("photos/", told).json()["done"]
    assert (Visit.objects.count(), Photo.objects.count()) == (1, 1)


def test_the_file_of_a_phone_that_had_sent_adds_nothing(
    desk: Desk, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    exported = export(phone, payload(farm[1]))
    phone.post("sync/", {"items": exported["items"]})
    text = desk.bring_in(as_bytes(exported))
    assert "Ya estaba aquí" in text
    assert Visit.objects.get().version == 1


def test_the_same_file_twice_is_one(desk: Desk, farm: tuple[User, Rancher]) -> None:
    data = as_bytes(export(Phone(farm[0]), payload(farm[1])))
    address = desk.choose(data).url
    desk.client.post(f"{address}aplicar/")
    assert desk.choose(data, "otro-nombre.json").url == address
    desk.client.post(f"{address}aplicar/")
    assert InboxPayload.objects.count() == Visit.objects.count() == 1


def test_a_discarded_file_brings_nothing_and_may_come_again(
    desk: Desk, farm: tuple[User, Rancher]
) -> None:
    data = as_bytes(export(Phone(farm[0]), payload(farm[1])))
    address = desk.choose(data).url
    desk.client.post(f"{address}descartar/")
    assert not InboxPayload.objects.exists()
    assert not FieldFile.objects.get().content
    desk.bring_in(data)
    assert Visit.objects.count() == 1


def test_each_bad_item_says_why_and_spoils_no_other(desk: Desk, farm: tuple[User, Rancher]) -> None:
    phone = Phone(farm[0])
    exported = export(phone, payload(farm[1]), payload(farm[1], measurements={"cows": -3}))
    damaged = item("visit", payload(farm[1])) | {"sha256": "0" * 63 + "1"}
    exported["items"] += [damaged, "?", {"kind": "visit"}, item("visit", "no es JSON")]
    answer = desk.choose(as_bytes(exported))
    preview = desk.read(answer.url)
    assert "Vacas: " in preview
    assert "dañado en el archivo" in preview
    desk.client.post(f"{answer.url}aplicar/")
    outcomes = InboxPayload.objects.order_by("id").values_list("outcome", flat=True)
    assert list(outcomes) == ["created"] + ["rejected"] * 5
    assert "dañado en el archivo" in desk.read(answer.url)
    assert FieldFile.objects.get().receipts == list(
        InboxPayload.objects.order_by("id").values_list("pk", flat=True)
    )


def test_a_damaged_photo_is_told_and_the_others_come_in(
    desk: Desk, farm: tuple[User, Rancher]
) -> None:
    visit, data = payload(farm[1]), picture()
    bad = [
        photo_of(visit["id"], data, sha256="0" * 64),
        photo_of(visit["id"], data, data="ÑÑ=="),
        photo_of("no es un id", data),
        7,
    ]
    good = photo_of(visit["id"], data)
    text = desk.bring_in(as_bytes(export(Phone(farm[0]), visit, photos=[*bad, good])))
    assert PhotoUpload.objects.get().offset == len(data)
    assert "no se pueden usar" in text
    assert FieldFile.objects.get().content  # what could not be taken is not thrown away


def test_a_photo_that_was_half_sent_is_completed(desk: Desk, farm: tuple[User, Rancher]) -> None:
    phone, visit, data = Phone(farm[0]), payload(farm[1]), picture()
    photo = photo_of(visit["id"], data)
    told = {name: photo[name] for name in ("id", "visit", "sha256", "size")}
    phone.post("photos/", told)
    headers = phone.headers | {"upload-offset": "0"}
    half = len(data) // 2
    phone.client.generic(
        "PATCH", f"/api/v1/field/photos/{photo['id']}/", data[:half], headers=headers
    )
    desk.bring_in(as_bytes(export(phone, visit, photos=[photo])))
    assert photos.data_of(PhotoUpload.objects.get()) == data


def test_a_phone_that_is_not_known_here_waits_in_quarantine(
    desk: Desk, farm: tuple[User, Rancher]
) -> None:
    phone, data = Phone(farm[0]), picture()
    visit = payload(farm[1])
    exported = export(phone, visit, photos=[photo_of(visit["id"], data)])
    desk.bring_in(as_bytes(exported | {"device": str(uuid4())}))
    assert InboxPayload.objects.get().outcome == "quarantined"
    assert PhotoUpload.objects.get().state == PhotoState.QUARANTINED
    number = InboxPayload.objects.get().pk
    desk.client.post(f"/coordinacion/cuarentena/{number}/admitir/")
    assert Visit.objects.get().technician == farm[0]


def test_nobody_gets_items_in_under_another_name(desk: Desk, farm: tuple[User, Rancher]) -> None:
    """The file names a colleague's account with one's own phone; or holds another phone's item."""
    other, other_rancher = make_technician_and_rancher()
    phone = Phone(farm[0])
    forged = export(phone, payload(other_rancher)) | {"user": other.pk}
    desk.bring_in(as_bytes(forged))
    foreign = export(phone, payload(farm[1], device=str(uuid4())))
    desk.bring_in(as_bytes(foreign))
    not_seen = export(phone, payload(other_rancher))
    desk.bring_in(as_bytes(not_seen))
    assert not Visit.objects.exists()
    reasons = [row.reasons[0]["code"] for row in InboxPayload.objects.order_by("id")]
    assert reasons == ["device_unknown", "device_unknown", "rancher_not_visible"]
    assert DataFlag.objects.filter(code="quarantined", closed_at=None).count() == 3


def test_the_file_of_a_signed_out_phone_waits_in_quarantine(
    desk: Desk, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    devices.sign_out(FieldDevice.objects.get(), by=desk.user)
    text = desk.bring_in(as_bytes(export(phone, payload(farm[1]))))
    assert "En cuarentena" in text
    assert not Visit.objects.exists()


DEEP = b"[" * 200_000
HOSTILE = {
    "not JSON": b"%PDF-1.7",
    "not UTF-8": b'{"format": "\xff\xfe"}',
    "deep": b'{"format": "hato-field-export", "version": 1, "items": ' + DEEP,
    "a list": b"[]",
    "another format": b'{"format": "otro", "version": 1, "items": []}',
    "a newer version": b'{"format": "hato-field-export", "version": 2, "items": []}',
    "no version": b'{"format": "hato-field-export", "items": []}',
    "items not a list": b'{"format": "hato-field-export", "version": 1, "items": {}}',
    "too many": as_bytes({"format": "hato-field-export", "version": 1, "items": [0] * 2001}),
    "an endless number": b'{"format": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_export_file_is_refused_in_words(desk: Desk, data: bytes) -> None:
    answer = desk.choose(data)
    assert answer.status_code == 422
    assert "field--invalid" in answer.content.decode()
    assert not FieldFile.objects.exists()


def test_hostile_items_are_kept_apart_and_harm_nothing(
    desk: Desk, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    exported = export(phone, payload(farm[1]))
    exported |= {"app_version": "\x00<b>", "exported_at": "ayer", "photos": [{"id": []}]}
    exported["items"] += [
        item("visit", "[" * 100_000),
        item("\x00\ud800 <script>", payload(farm[1])),
        item("visit", '{"schema": 1, "id": "\ud800"}'),
        item("visit", json.dumps({"notes": "x" * 2_000_000})),
        item("visit", payload(farm[1], notes="<script>alert(1)</script>")),
    ]
    text = desk.bring_in(json.dumps(exported).encode())
    assert "<script>alert" not in text
    assert Visit.objects.count() == 1  # the others are not of this phone, or no visits at all
    assert FieldFile.objects.get().content


def test_a_file_gone_from_the_disk_is_told(desk: Desk, farm: tuple[User, Rancher]) -> None:
    address = desk.choose(as_bytes(export(Phone(farm[0]), payload(farm[1])))).url
    Path(FieldFile.objects.get().content.path).unlink()
    desk.client.post(f"{address}aplicar/")
    assert "ya no está aquí" in desk.read(address)
    assert FieldFile.objects.get().state == "checked"


def test_many_items_are_read_by_a_worker(
    desk: Desk, farm: tuple[User, Rancher], settings: Any
) -> None:
    settings.CELERY_BROKER_URL = "redis://localhost:1/0"
    phone = Phone(farm[0])
    many = [
        payload(farm[1], visited_on=f"2025-{1 + n % 12:02}-{1 + n % 28:02}") for n in range(101)
    ]
    text = desk.bring_in(as_bytes(export(phone, *many)))
    assert "aún por leer: 101" in text
    assert InboxPayload.objects.filter(outcome="pending").count() == 101


def test_the_page_asks_little_of_the_database(
    desk: Desk, farm: tuple[User, Rancher], django_assert_max_num_queries: Any
) -> None:
    visits = [payload(farm[1]) for _number in range(30)]
    address = desk.choose(as_bytes(export(Phone(farm[0]), *visits))).url
    with django_assert_max_num_queries(14):
        desk.read(address)
    desk.client.post(f"{address}aplicar/")
    with django_assert_max_num_queries(14):
        desk.read(address)
