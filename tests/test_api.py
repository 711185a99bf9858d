"""The API: who gets what, how lists are cut, what bad input answers."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from monitoring.models import Cell, InboxPayload, Visit
from ranchers.models import ApiToken, Consent, Role
from ranchers.tokens import DAYS_MAX, TooManyTokens, issue_token, revoke_token
from tests import people
from tests import world as worlds

pytestmark = pytest.mark.django_db
API = "/api/v1/"


@pytest.fixture
def world() -> Any:
    return worlds.build()


def caller(user: Any) -> Client:
    token = issue_token(user=user, name="prueba", days=1)
    return Client(headers={"authorization": f"Bearer {token}"})


def send(client: Client, raw: bytes | str, path: str = "visits/", kind: str = "application/json"):
    return client.post(API + path, raw, content_type=kind)


def a_visit(world: Any, **more: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "id": str(uuid.uuid4()),
        "base_version": None,
        "rancher": str(world.rancher_record.pk),
        "plot": str(world.plot.pk),
        "visited_on": str(localdate()),
        "measurements": {"cows": 20},
        "confirmed": [],
        "observations": [],
        "next_steps": [],
        "deleted": False,
    } | more


# --- Tokens


def test_a_token_opens_the_api_as_its_person(world: Any) -> None:
    assert caller(world.technician).get(API + "me/").json()["role"] == Role.TECHNICIAN


def test_only_the_hash_of_a_token_is_kept(world: Any) -> None:
    token = issue_token(user=world.ministry, name="x", days=1)
    kept = ApiToken.objects.filter(user=world.ministry).values_list("token_hash", flat=True)
    assert token not in kept
    assert all(len(each) == 64 for each in kept)


@pytest.mark.parametrize("how", ["revoked", "expired", "inactive person", "forged", "empty"])
def test_a_dead_token_gets_401_as_a_problem(world: Any, how: str) -> None:
    token = issue_token(user=world.ministry, name="x", days=1)
    row = ApiToken.objects.order_by("pk").last()
    if how == "revoked":
        revoke_token(user=world.ministry, pk=row.pk)
    elif how == "expired":
        ApiToken.objects.filter(pk=row.pk).update(expires_at=now() - timedelta(seconds=1))
    elif how == "inactive person":
        world.ministry.is_active = False
        world.ministry.save()
    elif how == "forged":
        token = token[:-1] + ("a" if token[-1] != "a" else "b")
    else:
        token = ""
    answer = Client(headers={"authorization": f"Bearer {token}"}).get(API + "me/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"
    assert "ficha" in answer.json()["detail"].lower()


def test_nobody_revokes_the_token_of_another_person(world: Any) -> None:
    assert not revoke_token(user=world.technician, pk=world.token.pk)


def test_a_token_ends_within_a_year_and_a_day(world: Any) -> None:
    issue_token(user=world.ministry, name="eterna", days=10_000)
    assert ApiToken.objects.get(name="eterna").expires_at < now() + timedelta(days=DAYS_MAX + 1)


def test_a_person_cannot_hoard_tokens(world: Any) -> None:
    with pytest.raises(TooManyTokens):
        for number in range(30):
            issue_token(user=world.technician, name=str(number), days=1)


# --- Who gets what


def test_a_technician_reads_own_ranchers_and_no_other(world: Any) -> None:
    own = caller(world.technician).get(API + "ranchers/").json()["results"]
    assert [row["surnames"] for row in own] == ["Quispecondori"]
    assert (
        caller(world.technician).get(f"{API}ranchers/{world.neighbour_record.pk}/").status_code
        == 404
    )


@pytest.mark.parametrize("who", ["ministry", "rancher"])
def test_ministry_and_ranchers_get_no_list_of_ranchers_or_visits(world: Any, who: str) -> None:
    client = caller(getattr(world, who))
    assert client.get(API + "ranchers/").status_code == 403
    assert client.get(API + "visits/").status_code == 403


def test_ministry_gets_plots_of_those_who_consent_without_names(world: Any) -> None:
    answer = caller(world.ministry).get(API + "plots/")
    (feature,) = answer.json()["features"]
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert set(feature["properties"]) == {"area_ha", "district", "since"}
    Consent.objects.filter(rancher=world.rancher_record, scope="ministry").delete()
    assert caller(world.ministry).get(API + "plots/").json()["features"] == []


def test_plots_are_found_by_window(world: Any) -> None:
    client = caller(world.technician)
    inside = client.get(API + "plots/?bbox=-69.6,-11.5,-69.4,-11.3").json()["features"]
    outside = client.get(API + "plots/?bbox=-70.6,-10.5,-70.4,-10.3").json()["features"]
    assert ([f["properties"]["name"] for f in inside], outside) == (["Fundo Zacarías"], [])


def test_a_rancher_reads_the_own_facts_only(world: Any) -> None:
    client = caller(world.rancher)
    assert client.get(f"{API}ranchers/{world.rancher_record.pk}/facts/").status_code == 200
    assert client.get(f"{API}ranchers/{world.neighbour_record.pk}/facts/").status_code == 404


def test_lists_are_walked_by_cursor_without_loss_or_repeat(world: Any) -> None:
    for _number in range(7):
        people.rancher()
    client, seen, address = caller(world.coordinator), [], API + "ranchers/?page_size=3"
    while address:
        page = client.get(address).json()
        seen += [row["id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 9


def test_the_list_of_ranchers_asks_the_database_the_same_for_one_and_for_many(
    world: Any, django_assert_num_queries: Any
) -> None:
    client = caller(world.coordinator)
    client.get(API + "ranchers/")
    for _number in range(8):
        people.rancher()
    with django_assert_num_queries(3):  # the token, the ranchers, their enrolments
        client.get(API + "ranchers/")


# --- Figures


def a_cell(n: int, **more: Any) -> Cell:
    values = {
        "indicator": "active_share",
        "quarter": 8100,
        "value": 0.5,
        "n_known": n,
        "n_enrolled": n,
    }
    return Cell.objects.create(computed_at=now(), **values | more)


def test_small_cells_are_hidden_from_all_but_coordinators(world: Any) -> None:
    a_cell(20)
    a_cell(3, district=world.district)
    a_cell(8, district=world.elsewhere)
    a_cell(9, district=people.district("170303", "Tahuamanu"))
    seen = caller(world.ministry).get(API + "cells/").json()["results"]
    by_place = {row["district"]: row for row in seen}
    assert by_place["170302"]["value"] is None
    assert by_place["170302"]["n_known"] is None
    assert by_place["170301"]["is_hidden"], "else the small one follows by subtraction"
    assert by_place[None]["value"] == 0.5
    whole = caller(world.coordinator).get(API + "cells/").json()["results"]
    assert not any(row["is_hidden"] for row in whole)


def test_a_filter_does_not_uncover_a_hidden_cell(world: Any) -> None:
    a_cell(20)
    a_cell(3, district=world.district)
    a_cell(17, district=world.elsewhere)
    narrow = caller(world.ministry).get(API + "cells/?district=170301").json()["results"]
    assert [row["is_hidden"] for row in narrow] == [True]


def test_indicators_come_with_their_definitions(world: Any) -> None:
    rows = caller(world.ministry).get(API + "indicators/").json()
    milk = next(row for row in rows if row["code"] == "milk_per_cow")
    assert milk["definition"] and milk["source"]


# --- Visits


def test_a_visit_is_created_once_and_its_repeat_changes_nothing(world: Any) -> None:
    client, raw = caller(world.technician), json.dumps(a_visit(world))
    first, again = send(client, raw), send(client, raw)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json()["outcome"], again.json()["outcome"]) == ("created", "unchanged")
    assert Visit.objects.filter(pk=first.json()["visit_id"]).count() == 1


def test_a_visit_reads_back_as_it_was_sent(world: Any) -> None:
    client, visit = caller(world.technician), a_visit(world, notes="Ñandú")
    send(client, json.dumps(visit))
    payload = client.get(f"{API}visits/{visit['id']}/").json()["payload"]
    assert payload["notes"] == "Ñandú"
    assert payload["measurements"]["cows"] == 20
    assert payload["base_version"] == 1


def test_an_impossible_visit_is_kept_and_answered_422_with_reasons(world: Any) -> None:
    visit = a_visit(world, measurements={"cows": -4})
    answer = send(caller(world.technician), json.dumps(visit))
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["field"] == "measurements.cows"
    assert InboxPayload.objects.filter(pk=answer.json()["number"]).exists()


def test_a_visit_to_a_strangers_farm_waits_for_the_coordinator(world: Any) -> None:
    answer = send(caller(world.outsider), json.dumps(a_visit(world)))
    assert answer.status_code == 202
    assert answer.json()["outcome"] == "quarantined"


@pytest.mark.parametrize("who", ["ministry", "rancher"])
def test_ministry_and_ranchers_send_no_visits(world: Any, who: str) -> None:
    before = InboxPayload.objects.count()
    answer = send(caller(getattr(world, who)), json.dumps(a_visit(world)))
    assert (answer.status_code, InboxPayload.objects.count()) == (403, before)


def test_a_logged_in_page_needs_the_csrf_token_to_send(world: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.technician)
    assert send(client, json.dumps(a_visit(world))).status_code == 403


# --- Bad input


@pytest.mark.parametrize(
    "raw",
    [
        b" ",
        b"{",
        b"[]",
        b"null",
        b'"texto"',
        b"\xff\xfe\x00",
        b'{"id": "\\u0000"}',
        b'{"schema": 1, "id": "no-es-uuid"}',
        b'{"schema": NaN}',
        b'{"schema": 1e999}',
        b'{"id": "1", "id": "2"}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
        b'{"schema": 1, "notes": "' + b"x" * 300_000 + b'"}',
        b'{"rancher": "\'; DROP TABLE ranchers_rancher; --"}',
    ],
)
def test_a_body_that_is_no_visit_gets_422_and_a_receipt(world: Any, raw: bytes) -> None:
    answer = send(caller(world.technician), raw)
    assert answer.status_code == 422
    assert answer.json()["reasons"][0]["message"]
    assert InboxPayload.objects.filter(pk=answer.json()["number"], raw=raw).exists()


@pytest.mark.parametrize("size", [1_200_000, 3_000_000])
def test_an_oversized_body_gets_413_and_stores_nothing(world: Any, size: int) -> None:
    before = InboxPayload.objects.count()
    answer = send(caller(world.technician), b" " * size)
    assert answer.status_code == 413
    assert answer["Content-Type"] == "application/problem+json"
    assert InboxPayload.objects.count() == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_another_content_type_gets_415(world: Any, kind: str) -> None:
    raw = json.dumps(a_visit(world)).encode()
    assert caller(world.technician).generic("POST", API + "visits/", raw, kind).status_code == 415


@pytest.mark.parametrize(
    "query",
    [
        "ranchers/?district=%00",
        "ranchers/?district='%20OR%201=1",
        "ranchers/?technician=99999999999999999999999",
        "ranchers/?cohort=nada",
        "ranchers/?updated_since=ayer",
        "ranchers/?dni=%00%00",
        "visits/?rancher=no-es-uuid",
        "visits/?since=2024-13-45",
        "plots/?bbox=1,2,3",
        "plots/?bbox=nan,0,1,1",
        "plots/?bbox=-inf,-90,inf,90",
        "plots/?bbox=10,10,5,5",
        "plots/?bbox=%00",
        "cells/?quarter=2024-T9",
        "cells/?indicator=nada",
        "cells/?sex=x",
    ],
)
def test_a_bad_filter_gets_400_and_says_which(world: Any, query: str) -> None:
    answer = caller(world.coordinator).get(API + query)
    assert answer.status_code == 400
    name = query.partition("?")[2].partition("=")[0]
    assert answer.json()["errors"][name]


@pytest.mark.parametrize("cursor", ["x", "%00", "cD0lMDA=", "cD1ub3BlJm89OTk5OTk5OTk5OTk5", "ñ"])
@pytest.mark.parametrize("path", ["ranchers/", "visits/", "cells/", "plots/"])
def test_a_forged_cursor_gets_404(world: Any, path: str, cursor: str) -> None:
    assert caller(world.coordinator).get(f"{API}{path}?cursor={cursor}").status_code in (200, 404)


@pytest.mark.parametrize("size", ["1000000000000", "-5", "0", "x", ""])
def test_a_page_is_never_larger_than_500(world: Any, size: str) -> None:
    answer = caller(world.coordinator).get(f"{API}ranchers/?page_size={size}")
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["ranchers/no-es-uuid/", "nada/", "visits/1/", "../admin/"])
def test_an_unknown_address_answers_a_problem(world: Any, path: str) -> None:
    answer = caller(world.coordinator).get(API + path)
    assert answer.status_code == 404


def test_a_file_that_is_no_photo_gets_422(world: Any) -> None:
    client, path = caller(world.technician), f"visits/{world.visit.pk}/photos/"
    assert send(client, b"<svg onload=alert(1)>", path, "image/jpeg").status_code == 422
    assert send(client, b"x", path, "text/html").status_code == 415
    assert send(client, b"x" * (8 * 1024 * 1024 + 1), path, "image/jpeg").status_code == 413
    assert send(caller(world.outsider), b"x", path, "image/jpeg").status_code == 404


def test_errors_are_in_spanish(world: Any) -> None:
    answer = caller(world.ministry).get(API + "ranchers/").json()
    assert answer["title"] == "No está abierto para su cuenta"
    assert answer["type"] == "urn:hato:error:permission_denied"


def test_the_schema_and_its_page_are_served_under_the_csp(world: Any) -> None:
    client = Client()
    client.force_login(world.coordinator)
    assert "openapi" in client.get(API + "schema/").content.decode()
    page = client.get(API + "docs/")
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "<script>" not in page.content.decode()
