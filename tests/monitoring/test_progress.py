"""The progress page: own facts, own practices, the middle half, and nobody else's name."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils.timezone import localdate, now
from pytest_django import DjangoAssertNumQueries

from monitoring import quarters
from monitoring.models import NextStep, RancherFact, SpreadBin, Visit
from monitoring.models.facts import Stratum
from monitoring.progress import progress_of
from practices.models import FieldDay, Stage, StageInterval
from ranchers.models import Cohort, Phase, Rancher, Role
from tests.practices.factories import make_district, make_practice, make_rancher, make_user

pytestmark = pytest.mark.django_db
NOW = quarters.current_quarter()


@pytest.fixture
def cohort() -> Cohort:
    return Cohort.objects.create(
        code="piloto", name="Piloto", phase=Phase.PILOT, starts_on="2018-01-01"
    )


def add_fact(rancher: Rancher, cohort: Cohort, quarter: int, **known: object) -> None:
    stratum, _ = Stratum.objects.get_or_create(
        statuses=[cohort.pk * 8 + 2], district_id=rancher.district_id, sex="",
        defaults={"cohorts": [cohort.pk]},
    )  # fmt: skip
    RancherFact.objects.create(
        rancher=rancher, quarter=quarter, stratum=stratum, is_active=True, visits=1,
        visited_180d=True, practices_known=1, **known,
    )  # fmt: skip


@pytest.fixture
def rancher(cohort: Cohort) -> Rancher:
    rancher = make_rancher(technician=make_user(Role.TECHNICIAN))
    add_fact(
        rancher, cohort, NOW - 4, milked_l_per_day=Decimal("40"), cows_in_milk=10,
        milk_l_per_day=Decimal("40"), animal_units=Decimal("30.5"), pasture_ha=20,
    )  # fmt: skip
    add_fact(
        rancher, cohort, NOW, milked_l_per_day=Decimal("52"), cows_in_milk=10,
        milk_l_per_day=Decimal("52"), animal_units=Decimal("30.5"), pasture_ha=20,
        live_fence_m=1500,
    )  # fmt: skip
    SpreadBin.objects.bulk_create(
        SpreadBin(indicator="milk_per_cow", quarter=NOW, cohort=cohort, bin=number, ranchers=2)
        for number in (130, 140, 150, 160)
    )
    return rancher


def test_own_figures_come_from_own_facts_in_the_indicators_unit(rancher: Rancher) -> None:
    progress = progress_of(rancher)
    milk, stocking, calving = progress.production
    fences = progress.trees[1]
    assert (milk.year_ago, milk.current) == (4.0, 5.2)
    assert stocking.current == pytest.approx(1.525)
    assert calving.current is None
    assert fences.current == pytest.approx(1.5)
    assert milk.place == "above"


def test_an_unknown_figure_is_said_to_be_unknown_and_never_zero(
    client: Client, rancher: Rancher
) -> None:
    client.force_login(make_user(Role.RANCHER, rancher))
    page = client.get("/avance/").content.decode()
    start = page.index('data-figure="calving_rate"')
    calving = page[start : page.index("</article>", start)]
    assert "Aún no se ha medido" in calving
    assert "figure__value" not in calving


def test_the_page_shows_practices_steps_field_day_and_technician(
    client: Client, rancher: Rancher
) -> None:
    practice = make_practice()
    today = localdate()
    StageInterval.objects.create(
        rancher=rancher, practice=practice, stage=Stage.ADOPTED, first_evidence_on="2023-02-01",
        period=DateRange(today - timedelta(days=300), today + timedelta(days=30)),
    )  # fmt: skip
    visit = Visit.objects.create(rancher=rancher, visited_on=today, content_hash="x")
    NextStep.objects.create(visit=visit, text="Sembrar estacas de eritrina", practice=practice)
    FieldDay.objects.create(
        title="Día de cercos vivos", district=make_district(), place="Fundo El Castañal",
        starts_at=now() + timedelta(days=9),
    )  # fmt: skip
    client.force_login(make_user(Role.RANCHER, rancher))
    page = client.get("/avance/").content.decode()
    for text in ("Cercos vivos", "desde 2023", "Sembrar estacas", "Día de cercos", "técnic"):
        assert text in page
    assert rancher.technician is not None
    assert rancher.technician.name in page


def test_a_cohort_of_four_shows_no_middle_half(rancher: Rancher) -> None:
    SpreadBin.objects.filter(indicator="milk_per_cow", bin__gt=140).delete()
    assert progress_of(rancher).production[0].middle_half is None


def test_nobody_elses_name_is_on_the_page(client: Client, rancher: Rancher) -> None:
    other = make_rancher(given_names="Casimiro", surnames="Huaytalla")
    client.force_login(make_user(Role.RANCHER, rancher))
    page = client.get("/avance/").content.decode()
    assert other.surnames not in page
    assert other.given_names not in page


def test_unchanged_figures_cost_an_empty_answer(client: Client, rancher: Rancher) -> None:
    client.force_login(make_user(Role.RANCHER, rancher))
    first = client.get("/avance/?live")
    again = client.get("/avance/?live", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    RancherFact.objects.filter(quarter=NOW).update(milked_l_per_day=Decimal("53"))
    changed = client.get("/avance/?live", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200


def test_a_rancher_without_facts_gets_a_page_that_says_so(client: Client) -> None:
    client.force_login(make_user(Role.RANCHER))
    answer = client.get("/avance/")
    assert answer.status_code == 200
    assert "Todavía no hay prácticas" in answer.content.decode()


def test_a_technician_sees_it_for_own_ranchers_only(client: Client, rancher: Rancher) -> None:
    assert rancher.technician is not None
    client.force_login(rancher.technician)
    assert client.get(f"/avance/{rancher.pk}/").status_code == 200
    client.force_login(make_user(Role.TECHNICIAN))
    assert client.get(f"/avance/{rancher.pk}/").status_code == 404
    client.force_login(make_user(Role.MINISTRY))
    assert client.get(f"/avance/{rancher.pk}/").status_code == 403


def test_the_page_reads_a_fixed_number_of_queries(
    client: Client, rancher: Rancher, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_user(Role.RANCHER, rancher))
    with django_assert_max_num_queries(15):
        client.get("/avance/")
