"""Photos of the field app on their way to the visit's page; and work that leaves with the app closed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from monitoring.models import Photo, PhotoUpload, Visit
from tests.browser.phones import Phone, document
from tests.monitoring.factories import make_technician_and_rancher
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

HALF = 100_000  # bytes: the first chunk passes, the second is cut


def test_a_photo_cut_in_the_middle_goes_on_from_there_and_is_on_the_visits_page(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.go("Mi día")
    phone.network.is_cut = True
    visit = phone.keep(document(rancher))
    photo = phone.photograph(visit, side=1200)
    assert photo["size"] > 2 * HALF
    phone.network.is_cut, phone.network.breaks_after = False, HALF
    phone.send()
    expect(phone.page.get_by_text("Sin conexión")).to_be_visible(timeout=20_000)
    assert phone.states() == ["received"]  # the visit did not wait for its photo
    expect(phone.page.get_by_text("0 de 1 foto enviada")).to_be_visible()
    expect(phone.page.locator("#state")).to_have_text("1 en el teléfono")
    assert 0 < PhotoUpload.objects.get().offset <= HALF
    phone.reopen()
    phone.go("Mi día")
    phone.network.is_cut, phone.network.breaks_after = False, None
    phone.send()
    expect(phone.page.get_by_text("1 de 1 foto enviada")).to_be_visible(timeout=20_000)
    assert phone.network.photo_bytes == photo["size"]  # nothing was sent twice
    stored = Photo.objects.get()
    assert (str(stored.visit_id), stored.sha256) == (visit, photo["sha256"])
    page = phone.context.new_page()
    page.goto(f"/visitas/{visit}/")
    picture = page.get_by_role("img", name="Foto 1 de la visita")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1200


def test_photos_on_a_bad_line_arrive_once_each(phone_of: Callable[..., Phone]) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician, seed=7).prepare()
    phone.network.is_cut = True
    visit = phone.keep(document(rancher))
    photos = [phone.photograph(visit, seed=n) for n in range(1, 5)]
    phone.go("Mi día")
    phone.network.is_cut, phone.network.loss = False, 0.2
    for _try in range(30):
        phone.send()
        if Photo.objects.count() == len(photos):
            break
    phone.network.loss = 0
    phone.send()
    expect(phone.page.get_by_text("4 de 4 fotos enviadas")).to_be_visible()
    arrived = sorted(Photo.objects.values_list("sha256", flat=True))
    assert arrived == sorted(photo["sha256"] for photo in photos)
    assert phone.network.lost


def test_a_photo_that_cannot_be_used_says_so_and_holds_up_nothing(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    visit = phone.keep(document(rancher))
    phone.page.evaluate(
        """async (visit) => (await import("/static/field/store.js"))
          .addPhoto({visit, practice: null, blob: new Blob(["esto no es una foto"])})""",
        visit,
    )
    phone.photograph(visit)
    phone.go("Mi día")
    phone.network.is_cut = False
    phone.send()
    expect(phone.page.get_by_text("1 de 2 fotos enviadas")).to_be_visible()
    expect(phone.page.get_by_text("Una foto no se pudo recibir:")).to_be_visible()
    assert Photo.objects.count() == 1


def test_what_the_server_has_had_for_long_leaves_the_phone(
    phone_of: Callable[..., Phone],
) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.go("Mi día")
    visit = phone.keep(document(rancher))
    phone.photograph(visit)
    phone.send()
    expect(phone.page.get_by_text("1 de 1 foto enviada")).to_be_visible()
    draft = phone.keep(document(rancher), state="draft")
    phone.context.clock.install(time=now() + timedelta(days=61))
    phone.reopen()
    phone.unlock()
    phone.go("Mi día")
    phone.send()
    expect(phone.page.locator(f"[data-item='{visit}']")).to_have_count(0)
    assert [item["id"] for item in phone.items()] == [draft]
    assert Photo.objects.count() == 1


def test_what_waits_leaves_with_the_app_closed(phone_of: Callable[..., Phone]) -> None:
    technician, rancher = make_technician_and_rancher()
    phone = phone_of(technician).prepare()
    phone.network.is_cut = True
    visit = phone.keep(document(rancher, notes="sin abrir"))
    photo = phone.photograph(visit)
    browser = phone.context.new_page()  # no page of the app
    phone.page.close()
    debugger = phone.context.new_cdp_session(browser)
    seen: list[dict[str, Any]] = []
    debugger.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: seen.extend(told["registrations"])
    )
    debugger.send("ServiceWorker.enable")
    browser.wait_for_timeout(300)
    [worker] = [one for one in seen if one["scopeURL"].startswith(phone.network.url)]
    phone.network.is_cut = False
    signal_is_back = {
        "origin": phone.network.url, "registrationId": worker["registrationId"], "tag": "hato", "lastChance": False,
    }  # fmt: skip
    debugger.send("ServiceWorker.dispatchSyncEvent", signal_is_back)
    wait_until(
        lambda: Photo.objects.filter(sha256=photo["sha256"]).exists(), seconds=20, what="the photo"
    )
    assert Visit.objects.get().notes == "sin abrir"
    phone.reopen()
    phone.go("Mi día")
    line = phone.page.locator(f"[data-item='{visit}']")
    expect(line).to_have_attribute("data-state", "received")
    expect(line).to_contain_text("1 de 1 foto enviada")
