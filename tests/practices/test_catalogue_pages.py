"""The catalogue's pages, by role and with bad input."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from practices.catalogue import load
from practices.models import Practice, Stage, StageInterval
from ranchers.models import Role
from tests.practices.factories import make_practice, make_rancher

pytestmark = pytest.mark.django_db

VALID = {
    "name_es": "Cercos vivos",
    "summary_es": "Árboles en el cerco.",
    "adopted_when_es": "Hay 100 m prendidos.",
    "evidence_es": "Foto.",
    "intensity_unit": "m",
    "intensity_max_basis": "perimeter_m",
    "moves_indicator": "live_fence_km",
    "is_active": "on",
}


@pytest.mark.parametrize("role", Role.values)
def test_every_role_reads_the_whole_catalogue_in_order(log_in, role):
    load()
    text = log_in(role).get("/practicas/").content.decode()
    names = list(Practice.objects.values_list("name_es", flat=True))
    assert all(name in text for name in names)
    assert text.index("Producir más en la tierra ya abierta") < text.index("Manejar con cuentas")


@pytest.mark.parametrize("path", ["", "cercos-vivos/", "cercos-vivos/manual/", "dias-de-campo/"])
def test_nobody_is_sent_to_log_in(client, path):
    make_practice()
    answer = client.get(f"/practicas/{path}")
    assert answer.status_code == 302
    assert "/cuentas/" in answer["Location"] or "login" in answer["Location"]


def test_the_list_costs_the_same_queries_however_many_practices(
    log_in, django_assert_max_num_queries
):
    load()
    browser = log_in(Role.COORDINATOR)
    with django_assert_max_num_queries(6):
        browser.get("/practicas/")


def test_a_rancher_sees_the_own_stage_and_not_that_of_a_neighbour(log_in):
    practice, browser = make_practice(), log_in(Role.RANCHER)
    for rancher, stage in ((browser.user.rancher, Stage.TRIAL), (make_rancher(), Stage.SUSTAINED)):
        StageInterval.objects.create(
            rancher=rancher,
            practice=practice,
            stage=stage,
            period=DateRange(date(2020, 1, 1), None),
            first_evidence_on=date(2020, 1, 1),
        )
    for path in ("/practicas/", f"/practicas/{practice.code}/"):
        text = browser.get(path).content.decode()
        assert "En prueba" in text
        assert "Sostenida" not in text


def test_a_practice_out_of_use_is_hidden_from_all_but_the_coordinator(log_in):
    practice = make_practice(is_active=False)
    page = f"/practicas/{practice.code}/"
    assert log_in(Role.RANCHER).get(page).status_code == 404
    assert "Fuera de uso" in log_in(Role.COORDINATOR).get("/practicas/").content.decode()
    assert log_in(Role.COORDINATOR).get(page).status_code == 200


def test_the_coordinator_edits_a_practice_and_the_files_no_longer_overwrite_it(log_in):
    load()
    changed = {**VALID, "name_es": "Cerco con árboles"}
    log_in(Role.COORDINATOR).post("/practicas/cercos-vivos/editar/", changed)
    load()
    assert Practice.objects.get(code="cercos-vivos").name_es == "Cerco con árboles"


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.MINISTRY, Role.RANCHER])
def test_others_may_not_edit(log_in, role):
    practice = make_practice()
    answer = log_in(role).post(f"/practicas/{practice.code}/editar/", VALID)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name_es": ""}, "requerido"),
        ({"name_es": "x" * 121}, "120"),
        ({"summary_es": "x" * 601}, "600"),
        ({"intensity_unit": "parsec"}, "parsec"),
        ({"intensity_max_basis": "herd"}, "no va con la unidad"),
        ({"moves_indicator": "'; drop table"}, "drop table"),
        ({"evidence_es": "nul\x00o"}, "nulos"),
    ],
)
def test_a_practice_with_something_wrong_is_refused_and_stays(log_in, change, words):
    practice = make_practice()
    answer = log_in(Role.COORDINATOR).post(
        f"/practicas/{practice.code}/editar/", {**VALID, **change}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    practice.refresh_from_db()
    assert practice.edited_at is None
    assert practice.name_es == "Cercos vivos"


def test_hostile_text_is_shown_as_text(log_in):
    browser = log_in(Role.COORDINATOR)
    practice = make_practice()
    browser.post(
        f"/practicas/{practice.code}/editar/", {**VALID, "name_es": "<script>alert(1)</script>"}
    )
    assert "<script>alert(1)" not in browser.get(f"/practicas/{practice.code}/").content.decode()


def test_the_catalogue_reads_in_english(log_in):
    make_practice()
    text = log_in(Role.MINISTRY).get("/practicas/", headers={"accept-language": "en"})
    assert "Live fences" in text.content.decode()


@pytest.mark.parametrize(
    "path", ["no-hay/", "no-hay/manual/", "manuales/99999999999999999999/pdf/"]
)
def test_what_is_not_there_is_not_found(log_in, path):
    assert log_in(Role.RANCHER).get(f"/practicas/{path}").status_code == 404
