"""Ranchers registered and boundaries walked on a phone; order never matters."""

from uuid import UUID, uuid4

import pytest

from monitoring import registrations, sync
from monitoring.models import Conflict, DataFlag, InboxPayload, ItemVersion, Visit
from ranchers.models import Consent, Plot, PlotBoundary, Rancher, RancherAlias, Role
from ranchers.places import load_places
from tests import people
from tests.monitoring.factories import payload
from tests.monitoring.field.bodies import BOW_TIE, RING, registration, walk

pytestmark = pytest.mark.django_db


@pytest.fixture
def technician():
    load_places()
    return people.technician(people.district())


@pytest.fixture
def coordinator():
    return people.staff(Role.COORDINATOR)


def one(phone, kind, document):
    return phone.sync(document, kind=kind).json()["items"][0]


def codes(answer):
    return [(reason["field"], reason["code"]) for reason in answer["reasons"]]


def test_a_new_rancher_is_in_the_care_of_who_registered(phone, technician):
    document = registration()
    answer = one(phone, "rancher", document)
    assert (answer["outcome"], answer["version"], answer["id"]) == ("created", 1, document["id"])
    rancher = Rancher.objects.get(pk=document["id"])
    assert (rancher.technician, rancher.phone, rancher.dni) == (
        technician,
        "+51982123456",
        "45678912",
    )
    assert Consent.objects.get(rancher=rancher).scope == "programme"
    assert document["id"] in {one["id"] for one in phone.get("package/").json()["ranchers"]}


def test_the_same_registration_again_is_unchanged(phone):
    document = registration()
    assert [one(phone, "rancher", document)["outcome"] for _ in range(3)] == [
        "created",
        "unchanged",
        "unchanged",
    ]
    assert Rancher.objects.count() == 1


def test_everything_wrong_is_said_at_once(phone):
    wrong = registration(
        given_names="", dni="12", phone="abc", district="999999", registered_on="2999-01-01",
        birth_year=1700, consent=5, sex="x",
    )  # fmt: skip
    answer = one(phone, "rancher", wrong)
    assert answer["outcome"] == "rejected"
    assert {field for field, _code in codes(answer)} == {
        "given_names", "dni", "phone", "district", "registered_on", "birth_year", "consent", "sex",
    }  # fmt: skip


def test_an_edit_of_a_registration_is_merged_with_what_the_office_changed(phone):
    document = registration()
    one(phone, "rancher", document)
    Rancher.objects.filter(pk=document["id"]).update(community="Belgica")
    edit = document | {"base_version": 1, "phone": "982123457"}
    answer = one(phone, "rancher", edit)
    assert (answer["outcome"], answer["version"]) == ("updated", 2)
    rancher = Rancher.objects.get()
    assert (rancher.community, rancher.phone) == ("Belgica", "+51982123457")


def test_an_edit_of_what_the_office_changed_too_is_kept_as_a_conflict(phone, coordinator):
    document = registration()
    one(phone, "rancher", document)
    Rancher.objects.filter(pk=document["id"]).update(community="Belgica")
    answer = one(phone, "rancher", document | {"base_version": 1, "community": "San Pedro"})
    assert (answer["outcome"], codes(answer)) == ("conflict", [("community", "conflict")])
    conflict = Conflict.objects.get()
    assert registrations.differences(conflict) == [("community", "Belgica", "San Pedro")]
    registrations.settle_edit(conflict=conflict, picks={"community": "incoming"}, by=coordinator)
    assert Rancher.objects.get().community == "San Pedro"


def test_saves_of_one_phone_in_a_row_stand_on_each_other_in_any_order(phone):
    first = registration(device=phone.id, revision=1)
    second = first | {"revision": 2, "phone": "982123457"}
    assert one(phone, "rancher", second)["outcome"] == "created"
    late = one(phone, "rancher", first)
    assert (late["outcome"], codes(late)) == ("unchanged", [("", "superseded")])
    third = first | {"revision": 3, "phone": "982123457", "community": "Belgica"}
    assert one(phone, "rancher", third)["outcome"] == "updated"
    assert not Conflict.objects.exists()


