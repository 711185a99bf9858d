"""Small cells are hidden, and cannot be worked out from what is shown."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitoring.suppression import MINIMUM, Place, hidden_places, hidden_statuses
from ranchers.models import Status


def place(cohort=1, district=None, sex="", category=""):
    return Place(cohort, district, sex, category)


def test_fewer_than_five_ranchers_are_hidden_and_five_are_not():
    counts = {place(district="a"): 4, place(district="b"): 5, place(district="c"): 0}
    assert hidden_places(counts) == {place(district="a")}


def test_a_second_district_goes_when_the_first_could_be_subtracted_from_the_total():
    counts = {
        place(): 60,
        place(district="a"): 3,
        place(district="b"): 27,
        place(district="c"): 30,
    }
    assert hidden_places(counts) == {place(district="a"), place(district="b")}


def test_two_hidden_cells_that_hold_fewer_than_five_together_take_a_third():
    counts = {
        place(): 40,
        place(district="a"): 1,
        place(district="b"): 2,
        place(district="c"): 17,
        place(district="d"): 20,
    }
    assert hidden_places(counts) == {place(district=d) for d in "abc"}


def test_women_and_men_hide_each_other():
    counts = {place(): 60, place(sex="f"): 3, place(sex="m"): 57}
    assert hidden_places(counts) == {place(sex="f"), place(sex="m")}


def test_a_large_cohort_stays_when_the_total_of_all_cohorts_can_go_instead():
    counts = {place(cohort=None): 63, place(cohort=1): 3, place(cohort=2): 60}
    assert hidden_places(counts) == {place(cohort=None), place(cohort=1)}


def test_large_cells_are_all_shown():
    counts = {place(): 60, place(sex="f"): 30, place(sex="m"): 30}
    assert hidden_places(counts) == frozenset()


STATUSES = [status.value for status in Status]
ENGAGED = ["supported", "active", "paused"]
OTHERS = ["supported", "paused"]


def table_of(finest):
    """Every total of the finest counts: all cohorts, districts and sexes together as well."""
    counts = {}
    for (cohort, district, sex, category), n in finest.items():
        for at in product((cohort, None), (district, None), (sex, ""), (category,)):
            counts[at] = counts.get(at, 0) + n
    return counts


def given_away(small, *, shown, finest):
    """Those of the small numbers that follow from the shown ones: a number is (place, categories),
    a sum over the finest counts; it follows when it is a combination of the shown sums."""

    def sum_of(place, categories):
        return [
            float(
                place[0] in (None, cohort)
                and place[1] in (None, district)
                and place[2] in ("", sex)
                and category in categories
            )
            for cohort, district, sex, category in finest
        ]

    known = np.array([sum_of(*one) for one in shown] or [[0.0] * len(finest)])
    _left, sizes, right = np.linalg.svd(known, full_matrices=False)
    basis = right[sizes > 1e-9]
    return [
        one
        for one in small
        for row in [np.array(sum_of(*one))]
        if np.abs(row - basis.T @ (basis @ row)).max() < 1e-7
    ]


def finest_counts(categories):
    """Counts by cohort, district and sex; where there is anybody, of every category, if only 0."""
    places = st.tuples(
        st.sampled_from([1, 2]),
        st.sampled_from("abc"),
        st.sampled_from("fm"),
        st.sampled_from(categories),
    )
    return st.dictionaries(places, st.integers(0, 40), min_size=2).map(
        lambda some: {
            (*where, category): some.get((*where, category), 0)
            for where in dict.fromkeys(at[:3] for at in some)
            for category in categories
        }
    )


@given(finest_counts([""]))
def test_no_small_cell_follows_from_all_that_is_shown(finest):
    counts = table_of(finest)
    hidden = hidden_places(counts)
    small = [(at, [""]) for at, n in counts.items() if 0 < n < MINIMUM]
    shown = [(at, [""]) for at in counts if at not in hidden]
    assert given_away(small, shown=shown, finest=finest) == []


@given(finest_counts(STATUSES))
def test_no_small_status_follows_from_the_funnel_the_share_of_active_and_the_n(finest):
    counts = table_of(finest)
    hidden = hidden_statuses(counts)
    wheres = {(*at[:3], "") for at in counts}

    def count(where, categories):
        return sum(counts.get((*where[:3], category), 0) for category in categories)

    enrolled = {where: count(where, ENGAGED) for where in wheres}
    n_hidden = hidden_places(enrolled)
    shown = [(at, [at[3]]) for at in counts if at not in hidden]
    shown += [(where, ENGAGED) for where in wheres if where not in n_hidden]
    for where in wheres - hidden:  # the share and its n
        shown += [(where, ["active"]), (where, ENGAGED)]
    small = [(at, [at[3]]) for at, n in counts.items() if 0 < n < MINIMUM]
    small += [
        (where, categories)
        for where in wheres
        for categories in (OTHERS, ENGAGED)
        if 0 < count(where, categories) < MINIMUM
    ]
    assert given_away(small, shown=shown, finest=finest) == []


def test_a_share_of_nine_active_in_ten_goes_when_the_tenth_is_hidden_in_the_funnel():
    counts = {place(category="supported"): 1, place(category="active"): 9}
    hidden = hidden_statuses(counts)
    assert place() in hidden  # the share
    assert {place(category="supported"), place(category="active")} <= hidden


def test_a_share_stays_when_five_or_more_are_on_either_side():
    counts = {
        place(category="supported"): 90,
        place(category="active"): 75,
        place(category="paused"): 35,
        place(category="invited"): 3,
    }
    assert hidden_statuses(counts) == {place(category="invited")}


def test_a_cohort_that_is_all_active_says_so_though_each_district_of_it_is_small():
    finest = {
        (1, district, sex, status): n if status == "active" else 0
        for (district, sex), n in {
            ("a", "f"): 1,
            ("a", "m"): 3,
            ("b", "m"): 3,
            ("c", "f"): 3,
        }.items()
        for status in STATUSES
    }
    finest |= {(2, d, s, st): 20 for d, s, st in product("abc", "fm", STATUSES)}
    hidden = hidden_statuses(table_of(finest))
    whole = [place(category=status) for status in ["", *STATUSES]]
    assert not hidden.intersection(whole)
    assert place(district="a", category="active") in hidden


def test_noughts_are_told_where_nothing_small_follows_from_them():
    counts = {place(category="invited"): 3, place(category="supported"): 7}
    assert hidden_statuses(counts) == {place(category="invited")}


@given(finest_counts(STATUSES), st.randoms())
def test_what_is_hidden_does_not_depend_on_the_order_in_which_the_counts_came(finest, chance):
    counts = list(table_of(finest).items())
    shuffled = list(counts)
    chance.shuffle(shuffled)
    assert hidden_statuses(dict(shuffled)) == hidden_statuses(dict(counts))
    assert hidden_places(dict(shuffled)) == hidden_places(dict(counts))
