"""The field app without signal: it opens, it keeps what is saved, it says the truth about it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now
from playwright.sync_api import Error, Page, expect

from monitoring.models import Visit
from tests.browser.phones import PIN, Phone, document
from tests.monitoring.factories import make_technician_and_rancher

pytestmark = pytest.mark.django_db(transaction=True)

SAVE_ON_AND_ON = """async ({id, rancher, content}) => {
  const store = await import("/static/field/store.js");
  for (let n = 1; ; n += 1) {
    const notes = "á".repeat(2000) + n;
    await store.save({id, kind: "visit", rancher, state: "draft", content: {...content, notes, saves: n}});
    await window.durable(n);
  }
}"""

PHOTOS_UNTIL_FULL = """async (visit) => {
  const store = await import("/static/field/store.js");
  for (let taken = 0; ; taken += 1) {
    const parts = Array.from({length: 5}, () => crypto.getRandomValues(new Uint8Array(50000)));
    try {
      await store.addPhoto({visit, practice: null, blob: new Blob(parts)});
    } catch (error) {
      return [taken, `${error instanceof store.Full} ${error.what}`];
    }
  }
}"""
PHOTOS_WHOLE = """async (visit) => {
  const store = await import("/static/field/store.js");
  const { sha256 } = await import("/static/field/ids.js");
  const photos = await store.photosOf(visit);
  let whole = 0;
  for (const photo of photos) {
    if (await sha256(await (await store.photoBlob(photo.id)).arrayBuffer()) === photo.sha256) whole += 1;
  }
  return [photos.length, whole];
}"""
SAVE_OR_WHY_NOT = """async (what) => {
  const store = await import("/static/field/store.js");
  return store.save({...what, kind: "visit", state: "draft"})
    .then(() => "kept", (error) => `${error instanceof store.Full} ${error.what}`);
}"""


def test_it_opens_after_a_fortnight_without_signal_and_keeps_a_visit(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    phone.context.clear_cookies()  # the log-in is over long since
    phone.context.clock.install(time=now() + timedelta(days=15))
    page = phone.reopen()
    expect(page.get_by_label("Su PIN")).to_be_visible()
    phone.unlock()
    expect(page.get_by_role("link", name=rancher.full_name)).to_be_visible()
    visit = phone.keep(document(rancher))
    expect(page.locator("#state")).to_have_text("1 en el teléfono")
    phone.go("Mi día")
    expect(page.locator(f"[data-item='{visit}']")).to_have_attribute("data-state", "queued")
    assert not Visit.objects.exists()
    phone.network.is_cut = False
    phone.send()
    expect(page.locator(f"[data-item='{visit}']")).to_have_attribute("data-state", "received")
    assert str(Visit.objects.get().pk) == visit
    phone.go("Hoy")
    expect(page.get_by_text("El reloj de este teléfono está errado")).to_be_visible()


def test_a_tab_killed_in_the_middle_of_saving_leaves_a_whole_visit(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    durable: list[int] = []
    phone.page.expose_function("durable", lambda n: durable.append(n))
    visit = "01900000-0000-7000-8000-000000000001"
    told = {"id": visit, "rancher": str(rancher.pk), "content": document(rancher)}
    phone.page.evaluate(f"told => void ({SAVE_ON_AND_ON})(told)", told)
    phone.page.wait_for_timeout(600)
    crash(phone)
    page = phone.reopen()
    expect(page.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
    kept = next(item for item in phone.items() if item["id"] == visit)
    assert durable
    assert kept["content"]["saves"] >= max(durable)
    assert kept["content"]["notes"].endswith(f"á{kept['content']['saves']}")
    assert kept["revision"] == kept["content"]["saves"]
    expect(page.get_by_text("Borrador de visita")).to_be_visible()


def crash(phone: Phone) -> None:
    """End the page's process at once, as a dead battery does."""
    with phone.page.expect_event("crash"), suppress(Error):  # no answer can come
        phone.page.goto("chrome://crash")


