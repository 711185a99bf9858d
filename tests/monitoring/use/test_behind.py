"""A coordinator opens a group of a comparison down to its ranchers."""

import pytest

from monitoring.models import UseFigure
from monitoring.use import keeping
from practices.models import Practice
from ranchers.models import Cohort, Role
from tests.monitoring.cells import make_cell
from tests.monitoring.use.ground import NOW, make_cohort, make_farm, stage, stocked
from tests.monitoring.use.test_pages import client_of
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db
PAGE = "/tablero/con-y-sin/detras/"


@pytest.fixture
def farms():
    """One farm in each group, and an adopter beside whom nobody can stand."""
    Practice.objects.all().delete()
    Cohort.objects.all().delete()
    cohort = make_cohort()
    practice = make_practice("rotacion", moves_indicator="stocking_rate")
    known = {NOW - 13: stocked(10), NOW: stocked(17)}
    farms = {
        "adopters": make_farm(cohort, known),
        "alone": make_farm(cohort, {NOW - 15: stocked(10), NOW: stocked(20)}),
        "without": make_farm(cohort, {NOW: stocked(12)}),
        "others": make_farm(cohort, known),
    }
    stage(farms["adopters"], practice, "adopted", since=NOW - 12)
    stage(farms["alone"], practice, "adopted", since=NOW - 14)
    stage(farms["without"], practice, "trial", since=NOW - 1)
    make_cell("active_share", value=1, quarter=NOW, cohort=cohort)
    keeping.refresh()
    return farms


@pytest.mark.parametrize(
    ("group", "listed"),
    [
        ("with", {"adopters", "alone"}),
        ("without", {"without"}),
        ("unknown", {"others"}),
        ("adopters", {"adopters"}),
        ("others", {"others"}),
    ],
)
def test_a_list_holds_the_farms_of_the_figure(farms, group, listed):
    found = client_of(Role.COORDINATOR).get(f"{PAGE}?grupo={group}").context["found"]
    names = {name for name, farm in farms.items() if farm in [row.rancher for row in found.rows]}
    assert names == listed
    figure = UseFigure.objects.get(group=group, indicator="stocking_rate", cohort=None)
    assert figure.n == len(listed)


def test_an_adopter_stands_with_the_value_before(farms):
    text = client_of(Role.COORDINATOR).get(f"{PAGE}?grupo=adopters").content.decode()
    assert "antes: 1,00" in text
    assert "1,70" in text


def test_the_page_leads_there_for_coordinators_only(farms):
    assert PAGE in client_of(Role.COORDINATOR).get("/tablero/con-y-sin/").content.decode()
    ministry = client_of(Role.MINISTRY)
    assert PAGE not in ministry.get("/tablero/con-y-sin/").content.decode()
    assert ministry.get(f"{PAGE}?grupo=with").status_code == 403
    assert client_of(Role.COORDINATOR).get(f"{PAGE}?grupo=nadie").status_code == 404
