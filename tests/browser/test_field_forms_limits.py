"""The phone asks and refuses exactly what the server asks and refuses, on many made-up visits."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Polygon
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from monitoring import limits
from monitoring.coefficients import load_defaults
from monitoring.field.records import limits_record, plot_records, rancher_records
from monitoring.sync.content import COUNT_MAX, DECIMAL_MAX, HERD, understand
from monitoring.sync.document import read
from monitoring.sync.reasons import Refused
from practices.catalogue import load
from practices.models import Practice
from ranchers.boundaries import set_boundary
from ranchers.places import load_places
from ranchers.plots import open_plot
from tests.monitoring.factories import make_technician_and_rancher, payload, send

pytestmark = pytest.mark.django_db(transaction=True)

LON, LAT = -69.50, -11.40
SIDE = 0.01
LAST_DAY = localdate() - timedelta(days=30)
FIGURES = {
    "cows": 20, "bulls": 1, "calves": 8, "cows_in_milk": 10, "milk_l_per_day": "50.5",
    "pasture_ha": "30", "trees_counted": 40,
}  # fmt: skip
LOAD = """async () => {
  const [limits, geo] = await Promise.all([import("/static/field/limits.js"), import("/static/field/geo.js")]);
  window.judge = ({content, known, today}) => ({
    wrong: limits.hardFaults(content, known, today).map((one) => [one.field, one.code]),
    asked: limits.softHits(content, known).map((one) => [one.field, one.code, one.looksAt.sort()]),
    away: limits.distanceToFarmM(content, known),
  });
  window.ringsOf = geo.ringsOf;
}"""

whole = st.one_of(
    st.integers(0, 60),
    st.integers(0, 30_000),
    st.integers(0, 60).map(str),
    st.sampled_from(["", " 7 ", "3.0", "007", "+4", "-1", "-0", "2,5", "1,500", "x", "1e3", "99999999", "3."]),
)  # fmt: skip
measured = st.one_of(
    st.decimals(0, 120, places=2).map(str),
    st.decimals(0, 1300, places=3).map(str),
    st.integers(0, 700),
    st.sampled_from(["", "0", "0.0", "12,5", "20.005", "20.015", "1,500.5", "-2", "abc", "9999999999", ".5"]),
)  # fmt: skip
likely = st.integers(0, 45)
places = st.fixed_dictionaries(
    {
        "lon": st.floats(LON - 0.06, LON + 0.06).map(lambda x: round(x, 7)),
        "lat": st.floats(LAT - 0.06, LAT + 0.06).map(lambda x: round(x, 7)),
        "accuracy_m": st.sampled_from([None, 5.0, 40.0]),
        "manual": st.booleans(),
    }
)
observations = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["planned", "trial", "adopted", "dropped"]),
        "intensity": st.sampled_from([None, "", "12.5", "0", "doce", "-3", "999999999"]),
        "evidence_seen": st.booleans(),
        "note": st.just(""),
    }
)
figures = st.one_of(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(COUNT_MAX, whole)
        | {name: measured for name in DECIMAL_MAX if name != "income_pen"},
    ),
    # Plausible visits near the limits, so that each of them is met often.
    st.fixed_dictionaries(
        {"cows": likely, "cows_in_milk": likely, "milk_l_per_day": st.integers(0, 900)},
        optional=dict.fromkeys((*HERD[1:], "deaths_adults", "deaths_calves"), likely)
        | {
            "pasture_ha": st.decimals(0, 20, places=2).map(str),
            "trees_counted": st.integers(0, 90),
        },
    ),
)
days = st.integers(-60, 2).map(lambda n: str(localdate() + timedelta(days=n)))


@st.composite
def contents(draw: Any, practices: list[str], plots: list[str]) -> dict[str, Any]:
    seen = draw(st.lists(st.sampled_from(practices), unique=True, max_size=3))
    return {
        "visited_on": draw(days),
        "plot": draw(st.sampled_from([None, *plots])),
        "position": draw(st.none() | places),
        "measurements": draw(figures),
        "observations": [{"practice": code, **draw(observations)} for code in seen],
    }


def test_the_phone_asks_what_the_server_asks(open_as: Callable[..., Page]) -> None:
    load_places()
    load()
    load_defaults()
    technician, rancher = make_technician_and_rancher()
    send(payload(rancher, visited_on=str(LAST_DAY), measurements=FIGURES), technician)
    squares = [Polygon.from_bbox((x, LAT, x + SIDE, LAT + SIDE)) for x in (LON, LON + 0.03)]
    for name, shape in zip(("Uno", "Dos"), squares, strict=True):
        shape.srid = 4326
        plot = open_plot(rancher=rancher, name=name, by=technician)
        set_boundary(plot=plot, geometry=shape, since=date(2020, 1, 1), by=technician)
    page = open_as(None, "/campo/")
    page.evaluate(LOAD)
    plots = plot_records([rancher])
    [record] = rancher_records([rancher], user=technician)
    rings = [page.evaluate("(shape) => window.ringsOf(shape)", one["shape"]) for one in plots]
    last = record["last"]
    told = {
        name: {"value": value, "on": last["ages"][name]} for name, value in last["figures"].items()
    }
    package = {
        "limits": limits_record(),
        "plots": [{"id": one["id"], "rings": ring} for one, ring in zip(plots, rings, strict=True)],
    }
    codes = list(Practice.objects.filter(is_active=True).values_list("code", flat=True)[:5])
    met: set[str] = set()

    @settings(max_examples=200, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(contents(codes, [one["id"] for one in plots]))
    def agree(content: dict[str, Any]) -> None:
        day = content["visited_on"]
        # What the phone knows of the time before: visit_known.js leaves out later figures.
        known = package | {"last": {k: v for k, v in told.items() if v["on"] <= day}}
        on_phone = page.evaluate(
            "(about) => window.judge(about)",
            {"content": content, "known": known, "today": str(localdate())},
        )
        wrong = {tuple(one) for one in on_phone["wrong"]}
        document = read(json.dumps(payload(rancher, **content)).encode())
        try:
            visit = understand(document)
        except Refused as refused:
            assert {field for field, _ in wrong} >= {reason.field for reason in refused.reasons}
            met.add("unreadable")
            return
        hard = limits.hard_reasons(
            visit.content, visit_id=visit.visit_id, changed=set(visit.content)
        )
        assert wrong == {(reason.field, reason.code) for reason in hard}
        soft = limits.soft_hits(visit.content, visit_id=visit.visit_id)
        away = limits.distance_to_farm_m(visit.content)
        assert (away is None) == (on_phone["away"] is None)
        near_the_line = away is not None and abs(away - 2000) < 10  # outlines are simplified to 5 m
        asked = {(field, code, tuple(looks_at)) for field, code, looks_at in on_phone["asked"]}
        on_server = {(hit.field, hit.code, tuple(sorted(hit.looks_at))) for hit in soft}
        different = {code for _field, code, _ in asked ^ on_server}
        assert different <= ({"soft_distance_km_max"} if near_the_line else set())
        if away is not None:
            assert on_phone["away"] == pytest.approx(away, rel=0.002, abs=8)
        met.update(code.split(":")[0] for _field, code, _ in on_server)
        met.update(reason.code for reason in hard)

    agree()
    assert met >= {
        "unreadable", "in_future", "more_in_milk_than_cows", "milk_impossible",
        "soft_milk_per_cow_max", "soft_stocking_rate_max", "soft_mortality_max",
        "soft_count_change_max", "soft_distance_km_max", "adopted_unseen",
    }  # fmt: skip
