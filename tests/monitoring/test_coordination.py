"""The coordinator sees goals against what was achieved and takes items off the queue."""

import pytest

from monitoring.models import DataFlag, InboxPayload, Outcome, Target
from monitoring.quarters import current_quarter
from monitoring.targets import Standing, achievements
from practices.models import Practice
from ranchers.models import Cohort, Role, User
from tests.monitoring.cells import make_cell
from tests.people import client_of
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db
NOW = current_quarter()


@pytest.fixture
def cohort():
    return Cohort.objects.create(
        code="piloto-x", name="Piloto", phase="pilot", starts_on="2018-01-01"
    )


@pytest.fixture
def coordinator():
    return client_of(Role.COORDINATOR)


@pytest.mark.parametrize(
    ("indicator", "achieved", "goal", "due", "standing"),
    [
        ("active_share", 80.0, 75.0, NOW + 2, Standing.REACHED),
        ("active_share", 60.0, 75.0, NOW + 2, Standing.OPEN),
        ("active_share", 60.0, 75.0, NOW - 2, Standing.MISSED),
        ("mortality", 4.0, 5.0, NOW + 2, Standing.REACHED),
        ("mortality", 6.0, 5.0, NOW - 2, Standing.MISSED),
    ],
)
def test_a_goal_stands_by_its_direction_and_its_date(
    cohort, indicator, achieved, goal, due, standing
):
    Target.objects.create(cohort=cohort, indicator=indicator, quarter=due, value=goal)
    make_cell(indicator, value=achieved, quarter=min(due, NOW), cohort=cohort)
    assert [one.standing for one in achievements()] == [standing]


def test_a_goal_that_is_past_is_judged_by_its_own_quarter_not_by_today(cohort):
    Target.objects.create(cohort=cohort, indicator="active_share", quarter=NOW - 4, value=50)
    make_cell("active_share", value=40.0, quarter=NOW - 4, cohort=cohort)
    make_cell("active_share", value=90.0, quarter=NOW, cohort=cohort)
    assert achievements()[0].standing == Standing.MISSED


def test_a_goal_without_a_figure_is_not_called_missed(cohort):
    Target.objects.create(cohort=cohort, indicator="active_share", quarter=NOW - 4, value=50)
    assert achievements()[0].standing == Standing.UNKNOWN


def test_the_page_shows_goals_and_what_waits(coordinator, cohort, django_assert_max_num_queries):
    Target.objects.create(cohort=cohort, indicator="active_share", quarter=NOW, value=75)
    make_cell("active_share", value=81.5, quarter=NOW, cohort=cohort)
    DataFlag.objects.create(code="clock_wrong")
    with django_assert_max_num_queries(10):
        page = coordinator.get("/coordinacion/").content.decode()
    assert "81,5 %" in page
    assert "Cumplida" in page


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.TECHNICIAN])
@pytest.mark.parametrize("path", ["/coordinacion/", "/coordinacion/calidad/"])
def test_only_coordinators_have_a_queue(role, path):
    assert client_of(role).get(path).status_code == 403


def test_closing_a_flag_keeps_who_and_why(coordinator):
    flag = DataFlag.objects.create(code="clock_wrong")
    coordinator.post(f"/coordinacion/calidad/{flag.pk}/cerrar/", {"resolution": "Reloj corregido"})
    flag.refresh_from_db()
    assert flag.closed_at
    assert flag.closed_by.role == Role.COORDINATOR
    assert flag.resolution == "Reloj corregido"


@pytest.mark.parametrize("resolution", ["", " ", "x" * 301])
def test_closing_without_a_proper_word_changes_nothing(coordinator, resolution):
    flag = DataFlag.objects.create(code="clock_wrong")
    response = coordinator.post(
        f"/coordinacion/calidad/{flag.pk}/cerrar/", {"resolution": resolution}
    )
    flag.refresh_from_db()
    assert response.status_code == 400
    assert "Hay algo por corregir" in response.content.decode()
    assert flag.closed_at is None


def test_a_flag_closed_twice_is_not_found_the_second_time(coordinator):
    flag = DataFlag.objects.create(code="clock_wrong")
    address = f"/coordinacion/calidad/{flag.pk}/cerrar/"
    coordinator.post(address, {"resolution": "Primera"})
    assert coordinator.post(address, {"resolution": "Segunda"}).status_code == 404
    flag.refresh_from_db()
    assert flag.resolution == "Primera"


def test_the_queue_takes_as_many_queries_for_twenty_flags_as_for_one(
    coordinator, django_assert_max_num_queries
):
    for _ in range(20):
        DataFlag.objects.create(code="clock_wrong")
    with django_assert_max_num_queries(10):
        page = coordinator.get("/coordinacion/calidad/").content.decode()
    assert page.count("queue__what") == 20


def test_a_flag_names_the_figure_or_the_practice_that_it_is_about(
    coordinator, django_assert_max_num_queries
):
    make_practice("cercos-vivos")
    for number in range(10):
        DataFlag.objects.create(
            code="adopted_unseen:cercos-vivos",
            detail={"field": "observations.cercos-vivos", "message": str(number)},
        )
    DataFlag.objects.create(
        code="soft_count_change_max:cows", detail={"field": "measurements.cows"}
    )
    with django_assert_max_num_queries(11):
        page = coordinator.get("/coordinacion/calidad/").content.decode()
    practice = Practice.objects.get(code="cercos-vivos")
    assert page.count(f"Adoptada sin ver la evidencia: {practice.name}") == 10
    assert "Una cantidad que cambió en más de la mitad: Vacas" in page


def test_a_refused_payload_is_kept_and_said_to_be_refused(coordinator):
    sender = User.objects.get(role=Role.COORDINATOR)
    payload = InboxPayload.objects.create(
        raw=b"{}", sender=sender, channel="api", outcome=Outcome.QUARANTINED
    )
    coordinator.post(
        f"/coordinacion/cuarentena/{payload.pk}/rechazar/", {"resolution": "No es de su zona"}
    )
    payload.refresh_from_db()
    assert payload.outcome == Outcome.REJECTED
    assert bytes(payload.raw) == b"{}"
