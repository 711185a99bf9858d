"""A page's figures are drawn once, until one changes; nobody gets what another role was shown."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.models import Cell, SurvivalPoint
from monitoring.quarters import current_quarter
from practices.models import Practice
from ranchers.models import Cohort, Role
from tests.monitoring.cells import make_cell
from tests.people import client_of
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db
NOW = current_quarter()


@pytest.fixture
def cohort():
    cache.clear()
    Cohort.objects.all().delete()
    return Cohort.objects.create(
        code="piloto", name="Piloto", phase="pilot", starts_on="2018-01-01"
    )


def queries_of(client, path):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", ["resumen", "adopcion", "produccion", "arboles", "mapa"])
def test_the_second_reader_costs_no_reading_of_cells(cohort, page):
    make_practice()
    make_cell("active_share", value=40.0, n=60, quarter=NOW, cohort=cohort)
    first, second = client_of(Role.MINISTRY), client_of(Role.MINISTRY)
    second.get("/tablero/indicadores/")  # its session is read before
    drawn = queries_of(first, f"/tablero/{page}/")
    assert queries_of(second, f"/tablero/{page}/") < drawn


def test_a_changed_figure_is_drawn_at_once(cohort):
    cell = make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    assert "1,25" in client.get("/tablero/produccion/").content.decode()
    Cell.objects.filter(pk=cell.pk).delete()
    make_cell("stocking_rate", value=3.75, n=60, quarter=NOW, cohort=cohort)
    page = client.get("/tablero/produccion/").content.decode()
    assert "3,75" in page
    assert "1,25" not in page


def test_a_changed_curve_is_drawn_at_once(cohort):
    practice = make_practice()
    Practice.objects.exclude(pk=practice.pk).update(is_active=False)
    client = client_of(Role.MINISTRY)
    SurvivalPoint.objects.create(cohort=cohort, practice=practice, month=6, adopted=9, censored=0)
    first = client.get("/tablero/adopcion/vivo/")
    SurvivalPoint.objects.update(month=11)
    second = client.get("/tablero/adopcion/vivo/")
    assert first["ETag"] != second["ETag"]
    assert "11 meses" in second.content.decode()


@pytest.mark.parametrize("order", [1, -1])
def test_a_role_never_gets_what_another_role_was_shown(cohort, order):
    make_cell("stocking_rate", value=7.77, n=3, quarter=NOW, cohort=cohort)
    for role in (Role.COORDINATOR, Role.MINISTRY)[::order]:
        client = client_of(role)
        for path in ("/tablero/produccion/", "/tablero/produccion/vivo/"):
            assert ("7,77" in client.get(path).content.decode()) == (role == Role.COORDINATOR)


def test_each_language_and_each_choice_has_its_own(cohort):
    make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    make_cell("stocking_rate", value=2.5, n=20, quarter=NOW, cohort=cohort, sex="f")
    spanish, english = client_of(Role.COORDINATOR), client_of(Role.COORDINATOR, language="en")
    assert "1,25" in spanish.get("/tablero/produccion/").content.decode()
    assert "1.25" in english.get("/tablero/produccion/").content.decode()
    assert "2,50" in spanish.get("/tablero/produccion/?sexo=f").content.decode()


def test_a_renamed_cohort_is_seen_at_once(cohort):
    client = client_of(Role.MINISTRY)
    client.get("/tablero/")
    Cohort.objects.update(name="Los diez primeros")
    assert "Los diez primeros" in client.get("/tablero/").content.decode()


@pytest.mark.parametrize("broken", [b"neither", 5])
def test_a_kept_drawing_that_cannot_be_read_is_made_anew(cohort, broken):
    make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    client.get("/tablero/produccion/")
    drawings = [key for key in cache._cache.get_client().keys("*drawn:*") if b"begun" not in key]
    assert drawings
    for key in drawings:
        cache.set(key.decode().split(":", 2)[2], broken)
    assert "1,25" in client.get("/tablero/produccion/").content.decode()


def test_without_the_cache_the_page_is_drawn_all_the_same(cohort, settings, tmp_path):
    make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    nowhere = {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock"}
    settings.CACHES = {"default": nowhere}
    assert "1,25" in client_of(Role.MINISTRY).get("/tablero/produccion/").content.decode()
