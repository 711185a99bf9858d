"""A technician's phone: the field app in a browser of its own, on a line that can be cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils.timezone import localdate
from playwright.sync_api import Browser, BrowserContext, Page, expect

from ranchers.models import User
from tests.monitoring.factories import payload
from tests.network import Network

PIN = "271828"
KEEPS = """async ({id, kind, rancher, content, state}) => {
  const store = await import("/static/field/store.js");
  const ids = await import("/static/field/ids.js");
  return (await store.save({id: id ?? ids.uuid7(), kind, rancher, content, state})).id;
}"""
ITEMS = """async () => (await import("/static/field/store.js")).items()"""
PHOTO = """async ({visit, seed, side}) => {
  const canvas = new OffscreenCanvas(side, side);
  const brush = canvas.getContext("2d");
  for (let at = 0; at < side * 5; at += 1) {
    seed = (seed * 16807) % 2147483647;
    brush.fillStyle = `hsl(${seed % 360} 60% ${20 + (seed % 60)}%)`;
    brush.fillRect(seed % side, (seed >> 8) % side, 25, 25);
  }
  const blob = await canvas.convertToBlob({type: "image/jpeg", quality: 0.9});
  return (await import("/static/field/store.js")).addPhoto({visit, practice: null, blob});
}"""


def document(rancher: Any, **more: Any) -> dict[str, Any]:
    """The content of a visit as the form saves it."""
    whole = payload(rancher, visited_on=str(localdate()), **more)
    return {key: whole[key] for key in whole if key not in ("id", "base_version", "schema")}


@dataclass
class Phone:
    """`phone.prepare()` once; then `phone.page` is the app, `phone.reopen()` a new start of it."""

    browser: Browser
    network: Network
    user: User
    arguments: dict[str, Any]
    width: int = 360
    height: int = 740
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = {"viewport": {"width": self.width, "height": self.height}}
        self.context: BrowserContext = self.browser.new_context(
            **self.arguments | size, base_url=self.network.url
        )
        self.log_in()
        self.page: Page = self._new_page()

    def log_in(self) -> None:
        client = Client()
        client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": self.network.url}
        self.context.add_cookies([cookie])  # type: ignore[list-item]

    def _new_page(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((self.network.url, "data:", "blob:"))
                else self.faults.append(f"request to another site: {request.url}")
            ),
        )
        return page

    def prepare(self) -> Phone:
        """The first start, with signal: PIN, package, and the shell kept."""
        self.page.goto("/campo/")
        self.page.get_by_label("PIN de 6 dígitos").fill(PIN)
        self.page.get_by_label("El mismo PIN otra vez").fill(PIN)
        self.page.get_by_role("button", name="Preparar este teléfono").click()
        expect(self.page.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
        self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        return self

    def reopen(self) -> Page:
        """Close the app and start it again."""
        self.page.close()
        self.page = self._new_page()
        self.page.goto("/campo/")
        return self.page

    def unlock(self, pin: str = PIN) -> None:
        self.page.get_by_label("Su PIN").fill(pin)

    def go(self, place: str) -> None:
        """`place`: Hoy, Mi día, Teléfono."""
        self.page.get_by_role("link", name=place, exact=True).click()
        expect(self.page.get_by_role("heading", name=place, exact=True)).to_be_visible()

    def keep(self, content: dict[str, Any], *, state: str = "queued", **more: Any) -> str:
        """Save as the forms do, through the app's own store; returns the id."""
        told = {"id": None, "kind": "visit", "rancher": content.get("rancher"), **more}
        return str(self.page.evaluate(KEEPS, {**told, "content": content, "state": state}))

    def photograph(self, visit: str, *, seed: int = 1, side: int = 500) -> dict[str, Any]:
        told = {"visit": visit, "seed": seed, "side": side}
        photo: dict[str, Any] = self.page.evaluate(PHOTO, told)
        return photo

    def items(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(ITEMS)
        return found

    def states(self) -> list[str]:
        return sorted(item["state"] for item in self.items())

    def send(self) -> None:
        """Press 'send now' until the engine rests."""
        button = self.page.get_by_role("button", name="Enviar ahora")
        expect(button).to_be_enabled(timeout=20_000)
        button.click()
        expect(button).to_be_enabled(timeout=20_000)
