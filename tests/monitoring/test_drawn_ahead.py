"""A worker draws the pages that people look at, before they ask again and never for another role."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from monitoring import drawn_ahead
from monitoring.models import Cell, DirtyRancher
from monitoring.quarters import current_quarter
from monitoring.tasks import draw_ahead, queue_draw_ahead
from practices.models import Practice
from ranchers.models import Cohort, Role
from tests import people
from tests.monitoring.cells import make_cell
from tests.practices.factories import make_practice, make_rancher, make_user
from tests.processes import Worker, wait_until

pytestmark = pytest.mark.django_db
NOW = current_quarter()
PAGES = ["resumen", "adopcion", "produccion", "arboles", "mapa"]


@pytest.fixture
def cohort():
    Cohort.objects.all().delete()
    return Cohort.objects.create(
        code="piloto", name="Piloto", phase="pilot", starts_on="2018-01-01"
    )


def client_of(role, language="es"):
    client = people.client_of(role, language=language)
    client.get("/tablero/indicadores/")  # its session is read before
    return client


def read_by(client, path):
    """The page's text and how many queries it took."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200
    return response.content.decode(), len(queries)


def change(cell, value):
    Cell.objects.filter(pk=cell.pk).update(value=value, computed_at=now())


@pytest.mark.parametrize("page", PAGES)
def test_the_first_reader_after_a_change_finds_the_page_drawn(cohort, page):
    make_practice()
    for indicator in ("active_share", "stocking_rate", "forest_ha"):
        cell = make_cell(indicator, value=40.0, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    _text, drawn = read_by(client, f"/tablero/{page}/")
    _text, kept = read_by(client, f"/tablero/{page}/")
    change(cell, 41.0)
    draw_ahead()
    _text, after_a_change = read_by(client, f"/tablero/{page}/")
    assert kept == after_a_change < drawn


def test_what_is_drawn_ahead_shows_the_new_figure_in_the_readers_choice_and_language(cohort):
    cells = [
        make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort, sex=sex)
        for sex in ("", "f")
    ]
    spanish, english = client_of(Role.MINISTRY), client_of(Role.MINISTRY, "en")
    spanish.get("/tablero/produccion/?sexo=f")
    english.get("/tablero/produccion/vivo/")
    change(cells[0], 7.5)
    change(cells[1], 3.75)
    draw_ahead()
    assert "3,75" in spanish.get("/tablero/produccion/?sexo=f").content.decode()
    assert "7.50" in english.get("/tablero/produccion/").content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_drawing_ahead_is_to_the_letter_what_the_reader_would_have_drawn(cohort, page):
    make_practice()
    cell = make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    client.get(f"/tablero/{page}/vivo/")
    change(cell, 3.75)
    draw_ahead()
    ahead = client.get(f"/tablero/{page}/vivo/").content
    cache.clear()
    assert client.get(f"/tablero/{page}/vivo/").content == ahead


@pytest.mark.parametrize("order", [1, -1])
def test_a_role_never_gets_what_was_drawn_ahead_for_another(cohort, order):
    cell = make_cell("stocking_rate", value=7.77, n=3, quarter=NOW, cohort=cohort)
    clients = {role: client_of(role) for role in (Role.COORDINATOR, Role.MINISTRY)[::order]}
    for client in clients.values():
        client.get("/tablero/produccion/")
    change(cell, 8.88)
    draw_ahead()
    for role, client in clients.items():
        for path in ("/tablero/produccion/", "/tablero/produccion/vivo/"):
            text = client.get(path).content.decode()
            assert "7,77" not in text
            assert ("8,88" in text) == (role == Role.COORDINATOR)


