"""What a phone carries: only what its holder needs, and afterwards only what changed."""

import gzip
import json
from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate
from psycopg2.extras import DateRange

from monitoring.field.package import package_for
from monitoring.field.records import packed
from monitoring.models import FieldDevice, FieldManifest, NextStep, Visit
from ranchers.models import Cohort, Enrolment, EnrolmentStatus, Plot, PlotBoundary
from tests import people
from tests.monitoring.factories import payload, send
from tests.monitoring.field.phone import Phone
from tests.practices.factories import make_practice
from tests.world import square

pytestmark = pytest.mark.django_db


@pytest.fixture
def rancher(technician):
    return people.rancher(technician=technician, dni="46813579", birth_year=1970)


def package(phone, since=""):
    answer = phone.get(f"package/?since={since}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def only(records):
    assert len(records) == 1
    return records[0]


def make_plot(rancher, name="Fundo Sur"):
    plot = Plot.objects.create(rancher=rancher, name=name, district=rancher.district)
    PlotBoundary.objects.create(
        plot=plot, boundary=square(), area_ha="120.5", period=DateRange(date(2020, 1, 1), None)
    )
    return plot


def test_a_whole_package_has_what_a_visit_needs(phone, rancher, technician):
    make_plot(rancher)
    make_practice("cercos-vivos")
    day = (localdate() - timedelta(days=5)).isoformat()
    seen = [{"practice": "cercos-vivos", "stage": "trial", "intensity": "250"}]
    step = {"id": "01890000-0000-7000-8000-000000000001", "text": "Podar", "due_on": day}
    send(payload(rancher, visited_on=day, observations=seen, next_steps=[step]), technician)
    found = package(phone)
    assert found["full"]
    assert (found["me"]["name"], found["me"]["language"]) == (technician.name, "es")
    mine = only(found["ranchers"])
    assert (mine["name"], mine["technician_is_me"], mine["last_visit_on"]) == (
        rancher.full_name,
        True,
        day,
    )
    assert mine["last"]["figures"] == {
        "cows": 20,
        "calves": 8,
        "cows_in_milk": 10,
        "milk_l_per_day": "50",
        "pasture_ha": "30",
    }
    assert set(mine["last"]["ages"].values()) == {day}
    assert mine["stages"] == {"cercos-vivos": {"stage": "trial", "since": day, "intensity": "250"}}
    assert only(mine["steps"])["text"] == "Podar"
    assert mine["due_on"] == day
    assert only(found["plots"])["name"] == "Fundo Sur"
    visit = only(found["visits"])
    assert (visit["version"], visit["content"]["base_version"], visit["photos"]) == (1, 1, 0)
    assert visit["content"]["measurements"]["cows"] == 20
    assert found["practices"][-1].keys() >= {"code", "name", "unit", "counts_as_adopted"}
    assert found["limits"]["soft"]["stocking_rate_max"] == 5


def test_nothing_goes_out_that_a_visit_does_not_need(phone, rancher, technician):
    send(payload(rancher, notes="secreto"), technician)  # an old visit: not to be edited any more
    people.rancher(district=people.other_district(), surnames="Ajeno")
    text = json.dumps(package(phone))
    for word in ("46813579", "1970", 'income_pen":', "Ajeno", "secreto"):
        assert word not in text.replace('"income_pen": 99999999', "")


def test_who_left_the_programme_is_not_carried(phone, rancher):
    cohort = Cohort.objects.create(code="x", name="X", phase="pilot", starts_on=date(2020, 1, 1))
    enrolment = Enrolment.objects.create(rancher=rancher, cohort=cohort)
    status = EnrolmentStatus.objects.create(
        enrolment=enrolment, status="active", period=DateRange(date(2020, 1, 1), None)
    )
    first = package(phone)
    assert only(first["ranchers"])["status"] == "active"
    EnrolmentStatus.objects.filter(pk=status.pk).update(status="left")
    assert package(phone, first["cursor"])["gone"]["ranchers"] == [str(rancher.pk)]


def test_afterwards_only_what_changed_is_sent(phone, rancher, technician):
    people.rancher(technician=technician)
    first = package(phone)
    nothing = package(phone, first["cursor"])
    assert nothing["cursor"] == first["cursor"]
    assert not nothing["full"]
    assert [nothing[kind] for kind in ("ranchers", "plots", "visits")] == [[], [], []]
    assert "practices" not in nothing
    rancher.phone = "+51987000111"
    rancher.save()
    changed = package(phone, first["cursor"])
    assert only(changed["ranchers"])["phone"] == "+51987000111"


def test_what_is_no_longer_there_is_named(phone, rancher, technician):
    plot = make_plot(rancher)
    sent = send(payload(rancher, visited_on=localdate().isoformat()), technician)
    first = package(phone)
    Visit.objects.filter(pk=sent.visit_id).update(deleted_at="2026-01-01T00:00Z")
    Plot.objects.filter(pk=plot.pk).update(closed_on=localdate())
    second = package(phone, first["cursor"])
    assert second["gone"] == {
        "ranchers": [],
        "plots": [str(plot.pk)],
        "visits": [str(sent.visit_id)],
    }
    assert only(second["ranchers"])["last_visit_on"] is None


def test_losing_sight_of_a_rancher_is_seen(phone, rancher, technician):
    plot = make_plot(rancher)
    first = package(phone)
    rancher.technician, rancher.district = None, people.other_district()
    rancher.save()
    assert package(phone, first["cursor"])["gone"] == {
        "ranchers": [str(rancher.pk)],
        "plots": [str(plot.pk)],
        "visits": [],
    }


def test_a_lost_answer_is_harmless(phone, rancher):
    first = package(phone)
    rancher.community = "Belgica"
    rancher.save()
    lost = package(phone, first["cursor"])
    again = package(phone, first["cursor"])
    assert again["ranchers"] == lost["ranchers"]
    assert package(phone, again["cursor"])["ranchers"] == []
    assert FieldManifest.objects.count() <= 2


@pytest.mark.parametrize("cursor", ["x", "01890000-0000-7000-8000-000000000009", "%00"])
def test_a_cursor_that_is_not_known_gives_the_whole(phone, rancher, cursor):
    found = package(phone, cursor)
    assert found["full"]
    assert len(found["ranchers"]) == 1


def test_another_devices_cursor_is_not_known(phone, rancher, technician):
    other = package(Phone(technician))
    assert package(phone, other["cursor"])["full"]


def test_items_settled_later_are_told_in_the_receipts(phone, rancher, technician):
    first = package(phone)
    outsider = Phone(people.technician(people.other_district()))
    package(outsider)
    held = outsider.sync(payload(rancher)).json()["items"][0]
    assert held["outcome"] == "quarantined"
    from monitoring import quality

    cursor = package(outsider)["cursor"]
    quality.accept(number=held["number"], by=people.staff(people.Role.COORDINATOR))
    told = only(package(outsider, cursor)["receipts"])
    assert (told["number"], told["outcome"], told["version"]) == (held["number"], "created", 1)
    assert package(phone, first["cursor"])["receipts"] == []


def test_an_outline_is_packed_as_differences():
    shape = square(lon=-69.5, lat=-11.4, side=0.01)
    assert packed(shape) == [[[-6950000, -1140000], [1000, 0], [0, 1000], [-1000, 0]]]


def test_two_hundred_ranchers_take_a_handful_of_queries_and_less_than_300_kb(
    phone, technician, django_assert_max_num_queries
):
    practices = [make_practice(f"practica-{n}") for n in range(3)]
    today = localdate()
    for number in range(200):
        rancher = people.rancher(technician=technician, community="Caserío La Novia")
        make_plot(rancher)
        visit = Visit.objects.create(
            rancher=rancher, technician=technician, visited_on=today, content_hash="0" * 64
        )
        NextStep.objects.create(visit=visit, text="Ampliar el cerco vivo del potrero", due_on=today)
        from monitoring.models import Measurement
        from practices.models import StageInterval

        Measurement.objects.create(visit=visit, cows=number, milk_l_per_day="55.5", calves=3)
        for practice in practices:
            StageInterval.objects.create(
                rancher=rancher,
                practice=practice,
                stage="adopted",
                period=DateRange(today, None),
                first_evidence_on=today,
            )
    device = FieldDevice.objects.get()
    with django_assert_max_num_queries(24):
        found = package_for(device)
    assert len(found["ranchers"]) == len(found["plots"]) == len(found["visits"]) == 200
    assert len(gzip.compress(json.dumps(found).encode())) < 300_000
