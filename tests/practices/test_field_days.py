"""Field days: who sees them, who changes them, who was there."""

from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.timezone import now

from practices.models import Attendance, DemonstrationFarm, FieldDay
from ranchers.models import Role
from tests.practices.factories import make_district, make_plot, make_practice, make_rancher

pytestmark = pytest.mark.django_db

LIST = "/practicas/dias-de-campo/"


def make_field_day(days: float = 7, **fields: object) -> FieldDay:
    fields = {"title": "Pastoreo en Iberia", "place": "Km 12, puerta azul", **fields}
    district = fields.pop("district", None) or make_district()
    return FieldDay.objects.create(
        district=district, starts_at=now() + timedelta(days=days), **fields
    )


def valid(**change: object) -> dict[str, object]:
    starts_at = (now() + timedelta(days=10)).strftime("%Y-%m-%dT09:00")
    return {
        "title": "Cercos vivos",
        "starts_at": starts_at,
        "district": make_district().pk,
        "place": "Km 12",
        "status": "planned",
        **change,
    }


@pytest.fixture
def technician(log_in):
    browser = log_in(Role.TECHNICIAN)
    browser.user.districts.add(make_district())
    return browser


@pytest.mark.parametrize("role", Role.values)
def test_everyone_who_logs_in_sees_what_is_announced(log_in, role):
    make_field_day()
    make_field_day(-30, title="Uno que ya pasó")
    browser = log_in(role)
    upcoming, past = (browser.get(LIST + ver).content.decode() for ver in ("", "?ver=pasados"))
    assert "Pastoreo en Iberia" in upcoming
    assert "Uno que ya pasó" not in upcoming
    assert "Uno que ya pasó" in past
    assert ("Anunciar un día de campo" in upcoming) == (role in ("coordinator", "technician"))


def test_the_list_costs_the_same_queries_however_many_days(log_in, django_assert_max_num_queries):
    practice = make_practice()
    for _ in range(15):
        make_field_day().practices.add(practice)
    browser = log_in(Role.RANCHER)
    with django_assert_max_num_queries(8):
        browser.get(LIST)


def test_the_calendar_shows_the_day_in_its_month_and_survives_nonsense(log_in):
    day = make_field_day()
    browser = log_in(Role.RANCHER)
    month = day.starts_at.astimezone().strftime("%Y-%m")
    assert day.title in browser.get(f"{LIST}calendario/?mes={month}").content.decode()
    for nonsense in ("2026-13", "0000-00", "9999-99", "x", "%00", "-1"):
        assert browser.get(f"{LIST}calendario/?mes={nonsense}").status_code == 200


def test_a_technician_announces_a_day_in_the_own_district(technician):
    practice = make_practice()
    answer = technician.post(LIST + "nuevo/", valid(practices=[practice.pk], capacity="25"))
    field_day = FieldDay.objects.get()
    assert answer["Location"] == field_day.get_absolute_url()
    assert field_day.created_by == technician.user
    assert list(field_day.practices.all()) == [practice]


def test_a_technician_may_not_announce_nor_edit_in_another_district(technician):
    elsewhere = make_district("170301", "Iñapari")
    answer = technician.post(LIST + "nuevo/", valid(district=elsewhere.pk))
    assert answer.status_code == 422
    other = make_field_day(district=elsewhere)
    assert technician.get(f"{LIST}{other.pk}/editar/").status_code == 404
    assert technician.get(f"{LIST}{other.pk}/asistencia/").status_code == 404


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.RANCHER])
def test_ministry_and_ranchers_only_read(log_in, role):
    field_day, browser = make_field_day(-1), log_in(role)
    rancher = make_rancher()
    assert browser.get(LIST + "nuevo/").status_code == 403
    assert browser.get(f"{LIST}{field_day.pk}/editar/").status_code == 403
    assert browser.get(f"{LIST}{field_day.pk}/asistencia/").status_code == 403
    record = f"{LIST}{field_day.pk}/asistencia/{rancher.pk}/"
    assert browser.post(record, {"asistio": "si"}).status_code == 403
    assert not Attendance.objects.exists()


def test_the_host_farm_is_named_only_to_those_who_may_see_it(log_in):
    host = make_rancher()
    plot = make_plot(host, "Fundo La Quebrada")
    field_day = make_field_day(plot=plot)
    page = f"{LIST}{field_day.pk}/"
    assert "Fundo La Quebrada" in log_in(Role.COORDINATOR).get(page).content.decode()
    for role in (Role.RANCHER, Role.MINISTRY):
        assert "Fundo La Quebrada" not in log_in(role).get(page).content.decode()


