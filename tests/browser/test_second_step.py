"""Staff protect their account in a real browser: a code from an app, recovery codes, a passkey."""

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from ranchers.models import Role, User
from tests import people
from tests.browser.crawl import look

pytestmark = pytest.mark.django_db(transaction=True)
LOGIN = "/cuentas/entrar/"
PASSWORD = "una-vaca-en-el-corral-7"


@pytest.fixture
def person(transactional_db: None) -> User:
    return people.staff(Role.COORDINATOR, email="rosa@example.org", password=PASSWORD)


@pytest.fixture
def check(axe: Callable[[Page], list[str]], shot: Callable[..., object]) -> Callable[..., None]:
    """`check(page, "name")`: the page fits, is Spanish, axe finds nothing; a picture is kept."""

    def check_page(page: Page, name: str) -> None:
        assert list(look(page, axe)) == []
        page.set_viewport_size({"width": 360, "height": 740})
        shot(page, f"second-step-{name}-360")
        page.set_viewport_size({"width": 1366, "height": 768})
        shot(page, f"second-step-{name}-1366")

    return check_page


def code_of_app(secret: str, *, at: float) -> str:
    """Return the six digits that an authenticator app shows at that time (RFC 6238)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def log_in(page: Page) -> None:
    page.goto(LOGIN)
    page.fill("input[name=login]", "rosa@example.org")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Entrar", exact=True).click()


def confirm(page: Page) -> None:
    """Type the password again, as a change of the second step asks for."""
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Confirmar").click()


def log_out(page: Page) -> None:
    page.context.clear_cookies()


def is_inside(page: Page) -> bool:
    page.goto("/cuentas/segundo-paso/")
    return page.url.endswith("/cuentas/segundo-paso/")


def test_a_code_from_an_app_is_asked_for_and_a_recovery_code_helps_once(
    person: User, open_as: Callable[..., Page], check: Callable[..., None]
) -> None:
    page = open_as(None, LOGIN)
    log_in(page)
    check(page, "offered")
    page.get_by_role("link", name="Agregar un segundo paso").click()
    check(page, "index")
    page.locator("main a[href$='/segundo-paso/app/']").click()
    check(page, "confirm")
    confirm(page)
    check(page, "totp")
    secret = page.locator("#authenticator_secret").input_value()
    page.fill("input[name=code]", "000000")
    page.locator("main form button[type=submit]").click()
    check(page, "totp-wrong")
    secret = page.locator("#authenticator_secret").input_value()
    page.fill("input[name=code]", code_of_app(secret, at=time.time()))
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state("networkidle")
    check(page, "recovery-codes")
    codes = page.locator("#recovery_codes").input_value().split()
    assert len(codes) == 10

    log_out(page)
    log_in(page)
    check(page, "asked")
    assert not is_inside(page)
    log_out(page)
    log_in(page)
    page.locator("input[name=code]").first.fill("123456")
    page.get_by_role("button", name=re.compile("Entrar|Iniciar")).first.click()
    check(page, "asked-wrong")
    page.locator("input[name=code]").first.fill(code_of_app(secret, at=time.time() + 30))
    page.get_by_role("button", name=re.compile("Entrar|Iniciar")).first.click()
    page.wait_for_load_state("networkidle")
    assert is_inside(page)

    for _time, gets_in in ((1, True), (2, False)):  # a recovery code works once
        log_out(page)
        log_in(page)
        page.locator("input[name=code]").first.fill(codes[0])
        page.get_by_role("button", name=re.compile("Entrar|Iniciar")).first.click()
        page.wait_for_load_state("networkidle")
        assert is_inside(page) is gets_in


def test_a_passkey_opens_the_account_without_a_password(
    person: User, open_as: Callable[..., Page], check: Callable[..., None]
) -> None:
    page = open_as(None, LOGIN)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    log_in(page)
    page.goto("/cuentas/segundo-paso/")
    page.locator("main a[href*='/llaves/']").click()
    confirm(page)
    check(page, "passkey-add")
    page.fill("input[name=name]", "Teléfono de Rosa")
    expect(page.locator("input[name=passwordless]")).to_be_checked()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/segundo-paso/respaldo/")
    page.goto("/cuentas/llaves/")
    page.wait_for_load_state("networkidle")
    check(page, "passkey-added")
    expect(page.get_by_role("heading", name="Teléfono de Rosa")).to_be_visible()

    log_out(page)
    page.goto(LOGIN)
    page.get_by_role("button", name="Usar llave de acceso").click()
    page.wait_for_url(lambda url: LOGIN not in url)
    assert is_inside(page)


def test_after_five_wrong_passwords_the_page_says_to_wait(
    person: User, open_as: Callable[..., Page], check: Callable[..., None]
) -> None:
    page = open_as(None, LOGIN)
    for _try in range(5):
        page.fill("input[name=login]", "rosa@example.org")
        page.fill("input[name=password]", "no-es-esta-clave")
        page.get_by_role("button", name="Entrar", exact=True).click()
        page.wait_for_load_state("networkidle")
    expect(page.get_by_role("heading", name="Demasiados intentos")).to_be_visible()
    check(page, "locked")
    log_in(page)
    expect(page.get_by_role("heading", name="Demasiados intentos")).to_be_visible()
