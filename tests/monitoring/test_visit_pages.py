"""The pages of visits: logging one, being asked, editing, deleting, who may open what."""

import io
from uuid import uuid4

import pytest
from django.urls import reverse
from PIL import Image

from monitoring.models import Conflict, DataFlag, NextStep, Photo, Visit
from ranchers.models import Cohort, Enrolment, EnrolmentStatus, Phase, Role, Status
from tests.monitoring.factories import FIGURES, make_technician_and_rancher, payload, send
from tests.practices.factories import make_practice, make_rancher, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def farm(client):
    technician, rancher = make_technician_and_rancher()
    client.force_login(technician, backend="django.contrib.auth.backends.ModelBackend")
    return technician, rancher


def log_in(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")


def answers(**changes):
    figures = {f"m.{name}": str(value) for name, value in FIGURES.items()}
    return {"id": str(uuid4()), "visited_on": "2026-03-01", "notes": ""} | figures | changes


def picture(size=(2400, 1800), exif=True) -> bytes:
    image, out = Image.new("RGB", size, "green"), io.BytesIO()
    data = Image.Exif()
    if exif:
        data[0x8825] = {1: "S", 2: (11.0, 12.0, 0.0)}
    image.save(out, "JPEG", exif=data)
    return out.getvalue()


def upload(data: bytes, name="foto.jpg"):
    file = io.BytesIO(data)
    file.name = name
    return file


def test_a_visit_is_logged_with_everything_on_the_form(client, farm):
    technician, rancher = farm
    practice = make_practice()
    step = str(uuid4())
    form = reverse("monitoring:visit_new", args=[rancher.pk])
    assert client.get(form).status_code == 200
    sent = answers(
        **{
            "lat": "-11,21",
            "lon": "-69.51",
            f"o.{practice.code}.stage": "adopted",
            f"o.{practice.code}.evidence": "on",
            f"o.{practice.code}.intensity": "120,5",
            "step": step,
            f"s.{step}.text": "Podar el cerco",
            f"s.{step}.due_on": "2026-05-01",
            "photos": upload(picture()),
        }
    )
    response = client.post(form, sent, follow=True)
    assert response.status_code == 200
    visit = Visit.objects.get(pk=sent["id"])
    assert str(visit.observations.get().intensity) == "120.50"
    assert visit.position.y == pytest.approx(-11.21)
    assert visit.position_is_manual
    assert visit.next_steps.get().text == "Podar el cerco"
    assert visit.photos.count() == 1
    assert str(visit.payload_id) in response.content.decode()


def test_sending_the_form_twice_doubles_nothing(client, farm):
    _, rancher = farm
    form, sent = reverse("monitoring:visit_new", args=[rancher.pk]), answers()
    client.post(form, sent)
    response = client.post(form, sent, follow=True)
    assert Visit.objects.count() == 1
    assert response.status_code == 200


def test_a_mistake_is_shown_beside_its_field_and_nothing_typed_is_lost(client, farm):
    _, rancher = farm
    form = reverse("monitoring:visit_new", args=[rancher.pk])
    response = client.post(form, answers(**{"m.cows": "muchas", "notes": "No me pierdas"}))
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="muchas"' in page and "No me pierdas" in page
    assert 'aria-invalid="true"' in page and 'href="#f-measurements-cows"' in page
    assert not Visit.objects.exists()


def test_an_unusual_figure_asks_and_is_taken_when_confirmed(client, farm):
    _, rancher = farm
    form = reverse("monitoring:visit_new", args=[rancher.pk])
    sent = answers(**{"m.milk_l_per_day": "250"})
    response = client.post(form, sent)
    assert response.status_code == 422
    assert 'value="soft_milk_per_cow_max"' in response.content.decode()
    wrong_too = client.post(form, sent | {"confirmed": "soft_milk_per_cow_max", "m.cows": "x"})
    assert 'value="soft_milk_per_cow_max"' in wrong_too.content.decode()
    client.post(form, sent | {"confirmed": "soft_milk_per_cow_max"})
    assert DataFlag.objects.get().visit_id == Visit.objects.get().pk


def test_editing_starts_from_what_was_recorded_and_keeps_the_trail(client, farm):
    technician, rancher = farm
    document = payload(rancher)
    send(document, technician)
    form = reverse("monitoring:visit_edit", args=[document["id"]])
    page = client.get(form).content.decode()
    assert 'name="base_version" value="1"' in page and 'value="20"' in page
    sent = answers(id=document["id"], base_version="1", **{"m.cows": "22"})
    client.post(form, sent)
    assert Visit.objects.get().measurement.cows == 22
    detail = client.get(reverse("monitoring:visit", args=[document["id"]])).content.decode()
    assert "<del>20</del>" in detail and "<ins>22</ins>" in detail


def test_two_people_editing_at_once_is_a_conflict_that_a_coordinator_settles(client, farm):
    technician, rancher = farm
    document = payload(rancher)
    send(document, technician)
    coordinator = make_user(Role.COORDINATOR)
    send(document | {"base_version": 1, "notes": "de la oficina"}, coordinator)
    form = reverse("monitoring:visit_edit", args=[document["id"]])
    client.post(form, answers(id=document["id"], base_version="1", notes="del campo"))
    conflict = Conflict.objects.get()
    log_in(client, coordinator)
    page = reverse("monitoring:conflict", args=[conflict.pk])
    shown = client.get(page).content.decode()
    assert "de la oficina" in shown and "del campo" in shown
    assert client.get(reverse("monitoring:quality_queue")).status_code == 200
    client.post(page, {"pick.notes": "incoming"})
    conflict.refresh_from_db()
    assert (conflict.settlement, conflict.settled_by) == ("applied", coordinator)
    assert Visit.objects.get().notes == "del campo"
    assert client.post(page, {"pick.notes": "current"}).status_code == 404


def test_deleting_and_undoing(client, farm):
    technician, rancher = farm
    document = payload(rancher)
    send(document, technician)
    client.post(reverse("monitoring:visit_delete", args=[document["id"]]))
    assert Visit.objects.get().deleted_at is not None
    assert client.get(reverse("monitoring:visit", args=[document["id"]])).status_code == 200
    client.post(reverse("monitoring:visit_restore", args=[document["id"]]))
    assert Visit.objects.get().deleted_at is None


def test_quarantine_is_accepted_or_rejected_with_a_reason(client, farm):
    technician, _ = farm
    stranger = make_rancher()
    first, second = (send(payload(stranger), technician).number for _ in range(2))
    log_in(client, make_user(Role.COORDINATOR))
    assert client.get(reverse("monitoring:quarantine", args=[first])).status_code == 200
    client.post(reverse("monitoring:quarantine", args=[first]), {"accept": "1"})
    assert Visit.objects.get().rancher == stranger
    page = reverse("monitoring:quarantine", args=[second])
    assert client.post(page, {"reason": " "}).status_code == 200
    client.post(page, {"reason": "No es su zona"})
    assert Visit.objects.count() == 1
    assert not DataFlag.objects.filter(closed_at=None).exists()


def test_a_flag_is_closed_with_a_word(client, farm):
    technician, rancher = farm
    figures = FIGURES | {"milk_l_per_day": 250}
    send(payload(rancher, measurements=figures, confirmed=["soft_milk_per_cow_max"]), technician)
    coordinator = make_user(Role.COORDINATOR)
    log_in(client, coordinator)
    flag = DataFlag.objects.get()
    assert client.get(reverse("monitoring:quality_queue")).status_code == 200
    client.post(reverse("monitoring:close_flag", args=[flag.pk]), {"resolution": "Verificado"})
    flag.refresh_from_db()
    assert (flag.resolution, flag.closed_by) == ("Verificado", coordinator)


def test_the_route_shows_who_waits_longest_and_marks_steps_done(client, farm):
    technician, rancher = farm
    never = make_rancher(technician=technician, surnames="Nunca Visitada")
    make_rancher(surnames="De Otro")
    step = {"id": str(uuid4()), "text": "Sembrar bolaina", "due_on": "2026-03-10"}
    send(payload(rancher, next_steps=[step]), technician)
    page = client.get(reverse("monitoring:my_route")).content.decode()
    assert page.index("Nunca Visitada") < page.index(rancher.surnames)
    assert "De Otro" not in page and "Sembrar bolaina" in page
    client.post(reverse("monitoring:step_done", args=[step["id"]]))
    assert NextStep.objects.get().done_on is not None
    assert Visit.objects.get().version == 2
    client.post(reverse("monitoring:step_done", args=[step["id"]]), {"undo": "1"})
    assert NextStep.objects.get().done_on is None
    found = client.get(reverse("monitoring:my_route"), {"q": "Nunca"}).content.decode()
    assert rancher.surnames not in found and never.surnames in found


def test_nobody_is_sent_to_a_rancher_who_left(client, farm):
    technician = make_user(Role.TECHNICIAN)
    gone = make_rancher(technician=technician, surnames="Salido")
    cohort = Cohort.objects.create(code="c", name="C", phase=Phase.PILOT, starts_on="2018-01-01")
    enrolment = Enrolment.objects.create(rancher=gone, cohort=cohort)
    EnrolmentStatus.objects.create(
        enrolment=enrolment, status=Status.LEFT, period=("2024-01-01", None)
    )
    client.force_login(technician)
    due = client.get(reverse("monitoring:my_route"))
    assert "Salido" not in due.content.decode()
    assert "Salido" in client.get(reverse("monitoring:my_route"), {"ver": "all"}).content.decode()


@pytest.mark.parametrize("name", ["visits", "my_route", "visit_choose"])
def test_lists_take_the_same_queries_however_many_rows(
    client, farm, name, django_assert_max_num_queries
):
    technician, rancher = farm
    for number in range(12):
        other = make_rancher(technician=technician)
        step = {"id": str(uuid4()), "text": f"Paso {number}"}
        send(payload(other, next_steps=[step]), technician)
    with django_assert_max_num_queries(17):
        response = client.get(reverse(f"monitoring:{name}"), {"ver": "all"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    "query",
    ["since=ayer", "district=zz", "technician=x", "rancher=7", "page=-1", "page=x", "text=%00"],
)
def test_hostile_filters_do_no_harm(client, farm, query):
    assert client.get(reverse("monitoring:visits") + "?" + query).status_code == 200
    assert client.get(reverse("monitoring:my_route") + "?q=%00&" + query).status_code == 200


# --- Photos -------------------------------------------------------------------------------------
def stored_visit(technician, rancher) -> str:
    document = payload(rancher)
    send(document, technician)
    return document["id"]


def test_a_photo_loses_its_place_and_its_size_and_is_stored_once(client, farm):
    visit_id = stored_visit(*farm)
    page, data = reverse("monitoring:visit_photos", args=[visit_id]), picture()
    client.post(page, {"photos": upload(data)})
    client.post(page, {"photos": upload(data)})
    photo = Photo.objects.get()
    response = client.get(reverse("monitoring:visit_photo", args=[photo.pk]))
    stored = Image.open(io.BytesIO(b"".join(response.streaming_content)))
    assert stored.size == (1600, 1200)
    assert not stored.getexif()
    assert response["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no soy una foto",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a" + b"\x00" * 50,
        picture()[:500],
        picture(size=(9000, 9000)),
    ],
    ids=["empty", "text", "svg", "gif", "cut off", "bomb"],
)
def test_what_is_no_photo_is_refused_and_the_visit_stands(client, farm, data):
    visit_id = stored_visit(*farm)
    page = reverse("monitoring:visit_photos", args=[visit_id])
    assert client.post(page, {"photos": upload(data)}, follow=True).status_code == 200
    assert not Photo.objects.exists()
    assert Visit.objects.count() == 1


# --- Access -------------------------------------------------------------------------------------
def test_nobody_reads_or_writes_a_visit_that_is_not_theirs(client, farm):
    technician, rancher = farm
    visit_id = stored_visit(technician, rancher)
    client.post(reverse("monitoring:visit_photos", args=[visit_id]), {"photos": upload(picture())})
    photo = Photo.objects.get()
    pages = [
        reverse("monitoring:visit", args=[visit_id]),
        reverse("monitoring:visit_edit", args=[visit_id]),
        reverse("monitoring:visit_photo", args=[photo.pk]),
        reverse("monitoring:visit_new", args=[rancher.pk]),
    ]
    for user, status in [
        (make_user(Role.TECHNICIAN), 404),
        (make_user(Role.MINISTRY), 403),
        (make_user(Role.RANCHER, rancher=rancher), 403),
    ]:
        log_in(client, user)
        assert [client.get(page).status_code for page in pages] == [status] * 4
    client.logout()
    assert [client.get(page).status_code for page in pages] == [302] * 4


def test_a_colleague_in_the_district_reads_but_does_not_edit(client, farm):
    visit_id = stored_visit(*farm)
    colleague = make_user(Role.TECHNICIAN)
    colleague.districts.add(farm[1].district)
    log_in(client, colleague)
    assert client.get(reverse("monitoring:visit", args=[visit_id])).status_code == 200
    assert client.get(reverse("monitoring:visit_edit", args=[visit_id])).status_code == 302


@pytest.mark.parametrize("name", ["quality_queue", "conflict", "quarantine"])
def test_only_coordinators_settle(client, farm, name):
    args = [] if name == "quality_queue" else [1]
    assert client.get(reverse(f"monitoring:{name}", args=args)).status_code == 403