def test_the_pin_is_asked_after_twelve_hours_and_wrong_ones_slow_down(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician)
    phone.context.clock.install(time=now())
    phone.prepare()
    page = phone.page
    draft = phone.keep(document(rancher), state="draft")
    page.clock.fast_forward("11:50:00")
    phone.reopen()
    expect(phone.page.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
    phone.page.clock.fast_forward("11:00")
    expect(phone.page.get_by_label("Su PIN")).to_be_visible()
    for _try in range(5):
        expect(phone.page.get_by_role("button", name="Abrir")).to_be_enabled()
        phone.unlock("314159")
        expect(phone.page.get_by_text("Ese no es el PIN.")).to_be_visible()
        phone.page.wait_for_timeout(600)
    expect(phone.page.get_by_text("Espere 30 segundos")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Abrir")).to_be_disabled()
    phone.page.clock.fast_forward("00:31")
    phone.unlock()
    expect(phone.page.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
    assert [item["id"] for item in phone.items()] == [draft]


def test_nothing_personal_lies_open_on_the_phone(phone_of: Callable[..., Phone]) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    phone.keep(document(rancher, notes="la quebrada de Zacarías"))
    stored = phone.page.evaluate(
        """async () => {
          const open = indexedDB.open("hato-campo");
          const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
          const text = (value) => value instanceof ArrayBuffer ? new TextDecoder().decode(value)
            : value instanceof CryptoKey ? `key ${value.extractable}`
            : ArrayBuffer.isView(value) ? new TextDecoder().decode(value)
            : value && typeof value === "object" ? Object.entries(value).map(([k, v]) => `${k} ${text(v)}`).join(" ")
            : String(value);
          const found = [];
          for (const name of db.objectStoreNames) {
            const all = db.transaction(name).objectStore(name).getAll();
            found.push(name, ...await new Promise((done) => (all.onsuccess = () => done(all.result.map(text)))));
          }
          return found.join("\\n");
        }"""
    )
    assert "key false" in stored
    assert str(rancher.pk) in stored  # the id, which tells nobody anything
    for secret in (rancher.given_names, rancher.surnames, "Zacarías", "milk_l_per_day", PIN):
        assert secret not in stored


def test_a_full_phone_refuses_photos_first_and_loses_nothing(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician)
    # Before the page opens: the browser looks at the room only now and then.
    debugger = phone.context.new_cdp_session(phone.page)
    quota = {"origin": phone.network.url, "quotaSize": 9_000_000}
    debugger.send("Storage.overrideQuotaForOrigin", quota)
    phone.prepare()
    phone.network.is_cut = True
    visit = phone.keep(document(rancher), state="draft")
    taken, refusal = phone.page.evaluate(PHOTOS_UNTIL_FULL, visit)
    assert refusal == "true photo"
    assert taken > 5
    for n in range(20):
        phone.keep(document(rancher, notes=f"cabe todavía {n}"), id=visit, state="draft")
    told = {"id": visit, "rancher": str(rancher.pk), "content": {"notes": "n" * 12_000_000}}
    assert phone.page.evaluate(SAVE_OR_WHY_NOT, told) == "true item"
    phone.reopen()
    expect(phone.page.get_by_text("El teléfono está lleno")).to_be_visible()
    [kept] = phone.items()
    assert kept["content"]["notes"] == "cabe todavía 19"
    photos = phone.page.evaluate(PHOTOS_WHOLE, visit)
    assert photos == [taken, taken]


def test_only_one_window_works_at_a_time(phone_of: Callable[..., Phone]) -> None:
    technician, _rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    second = phone.context.new_page()
    second.goto("/campo/")
    expect(second.get_by_role("heading", name="Hato está abierto en otra ventana")).to_be_visible()
    second.get_by_role("button", name="Seguir aquí").click()
    expect(second.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
    expect(
        phone.page.get_by_role("heading", name="Hato está abierto en otra ventana")
    ).to_be_visible()


@pytest.mark.parametrize("width", [320, 360, 1366])
def test_every_screen_is_open_to_everybody(
    width: int,
    phone_of: Callable[..., Phone],
    axe: Callable[[Page], list[str]],
    shot: Callable[[Page, str], Path],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician, width=width)
    page = phone.page
    page.goto("/campo/")
    expect(page.get_by_label("PIN de 6 dígitos")).to_be_visible()
    assert axe(page) == []
    shot(page, f"campo-inicio-{width}")
    phone.prepare()
    for state in ("draft", "queued"):
        phone.keep(document(rancher), state=state)
    for place in ("Hoy", "Mi día", "Teléfono"):
        phone.go(place)
        page.wait_for_timeout(300)
        assert axe(page) == [], place
        shot(page, f"campo-{place.split()[-1].lower()}-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Bloquear ahora").click()
    expect(page.get_by_label("Su PIN")).to_be_visible()
    assert axe(page) == []
    shot(page, f"campo-bloqueo-{width}")