def test_a_dni_that_is_registered_is_a_conflict_and_its_visits_are_held(phone, rancher):
    document = registration(dni=rancher.dni)
    answer = phone.sync(("rancher", document), payload(document["id"])).json()["items"]
    assert [one["outcome"] for one in answer] == ["conflict", "held"]
    assert codes(answer[0]) == [("dni", "dni_taken")]
    assert one(phone, "rancher", document)["outcome"] == "conflict"  # sent again: still open
    assert Conflict.objects.count() == 1


def test_one_person_registered_twice_keeps_every_visit_and_plot(phone, rancher, coordinator):
    cursor = phone.get("package/").json()["cursor"]
    document = registration(dni=rancher.dni)
    new = document["id"]
    outline = walk(new)
    answers = phone.sync(
        payload(new, plot=outline["plot"]), ("boundary", outline), ("rancher", document)
    ).json()["items"]
    assert [one["outcome"] for one in answers] == ["held", "held", "conflict"]
    registrations.same_person(conflict=Conflict.objects.get(), by=coordinator)
    assert Visit.objects.get().rancher == rancher
    assert Plot.objects.get().rancher == rancher
    assert RancherAlias.objects.get(pk=new).rancher == rancher
    assert phone.outcomes(payload(new)) == ["created"]  # and later visits to the alias too
    assert Visit.objects.filter(rancher=rancher).count() == 2
    told = {one["id"]: one for one in phone.get(f"package/?since={cursor}").json()["receipts"]}
    assert told[new]["outcome"] == "updated"
    assert told[new]["rancher"] == str(rancher.pk)
    assert told[outline["id"]]["outcome"] == "created"


def test_two_people_with_one_dni_are_told_apart(phone, rancher, coordinator):
    document = registration(dni=rancher.dni)
    phone.sync(payload(document["id"]), ("rancher", document))
    conflict = Conflict.objects.get()
    with pytest.raises(registrations.NotSettled):
        registrations.two_people(conflict=conflict, dni=rancher.dni, by=coordinator)
    registrations.two_people(conflict=conflict, dni="45678999", by=coordinator)
    assert Rancher.objects.get(pk=document["id"]).dni == "45678999"
    assert str(Visit.objects.get().rancher_id) == document["id"]
    edit = document | {"base_version": 1, "phone": "982123457"}  # the phone has the wrong DNI
    assert one(phone, "rancher", edit)["outcome"] == "updated"
    assert Rancher.objects.get(pk=document["id"]).dni == "45678999"


def test_a_wrong_digit_mended_on_the_phone_settles_the_conflict(phone, rancher):
    document = registration(dni=rancher.dni, device=phone.id, revision=1)
    phone.sync(("rancher", document), payload(document["id"]))
    mended = document | {"dni": "45678999", "revision": 2}
    assert one(phone, "rancher", mended)["outcome"] == "created"
    assert Conflict.objects.filter(settled_at=None).count() == 0
    assert Visit.objects.count() == 1


def test_a_visit_before_its_rancher_and_its_plot_is_applied_when_they_arrive(phone):
    document, outline = registration(), walk("0" * 32)
    outline["rancher"] = document["id"]
    visit = payload(document["id"], plot=outline["plot"])
    assert phone.outcomes(visit) == ["held"]
    assert phone.outcomes(outline, kind="boundary") == ["held"]
    assert phone.outcomes(document, kind="rancher") == ["created"]
    assert str(Visit.objects.get().plot_id) == outline["plot"]
    assert PlotBoundary.objects.get().source == "gps"
    assert not InboxPayload.objects.filter(outcome="held").exists()


def test_what_comes_together_is_taken_in_the_order_that_it_needs(phone):
    document = registration()
    outline = walk(document["id"])
    visit = payload(document["id"], plot=outline["plot"])
    told = phone.outcomes(visit, ("boundary", outline), ("rancher", document))
    assert told == ["created", "created", "created"]


