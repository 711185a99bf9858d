"""Photos in chunks: resumed, checked, placed with their visit whenever that comes."""

import hashlib
from uuid import uuid4

import pytest

from monitoring import tasks
from monitoring.field import devices, photos
from monitoring.models import FieldDevice, Photo, PhotoChunk, PhotoUpload, Visit
from ranchers.models import Role
from tests import people
from tests.monitoring.factories import payload
from tests.monitoring.field import bodies
from tests.monitoring.field.phone import Phone
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", name="picture")
def _picture():
    return bodies.picture()


def announce(phone, data, visit, **changes):
    told = {
        "id": str(uuid4()),
        "visit": visit["id"],
        "practice": None,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "taken_at": "2026-03-01T10:00:00-05:00",
    } | changes
    answer = phone.post("photos/", told)
    return told["id"], answer


def patch(phone, photo, offset, data):
    return phone.client.generic(
        "PATCH",
        f"/api/v1/field/photos/{photo}/",
        data,
        content_type="application/octet-stream",
        headers=phone.headers | {"upload-offset": str(offset)},
    )


def send_whole(phone, data, visit, *, chunk=20_000, **changes):
    photo, _answer = announce(phone, data, visit, **changes)
    offset, last = 0, None
    while offset < len(data):
        last = patch(phone, photo, offset, data[offset : offset + chunk]).json()
        offset = last["offset"]
    return photo, last


def test_a_photo_in_chunks_is_stored_with_its_visit_and_practice(phone, rancher, picture):
    practice = make_practice("cercos-vivos")
    visit = payload(rancher)
    phone.sync(visit)
    _photo, last = send_whole(phone, picture, visit, practice="cercos-vivos")
    assert last["done"] is True
    stored = Photo.objects.get()
    assert (str(stored.visit_id), stored.practice) == (visit["id"], practice)
    assert not PhotoChunk.objects.exists()


def test_after_a_break_it_goes_on_where_it_was(phone, rancher, picture):
    visit = payload(rancher)
    phone.sync(visit)
    photo, answer = announce(phone, picture, visit)
    assert (answer.json()["offset"], answer.json()["done"]) == (0, False)
    patch(phone, photo, 0, picture[:30_000])
    wrong = patch(phone, photo, 0, picture[:30_000])  # its answer was lost
    assert (wrong.status_code, wrong.json()["offset"]) == (409, 30_000)
    _same, again = announce(phone, picture, visit, id=photo)
    assert again.json()["offset"] == 30_000
    assert patch(phone, photo, 30_000, picture[30_000:]).json()["done"] is True
    assert announce(phone, picture, visit, id=photo)[1].json()["done"] is True
    assert patch(phone, photo, 0, picture[:10]).json()["done"] is True
    assert Photo.objects.count() == 1


def test_a_photo_before_its_visit_waits_for_it(phone, rancher, picture):
    visit = payload(rancher)
    _photo, last = send_whole(phone, picture, visit)
    assert last["done"] is True
    assert not Photo.objects.exists()
    phone.sync(visit)
    tasks.process_pending_inbox()
    assert Photo.objects.get().visit_id == Visit.objects.get().pk


def test_a_photo_that_arrived_damaged_begins_anew(phone, rancher, picture):
    visit = payload(rancher)
    phone.sync(visit)
    photo, _answer = announce(phone, picture, visit)
    answer = patch(phone, photo, 0, b"x" * len(picture)).json()
    assert (answer["offset"], answer["done"]) == (0, False)
    assert "dañada" in answer["reason"]
    assert patch(phone, photo, 0, picture).json()["done"] is True
    assert Photo.objects.count() == 1


def test_the_same_picture_twice_is_one_photo(phone, rancher, picture):
    visit = payload(rancher)
    phone.sync(visit)
    send_whole(phone, picture, visit)
    send_whole(phone, picture, visit)
    assert Photo.objects.count() == 1


def test_what_is_no_picture_is_taken_once_and_refused(phone, rancher):
    visit = payload(rancher)
    phone.sync(visit)
    data = b"<svg onload=alert(1)>" * 500
    _photo, last = send_whole(phone, data, visit)
    assert last["done"] is True
    assert "foto" in last["reason"]
    assert not Photo.objects.exists()


def test_from_a_signed_out_phone_it_waits_in_quarantine(phone, rancher, picture):
    visit = payload(rancher)
    phone.sync(visit)
    coordinator = people.staff(Role.COORDINATOR)
    devices.sign_out(FieldDevice.objects.get(), by=coordinator)
    photo, last = send_whole(phone, picture, visit)
    assert (last["done"], last["wipe"]) == (True, True)
    assert not Photo.objects.exists()
    assert photos.quarantined_photos(coordinator).count() == 1
    photos.place(PhotoUpload.objects.get().pk, authority=coordinator)
    assert Photo.objects.count() == 1


def test_a_photo_of_a_visit_out_of_ones_care_waits_in_quarantine(phone, rancher, picture):
    visit = payload(rancher)
    phone.sync(visit)
    outsider = Phone(people.technician(people.other_district()))
    send_whole(outsider, picture, visit)
    assert PhotoUpload.objects.get().state == "quarantined"


def test_nobody_writes_to_anothers_photo(phone, rancher, technician, picture):
    visit = payload(rancher)
    photo, _answer = announce(phone, picture, visit)
    other = Phone(people.technician(people.district()))
    assert patch(other, photo, 0, picture).status_code == 404
    assert announce(other, picture, visit, id=photo)[1].status_code == 422


@pytest.mark.parametrize(
    "change",
    [
        {"size": 9_000_000},
        {"size": 0},
        {"sha256": "x"},
        {"id": "x"},
        {"taken_at": "x"},
    ],
)
def test_a_photo_announced_wrongly_is_refused(phone, rancher, picture, change):
    assert announce(phone, picture, payload(rancher), **change)[1].status_code in (400, 422)
    assert not PhotoUpload.objects.exists()


@pytest.mark.parametrize(("offset", "size"), [(0, 0), (0, 600_000), ("x", 10), (-1, 10)])
def test_a_wrong_chunk_changes_nothing(phone, rancher, picture, offset, size):
    photo, _answer = announce(phone, picture, payload(rancher))
    assert patch(phone, photo, offset, b"x" * size).status_code in (409, 413, 422)
    assert PhotoUpload.objects.get().offset == 0
