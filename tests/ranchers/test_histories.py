"""Interval histories behave as a function from a day to a value."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ranchers.changes import _listeners, on_ranchers_changed
from ranchers.consents import InvalidConsent, give_consent, withdraw_consent
from ranchers.enrolments import InvalidEnrolment, change_status, enrol
from ranchers.history import InvalidDate
from ranchers.land_use import InvalidLandUse, land_use_on, set_land_use
from ranchers.models import Cohort, Consent, District, EnrolmentStatus, Plot, Rancher, Status
from ranchers.plots import open_plot
from tests.ranchers.shapes import square

START = date(2020, 1, 1)
DAYS = st.integers(0, 9).map(lambda n: START + timedelta(days=n))


def a_rancher():
    district, _ = District.objects.get_or_create(
        ubigeo="170302", defaults={"ubigeo_reniec": "160302", "name": "Iberia"}
    )
    return Rancher.objects.create(given_names="Rosa", surnames="Quispe", district=district)


class StatusHistory(TestCase):
    @settings(max_examples=60)
    @given(st.lists(st.tuples(DAYS, st.sampled_from(Status.values)), min_size=1, max_size=8))
    def test_any_order_of_changes_reads_as_the_last_change_recorded_for_that_stretch(self, changes):
        cohort, _ = Cohort.objects.get_or_create(
            code="p", defaults={"name": "P", "phase": "pilot", "starts_on": START}
        )
        enrolment = enrol(
            rancher=a_rancher(), cohort=cohort, since=changes[0][0], status=changes[0][1]
        )
        edges = {changes[0][0]: changes[0][1]}
        for day, status in changes[1:]:
            change_status(enrolment=enrolment, status=status, since=day)
            before = [edges[d] for d in sorted(edges) if d <= day]
            if not before or before[-1] != status:
                edges[day] = status
            # Joining equal neighbours forgets an edge that no longer changes anything.
            kept, last = {}, None
            for d in sorted(edges):
                if edges[d] != last:
                    kept[d] = last = edges[d]
            edges = kept
        rows = [
            (s.period.lower, s.period.upper, s.status)
            for s in EnrolmentStatus.objects.filter(enrolment=enrolment).order_by("period")
        ]
        starts = sorted(edges)
        assert rows == [
            (d, nxt, edges[d]) for d, nxt in zip(starts, [*starts[1:], None], strict=True)
        ]


class LandUseHistory(TestCase):
    @settings(max_examples=40)
    @given(
        st.lists(
            st.tuples(
                DAYS,
                st.dictionaries(
                    st.sampled_from(["pasture", "forest", "crops"]),
                    st.integers(0, 9).map(Decimal),
                ).filter(lambda table: any(table.values())),
            ),
            max_size=6,
        )
    )
    def test_every_day_reads_as_the_last_whole_table_at_or_before_it(self, tables):
        rancher = a_rancher()
        plot = Plot.objects.create(rancher=rancher, name="x", district=rancher.district)
        model = {}
        for day, table in tables:
            set_land_use(plot=plot, areas_ha=table, since=day, by=None)
            model[day] = {use: area for use, area in table.items() if area}
        for n in range(11):
            day = START + timedelta(days=n)
            told = [model[d] for d in sorted(model) if d <= day]
            assert land_use_on(plot=plot, day=day) == (told[-1] if told else {})


@pytest.fixture
def told():
    calls = []

    def listener(*, rancher_ids, since):
        calls.append((list(rancher_ids), since))

    on_ranchers_changed(listener)
    yield calls
    _listeners.remove(listener)


def test_enrolling_and_changing_status_tells_who_keeps_figures(rancher, cohort, told):
    enrolment = enrol(rancher=rancher, cohort=cohort, since=START)
    change_status(enrolment=enrolment, status="active", since=date(2021, 1, 1))
    assert not change_status(enrolment=enrolment, status="active", since=date(2021, 5, 1))
    assert told == [([rancher.pk], START), ([rancher.pk], date(2021, 1, 1))]


def test_enrolling_twice_in_a_cohort_is_refused_and_changes_nothing(rancher, cohort):
    enrol(rancher=rancher, cohort=cohort, since=START)
    with pytest.raises(InvalidEnrolment), transaction.atomic():
        enrol(rancher=rancher, cohort=cohort, since=START, status="active")
    assert EnrolmentStatus.objects.get().status == "invited"


def test_a_day_in_the_future_is_refused(rancher, cohort):
    with pytest.raises(InvalidDate):
        enrol(rancher=rancher, cohort=cohort, since=date(2999, 1, 1))


def test_consent_given_again_is_one_consent_and_withdrawn_is_kept_as_history(rancher, coordinator):
    give_consent(rancher=rancher, scope="public", since=START, by=coordinator)
    give_consent(rancher=rancher, scope="public", since=date(2021, 1, 1), by=coordinator)
    withdraw_consent(rancher=rancher, scope="public", since=date(2022, 1, 1), by=coordinator)
    period = Consent.objects.get().period
    assert (period.lower, period.upper) == (START, date(2022, 1, 1))
    with pytest.raises(InvalidConsent):
        withdraw_consent(rancher=rancher, scope="public", since=date(2022, 1, 1), by=coordinator)


def test_consent_said_to_hold_since_earlier_extends_the_one_on_record(rancher):
    give_consent(rancher=rancher, scope="public", since=date(2021, 1, 1), by=None)
    give_consent(rancher=rancher, scope="public", since=START, by=None)
    assert Consent.objects.get().period.lower == START


def test_land_use_beyond_the_plots_area_is_refused(rancher):
    plot = open_plot(rancher=rancher, name="Uno", geometry=square(), since=START, by=None)
    with pytest.raises(InvalidLandUse) as refused:
        set_land_use(plot=plot, areas_ha={"pasture": Decimal(130)}, since=START, by=None)
    assert "130" in refused.value.messages[0]
    set_land_use(plot=plot, areas_ha={"pasture": Decimal(122)}, since=START, by=None)
    assert land_use_on(plot=plot, day=START) == {"pasture": Decimal(122)}
