"""The coordinator's pages of what did not go in by itself: every kind of item, in Spanish."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from monitoring import sync
from monitoring.field import devices, photos
from monitoring.models import Conflict, FieldDevice, InboxPayload, Photo, PhotoUpload, Visit
from ranchers.models import Plot, Rancher, Role, User
from tests import people
from tests.monitoring.factories import make_technician_and_rancher, payload
from tests.monitoring.field.bodies import picture, registration, walk, whole_photo
from tests.monitoring.field.phone import Phone

pytestmark = pytest.mark.django_db
QUEUE = "/coordinacion/calidad/"


@pytest.fixture
def coordinator(db: None) -> User:
    return people.staff(Role.COORDINATOR)


@pytest.fixture
def client(coordinator: User) -> Client:
    client = Client(headers={"accept-language": "es"})
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def farm(db: None) -> tuple[User, Rancher]:
    return make_technician_and_rancher()


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_each_kind_in_quarantine_is_read_and_let_in(
    client: Client, coordinator: User, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    devices.sign_out(FieldDevice.objects.get(), by=coordinator)
    person, land = registration(dni="45678912"), walk(farm[1])
    visit = payload(farm[1])
    phone.sync(("rancher", person), ("boundary", land), visit)
    numbers = dict(InboxPayload.objects.values_list("kind", "pk"))
    page = read(client, QUEUE)
    for kind, words in (
        ("rancher", ("Ganadero nuevo", "45678912", "Iberia", "Consentimiento con el programa")),
        ("boundary", ("Lindero", "Fundo Sur", "1 mar 2026", "vértices", "predio nuevo")),
        ("visit", ("Visita", "Vacas", "20")),
    ):
        assert f"/coordinacion/cuarentena/{numbers[kind]}/" in page
        text = read(client, f"/coordinacion/cuarentena/{numbers[kind]}/")
        for word in words:
            assert word in text
        client.post(f"/coordinacion/cuarentena/{numbers[kind]}/", {"accept": "1"})
    assert (Visit.objects.count(), Plot.objects.count(), Rancher.objects.count()) == (1, 1, 2)


def test_what_cannot_be_understood_is_shown_as_it_came(
    client: Client, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    phone.sync({"schema": 9, "palabra": "Ñandú"}, {"schema": 1}, kind="cosecha")
    for number in InboxPayload.objects.values_list("pk", flat=True):
        assert "schema" in read(client, f"/coordinacion/cuarentena/{number}/")


def test_a_photo_in_quarantine_is_seen_and_let_in_once_its_visit_is(
    client: Client, coordinator: User, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    devices.sign_out(FieldDevice.objects.get(), by=coordinator)
    visit = payload(farm[1])
    phone.sync(visit)
    upload = whole_photo(phone, visit["id"], picture())
    address = f"/coordinacion/cuarentena/fotos/{upload.pk}/"
    assert address in read(client, QUEUE)
    assert "aún no ha llegado" in read(client, address)
    image = client.get(f"{address}imagen/")
    assert (image.status_code, image["Content-Type"]) == (200, "image/jpeg")
    client.post(address, {"accept": "1"})
    assert not Photo.objects.exists()
    photos.place_waiting()
    assert PhotoUpload.objects.get().state == "quarantined"
    sync.release(InboxPayload.objects.get().pk, by=coordinator)
    client.post(address, {"accept": "1"})
    assert str(Photo.objects.get().visit_id) == visit["id"]


def test_a_refused_photo_is_kept_and_shown_nowhere(
    client: Client, coordinator: User, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    devices.sign_out(FieldDevice.objects.get(), by=coordinator)
    upload = whole_photo(phone, str(uuid4()), b"no es una foto")
    address = f"/coordinacion/cuarentena/fotos/{upload.pk}/"
    assert client.get(f"{address}imagen/").status_code == 404
    client.post(address)
    assert PhotoUpload.objects.get().state == "refused"
    assert photos.data_of(upload) == b"no es una foto"
    assert address not in read(client, QUEUE)


def test_what_waits_is_listed_with_what_keeps_it(
    client: Client, farm: tuple[User, Rancher]
) -> None:
    phone = Phone(farm[0])
    known = people.rancher(technician=farm[0])
    person = registration(dni=known.dni)
    phone.sync(("rancher", person), payload(person["id"]), payload(str(uuid4())))
    text = read(client, QUEUE)
    assert text.count("Esto lo espera") == text.count("<h3>Visita · ") == 2
    conflict = Conflict.objects.get().pk
    assert (
        text.count(f"/coordinacion/registros/{conflict}/") == 2
    )  # the conflict's own and the visit's


def test_an_edit_in_conflict_names_its_fields_in_spanish(
    client: Client, farm: tuple[User, Rancher]
) -> None:
    first, second = Phone(farm[0]), Phone(farm[0])
    people.other_district()
    person = registration(dni=None)
    first.sync(("rancher", person))
    edit: dict[str, Any] = {"base_version": 1}
    first.sync(("rancher", person | edit | {"community": "Alerta", "sex": "f"}))
    second.sync(
        ("rancher", person | edit | {"community": "Shiringayoc", "sex": "m", "district": "170301"})
    )
    conflict = Conflict.objects.get()
    text = read(client, f"/coordinacion/registros/{conflict.pk}/")
    for words in ("Comunidad", "Alerta", "Shiringayoc"):
        assert words in text
    for name in json.dumps(conflict.fields).strip('[]"').split('", "'):
        assert f">{name}<" not in text
    client.post(f"/coordinacion/registros/{conflict.pk}/", {"pick.community": "incoming"})
    assert Rancher.objects.get(pk=person["id"]).community == "Shiringayoc"
