"""Phones: registered by a logged-in person, opened again by one, signed out from afar."""

import base64
from uuid import uuid4

import pytest
from django.test import Client

from monitoring.field import devices, escrow
from monitoring.models import FieldDevice
from ranchers.models import Role
from tests import people
from tests.monitoring.field.phone import DATA_KEY, Phone

pytestmark = pytest.mark.django_db


def logged_in(user, password="una-clave-larga-9"):
    client = Client()
    client.post("/cuentas/entrar/", {"login": user.email, "password": password})
    return client


def test_the_secret_is_kept_as_a_hash_and_the_key_encrypted(phone):
    device = FieldDevice.objects.get()
    assert phone.secret not in device.secret_hash
    assert DATA_KEY not in bytes(device.data_key)
    assert escrow.open_sealed(bytes(device.data_key), device_id=device.pk) == DATA_KEY


def test_a_wrong_secret_and_an_unknown_device_are_turned_away(phone):
    right = phone.secret
    for wrong in ("", "x", right + "x"):
        phone.secret = wrong
        assert phone.get("package/").status_code == 401
    phone.secret, phone.id = right, str(uuid4())
    assert phone.get("package/").status_code == 401
    phone.id = "no-uuid"
    assert phone.get("package/").status_code == 401


def test_registering_again_gives_a_new_secret_and_ends_the_old(phone):
    old = phone.secret
    phone.secret = phone.register().json()["secret"]
    assert phone.get("package/").status_code == 200
    phone.secret = old
    assert phone.get("package/").status_code == 401
    assert FieldDevice.objects.count() == 1


def test_nobody_takes_over_somebody_elses_device(phone):
    owner, phone.user = phone.user, people.technician(people.district())
    answer = phone.register()
    assert (answer.status_code, answer.json()["code"]) == (422, "taken")
    assert FieldDevice.objects.get().user == owner


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.RANCHER])
def test_only_who_goes_to_the_field_registers_a_phone(role):
    user = (
        people.rancher_user(people.rancher())
        if role == Role.RANCHER
        else people.staff(Role.MINISTRY)
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/api/v1/field/devices/", {}, content_type="application/json")
    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["", "%%%", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_refused(phone, key):
    assert phone.register(data_key=key).status_code in (400, 422)


def test_a_forgotten_pin_is_mended_by_a_fresh_log_in(phone, technician):
    client = logged_in(technician)
    answer = client.post(f"/api/v1/field/devices/{phone.id}/key/", content_type="application/json")
    assert base64.b64decode(answer.json()["data_key"]) == DATA_KEY
    phone.secret = answer.json()["secret"]
    assert phone.get("package/").status_code == 200


def test_an_old_log_in_does_not_give_the_key(phone, technician):
    client = logged_in(technician)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    answer = client.post(f"/api/v1/field/devices/{phone.id}/key/", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthenticate")


def test_nobody_else_gets_the_key(phone):
    other = people.technician(people.district())
    answer = logged_in(other).post(
        f"/api/v1/field/devices/{phone.id}/key/", content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown")


def test_a_signed_out_phone_gets_no_package_and_is_told_to_wipe(phone):
    devices.sign_out(FieldDevice.objects.get(), by=people.staff(Role.COORDINATOR))
    answer = phone.get("package/")
    assert (answer.status_code, answer.json()["wipe"]) == (403, True)
    assert phone.register().status_code == 422


def test_a_sign_out_can_be_undone_until_the_phone_has_obeyed(phone):
    coordinator = people.staff(Role.COORDINATOR)
    device = FieldDevice.objects.get()
    devices.sign_out(device, by=coordinator)
    assert devices.undo_sign_out(device)
    assert phone.get("package/").status_code == 200
    devices.sign_out(device, by=coordinator)
    assert phone.post(f"devices/{phone.id}/wiped/").json()["wipe"] is True
    assert not devices.undo_sign_out(device)
    assert phone.register().status_code == 201  # logged in again with the password


def test_signing_a_phone_out_ends_the_web_session_on_it(phone, technician):
    client = logged_in(technician)
    client.post(f"/api/v1/field/devices/{phone.id}/key/", content_type="application/json")
    assert client.get("/mi-ruta/").status_code == 200
    devices.sign_out(FieldDevice.objects.get(), by=people.staff(Role.COORDINATOR))
    assert client.get("/mi-ruta/").status_code == 302


def test_a_device_says_of_itself_only_that_it_was_wiped(phone, technician):
    other = Phone(technician)
    assert phone.post(f"devices/{other.id}/wiped/").status_code == 403