def test_only_a_demonstration_farm_can_be_host(log_in):
    coordinator, plot = log_in(Role.COORDINATOR), make_plot(make_rancher())
    assert coordinator.post(LIST + "nuevo/", valid(plot=str(plot.pk))).status_code == 422
    DemonstrationFarm.objects.create(plot=plot, period=DateRange(date(2020, 1, 1), None))
    assert f"{plot.name} · {plot.rancher.full_name}" in coordinator.get(LIST + "nuevo/").text
    assert coordinator.post(LIST + "nuevo/", valid(plot=str(plot.pk))).status_code == 302
    assert FieldDay.objects.get().plot == plot


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "requerido"),
        ({"title": "x" * 141}, "140"),
        ({"title": "nul\x00o"}, "nulos"),
        ({"starts_at": "mañana"}, "válida"),
        ({"starts_at": "0001-01-01T00:00"}, "Revise el año"),
        ({"starts_at": "9999-12-31T23:59"}, "Revise el año"),
        ({"district": "999999"}, "válid"),
        ({"plot": "no-es-uuid"}, "válid"),
        ({"practices": ["99999"]}, "99999"),
        ({"practices": ["1e400"]}, "1e400"),
        ({"capacity": "-3"}, "0"),
        ({"capacity": "99999999999999999999"}, "2000"),
        ({"status": "held"}, "todavía no llega"),
        ({"status": "otro"}, "otro"),
    ],
)
def test_a_field_day_with_something_wrong_is_refused_in_spanish(log_in, change, words):
    answer = log_in(Role.COORDINATOR).post(LIST + "nuevo/", valid(**change))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Hay algo por corregir" in text
    assert words in text
    assert not FieldDay.objects.exists()


def test_attendance_is_recorded_once_and_can_be_taken_back(technician):
    field_day, rancher = make_field_day(-1), make_rancher()
    record = f"{LIST}{field_day.pk}/asistencia/{rancher.pk}/"
    for _ in range(2):
        assert technician.post(record, {"asistio": "si"}).status_code == 302
    attendance = Attendance.objects.get()
    assert attendance.recorded_by == technician.user
    page = technician.get(f"{LIST}{field_day.pk}/asistencia/").content.decode()
    assert "1 persona asistió" in page
    technician.post(record, {"asistio": "no"})
    assert not Attendance.objects.exists()


def test_attendance_waits_until_the_day(technician):
    field_day, rancher = make_field_day(2), make_rancher()
    answer = technician.post(f"{LIST}{field_day.pk}/asistencia/{rancher.pk}/", {"asistio": "si"})
    assert answer.status_code == 409
    assert "cuando llega el día" in answer.content.decode()
    assert not Attendance.objects.exists()


def test_a_technician_records_and_reads_only_ranchers_of_their_own(technician, log_in):
    field_day = make_field_day(-1)
    stranger = make_rancher(make_district("170301", "Iñapari"), given_names="Zenobia")
    url = f"{LIST}{field_day.pk}/asistencia/"
    assert technician.post(f"{url}{stranger.pk}/", {"asistio": "si"}).status_code == 404
    log_in(Role.COORDINATOR).post(f"{url}{stranger.pk}/", {"asistio": "si"})
    page = technician.get(url + "?q=Zenobia").content.decode()
    assert "Zenobia Quispe" not in page
    assert "Y 1 persona de otro técnico" in page


@pytest.mark.parametrize("search", ["rosa", "Rosa quispe", "quíspe mamaní", "12345678"])
def test_ranchers_are_found_by_name_or_dni(technician, search):
    field_day = make_field_day(-1)
    make_rancher(dni="12345678", surnames="Quispe Mamani")
    page = technician.get(f"{LIST}{field_day.pk}/asistencia/", {"q": search})
    assert "Rosa Quispe Mamani" in page.content.decode()


@pytest.mark.parametrize("search", ["%", "'; drop table --", "\x00", "x" * 5000, "🐄", "<script>"])
def test_hostile_searches_find_nobody_and_break_nothing(technician, search):
    field_day = make_field_day(-1)
    make_rancher()
    page = technician.get(f"{LIST}{field_day.pk}/asistencia/", {"q": search})
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().replace('<script type="module"', "")


def test_the_attendance_page_costs_the_same_queries_however_many_ranchers(
    technician, django_assert_max_num_queries
):
    field_day = make_field_day(-1)
    for _ in range(12):
        Attendance.objects.create(field_day=field_day, rancher=make_rancher())
        make_rancher()
    with django_assert_max_num_queries(9):
        technician.get(f"{LIST}{field_day.pk}/asistencia/")


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999"])
def test_a_field_day_that_is_not_there_is_not_found(technician, pk):
    assert technician.get(f"{LIST}{pk}/").status_code == 404
