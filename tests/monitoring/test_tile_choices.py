"""What a reader chooses to see on the map: of whom, where, and as of when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from monitoring import plot_shapes, recompute, tiles
from monitoring.models import PlotShape
from monitoring.quarters import label, quarter_of
from monitoring.tile_choices import choice_of
from ranchers.access import count_parts_for, counts_for, plots_for
from ranchers.consents import give_consent
from ranchers.models import Cohort, ConsentScope, Role, User
from ranchers.places import load_places
from tests import people
from tests.monitoring.test_recompute import log_visit, make_member
from tests.monitoring.test_tiles import address, decoded, number_of, numbers, plot, tile_at
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return people.staff(Role.COORDINATOR)


def test_cohort_sex_and_district_choose_what_is_drawn_and_what_is_counted(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_places()
    here = people.district()
    her, him = make_member(sex="f", district=here), make_member(sex="m", district=here)
    outside = people.rancher()
    hers, his = plot(her), plot(him, lon=-69.58)
    plot(outside, name="Otro", lon=-69.56)
    recompute.recompute_all()
    cohort = Cohort.objects.get()
    assert len(numbers(coordinator, tile_at(10))) == 3
    assert drawn_with(coordinator, cohorte=cohort.code) == {number_of(hers), number_of(his)}
    assert drawn_with(coordinator, sexo="f") == {number_of(hers)}
    women = tiles.bounds_of_plots(coordinator, choice_of(coordinator, {"sexo": "f"}))
    nobody = choice_of(coordinator, {"sexo": "m", "distrito": "170301"})
    assert women and women[2] - women[0] < 0.05
    assert tiles.bounds_of_plots(coordinator, nobody) is None
    assert drawn_with(coordinator, sexo="m", cohorte=cohort.code) == {number_of(his)}
    assert drawn_with(coordinator, distrito="170301") == set()
    monkeypatch.setattr(tiles, "MOST_PLOTS", 0)
    for words, counted in (({}, 3), ({"cohorte": cohort.code}, 2), ({"sexo": "m"}, 1)):
        squares = decoded(coordinator, tile_at(9), **words)["squares"]["features"]
        assert sum(one["properties"]["n"] for one in squares) == counted
    far = decoded(coordinator, tile_at(5), sexo="f")["districts"]["features"]
    assert sum(one["properties"]["n"] for one in far) == 1


def drawn_with(viewer: User, **words: str) -> set[int]:
    found = decoded(viewer, tile_at(10), **words).get("plots", {"features": []})
    return {feature["id"] for feature in found["features"]}


def test_a_past_quarter_shows_the_values_of_then(coordinator: User) -> None:
    load_places()
    since = localdate() - timedelta(days=400)
    rancher = make_member(district=people.district())
    practice = make_practice("cercas")
    log_visit(rancher, since, [(practice, "trial", 1)], cows=10)
    log_visit(rancher, localdate(), [(practice, "adopted", 1)], cows=10)
    plot(rancher)
    recompute.recompute_all()
    then = label(quarter_of(since))
    for word, stage in ((then, "trial"), ("", "adopted")):
        found = decoded(coordinator, tile_at(10), practica="cercas", hasta=word)
        assert found["plots"]["features"][0]["properties"]["stage"] == stage


def test_the_ministry_s_plots_are_chosen_by_place_alone() -> None:
    """In a cohort, or of a woman: of one plot, that tells of one person."""
    load_places()
    ministry = people.staff(Role.MINISTRY)
    rancher = make_member(sex="f", district=people.district())
    give_consent(rancher=rancher, scope=ConsentScope.MINISTRY, since=localdate(), by=None)
    plot(rancher)
    recompute.recompute_all()
    drawn = decoded(ministry, tile_at(10))
    assert drawn["plots"]["features"]
    assert decoded(ministry, tile_at(10), sexo="m", cohorte="nadie", hasta="2001-T1") == drawn
    assert decoded(ministry, tile_at(10), distrito=people.other_district().pk) == {}


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.TECHNICIAN, Role.MINISTRY])
def test_the_parts_of_what_is_counted_are_the_whole(role: str) -> None:
    viewer = people.technician(people.district()) if role == Role.TECHNICIAN else people.staff(role)
    for district in (people.district(), people.other_district()):
        for technician in (viewer if role == Role.TECHNICIAN else None, None):
            rancher = people.rancher(district=district, technician=technician)
            plot(rancher)
    give_consent(rancher=rancher, scope=ConsentScope.MINISTRY, since=localdate(), by=None)
    plot_shapes.refresh_all()
    rows = PlotShape.objects.all()
    parts = {row.pk for part in count_parts_for(viewer, rows) for row in part}
    assert parts == set(counts_for(viewer, rows).values_list("pk", flat=True))
    assert parts == set(plots_for(viewer).values_list("pk", flat=True))


@pytest.mark.parametrize(
    "word", ["sexo=x", "hasta=2001-T1", "hasta=ayer", "cohorte=x", "distrito=9"]
)
def test_a_choice_of_nothing_is_not_found(coordinator: User, client: Client, word: str) -> None:
    client.force_login(coordinator)
    assert client.get(f"{address(tile_at(10))}?{word}").status_code == 404