def test_a_crash_between_arriving_and_applying_is_mended_by_the_sweep(phone):
    document = registration()
    phone.sync(payload(document["id"]))
    people.rancher(id=UUID(document["id"]), technician=phone.user)  # arrived, and nobody looked
    assert sync.process_pending() == 1
    assert Visit.objects.count() == 1


def test_an_older_boundary_sent_later_does_not_overwrite_a_newer_one(phone, rancher):
    newer = walk(rancher, walked_on="2026-03-01")
    smaller = [[-69.49, -11.40], [-69.485, -11.40], [-69.485, -11.39], [-69.49, -11.40]]
    older = walk(rancher, walked_on="2025-01-01", plot=newer["plot"], ring=smaller)
    assert phone.outcomes(newer, kind="boundary") == ["created"]
    assert phone.outcomes(older, kind="boundary") == ["updated"]
    rows = list(PlotBoundary.objects.order_by("period"))
    assert [row.period.lower.year for row in rows] == [2025, 2026]
    assert rows[0].area_ha < rows[1].area_ha
    assert rows[1].period.upper is None


def test_a_line_that_crosses_itself_asks_first(phone, rancher):
    document = walk(rancher, ring=BOW_TIE)
    answer = one(phone, "boundary", document)
    assert (answer["outcome"], codes(answer)) == ("rejected", [("geometry", "needs_confirmation")])
    confirm = answer["reasons"][0]["confirm"]
    assert one(phone, "boundary", document | {"confirmed": [confirm]})["outcome"] == "created"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"geometry": None}, "geometry"),
        ({"geometry": {"type": "Point", "coordinates": [-69, -11]}}, "geometry"),
        ({"geometry": {"type": "Polygon", "coordinates": "x"}}, "geometry"),
        ({"geometry": {"type": "Polygon", "coordinates": [[[-69.5, -11.4]]]}}, "geometry"),
        ({"ring": [[lat, lon] for lon, lat in RING]}, "geometry"),
        ({"walked_on": "2999-01-01"}, "walked_on"),
        ({"plot": "x"}, "plot"),
        ({"track": "x"}, "track"),
    ],
)
def test_a_boundary_that_cannot_be_says_why(phone, rancher, change, field):
    answer = one(phone, "boundary", walk(rancher, **change))
    assert (answer["outcome"], codes(answer)[0][0]) == ("rejected", field)
    assert not Plot.objects.exists()


def test_two_phones_that_name_their_first_plot_alike_do_not_wait_for_each_other(phone, rancher):
    assert phone.outcomes(walk(rancher), walk(rancher), kind="boundary") == ["created"] * 2
    assert set(Plot.objects.values_list("name", flat=True)) == {"Fundo Sur", "Fundo Sur (2)"}
    assert DataFlag.objects.filter(code="boundary_overlap").exists()


def test_nobody_draws_on_a_farm_out_of_their_care_or_on_a_strangers_plot(phone, rancher):
    stranger = people.rancher(district=people.other_district())
    assert phone.outcomes(walk(stranger), kind="boundary") == ["quarantined"]
    plot = Plot.objects.create(rancher=stranger, name="Ajeno", district=stranger.district)
    answer = one(phone, "boundary", walk(rancher, plot=str(plot.pk)))
    assert codes(answer) == [("plot", "plot_not_of_rancher")]


def test_versions_of_a_registration_are_all_kept(phone):
    document = registration()
    one(phone, "rancher", document)
    one(phone, "rancher", document | {"base_version": 1, "phone": ""})
    assert ItemVersion.objects.filter(item=document["id"]).count() == 2


def test_an_unknown_rancher_of_a_ministry_account_is_not_held():
    user = people.staff(Role.MINISTRY)
    from tests.monitoring.factories import send

    assert send(payload(uuid4()), user).outcome == "quarantined"
