"""Two registrations of one person become one: nothing is lost, the figures follow."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.timezone import now

from monitoring.models import DataFlag, RancherFact, Visit
from monitoring.recompute import full_recompute, recompute_all, recompute_dirty
from practices.models import Attendance, FieldDay, StageInterval
from ranchers.cards import issue_card
from ranchers.merging import NotMerged, current_id, merge_ranchers, uncovered
from ranchers.models import (
    AccessCard,
    Cohort,
    Consent,
    Enrolment,
    EnrolmentStatus,
    Plot,
    Rancher,
    Role,
    User,
)
from tests import people
from tests.monitoring.factories import payload, send
from tests.practices.factories import make_plot, make_practice

pytestmark = pytest.mark.django_db


def span(since, until=None):
    return DateRange(date(since, 1, 1), date(until, 1, 1) if until else None)


@pytest.fixture
def coordinator():
    return people.staff(Role.COORDINATOR)


@pytest.fixture
def pair():
    technician = people.technician(people.district())
    into = people.rancher(technician=technician, phone="", community="")
    duplicate = people.rancher(technician=technician, community="La Novia")
    return duplicate, into


def enrol(rancher, cohort, *statuses):
    enrolment = Enrolment.objects.create(rancher=rancher, cohort=cohort)
    for status, period in statuses:
        EnrolmentStatus.objects.create(enrolment=enrolment, status=status, period=period)
    return enrolment


@pytest.mark.parametrize(
    ("period", "covered", "left"),
    [
        (span(2020), [], [span(2020)]),
        (span(2020), [span(2021)], [span(2020, 2021)]),
        (span(2020, 2025), [span(2021, 2022)], [span(2020, 2021), span(2022, 2025)]),
        (span(2020, 2022), [span(2019)], []),
        (span(2020), [span(2018, 2019), span(2021, 2022)], [span(2020, 2021), span(2022)]),
    ],
)
def test_what_others_leave_of_a_period(period, covered, left):
    assert uncovered(period, covered) == left


def test_visits_plots_consents_enrolments_and_attendance_all_go_along(pair, coordinator):
    duplicate, into = pair
    make_practice("cercos-vivos")
    seen = [{"practice": "cercos-vivos", "stage": "adopted", "evidence_seen": True}]
    send(payload(duplicate, observations=seen), duplicate.technician)
    send(payload(into, visited_on="2025-03-01"), into.technician)
    make_plot(duplicate)
    make_plot(into)
    Consent.objects.create(rancher=duplicate, scope="programme", period=span(2020))
    Consent.objects.create(rancher=into, scope="programme", period=span(2022))
    first, second = (
        Cohort.objects.create(code=code, name=code, phase="pilot", starts_on=date(2019, 1, 1))
        for code in "ab"
    )
    enrol(duplicate, first, ("active", span(2020)))
    enrol(duplicate, second, ("supported", span(2020)))
    enrol(into, second, ("active", span(2023)))
    day = FieldDay.objects.create(title="x", district=into.district, starts_at=now(), place="Local")
    Attendance.objects.create(field_day=day, rancher=duplicate)
    DataFlag.objects.create(code="clock_wrong", rancher=duplicate)

    merge_ranchers(duplicate=duplicate, into=into, by=coordinator)

    into.refresh_from_db()
    assert Rancher.objects.count() == 1
    assert current_id(duplicate.pk) == into.pk
    assert (into.community, into.phone) == ("La Novia", duplicate.phone)
    assert Visit.objects.filter(rancher=into).count() == 2
    assert StageInterval.objects.get(rancher=into).stage == "adopted"
    assert set(Plot.objects.filter(rancher=into).values_list("name", flat=True)) == {
        "Fundo El Castañal",
        "Fundo El Castañal (2)",
    }
    periods = Consent.objects.filter(rancher=into).order_by("period")
    assert [one.period for one in periods] == [span(2020, 2022), span(2022)]
    statuses = EnrolmentStatus.objects.filter(enrolment__rancher=into).order_by(
        "enrolment__cohort__code", "period"
    )
    assert [(one.status, one.period) for one in statuses] == [
        ("active", span(2020)),
        ("supported", span(2020, 2023)),
        ("active", span(2023)),
    ]
    assert Attendance.objects.get().rancher == into
    assert DataFlag.objects.get().rancher == into


def test_the_figures_after_a_merge_equal_a_full_recompute(pair, coordinator):
    duplicate, into = pair
    cohort = Cohort.objects.create(code="x", name="X", phase="pilot", starts_on=date(2019, 1, 1))
    enrol(duplicate, cohort, ("active", span(2024)))
    enrol(into, cohort, ("active", span(2025)))
    send(payload(duplicate), duplicate.technician)
    recompute_all()
    merge_ranchers(duplicate=duplicate, into=into, by=coordinator)
    while recompute_dirty():
        pass
    assert set(RancherFact.objects.values_list("rancher", flat=True)) == {into.pk}
    assert full_recompute().differences == 0


def test_one_log_in_and_one_live_card_stay(pair, coordinator):
    duplicate, into = pair
    for one in pair:
        issue_card(rancher=one, issued_by=coordinator, pin="8317")
    merge_ranchers(duplicate=duplicate, into=into, by=coordinator)
    assert AccessCard.objects.filter(rancher=into).count() == 2
    assert AccessCard.objects.filter(rancher=into, revoked_at=None).count() == 1
    assert User.objects.filter(role=Role.RANCHER).count() == 1


def test_the_only_card_goes_along_and_still_opens(pair, coordinator):
    duplicate, into = pair
    issue_card(rancher=duplicate, issued_by=coordinator, pin="8317")
    merge_ranchers(duplicate=duplicate, into=into, by=coordinator)
    assert AccessCard.objects.get(revoked_at=None).rancher.user.rancher == into


def test_aliases_of_the_duplicate_follow(pair, coordinator):
    duplicate, into = pair
    third = people.rancher()
    merge_ranchers(duplicate=third, into=duplicate, by=coordinator)
    merge_ranchers(duplicate=duplicate, into=into, by=coordinator)
    assert current_id(third.pk) == into.pk


def test_a_phones_edit_of_a_visit_that_moved_is_no_conflict(pair, coordinator):
    duplicate, into = pair
    document = payload(duplicate)
    send(document, duplicate.technician)
    merge_ranchers(duplicate=duplicate, into=into, by=coordinator)
    edit = document | {"base_version": 1, "notes": "corregido"}
    receipt = send(edit, into.technician)
    assert (receipt.outcome, receipt.version) == ("updated", 2)
    stale = document | {"base_version": 1, "measurements": document["measurements"] | {"cows": 21}}
    assert send(stale, into.technician).outcome == "updated"
    assert Visit.objects.get().rancher == into


def test_only_the_coordination_merges_and_only_two(pair, coordinator):
    duplicate, into = pair
    for by, other in ((duplicate.technician, into), (coordinator, duplicate)):
        with pytest.raises(NotMerged):
            merge_ranchers(duplicate=duplicate, into=other, by=by)
    assert Rancher.objects.count() == 2


def test_every_table_that_hangs_on_a_rancher_is_known_to_the_merge():
    """A new one fails here: have it moved (ranchers.merging.on_merged), then add it."""
    tables = {
        relation.related_model._meta.label
        for relation in Rancher._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    }
    kept_as_history = {
        "ranchers.RancherEvent", "ranchers.ConsentEvent", "ranchers.PlotEvent",
    }  # fmt: skip
    derived = {
        "practices.StageInterval", "monitoring.RancherFact", "monitoring.PracticeFact",
        "monitoring.FollowUpFact", "monitoring.SurvivalFact", "monitoring.DirtyRancher",
        "monitoring.PlotShape",
    }  # fmt: skip
    moved = {
        "ranchers.AccessCard", "ranchers.Enrolment", "ranchers.ImportRow", "ranchers.RancherAlias",
        "ranchers.Consent", "ranchers.Plot", "ranchers.User", "practices.Attendance",
        "monitoring.Conflict", "monitoring.DataFlag", "monitoring.Visit",
    }  # fmt: skip
    assert tables == kept_as_history | derived | moved
