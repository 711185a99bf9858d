"""Demonstration farms: begun and ended by the coordinator, named only to those who may see them."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from practices import demonstrations
from practices.models import DemonstrationFarm
from ranchers.models import Role
from tests.practices.factories import make_district, make_plot, make_practice, make_rancher

pytestmark = pytest.mark.django_db

LIST = "/practicas/dias-de-campo/fincas/"


@pytest.fixture
def plot():
    return make_plot(make_rancher(given_names="Rosa", dni="12345678"), "Fundo La Quebrada")


def test_the_coordinator_finds_a_farm_begins_it_and_ends_it(log_in, plot):
    browser, practice = log_in(Role.COORDINATOR), make_practice()
    for search in ("quebrada", "rosa", "12345678"):
        assert "Fundo La Quebrada" in browser.get(f"{LIST}nueva/", {"q": search}).content.decode()
    data = {"practices": [practice.pk], "since": "2021-03-01"}
    assert browser.post(f"{LIST}nueva/{plot.pk}/", data).status_code == 302
    farm = DemonstrationFarm.objects.get()
    assert list(farm.practices.all()) == [practice]
    for _ in range(2):
        browser.post(f"{LIST}{farm.pk}/terminar/")
    farm.refresh_from_db()
    assert farm.last_day == localdate()


def test_a_farm_cannot_serve_twice_at_once_but_again_after_it_ended(log_in, plot):
    browser = log_in(Role.COORDINATOR)
    data = {"practices": [make_practice().pk], "since": str(localdate() - timedelta(days=30))}
    browser.post(f"{LIST}nueva/{plot.pk}/", data)
    again = browser.post(f"{LIST}nueva/{plot.pk}/", data)
    assert again.status_code == 422
    assert "ya es demostrativa" in again.content.decode()
    assert DemonstrationFarm.objects.count() == 1


def test_a_farm_that_began_today_can_end_today(plot):
    farm = demonstrations.begin(plot=plot, practices=[make_practice()], since=localdate())
    demonstrations.end(farm)
    assert farm.last_day == localdate()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"practices": []}, "al menos una práctica"),
        ({"practices": ["99999"]}, "99999"),
        ({"practices": ["x"]}, "x"),
        ({"since": ""}, "requerido"),
        ({"since": "9999-12-31"}, "hasta hoy"),
        ({"since": "1999-12-31"}, "hasta hoy"),
        ({"since": "ayer"}, "válida"),
    ],
)
def test_a_farm_with_something_wrong_is_refused_in_spanish(log_in, plot, change, words):
    data = {"practices": [make_practice().pk], "since": "2021-03-01", **change}
    answer = log_in(Role.COORDINATOR).post(f"{LIST}nueva/{plot.pk}/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not DemonstrationFarm.objects.exists()


def test_a_technician_sees_the_farms_of_the_own_district_only(log_in, plot):
    elsewhere = make_plot(make_rancher(make_district("170301", "Iñapari")), "Fundo Lejano")
    for one in (plot, elsewhere):
        demonstrations.begin(
            plot=one, practices=[make_practice(str(one.pk))], since=date(2020, 1, 1)
        )
    technician = log_in(Role.TECHNICIAN)
    technician.user.districts.add(make_district())
    text = technician.get(LIST).content.decode()
    assert "Fundo La Quebrada" in text
    assert "Fundo Lejano" not in text
    assert technician.get(f"{LIST}nueva/").status_code == 403


def test_the_list_costs_the_same_queries_however_many_farms(log_in, django_assert_max_num_queries):
    practice = make_practice()
    for number in range(10):
        plot = make_plot(make_rancher(), f"Fundo {number}")
        demonstrations.begin(plot=plot, practices=[practice], since=date(2020, 1, 1))
    browser = log_in(Role.COORDINATOR)
    with django_assert_max_num_queries(7):
        browser.get(LIST)


@pytest.mark.parametrize("search", ["%", "\x00", "x" * 5000, "<script>", "' or 1=1"])
def test_hostile_searches_find_nothing_and_break_nothing(log_in, plot, search):
    answer = log_in(Role.COORDINATOR).get(f"{LIST}nueva/", {"q": search})
    assert answer.status_code == 200
    assert "Fundo La Quebrada" not in answer.content.decode()
