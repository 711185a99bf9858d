"""A coordinator makes, changes and closes the accounts of staff; tokens on their page."""

import pytest
from django.test import Client

from ranchers.models import ApiToken, Role, User
from ranchers.tokens import live_token
from tests import people

pytestmark = pytest.mark.django_db
NEW = {"name": "Rosa", "email": "Rosa@Example.org", "role": "technician", "phone": "982 123 456"}
USERS = "/cuentas/usuarios/"


@pytest.fixture
def coordinator(client: Client) -> User:
    user = people.staff(Role.COORDINATOR)
    client.force_login(user)
    return user


def link_on(page) -> str:
    return page.context["link"]


def test_a_new_person_sets_the_password_with_the_link_and_logs_in(
    client: Client, coordinator: User
) -> None:
    page = client.post(f"{USERS}nuevo/", NEW | {"districts": [people.district().pk]})
    rosa, link = User.objects.get(email="rosa@example.org"), link_on(page)
    assert not rosa.has_usable_password() or not rosa.check_password("")
    hers = Client()
    form = hers.get(link, follow=True)
    password = "cerco-vivo-y-sombra-3"
    action = form.redirect_chain[-1][0]
    hers.post(action, {"password1": password, "password2": password})
    assert (
        hers.post("/cuentas/entrar/", {"login": NEW["email"], "password": password}).status_code
        == 302
    )
    assert Client().get(link, follow=True).context.get("token_fail"), "a link works once"


def test_two_accounts_cannot_share_an_address(client: Client, coordinator: User) -> None:
    client.post(f"{USERS}nuevo/", NEW)
    again = client.post(f"{USERS}nuevo/", NEW | {"email": "ROSA@example.org"})
    assert again.status_code == 422
    assert "Ya existe una cuenta" in again.content.decode()


@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": "a\x00b"},
        {"email": "no-es-correo"},
        {"role": "rancher"},
        {"role": "superuser"},
        {"districts": ["999999"]},
        {"districts": ["'; DROP TABLE"]},
        {"phone": "<script>"},
    ],
)
def test_bad_input_makes_no_account(client: Client, coordinator: User, bad: dict) -> None:
    before = User.objects.count()
    assert client.post(f"{USERS}nuevo/", NEW | bad).status_code == 422
    assert User.objects.count() == before


def test_nobody_closes_or_demotes_themselves(client: Client, coordinator: User) -> None:
    client.post(f"{USERS}{coordinator.pk}/desactivar/")
    client.post(f"{USERS}{coordinator.pk}/", {"name": "Yo", "role": "ministry"})
    coordinator.refresh_from_db()
    assert coordinator.is_active
    assert coordinator.role == Role.COORDINATOR


def test_the_accounts_of_ranchers_are_not_managed_here(client: Client, coordinator: User) -> None:
    user = people.rancher_user(people.rancher())
    assert client.get(f"{USERS}{user.pk}/").status_code == 404
    assert client.post(f"{USERS}{user.pk}/enlace/").status_code == 404


def test_closing_an_account_revokes_its_tokens(client: Client, coordinator: User) -> None:
    person = people.staff(Role.MINISTRY)
    theirs = Client()
    theirs.force_login(person)
    token = theirs.post("/cuentas/fichas/", {"name": "informe", "days": "30"}).context["token"]
    assert live_token(token)
    client.post(f"{USERS}{person.pk}/desactivar/")
    client.post(f"{USERS}{person.pk}/reactivar/")
    assert live_token(token) is None


def test_a_token_is_shown_once(client: Client, coordinator: User) -> None:
    shown = client.post("/cuentas/fichas/", {"name": "informe", "days": "30"})
    token = shown.context["token"]
    assert token in shown.content.decode()
    assert token not in client.get("/cuentas/fichas/").content.decode()


@pytest.mark.parametrize("bad", [{"name": ""}, {"name": "x\x00"}, {"days": "99999"}, {"days": "x"}])
def test_bad_input_makes_no_token(client: Client, coordinator: User, bad: dict) -> None:
    assert client.post("/cuentas/fichas/", {"name": "a", "days": "30"} | bad).status_code == 422
    assert not ApiToken.objects.exists()
