"""Staff log in by e-mail and password; wrong tries lock; sessions end when they should."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from ranchers.accounts import change_account, deactivate, reactivate
from ranchers.models import Role, User
from tests import people

pytestmark = pytest.mark.django_db
PASSWORD = "una-vaca-en-el-corral-7"
LOGIN = "/cuentas/entrar/"


@pytest.fixture(autouse=True)
def no_old_tries() -> None:
    cache.clear()


@pytest.fixture
def technician() -> User:
    return people.technician(password=PASSWORD, email="ana@example.org")


def log_in(client: Client, email: str = "ana@example.org", password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def is_logged_in(client: Client) -> bool:
    return client.get(reverse("mfa_index")).status_code == 200


def test_staff_log_in_with_e_mail_and_password(client: Client, technician: User) -> None:
    response = log_in(client)
    assert response.status_code == 302
    assert response["Location"] == "/"
    assert is_logged_in(client)


def test_upper_case_in_the_e_mail_address_does_not_matter(client: Client, technician: User) -> None:
    assert log_in(client, email="Ana@Example.ORG").status_code == 302


def test_a_second_step_is_offered_after_log_in(client: Client, technician: User) -> None:
    log_in(client)
    assert "/cuentas/segundo-paso/" in client.get("/cuentas/segundo-paso/").content.decode()


def test_the_log_in_page_says_the_same_for_unknown_address_and_wrong_password(
    client: Client, technician: User
) -> None:
    wrong = log_in(client, password="otra-clave-larga")
    unknown = log_in(client, email="nadie@example.org")
    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_the_fifth_wrong_password_locks_even_the_right_one_out(
    client: Client, technician: User
) -> None:
    answers = [log_in(client, password=f"mala-{n}").status_code for n in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    locked = log_in(client)
    assert locked.status_code == 429
    assert "Demasiados intentos" in locked.content.decode()
    assert locked["Retry-After"] == "900"
    assert not is_logged_in(client)


def test_a_locked_address_is_free_from_another_ip(client: Client, technician: User) -> None:
    for number in range(5):
        log_in(client, password=f"mala-{number}")
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert log_in(elsewhere).status_code == 302


def test_a_forged_forwarded_for_header_does_not_evade_the_lock(technician: User) -> None:
    for number in range(5):
        log_in(Client(HTTP_X_FORWARDED_FOR=f"198.51.100.{number}"), password="mala")
    assert log_in(Client(HTTP_X_FORWARDED_FOR="198.51.100.77")).status_code == 429


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_log_in_never_redirects_to_another_site(
    client: Client, technician: User, target: str
) -> None:
    assert log_in(client, next=target)["Location"] == "/"


def test_log_in_returns_to_the_page_asked_for(client: Client, technician: User) -> None:
    asked = client.get(reverse("tokens"))
    assert asked["Location"] == f"{LOGIN}?next=/cuentas/fichas/"
    assert log_in(client, next="/cuentas/fichas/")["Location"] == "/cuentas/fichas/"


def test_deactivating_ends_open_sessions_and_re_opening_does_not_bring_them_back(
    client: Client, technician: User
) -> None:
    log_in(client)
    coordinator = people.staff(Role.COORDINATOR)
    deactivate(technician, by=coordinator)
    assert not is_logged_in(client)
    reactivate(technician, by=coordinator)
    assert not is_logged_in(client)
    assert log_in(client).status_code == 200


def test_a_change_of_role_ends_open_sessions(client: Client, technician: User) -> None:
    log_in(client)
    change_account(technician, by=people.staff(Role.COORDINATOR), name="Ana", role=Role.MINISTRY)
    assert not is_logged_in(client)


def test_a_technician_stays_logged_in_for_a_month_and_ministry_staff_for_a_day(
    client: Client, technician: User
) -> None:
    log_in(client)
    assert client.session.get_expiry_age() == pytest.approx(30 * 24 * 3600, abs=60)
    people.staff(Role.MINISTRY, email="lima@example.org", password=PASSWORD)
    other = Client()
    log_in(other, email="lima@example.org")
    assert other.session.get_expiry_age() == pytest.approx(12 * 3600, abs=60)


def test_a_rancher_cannot_log_in_with_a_password(client: Client) -> None:
    user = people.rancher_user(people.rancher())
    user.email = "ganadero@example.org"
    user.set_password(PASSWORD)
    user.save()
    log_in(client, email="ganadero@example.org")
    assert not is_logged_in(client)


def test_there_is_no_sign_up() -> None:
    for path in ["/cuentas/signup/", "/cuentas/registro/", "/cuentas/email/", "/admin/"]:
        assert Client().get(path).status_code == 404


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"login": "", "password": ""},
        {"login": "no-es-correo", "password": "x"},
        {"login": "a@b.co\x00", "password": "x\x00"},
        {"login": "' OR 1=1 --@x.pe", "password": "' OR '1'='1"},
        {"login": "a" * 5000 + "@x.pe", "password": "x"},
        {"login": "a@b.co", "password": "x" * 100_000},
    ],
)
def test_bad_input_at_log_in_is_answered_with_the_form(client: Client, bad: dict[str, str]) -> None:
    response = client.post(LOGIN, bad)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert not Session.objects.exists()
