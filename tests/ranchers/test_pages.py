"""The pages of ranchers and plots: who gets them, what they say, how many queries they need."""

import re
from datetime import date

import pytest
from django.urls import reverse

from ranchers import long_lists
from ranchers.consents import give_consent
from ranchers.enrolments import enrol
from ranchers.models import Plot, Rancher, Role, User
from ranchers.plots import open_plot
from tests.ranchers.shapes import bow_tie, square

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_coordinator(client, coordinator):
    client.force_login(coordinator)
    return client


@pytest.fixture
def plot(rancher):
    return open_plot(
        rancher=rancher, name="La Esperanza", geometry=square(), since=date(2020, 1, 1), by=None
    )


def test_the_list_is_found_without_accents_or_capitals_and_with_a_slip(as_coordinator, iberia):
    for given, surnames in [("Elías", "Ñahui Ríos"), ("Rosa", "Quispe")]:
        Rancher.objects.create(given_names=given, surnames=surnames, district=iberia)
    for text in ["nahui", "ELIAS rios", "ñahuii"]:
        page = as_coordinator.get(reverse("ranchers:list"), {"q": text}).content.decode()
        assert "Ñahui" in page and "Quispe" not in page


def test_the_list_needs_the_same_queries_for_one_and_for_forty(
    as_coordinator, iberia, cohort, django_assert_max_num_queries
):
    for n in range(40):
        person = Rancher.objects.create(given_names="A", surnames=f"B{n}", district=iberia)
        enrol(rancher=person, cohort=cohort, since=date(2020, 1, 1))
    with django_assert_max_num_queries(12):
        assert as_coordinator.get(reverse("ranchers:list")).status_code == 200


@pytest.mark.parametrize("page", ["0", "-1", "zz", "999999", "%00"])
def test_a_strange_page_number_or_filter_still_gives_a_page(as_coordinator, places, page):
    answer = as_coordinator.get(
        reverse("ranchers:list"), {"page": page, "district": "x'", "cohort": "9" * 30, "q": "%_'"}
    )
    assert answer.status_code == 200


def make_ranchers(district, surnames, *, many, **fields):
    Rancher.objects.bulk_create(
        Rancher(given_names=f"N{n:04}", surnames=surnames, district=district, **fields)
        for n in range(many)
    )


def test_a_long_list_says_so_and_can_be_read_to_its_end(as_coordinator, iberia, monkeypatch):
    monkeypatch.setattr(long_lists, "MOST_COUNTED", 120)
    make_ranchers(iberia, "Quispe", many=160)
    url = reverse("ranchers:list")
    first, fourth = (as_coordinator.get(url, {"page": n}).content.decode() for n in (1, 4))
    assert "Más de 120 ganaderos" in first
    assert "page=2" in first
    assert "N0159" in fourth
    assert "page=5" not in fourth
    for beyond in ("5", "999999999999"):
        assert as_coordinator.get(url, {"page": beyond}).status_code == 200


def test_a_list_that_is_counted_whole_says_how_many_and_of_how_many_pages(as_coordinator, iberia):
    make_ranchers(iberia, "Quispe", many=101)
    page = as_coordinator.get(reverse("ranchers:list"), {"page": 3}).content.decode()
    assert "101 ganaderos" in page
    assert "Página 3 de 3" in page


def test_who_is_nearly_called_so_is_listed_unless_a_page_is_full_of_those_who_are(
    as_coordinator, iberia
):
    make_ranchers(iberia, "Florez", many=1)
    make_ranchers(iberia, "Flores", many=50)
    url = reverse("ranchers:list")
    second = {"q": "flores", "page": 2}
    assert "Florez" in as_coordinator.get(url, second).content.decode()
    make_ranchers(iberia, "Flores", many=1)
    page = as_coordinator.get(url, second).content.decode()
    assert "51 ganaderos" in page
    assert "Florez" not in page
    assert "Florez" in as_coordinator.get(url, {"q": "florez", "page": 2}).content.decode()


def test_a_technician_is_chosen_by_name_and_the_choice_stays(as_coordinator, technician, iberia):
    User.objects.filter(pk=technician.pk).update(name="Zoila <b>")
    make_ranchers(iberia, "Quispe", many=1, technician=technician)
    make_ranchers(iberia, "Ramos", many=1)
    page = as_coordinator.get(reverse("ranchers:list"), {"technician": technician.pk})
    text = page.content.decode()
    assert "Quispe" in text and "Ramos" not in text
    assert f'<option value="{technician.pk}" selected>Zoila &lt;b&gt;</option>' in text
    wrong = as_coordinator.get(reverse("ranchers:list"), {"technician": "0"}).content.decode()
    assert "Quispe" in wrong and "Ramos" in wrong


