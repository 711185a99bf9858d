"""A rancher logs in with a card and a PIN: what opens, what locks, what a lost card is worth."""

import logging

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client

from ranchers.cards import (
    WRONG_PINS_MAX,
    PinRefused,
    check_pin,
    issue_card,
    live_card,
    revoke_card,
    set_pin,
)
from ranchers.models import AccessCard, Rancher, Role, User
from tests import people

NOBODYS = "9f1c0f3e-6d0a-4b6e-8a39-0d4a2f6f7c11"

pytestmark = pytest.mark.django_db
PIN = "8317"


@pytest.fixture
def technician() -> User:
    return people.technician(people.district())


@pytest.fixture
def rancher(technician: User) -> Rancher:
    return people.rancher(birth_year=1971, dni="46813579", technician=technician)


@pytest.fixture
def token(rancher: Rancher, technician: User) -> str:
    return issue_card(rancher=rancher, issued_by=technician, pin=PIN)


def enter(client: Client, token: str, pin: str = PIN):
    return client.post("/entrar/", {"token": token, "pin": pin})


def is_in(client: Client) -> bool:
    return client.get("/avance/").status_code == 200


def test_card_and_pin_open_the_ranchers_own_page_for_a_month(client: Client, token: str) -> None:
    assert client.get(f"/entrar/{token}/").status_code == 200
    assert enter(client, token)["Location"] == "/"
    assert is_in(client)
    assert client.session.get_expiry_age() == pytest.approx(30 * 24 * 3600, abs=60)


def test_neither_token_nor_pin_is_kept(token: str) -> None:
    card = AccessCard.objects.get()
    assert token not in (card.token_hash, card.pin_hash)
    assert PIN not in card.pin_hash
    assert identify_hasher(card.pin_hash)


def test_a_card_without_a_pin_opens_nothing_until_it_is_set(
    client: Client, rancher: Rancher, technician: User
) -> None:
    token = issue_card(rancher=rancher, issued_by=technician)
    waiting = client.get(f"/entrar/{token}/")
    assert waiting.status_code == 404
    assert "aún no tiene PIN" in waiting.content.decode()
    assert enter(client, token, "").status_code == 422
    set_pin(rancher=rancher, pin=PIN)
    enter(client, token)
    assert is_in(client)


def test_a_new_card_ends_the_old_one_and_its_sessions(
    client: Client, rancher: Rancher, technician: User, token: str
) -> None:
    enter(client, token)
    issue_card(rancher=rancher, issued_by=technician, pin=PIN)
    assert not is_in(client)
    assert client.get(f"/entrar/{token}/").status_code == 404
    enter(client, token)
    assert not is_in(client)


def test_revoking_ends_the_card_and_its_sessions(
    client: Client, rancher: Rancher, technician: User, token: str
) -> None:
    enter(client, token)
    revoke_card(rancher=rancher, by=technician)
    assert not is_in(client)
    assert live_card(token) is None


def test_five_wrong_pins_lock_for_a_while(client: Client, token: str) -> None:
    answers = [enter(client, token, f"900{n}").status_code for n in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert enter(client, token).status_code == 429
    assert not is_in(client)


def test_many_wrong_pins_from_many_places_revoke_the_card(token: str) -> None:
    for number in range(WRONG_PINS_MAX):
        enter(Client(REMOTE_ADDR=f"203.0.113.{number}"), token, "9001")
    assert live_card(token) is None
    assert enter(Client(REMOTE_ADDR="203.0.113.200"), token).status_code == 422


def test_one_wrong_pin_is_forgiven(client: Client, token: str) -> None:
    enter(client, token, "9001")
    enter(client, token)
    assert is_in(client)
    assert AccessCard.objects.get().wrong_pins == 0


@pytest.mark.parametrize(
    "pin",
    ["1234", "4321", "0000", "111111", "890123", "1971", "1212", "6813", "123", "1234567", "12a4",
     "١٢٣٥", " 8317", "", "8317\x00"],
)  # fmt: skip
def test_an_easy_or_malformed_pin_is_refused(rancher: Rancher, pin: str) -> None:
    with pytest.raises(PinRefused):
        check_pin(pin, rancher=rancher)


def test_the_pin_page_leaks_the_token_to_nobody(client: Client, token: str) -> None:
    page = client.get(f"/entrar/{token}/")
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]


def test_tokens_and_pins_are_not_logged(
    client: Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get(f"/entrar/{token}x/")
        enter(client, token, "9001")
        enter(client, token)
    from config.logs import masked

    written = "\n".join(masked(record.getMessage()) for record in caplog.records)
    assert token not in written
    assert "9001" not in written


@pytest.mark.parametrize("token", ["x", "%00", "../", "a" * 4000, "' OR 1=1", NOBODYS])
def test_a_bad_token_is_a_dead_card(client: Client, token: str) -> None:
    answer = client.get(f"/entrar/{token}/")
    assert answer.status_code == 404
    assert client.post("/entrar/", {"token": token, "pin": PIN}).status_code == 422


@pytest.mark.parametrize("data", [{}, {"pin": "\x00"}, {"token": "x" * 65, "pin": "1" * 5000}])
def test_bad_input_at_the_pin_page_is_answered_with_the_form(client: Client, data: dict) -> None:
    assert client.post("/entrar/", data).status_code == 422


def test_a_technician_prints_cards_only_for_the_own_ranchers(
    client: Client, rancher: Rancher, technician: User
) -> None:
    stranger = people.rancher(district=people.other_district())
    client.force_login(technician)
    sheet = client.post("/tarjetas/hoja/", {"rancher": [rancher.pk, stranger.pk]})
    assert sheet.content.decode().count("<svg") >= 1
    assert not AccessCard.objects.filter(rancher=stranger).exists()
    assert AccessCard.objects.filter(rancher=rancher, revoked_at=None).count() == 1
    assert "no-store" in sheet["Cache-Control"]


@pytest.mark.parametrize("chosen", [[], ["no-es-uuid"], ["\x00"], [NOBODYS] * 101])
def test_a_bad_choice_prints_nothing(client: Client, technician: User, chosen: list[str]) -> None:
    client.force_login(technician)
    assert client.post("/tarjetas/hoja/", {"rancher": chosen})["Location"] == "/tarjetas/"
    assert not AccessCard.objects.exists()


def test_the_pin_is_set_on_the_ranchers_card_page(
    client: Client, rancher: Rancher, technician: User
) -> None:
    token = issue_card(rancher=rancher, issued_by=technician)
    client.force_login(technician)
    easy = client.post(f"/tarjetas/{rancher.pk}/", {"pin": "1234", "again": "1234"})
    differing = client.post(f"/tarjetas/{rancher.pk}/", {"pin": "8317", "again": "8371"})
    assert (easy.status_code, differing.status_code) == (422, 422)
    assert "muy fácil" in easy.content.decode()
    client.post(f"/tarjetas/{rancher.pk}/", {"pin": PIN, "again": PIN})
    other = Client()
    enter(other, token)
    assert is_in(other)


def test_the_list_of_cards_asks_the_database_the_same_for_one_and_for_many(
    client: Client, technician: User, django_assert_max_num_queries
) -> None:
    for _number in range(8):
        people.rancher()
    client.force_login(technician)
    with django_assert_max_num_queries(9):
        assert client.get("/tarjetas/?q=Apellido").status_code == 200


def test_a_closed_user_cannot_enter_with_a_live_card(client: Client, token: str) -> None:
    User.objects.filter(role=Role.RANCHER).update(is_active=False)
    enter(client, token)
    assert not is_in(client)
