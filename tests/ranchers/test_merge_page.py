"""The coordinator's page on which two registrations of one person become one."""

import pytest
from django.test import Client

from ranchers.models import Rancher, RancherAlias, Role
from tests import people
from tests.practices.factories import make_plot

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator():
    return people.staff(Role.COORDINATOR)


@pytest.fixture
def pages(coordinator):
    client = Client()
    client.force_login(coordinator)
    return client


def address(rancher):
    return f"/ganaderos/{rancher.pk}/unir/"


def test_people_with_nearly_the_same_name_or_the_same_telephone_are_offered(pages):
    one = people.rancher(given_names="Rosa María", surnames="Quispe Huamán", phone="+51987654321")
    people.rancher(given_names="Rosa Maria", surnames="Quispe Huaman")
    people.rancher(given_names="R.", surnames="Q.", phone="+51987654321")
    people.rancher(given_names="Julio", surnames="Pinedo")
    html = pages.get(address(one)).content.decode()
    assert "Rosa Maria Quispe Huaman" in html and "R. Q." in html
    assert "Julio Pinedo" not in html
    assert "Julio Pinedo" in pages.get(address(one), {"q": "julio"}).content.decode()


def test_both_stand_side_by_side_and_become_one_only_when_confirmed(pages, coordinator):
    stays = people.rancher(dni=None, community="")
    goes = people.rancher(community="La Novia")
    make_plot(stays, "Fundo Uno")
    make_plot(goes, "Fundo Dos")
    both = f"{address(stays)}?con={goes.pk}"
    html = pages.get(both).content.decode()
    assert goes.dni in html and "No se puede deshacer" in html
    assert pages.post(both).status_code == 422
    assert Rancher.objects.count() == 2
    answer = pages.post(both, {"confirmed": "on"})
    assert answer["Location"] == f"/ganaderos/{stays.pk}/"
    stays.refresh_from_db()
    assert (stays.dni, stays.community, stays.plots.count()) == (goes.dni, "La Novia", 2)
    assert RancherAlias.objects.get(pk=goes.pk).made_by == coordinator
    page = pages.get(answer["Location"]).content.decode()
    assert f"Se unió con el registro de {goes.full_name} el" in page and coordinator.name in page


def test_two_dnis_have_to_be_spoken_to(pages):
    stays, goes = people.rancher(), people.rancher()
    both = f"{address(stays)}?con={goes.pk}"
    assert pages.post(both, {"confirmed": "on"}).status_code == 422
    assert pages.post(both, {"confirmed": "on", "knows_dni": "on"}).status_code == 302


@pytest.mark.parametrize("con", ["", "x", "00000000-0000-4000-8000-000000000000", "self"])
def test_nobody_or_oneself_is_not_found(pages, con):
    one = people.rancher()
    con = str(one.pk) if con == "self" else con
    assert pages.get(address(one), {"con": con}).status_code == 404


def test_only_the_coordination_joins(pages):
    stays, goes = people.rancher(), people.rancher()
    client = Client()
    client.force_login(people.technician(people.district()))
    both = f"{address(stays)}?con={goes.pk}"
    assert client.post(both, {"confirmed": "on", "knows_dni": "on"}).status_code == 403
    assert Rancher.objects.count() == 2