def test_filters_by_status_look_at_today(as_coordinator, rancher, cohort):
    enrol(rancher=rancher, cohort=cohort, since=date(2020, 1, 1), status="paused")
    url = reverse("ranchers:list")
    assert "Quispe" in as_coordinator.get(url, {"status": "paused"}).content.decode()
    assert "Quispe" not in as_coordinator.get(url, {"status": "active"}).content.decode()


def test_a_rancher_is_registered_by_form(as_coordinator, iberia):
    answer = as_coordinator.post(
        reverse("ranchers:register"),
        {
            "given_names": "ROSA",
            "surnames": "QUISPE",
            "dni": "01234567",
            "district": iberia.pk,
            "language": "es",
        },
    )
    person = Rancher.objects.get()
    assert answer.url == reverse("ranchers:page", args=[person.pk])
    assert (person.full_name, person.dni) == ("Rosa Quispe", "01234567")
    assert as_coordinator.get(answer.url).status_code == 200


def test_a_wrong_form_says_so_in_spanish_and_writes_nothing(as_coordinator, iberia):
    answer = as_coordinator.post(
        reverse("ranchers:register"), {"given_names": "<b>", "dni": "12", "phone": "x" * 30}
    )
    assert answer.status_code == 422
    assert "Este campo es" in answer.content.decode()
    assert not Rancher.objects.exists()


def test_a_technician_registers_in_own_districts_only(client, technician, places):
    client.force_login(technician)
    data = {"given_names": "Rosa", "surnames": "Quispe", "language": "es"}
    url = reverse("ranchers:register")
    assert client.post(url, {**data, "district": "170301"}).status_code == 422
    assert client.post(url, {**data, "district": "170302"}).status_code == 302
    assert Rancher.objects.get().technician == technician


def every_page(rancher, plot):
    return [
        reverse("ranchers:list"),
        reverse("ranchers:register"),
        reverse("monitoring:map"),
        reverse("ranchers:page", args=[rancher.pk]),
        reverse("ranchers:edit", args=[rancher.pk]),
        reverse("ranchers:consent", args=[rancher.pk]),
        reverse("ranchers:enrol", args=[rancher.pk]),
        reverse("ranchers:new_plot", args=[rancher.pk]),
        reverse("ranchers:plot", args=[plot.pk]),
        reverse("ranchers:edit_plot", args=[plot.pk]),
        reverse("ranchers:new_boundary", args=[plot.pk]),
        reverse("ranchers:land_use", args=[plot.pk]),
        reverse("ranchers:close_plot", args=[plot.pk]),
    ]


def test_the_coordinator_and_the_technician_of_the_district_get_every_page(
    client, coordinator, technician, rancher, plot
):
    for user in (coordinator, technician):
        client.force_login(user)
        assert {url: client.get(url).status_code for url in every_page(rancher, plot)} == dict.fromkeys(
            every_page(rancher, plot), 200
        )  # fmt: skip


def test_a_technician_of_elsewhere_finds_nobody(client, rancher, plot):
    other = User.objects.create_user("o@example.org", "x", name="Otro", role=Role.TECHNICIAN)
    client.force_login(other)
    for url in every_page(rancher, plot)[3:]:
        assert client.get(url).status_code == 404
    assert "Quispe" not in client.get(reverse("ranchers:list")).content.decode()


def test_ministry_staff_get_the_map_without_names_and_no_record(client, ministry, rancher, plot):
    client.force_login(ministry)
    for url in every_page(rancher, plot):
        expected = 200 if url == reverse("monitoring:map") else 403
        assert client.get(url).status_code == expected
    give_consent(rancher=rancher, scope="ministry", since=date(2020, 1, 1), by=None)
    answer = client.get(reverse("monitoring:map"))
    assert "Quispe" not in answer.content.decode() and "Esperanza" not in answer.content.decode()


def test_a_rancher_reads_the_own_record_and_changes_nothing(client, rancher, plot, iberia):
    other = Rancher.objects.create(given_names="X", surnames="Y", district=iberia)
    client.force_login(User.objects.create(name="Rosa", role=Role.RANCHER, rancher=rancher))
    assert client.get(reverse("ranchers:page", args=[rancher.pk])).status_code == 200
    assert client.get(reverse("ranchers:plot", args=[plot.pk])).status_code == 200
    assert client.get(reverse("ranchers:page", args=[other.pk])).status_code == 404
    assert client.get(reverse("ranchers:edit", args=[rancher.pk])).status_code == 403