def test_nobody_who_is_refused_a_page_has_it_drawn(cohort):
    for role in (Role.TECHNICIAN, Role.RANCHER):
        client = Client()
        client.force_login(make_user(role), backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/tablero/").status_code == 403
    Client().get("/tablero/")
    assert drawn_ahead.asked() == {}


def test_a_choice_that_is_gone_is_left_out_and_the_others_are_drawn(cohort):
    practice = make_practice()
    cell = make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    read_by(client, "/tablero/produccion/")
    _text, kept = read_by(client, "/tablero/produccion/")
    read_by(client, f"/tablero/adopcion/?practica={practice.code}")
    Practice.objects.filter(pk=practice.pk).update(is_active=False)
    change(cell, 3.75)
    draw_ahead()
    assert read_by(client, "/tablero/produccion/")[1] == kept


def test_a_wrong_choice_is_not_noted_and_no_more_than_fifty_are(cohort, monkeypatch):
    client = client_of(Role.MINISTRY)
    assert client.get("/tablero/?sexo=x").status_code == 400
    assert drawn_ahead.asked() == {}
    monkeypatch.setattr(drawn_ahead, "MOST", 2)
    for page in ("resumen", "produccion", "arboles"):
        client.get(f"/tablero/{page}/")
    assert [one.slug for one in drawn_ahead.asked()] == ["arboles", "produccion"]


def test_a_page_nobody_asked_for_since_yesterday_is_not_drawn(cohort, monkeypatch):
    client_of(Role.MINISTRY).get("/tablero/")
    assert drawn_ahead.asked() != {}
    monkeypatch.setattr(drawn_ahead, "ASKED_WITHIN_S", 0)
    assert drawn_ahead.asked() == {}


def test_drawing_goes_on_where_its_turn_ended(cohort, monkeypatch):
    client = client_of(Role.MINISTRY)
    for page in PAGES:
        client.get(f"/tablero/{page}/")
    monkeypatch.setattr(drawn_ahead, "TURN_S", -1.0)
    assert drawn_ahead.draw_ahead() == 0
    monkeypatch.setattr(drawn_ahead, "TURN_S", 60.0)
    assert drawn_ahead.draw_ahead(first=3) is None


def test_drawing_waits_while_a_rancher_waits_to_be_recomputed(cohort):
    cell = make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    read_by(client, "/tablero/produccion/")
    _text, kept = read_by(client, "/tablero/produccion/")
    DirtyRancher.objects.create(rancher=make_rancher(), from_quarter=NOW, marked_at=now())
    change(cell, 3.75)
    draw_ahead()
    text, queries = read_by(client, "/tablero/produccion/")
    assert "3,75" in text
    assert queries > kept


def test_a_worker_that_died_while_drawing_leaves_a_page_that_is_drawn_when_asked_for(
    cohort, monkeypatch
):
    cell = make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    client.get("/tablero/produccion/")
    change(cell, 3.75)

    def die(*_args, **_kwargs):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(drawn_ahead, "draw_and_keep", die)
        with pytest.raises(SystemExit):
            draw_ahead()
    draw_ahead()  # the message comes again: the dead one's page is left to whoever asks for it
    assert "3,75" in client.get("/tablero/produccion/").content.decode()
    assert drawn_ahead.is_first_to_ask()


def test_without_the_cache_pages_are_shown_and_nothing_is_noted(cohort, settings, tmp_path):
    make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    nowhere = {**settings.CACHES["default"], "LOCATION": f"unix://{tmp_path}/nobody.sock"}
    settings.CACHES = {"default": nowhere}
    assert "1,25" in client.get("/tablero/produccion/").content.decode()
    queue_draw_ahead()


@pytest.mark.parametrize("note", ["abc", [1, 2], {("one",): 1.0}, {("a", "b", "c", ()): "late"}])
def test_notes_that_another_release_wrote_are_forgotten(cohort, note):
    make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    cache.set(drawn_ahead._ASKED, note)
    assert "1,25" in client_of(Role.MINISTRY).get("/tablero/produccion/").content.decode()
    assert len(drawn_ahead.asked()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_draws_after_it_recomputed(cohort, worker: Worker):
    cell = make_cell("stocking_rate", value=1.25, n=60, quarter=NOW, cohort=cohort)
    client = client_of(Role.MINISTRY)
    read_by(client, "/tablero/produccion/")
    _text, kept = read_by(client, "/tablero/produccion/")
    change(cell, 3.75)
    queue_draw_ahead()
    wait_until(drawn_ahead.is_first_to_ask, seconds=10, what="the drawing's beginning")
    wait_until(worker.is_idle, seconds=10, what="the drawing's end")
    text, queries = read_by(client, "/tablero/produccion/")
    assert "3,75" in text
    assert queries == kept
