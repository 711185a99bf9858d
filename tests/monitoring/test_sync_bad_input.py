"""Bad payloads: always a receipt with a reason that can be acted on, nothing half-written."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from monitoring import sync
from monitoring.models import DataFlag, InboxPayload, NextStep, Observation, Visit
from tests.monitoring.factories import (
    FIGURES,
    codes,
    make_technician_and_rancher,
    payload,
    send,
)
from tests.practices.factories import make_plot, make_practice, make_rancher

pytestmark = pytest.mark.django_db

GARBAGE = {
    "empty": b"",
    "not json": b"hola",
    "cut off": b'{"schema": 1, "id": "',
    "a list": b"[1, 2]",
    "not utf-8": '{"notes": "ñandú"}'.encode("latin-1"),
    "utf-16": '{"schema": 1}'.encode("utf-16"),
    "nul byte": b'{"schema": 1, "notes": "\\u0000"}',
    "half a surrogate": b'{"schema": 1, "notes": "\\ud800"}',
    "deep": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "rather deep": b'{"a":' * 20 + b"1" + b"}" * 20,
    "NaN": b'{"schema": 1, "measurements": {"cows": NaN}}',
    "infinity": b'{"schema": 1, "measurements": {"cows": -Infinity}}',
    "huge number": b'{"schema": 1, "measurements": {"cows": ' + b"9" * 100_000 + b"}}",
    "key twice": b'{"schema": 1, "schema": 1}',
    "too large": b'{"notes": "' + b"x" * 300_000 + b'"}',
    "no schema": b"{}",
    "schema is true": b'{"schema": true}',
    "negative schema": b'{"schema": -4}',
}


@pytest.mark.parametrize("raw", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_gets_a_receipt_and_is_kept(raw):
    technician, _ = make_technician_and_rancher()
    receipt = send(raw, technician)
    assert receipt.outcome == "rejected"
    assert receipt.reasons[0]["message"]
    assert bytes(InboxPayload.objects.get(pk=receipt.number).raw) == raw
    assert not Visit.objects.exists()


def test_more_than_a_megabyte_is_turned_away_at_the_door():
    technician, _ = make_technician_and_rancher()
    with pytest.raises(sync.PayloadTooLarge):
        send(b" " * (sync.MAX_STORED_BYTES + 1), technician)


BAD_FIELDS = {
    "id": [({"id": "7"}, "id"), ({"id": None}, "id"), ({"id": 7}, "id"), ({"id": ["x"]}, "id")],
    "date": [
        ({"visited_on": value}, "visited_on")
        for value in ("01/03/2026", "2026-02-30", "1999-12-31", "9999-01-01", "", None, 20260301)
    ],
    "time": [({"started_at": v}, "started_at") for v in ("ayer", "2026-03-01T10:00", 5, {})],
    "position": [
        ({"position": value}, "position")
        for value in (
            {"lon": 200, "lat": 0},
            {"lon": -69, "lat": "x"},
            {"lon": -69},
            [1, 2],
            "aquí",
            {"lon": -69, "lat": -11, "accuracy_m": -1},
        )
    ],
    "base": [({"base_version": v}, "base_version") for v in (-1, "x", 1.5, True, 10**12)],
    "lists": [
        ({"observations": "x"}, "observations"),
        ({"observations": [{}] * 101}, "observations"),
        ({"observations": [5]}, "observations.0"),
        ({"next_steps": [{"text": "x"}]}, "next_steps.0"),
        ({"measurements": []}, "measurements"),
        ({"deleted": "si"}, "deleted"),
        ({"notes": 5}, "notes"),
        ({"notes": "x" * 4001}, "notes"),
    ],
}


@pytest.mark.parametrize(
    ("changes", "field"), [case for cases in BAD_FIELDS.values() for case in cases]
)
def test_a_bad_field_is_named(changes, field):
    technician, rancher = make_technician_and_rancher()
    receipt = send(payload(rancher) | changes, technician)
    assert receipt.outcome == "rejected"
    assert field in [name for name, _code in codes(receipt)]
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("cows", -1, "negative"),
        ("cows", 1.5, "not_whole"),
        ("cows", "muchas", "invalid"),
        ("cows", True, "invalid"),
        ("cows", [5], "invalid"),
        ("cows", 10**12, "too_large"),
        ("milk_l_per_day", "1,500", "ambiguous"),
        ("milk_l_per_day", "-3", "negative"),
        ("pasture_ha", 20001, "too_large"),
        ("pasture_ha", "1e9", "invalid"),
        ("cows_in_milk", 21, "more_in_milk_than_cows"),
        ("milk_l_per_day", 601, "milk_impossible"),
        ("income_pen", 5000, "income_without_consent"),
    ],
)
def test_what_cannot_be_is_rejected_at_its_field(name, value, code):
    technician, rancher = make_technician_and_rancher()
    receipt = send(payload(rancher, measurements=FIGURES | {name: value}), technician)
    assert receipt.outcome == "rejected"
    assert (f"measurements.{name}", code) in codes(receipt)


def test_a_decimal_comma_is_understood():
    technician, rancher = make_technician_and_rancher()
    send(payload(rancher, measurements=FIGURES | {"milk_l_per_day": "55,5"}), technician)
    assert str(Visit.objects.get().measurement.milk_l_per_day) == "55.50"


def test_a_date_in_the_future_is_rejected_and_today_is_not():
    technician, rancher = make_technician_and_rancher()
    tomorrow, today = localdate() + timedelta(days=1), localdate()
    receipt = send(payload(rancher, visited_on=tomorrow.isoformat()), technician)
    assert codes(receipt) == [("visited_on", "in_future")]
    assert send(payload(rancher, visited_on=today.isoformat()), technician).outcome == "created"


def test_all_reasons_come_at_once_in_spanish():
    technician, rancher = make_technician_and_rancher()
    receipt = send(payload(rancher, visited_on="x", notes=5, measurements={"cows": -1}), technician)
    assert len(receipt.reasons) == 3


def test_what_belongs_to_others_is_refused():
    technician, rancher = make_technician_and_rancher()
    foreign = make_plot(make_rancher())
    receipt = send(payload(rancher, plot=str(foreign.pk)), technician)
    assert codes(receipt) == [("plot", "plot_not_of_rancher")]
    step = {"id": "0198c5f0-0000-7000-8000-00000000000b", "text": "Sembrar"}
    send(payload(rancher, next_steps=[step]), technician)
    receipt = send(payload(rancher, next_steps=[step]), technician)
    assert codes(receipt) == [(f"next_steps.{step['id']}", "taken")]
    assert NextStep.objects.count() == 1


@pytest.mark.parametrize(
    "observation",
    [
        {"stage": "sustained"},
        {"stage": "ADOPTED"},
        {"stage": None},
        {"stage": "trial", "intensity": -1},
        {"stage": "trial", "intensity": "x"},
        {"stage": "trial", "note": "x" * 501},
        {"stage": "trial", "evidence_seen": "sí"},
        {"stage": "trial", "practice": "no-existe"},
    ],
)
def test_a_bad_observation_is_named_by_its_practice(observation):
    technician, rancher = make_technician_and_rancher()
    seen = {"practice": make_practice().code} | observation
    receipt = send(payload(rancher, observations=[seen]), technician)
    assert receipt.outcome == "rejected"
    assert receipt.reasons[0]["field"] == f"observations.{seen['practice']}"
    assert not Observation.objects.exists()


# --- Soft limits --------------------------------------------------------------------------------
SOFT = {
    "milk": ({"milk_l_per_day": 250}, "soft_milk_per_cow_max"),
    "stocking": ({"pasture_ha": 3}, "soft_stocking_rate_max"),
    "deaths": ({"deaths_calves": 20}, "soft_mortality_max"),
}


@pytest.mark.parametrize(("figures", "limit"), SOFT.values(), ids=SOFT.keys())
def test_a_soft_limit_asks_and_a_confirmed_one_is_marked(figures, limit):
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher, measurements=FIGURES | figures)
    receipt = send(document, technician)
    assert receipt.outcome == "rejected"
    assert [(r["code"], r["confirm"]) for r in receipt.reasons] == [("needs_confirmation", limit)]
    assert not Visit.objects.exists()
    assert send(document | {"confirmed": [limit]}, technician).outcome == "created"
    assert Visit.objects.get().measurement.confirmed == [limit]
    assert DataFlag.objects.get().code == limit


def test_a_count_that_changed_by_more_than_half_asks():
    technician, rancher = make_technician_and_rancher()
    send(payload(rancher), technician)
    document = payload(rancher, visited_on="2026-06-01", measurements=FIGURES | {"cows": 31})
    receipt = send(document, technician)
    assert [r["confirm"] for r in receipt.reasons] == ["soft_count_change_max:cows"]
    assert "01/03/2026" in receipt.reasons[0]["message"]
    document["measurements"]["cows"] = 30
    assert send(document, technician).outcome == "created"


def test_adopted_without_evidence_asks():
    technician, rancher = make_technician_and_rancher()
    seen = {"practice": make_practice().code, "stage": "adopted", "evidence_seen": False}
    receipt = send(payload(rancher, observations=[seen]), technician)
    assert receipt.reasons[0]["confirm"] == "adopted_unseen:cercos-vivos"
    seen["evidence_seen"] = True
    assert send(payload(rancher, observations=[seen]), technician).outcome == "created"


def test_a_visit_far_from_the_farm_asks():
    technician, rancher = make_technician_and_rancher()
    make_boundary(make_plot(rancher))
    near, far = {"lon": -69.51, "lat": -11.21}, {"lon": -69.6, "lat": -11.21}
    receipt = send(payload(rancher, position=far), technician)
    assert [r["confirm"] for r in receipt.reasons] == ["soft_distance_km_max"]
    assert send(payload(rancher, position=near), technician).outcome == "created"


def make_boundary(plot):
    from datetime import date

    from django.contrib.gis.geos import MultiPolygon, Polygon
    from django.db.backends.postgresql.psycopg_any import DateRange

    from ranchers.models import PlotBoundary

    square = Polygon.from_bbox((-69.52, -11.22, -69.50, -11.20))
    return PlotBoundary.objects.create(
        plot=plot,
        boundary=MultiPolygon(square, srid=4326),
        area_ha=480,
        period=DateRange(date(2020, 1, 1), None),
    )


def test_an_edit_of_something_else_does_not_ask_again_and_a_correction_closes_the_flag():
    technician, rancher = make_technician_and_rancher()
    limit = "soft_milk_per_cow_max"
    figures = FIGURES | {"milk_l_per_day": 250}
    document = payload(rancher, measurements=figures, confirmed=[limit])
    send(document, technician)
    edit = document | {"base_version": 1, "notes": "ok", "confirmed": []}
    assert send(edit, technician).outcome == "updated"
    assert DataFlag.objects.filter(closed_at=None).count() == 1
    send(document | {"base_version": 2, "measurements": FIGURES}, technician)
    assert not DataFlag.objects.filter(closed_at=None).exists()