def test_the_map_s_old_address_leads_to_the_new_one(as_coordinator):
    assert as_coordinator.get("/ganaderos/mapa/")["Location"] == reverse("monitoring:map")


OUTLINE = "-69.60 -11.35\n-69.59 -11.35\n-69.59 -11.34\n-69.60 -11.34"


def draw(client, rancher, **data):
    return client.post(
        reverse("ranchers:new_plot", args=[rancher.pk]),
        {"name": "Uno", "tenure": "title", "since": "2020-01-01", **data},
    )


@pytest.mark.parametrize(
    "outline",
    [
        OUTLINE,
        "-11.35, -69.60\n-11.35, -69.59\n-11.34, -69.59\n-11.34, -69.60",
        square().geojson,
        square().wkt,
        '{"type":"Feature","properties":{},"geometry":' + square().geojson + "}",
    ],
)
def test_an_outline_is_read_drawn_pasted_and_with_latitude_first(as_coordinator, rancher, outline):
    answer = draw(as_coordinator, rancher, outline=outline)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert 120 < Plot.objects.get().boundaries.get().area_ha < 122


@pytest.mark.parametrize(
    "outline",
    ["", "hola", "{", '{"type":"Point","coordinates":[0,0]}', "1 2\n3 4", '{"type":"Polygon"}', "[" * 9000, "POLYGON((", square(lon=0).geojson, '{"type":"FeatureCollection","features":[]}', "69°30'\n1 1\n2 2"],
)  # fmt: skip
def test_a_wrong_outline_is_refused_with_a_reason_and_nothing_is_kept(
    as_coordinator, rancher, outline
):
    answer = draw(as_coordinator, rancher, outline=outline)
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert not Plot.objects.exists()


def test_a_repaired_outline_is_saved_only_after_a_look(as_coordinator, rancher):
    first = draw(as_coordinator, rancher, outline=bow_tie().geojson)
    assert first.status_code == 200 and not Plot.objects.exists()
    area = first.context["check"].area_ha
    assert (
        draw(as_coordinator, rancher, outline=bow_tie().geojson, confirmed="1").status_code == 200
    )
    draw(as_coordinator, rancher, outline=bow_tie().geojson, confirmed=str(area))
    assert Plot.objects.get().boundaries.get().boundary.valid


def test_a_redraw_says_how_the_area_changes_before_it_is_saved(as_coordinator, plot):
    url = reverse("ranchers:new_boundary", args=[plot.pk])
    data = {"outline": square(side=0.012).geojson, "since": "2022-01-01"}
    page = as_coordinator.post(url, data)
    text = page.content.decode()
    assert re.search(r"120[.,]\d\d", text) and re.search(r"17[34][.,]\d\d", text)
    assert plot.boundaries.count() == 1
    as_coordinator.post(url, {**data, "confirmed": str(page.context["check"].area_ha)})
    assert plot.boundaries.count() == 2


def test_land_use_status_and_consent_are_recorded_by_form(as_coordinator, rancher, plot, cohort):
    as_coordinator.post(
        reverse("ranchers:land_use", args=[plot.pk]), {"since": "2021-01-01", "pasture": "100.5"}
    )
    too_much = as_coordinator.post(
        reverse("ranchers:land_use", args=[plot.pk]), {"since": "2021-01-01", "pasture": "500"}
    )
    assert too_much.status_code == 422
    page = as_coordinator.get(reverse("ranchers:plot", args=[plot.pk])).content.decode()
    assert "100,5" in page
    as_coordinator.post(
        reverse("ranchers:enrol", args=[rancher.pk]),
        {"cohort": cohort.pk, "status": "invited", "since": "2020-01-01"},
    )
    enrolment = rancher.enrolments.get()
    as_coordinator.post(
        reverse("ranchers:status", args=[enrolment.pk]), {"status": "active", "since": "2021-01-01"}
    )
    assert enrolment.statuses.count() == 2
    as_coordinator.post(
        reverse("ranchers:consent", args=[rancher.pk]),
        {"action": "give", "scope": "ministry", "since": "2020-01-01"},
    )
    assert rancher.consents.get().scope == "ministry"
