"""The field app back in signal: everything arrives exactly once, whatever the line does."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from monitoring.field.devices import sign_out
from monitoring.models import (
    FieldDevice,
    InboxPayload,
    Outcome,
    PhotoState,
    PhotoUpload,
    Visit,
)
from ranchers.models import Role
from tests import people
from tests.browser.phones import Phone, document
from tests.monitoring.factories import make_technician_and_rancher

pytestmark = pytest.mark.django_db(transaction=True)

LOADS_A_NEW_VERSION = """async () => {
  void (await navigator.serviceWorker.getRegistration("/campo/")).update();
}"""
LEFT = """async () => {
  const folder = await navigator.storage.getDirectory();
  const files = [];
  for await (const name of folder.keys()) files.push(name);
  return {
    rows: await (await import("/static/field/items.js")).rows(),
    device: (await (await import("/static/field/db.js")).readMeta("device")) ?? null,
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    files,
  };
}"""
NOTHING: dict[str, Any] = {"rows": [], "device": None, "caches": [], "workers": 0, "files": []}


@pytest.mark.parametrize(("loss", "seed"), [(0.03, 5), (0.2, 11)])
def test_on_a_bad_line_everything_arrives_exactly_once(
    loss: float, seed: int, phone_of: Callable[..., Phone]
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician, seed=seed).prepare()
    phone.network.is_cut = True
    visits = [phone.keep(document(rancher, notes=f"visita {n}")) for n in range(12)]
    phone.go("Mi día")
    phone.network.is_cut, phone.network.loss = False, loss
    for _try in range(60):
        phone.send()
        if phone.states() == ["received"] * 12:
            break
    phone.network.loss = 0
    phone.send()
    assert phone.states() == ["received"] * 12
    assert sorted(str(pk) for pk in Visit.objects.values_list("pk", flat=True)) == sorted(visits)
    assert set(Visit.objects.values_list("version", flat=True)) == {1}
    numbers = {item["receipt"]["number"] for item in phone.items()}
    assert numbers <= set(InboxPayload.objects.values_list("pk", flat=True))
    assert phone.network.lost or loss < 0.1


def test_an_edit_made_while_the_answer_was_lost_is_applied(phone_of: Callable[..., Phone]) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician, seed=3).prepare()
    phone.go("Mi día")
    phone.network.loss = 2.0  # every request arrives or not, no answer comes back
    visit = phone.keep(document(rancher, notes="primera"))
    for _try in range(4):
        phone.send()
    phone.keep(document(rancher, notes="segunda"), id=visit)
    phone.network.loss = 0
    phone.send()
    assert phone.states() == ["received"]
    assert Visit.objects.get().notes == "segunda"


def test_a_rejected_visit_shows_its_reasons_is_mended_and_sent_again(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.go("Mi día")
    wrong = document(rancher, measurements={"cows": 5, "cows_in_milk": 9})
    visit = phone.keep(wrong)
    line = phone.page.locator(f"[data-item='{visit}']")
    expect(line).to_have_attribute("data-state", "rejected")
    [reason] = phone.items()[0]["reasons"]
    expect(line).to_contain_text(reason["message"])
    expect(line).to_contain_text("Recibo")
    phone.keep(document(rancher), id=visit)
    expect(line).to_have_attribute("data-state", "received")
    assert str(Visit.objects.get().pk) == visit


def test_a_new_version_waits_until_it_is_taken_and_the_queue_survives_it(
    phone_of: Callable[..., Phone], settings: Any
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    page = phone.page
    phone.network.loss = 2.0
    kept = [phone.keep(document(rancher, notes=str(n))) for n in range(3)]
    settings.RELEASE = "2026-12"
    phone.go("Teléfono")
    version = page.locator("meta[name=hato-version]")
    page.get_by_role("button", name="Buscar una versión nueva").click()
    take = page.get_by_role("button", name="Cambiar a la versión nueva")
    expect(take).to_be_visible(timeout=20_000)
    assert "2026-12" not in (version.get_attribute("content") or "")
    take.click()
    expect(version).to_have_attribute("content", re.compile("2026-12"))
    expect(page.get_by_role("heading", name="Teléfono", exact=True)).to_be_visible()
    assert sorted(item["id"] for item in phone.items()) == sorted(kept)
    phone.network.loss = 0
    phone.go("Mi día")
    phone.send()
    assert phone.states() == ["received"] * 3
    assert Visit.objects.count() == 3
    assert FieldDevice.objects.get().app_version.startswith("2026-12")


def test_a_phone_signed_out_from_afar_sends_everything_and_wipes_itself(
    phone_of: Callable[..., Phone], settings: Any
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    kept = [phone.keep(document(rancher, notes=str(n))) for n in range(2)]
    kept.append(phone.keep(document(rancher, notes="borrador"), state="draft"))
    sign_out(FieldDevice.objects.get(), by=people.staff(Role.COORDINATOR))
    settings.RELEASE = "2026-12"
    phone.network.is_cut = False
    phone.page.evaluate(LOADS_A_NEW_VERSION)  # which must not put back what was wiped
    goodbye = phone.page.get_by_text("en él no queda nada de Hato")
    expect(goodbye).to_be_visible(timeout=30_000)  # by itself: the engine tries again
    assert phone.page.evaluate(LEFT) == NOTHING
    sent = InboxPayload.objects.filter(outcome=Outcome.QUARANTINED)
    assert sorted(str(json.loads(bytes(one.raw))["id"]) for one in sent) == sorted(kept)
    assert FieldDevice.objects.get().wiped_at is not None
    assert not Visit.objects.exists()
    phone.page.reload()
    expect(phone.page.get_by_role("heading", name="Hato para el campo")).to_be_visible()
    assert phone.page.evaluate(LEFT) == NOTHING


def test_a_lost_phone_that_is_locked_hands_over_what_it_kept_and_wipes_itself(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.go("Teléfono")
    phone.network.is_cut = True
    kept = [phone.keep(document(rancher, notes="sellada"))]
    kept.append(phone.keep(document(rancher), state="draft"))
    photo = phone.photograph(kept[0])
    phone.page.get_by_role("button", name="Bloquear ahora").click()
    expect(phone.page.get_by_label("Su PIN")).to_be_visible()
    sign_out(FieldDevice.objects.get(), by=people.staff(Role.COORDINATOR))
    phone.network.is_cut = False
    phone.reopen()  # whoever found it opens Hato, and does not know the PIN
    expect(phone.page.get_by_text("en él no queda nada de Hato")).to_be_visible(timeout=30_000)
    assert phone.page.evaluate(LEFT) == NOTHING
    sent = InboxPayload.objects.filter(outcome=Outcome.QUARANTINED)
    documents = {str(json.loads(bytes(one.raw))["id"]): json.loads(bytes(one.raw)) for one in sent}
    assert sorted(documents) == sorted(kept)
    assert documents[kept[0]]["notes"] == "sellada"
    upload = PhotoUpload.objects.get()
    assert (upload.sha256, upload.state) == (photo["sha256"], PhotoState.QUARANTINED)
    assert FieldDevice.objects.get().wiped_at is not None


def test_a_forgotten_pin_is_replaced_online_and_nothing_is_lost(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    technician.set_password("una-clave-larga-9")
    technician.save()
    phone = phone_of(technician).prepare()
    draft = phone.keep(document(rancher), state="draft")
    phone.go("Teléfono")
    page = phone.page
    page.get_by_role("button", name="Bloquear ahora").click()
    phone.context.clear_cookies()
    page.get_by_role("link", name="Olvidé el PIN").click()
    new_pin(phone, "161803")
    page.locator("[name=login]").fill(str(technician.email))
    page.locator("[name=password]").fill("una-clave-larga-9")
    page.get_by_role("button", name="Entrar", exact=True).click()
    new_pin(phone, "161803")
    expect(page.get_by_role("heading", name="Hoy", exact=True)).to_be_visible()
    assert [item["id"] for item in phone.items()] == [draft]
    phone.reopen()
    phone.go("Teléfono")
    phone.page.get_by_role("button", name="Bloquear ahora").click()
    phone.unlock("161803")
    expect(phone.page.get_by_role("heading", name="Teléfono", exact=True)).to_be_visible()


def new_pin(phone: Phone, pin: str) -> None:
    phone.page.get_by_label("PIN de 6 dígitos").fill(pin)
    phone.page.get_by_label("El mismo PIN otra vez").fill(pin)
    phone.page.get_by_role("button", name="Poner el PIN nuevo").click()


def test_what_is_not_sent_can_be_saved_to_a_file(
    phone_of: Callable[..., Phone], tmp_path: Path
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    visit = phone.keep(document(rancher, notes="sin señal"))
    photo = phone.photograph(visit)
    phone.go("Teléfono")
    with phone.page.expect_download() as download:
        phone.page.get_by_role("button", name="Guardar un archivo de lo que falta enviar").click()
    download.value.save_as(tmp_path / "hato.json")
    saved = json.loads((tmp_path / "hato.json").read_text())
    assert (saved["format"], saved["version"]) == ("hato-field-export", 1)
    [item] = saved["items"]
    assert hashlib.sha256(item["body"].encode()).hexdigest() == item["sha256"]
    assert json.loads(item["body"])["id"] == visit
    assert saved["photos"][0]["sha256"] == photo["sha256"]
