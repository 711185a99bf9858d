"""What the dashboard and the rancher's page say of forest, and of where it is known from."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from monitoring import own_forest, quarters
from monitoring.models import CoverSource, RancherFact, SourceStatus
from monitoring.models.facts import Stratum
from monitoring.timelines import year_ends
from ranchers.models import Cohort, Phase, Rancher, Role
from tests.monitoring.cells import make_cell
from tests.monitoring.cover.rasters import gfc_source
from tests.monitoring.cover.test_compute import plot_of, square
from tests.practices.factories import make_user

pytestmark = pytest.mark.django_db
NOW = quarters.current_quarter()
LAST_YEAR = (NOW + 1) // 4 - 1


@pytest.fixture
def source() -> CoverSource:
    """An active source of forest; its files are never read here."""
    source = gfc_source(
        "/nowhere", is_active=True, status=SourceStatus.READY, caveat="Sobrestima en Tambopata.",
        last_year=LAST_YEAR,
    )  # fmt: skip
    source.save()
    return source


@pytest.fixture
def cohorts(db: None) -> list[Cohort]:
    made = [
        Cohort.objects.create(code="p", name="Piloto", phase=Phase.PILOT, starts_on="2018-01-01"),
        Cohort.objects.create(
            code="a", name="Ampliación", phase=Phase.SCALE_UP, starts_on="2020-07-01"
        ),
    ]
    make_cell("forest_change_pct", value=-9.87, n=10, quarter=NOW, cohort=made[0])
    make_cell("forest_change_pct", value=-3.21, n=3, quarter=NOW, cohort=made[1])
    make_cell("loss_ha", value=0.47, n=10, quarter=NOW, cohort=made[0])
    return made


def page_of(role: Role, path: str = "/tablero/arboles/") -> str:
    client = Client(headers={"accept-language": "es"})
    client.force_login(make_user(role))
    return client.get(path).content.decode()


def test_forest_stands_beside_its_source_version_years_and_known_limits(
    cohorts: list[Cohort], source: CoverSource
) -> None:
    page = page_of(Role.MINISTRY)
    for text in ("-9,9", "GFC-2024-v1.12", "Bosque de 2000", f"pérdidas hasta {LAST_YEAR}", "UMD/GLAD", "Sobrestima en Tambopata"):  # fmt: skip
        assert text in page
    assert "Sintético" not in page
    one = page_of(Role.MINISTRY, "/tablero/indicadores/loss_ha/")
    assert "GFC-2024-v1.12" in one
    assert "Sobrestima en Tambopata" in one


def test_a_made_up_source_is_said_to_be_made_up(cohorts: list[Cohort], source: CoverSource) -> None:
    before = page_of(Role.MINISTRY)
    CoverSource.objects.update(is_synthetic=True)
    after = page_of(Role.MINISTRY)
    assert "Datos sintéticos" not in before
    assert "Sintético: inventado, no es una observación" in after
    assert after.count("Datos sintéticos") >= 4  # under each figure


def test_few_ranchers_behind_a_change_of_forest_are_hidden(
    cohorts: list[Cohort], source: CoverSource
) -> None:
    assert "-3,2" not in page_of(Role.MINISTRY)
    assert "-3,2" in page_of(Role.COORDINATOR)


def test_without_a_source_the_page_says_what_to_do(cohorts: list[Cohort]) -> None:
    page = page_of(Role.COORDINATOR)
    assert "Aún no hay una fuente de cobertura" in page
    assert "-9,9" not in page


def test_the_page_of_trees_takes_few_queries(
    cohorts: list[Cohort],
    source: CoverSource,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = Client()
    client.force_login(make_user(Role.MINISTRY))
    with django_assert_max_num_queries(14):
        client.get("/tablero/arboles/")


def test_the_newest_year_is_read_at_the_newest_quarter_and_no_year_is_beyond_the_source() -> None:
    mid_2026 = 2026 * 4 + 1
    assert year_ends(since=2024 * 4, as_of=mid_2026, last_year=2025) == {
        2024: 2024 * 4 + 3,
        2025: mid_2026,
    }
    end_2026 = 2026 * 4 + 3
    assert list(year_ends(since=2025 * 4, as_of=end_2026, last_year=2025)) == [2025]


def fact(rancher: Rancher, quarter: int, **known: object) -> None:
    stratum, _ = Stratum.objects.get_or_create(
        statuses=[], cohorts=[], district_id=rancher.district_id, sex=""
    )
    RancherFact.objects.create(
        rancher=rancher, quarter=quarter, stratum=stratum, is_active=True, visits=0,
        visited_180d=False, practices_known=0, **known,
    )  # fmt: skip


def progress_page(rancher: Rancher) -> str:
    client = Client(headers={"accept-language": "es"})
    client.force_login(make_user(Role.RANCHER, rancher))
    page = client.get("/avance/").content.decode()
    start = page.index('data-figure="forest_ha"')
    return re.sub(r"\s+", " ", page[start : page.index("</article>", start)])


def test_a_rancher_reads_what_is_kept_and_what_each_year_took(
    rancher: Rancher, source: CoverSource
) -> None:
    for years, forest, loss in ((2, "20", "1.5"), (1, "19", "1"), (0, "18", "0")):
        known = {"forest_ha": Decimal(forest), "loss_ha": Decimal(loss)}
        fact(rancher, NOW - 4 * years, forest_joined_ha=Decimal(20), **known)
    page = progress_page(rancher)
    assert "18,0</strong> hectáreas de bosque" in page
    assert "9 de cada 10 partes siguen en pie" in page
    assert f"En {LAST_YEAR} no se vio ninguna pérdida" in page
    assert f"{LAST_YEAR - 2}: 1,5 ha; {LAST_YEAR - 1}: 1,0 ha" in page
    assert "GFC-2024-v1.12" in page


@pytest.mark.parametrize("reason", ["no outline", "no source", "no figure"])
def test_a_forest_that_is_not_known_is_said_to_be_so_and_never_nought(
    rancher: Rancher, reason: str
) -> None:
    fact(rancher, NOW)
    if reason != "no outline":
        plot_of(rancher, square(10, 10))
    if reason == "no figure":
        gfc_source("/nowhere", is_active=True, last_year=LAST_YEAR).save()
    page = progress_page(rancher)
    wanted = {
        "no outline": "falta el lindero",
        "no source": "no tiene imágenes de satélite",
        "no figure": "No se sabe",
    }
    assert wanted[reason] in page
    assert "0,0" not in page
    assert "hectáreas de bosque" not in page


def test_a_year_that_the_source_does_not_reach_is_not_shown(
    rancher: Rancher, source: CoverSource
) -> None:
    CoverSource.objects.update(last_year=LAST_YEAR - 1)
    fact(rancher, NOW, forest_ha=Decimal(18), loss_ha=Decimal(1), forest_joined_ha=Decimal(20))
    found = own_forest.forest_of(rancher.pk)
    assert [one.year for one in found.years] == [LAST_YEAR - 1]
