"""A coordinator opens a figure down to the ranchers and the visits behind it."""

import pytest
from django.test import Client

from monitoring.models import Visit
from monitoring.models.facts import PracticeFact, RancherFact, Stratum
from monitoring.quarters import current_quarter, end
from ranchers.models import Cohort, Role, User
from tests.practices.factories import make_practice, make_rancher

pytestmark = pytest.mark.django_db
NOW = current_quarter()


@pytest.fixture
def coordinator():
    user = User.objects.create_user(
        email="c@x.pe", password="una clave larga", name="X", role=Role.COORDINATOR
    )
    client = Client(headers={"accept-language": "es"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def cohort():
    return Cohort.objects.create(
        code="piloto-x", name="Piloto", phase="pilot", starts_on="2018-01-01"
    )


def counted(rancher, cohort, **known):
    """The rancher's fact of this quarter as a member of the cohort."""
    stratum, _ = Stratum.objects.get_or_create(
        statuses=[cohort.pk * 8 + 2], district=rancher.district, sex=rancher.sex,
        defaults={"cohorts": [cohort.pk]},
    )  # fmt: skip
    RancherFact.objects.create(
        rancher=rancher, quarter=NOW, stratum=stratum, is_active=True, visits=1, visited_180d=True,
        practices_known=0, **known,
    )  # fmt: skip
    return stratum


def test_the_parts_of_a_ratio_are_shown_for_each_rancher_with_the_visits(coordinator, cohort):
    rancher = make_rancher()
    counted(rancher, cohort, animal_units=30, pasture_ha=20)
    Visit.objects.create(rancher=rancher, visited_on=end(NOW - 1), content_hash="x")
    Visit.objects.create(rancher=rancher, visited_on=end(NOW - 12), content_hash="x")
    page = coordinator.get("/tablero/indicadores/stocking_rate/detras/?cohorte=piloto-x").content
    text = page.decode()
    assert str(rancher) in text
    assert "1,50" in text
    assert f"{end(NOW - 1):%d/%m/%Y}" in text
    assert f"{end(NOW - 12):%d/%m/%Y}" not in text


def test_the_slice_of_the_figure_is_the_slice_of_the_list(coordinator, cohort):
    rancher = make_rancher()
    counted(rancher, cohort, animal_units=30, pasture_ha=20)
    address = "/tablero/indicadores/stocking_rate/detras/?cohorte=piloto-x"
    assert str(rancher) in coordinator.get(address).content.decode()
    other = "f" if rancher.sex != "f" else "m"
    assert str(rancher) not in coordinator.get(f"{address}&sexo={other}").content.decode()


def test_a_practices_figure_lists_the_stage_known_in_that_quarter(coordinator, cohort):
    rancher, practice = make_rancher(), make_practice()
    stratum = counted(rancher, cohort)
    PracticeFact.objects.create(
        rancher=rancher, practice=practice, from_quarter=NOW - 2, to_quarter=NOW + 4,
        stratum=stratum, stage="adopted",
    )  # fmt: skip
    page = coordinator.get(
        f"/tablero/indicadores/adoption_rate/detras/?cohorte=piloto-x&practica={practice.code}"
    ).content.decode()
    assert str(rancher) in page
    assert "Adoptada" in page or "Adoptado" in page


def test_many_ranchers_take_no_more_queries(coordinator, cohort, django_assert_max_num_queries):
    for _ in range(12):
        counted(make_rancher(), cohort, animal_units=30, pasture_ha=20)
    with django_assert_max_num_queries(13):
        coordinator.get("/tablero/indicadores/stocking_rate/detras/?cohorte=piloto-x")


@pytest.mark.parametrize("query", ["", "?cohorte=nada", "?cohorte=%00"])
def test_an_unknown_cohort_is_not_found(coordinator, cohort, query):
    assert coordinator.get(f"/tablero/indicadores/stocking_rate/detras/{query}").status_code == 404
