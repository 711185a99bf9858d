"""A coordinator opens a figure down to the ranchers and the visits behind it."""

import html
import re

import pytest
from django.test import Client

from monitoring.indicators import INDICATORS, Kind
from monitoring.models import SurvivalPoint, Target, Visit
from monitoring.models.facts import PracticeFact, RancherFact, Stratum, SurvivalFact
from monitoring.quarters import current_quarter, end
from ranchers.models import Cohort, Role, User
from tests.monitoring.cells import make_cell
from tests.practices.factories import make_district, make_practice, make_rancher

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


def links_to_behind(client, path):
    page = client.get(path).content.decode()
    return {html.unescape(one) for one in re.findall(r'href="([^"]*/detras/[^"]*)"', page)}


@pytest.mark.parametrize("page", ["resumen", "adopcion", "produccion", "arboles", "mapa"])
def test_every_figure_of_every_page_opens_down_to_who_is_behind_it(coordinator, cohort, page):
    practice = make_practice()
    district = make_district()
    for indicator in INDICATORS:
        if indicator.kind == Kind.SURVIVAL:
            continue
        for quarter in (NOW - 1, NOW):
            for place in (None, district):
                make_cell(
                    indicator.code, value=12.5, n=9, quarter=quarter, cohort=cohort, district=place,
                    practice=practice if indicator.per_practice else None,
                    category="active" if indicator.categories else "",
                )  # fmt: skip
    found = links_to_behind(coordinator, f"/tablero/{page}/?practica={practice.code}")
    assert found
    for link in found:
        assert coordinator.get(link).status_code == 200, link
    page_text = coordinator.get(f"/tablero/{page}/?practica={practice.code}").content.decode()
    values = re.findall(r"<td[^>]*data-value=[^>]*>(.*?)</td>", page_text)
    assert values
    assert all("/detras/" in value for value in values)


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.code)
def test_the_page_of_each_indicator_opens_down_too(coordinator, cohort, indicator):
    practice = make_practice() if indicator.per_practice else None
    if indicator.kind == Kind.SURVIVAL:
        SurvivalPoint.objects.create(
            cohort=cohort, practice=practice, month=6, adopted=5, censored=0
        )
    else:
        make_cell(
            indicator.code, value=12.5, n=9, quarter=NOW, cohort=cohort, practice=practice,
            category="active" if indicator.categories else "",
        )  # fmt: skip
    chosen = f"?practica={practice.code}" if practice else ""
    found = links_to_behind(coordinator, f"/tablero/indicadores/{indicator.code}/{chosen}")
    assert found
    for link in found:
        assert coordinator.get(link).status_code == 200, link


def test_a_goal_opens_down_to_the_visits_behind_what_was_achieved(coordinator, cohort):
    rancher, practice = make_rancher(), make_practice()
    stratum = counted(rancher, cohort, animal_units=30, pasture_ha=20)
    PracticeFact.objects.create(
        rancher=rancher, practice=practice, from_quarter=NOW - 2, to_quarter=NOW + 4,
        stratum=stratum, stage="adopted", intensity=3, ceiling=4,
    )  # fmt: skip
    visit = Visit.objects.create(rancher=rancher, visited_on=end(NOW - 1), content_hash="x")
    wanted = [
        ("stocking_rate", None, cohort),
        ("adoption_intensity", practice, cohort),
        ("stocking_rate", None, None),
    ]
    for code, of, whose in wanted:
        Target.objects.create(indicator=code, practice=of, cohort=whose, quarter=NOW + 3, value=1)
        make_cell(code, value=1.5, n=1, quarter=NOW, cohort=whose, practice=of)
    found = links_to_behind(coordinator, "/coordinacion/")
    assert len(found) == len(wanted)
    for link in found:
        page = coordinator.get(link).content.decode()
        assert str(rancher) in page, link
        assert str(visit.pk) in page, link


def test_a_status_opens_those_who_have_it_and_nobody_else(coordinator, cohort):
    active, left = make_rancher(), make_rancher(given_names="Casimiro", surnames="Huaytalla")
    counted(active, cohort)
    gone, _ = Stratum.objects.get_or_create(
        statuses=[cohort.pk * 8 + 4], district=left.district, sex=left.sex, defaults={"cohorts": []}
    )
    RancherFact.objects.create(
        rancher=left, quarter=NOW, stratum=gone, is_active=False, visits=0, visited_180d=False,
        practices_known=0,
    )  # fmt: skip
    for whose in ("piloto-x", "todas"):
        address = f"/tablero/indicadores/enrolled/detras/?cohorte={whose}&estado="
        here = coordinator.get(address + "left").content.decode()
        assert "Huaytalla" in here
        assert str(active) not in here
        assert "Huaytalla" not in coordinator.get(address + "active").content.decode()
    assert coordinator.get(f"{address}nada").status_code == 404


def test_the_curve_opens_those_who_adopted_and_those_still_waiting(coordinator, cohort):
    fast, waiting = make_rancher(), make_rancher(given_names="Casimiro", surnames="Huaytalla")
    practice = make_practice()
    for rancher in (fast, waiting):
        SurvivalFact.objects.create(rancher=rancher, cohort=cohort, is_first=True, last_month=30)
    SurvivalFact.objects.create(
        rancher=fast,
        cohort=cohort,
        practice=practice,
        is_first=True,
        adopted_month=7,
        last_month=30,
    )
    page = coordinator.get(
        f"/tablero/indicadores/time_to_adoption/detras/?cohorte=piloto-x&practica={practice.code}"
    ).content.decode()
    assert "la adoptó a los 7 meses" in page
    assert "no la ha adoptado en 30 meses" in page
