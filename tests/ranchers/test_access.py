"""Who sees whom, and that asking stays quick when there are many."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from monitoring.models import Visit
from monitoring.suppression import MINIMUM
from ranchers import access
from ranchers.models import Rancher, Role, User
from tests import people

pytestmark = pytest.mark.django_db


def test_a_technician_sees_own_ranchers_and_those_of_own_districts_once() -> None:
    here, there = people.district(), people.other_district()
    technician = people.technician(here)
    both = people.rancher(district=here, technician=technician)
    own = people.rancher(district=there, technician=technician)
    neighbours = people.rancher(district=here)
    people.rancher(district=there)
    seen = list(access.ranchers_for(technician).values_list("pk", flat=True))
    assert sorted(seen) == sorted([both.pk, own.pk, neighbours.pk])


@pytest.mark.parametrize("viewer", ["nobody", "inactive", "unknown role", "ministry"])
def test_whoever_has_no_business_with_people_sees_nobody(viewer: str) -> None:
    people.rancher()
    who = {
        "nobody": AnonymousUser(),
        "inactive": people.staff(Role.COORDINATOR, is_active=False),
        "unknown role": User(role="jefe"),
        "ministry": people.staff(Role.MINISTRY),
    }[viewer]
    assert not access.ranchers_for(who).exists()
    assert not access.visible_rancher_ids(who).exists()
    assert not access.rows_for(who, Visit.objects.all()).exists()


def test_a_rancher_sees_only_the_own_record_and_edits_nothing() -> None:
    mine, other = people.rancher(), people.rancher()
    user = people.rancher_user(mine)
    assert list(access.ranchers_for(user)) == [mine]
    assert not access.can_edit_rancher(user, mine)
    assert not access.can_log_visits(user, other)


def test_a_technician_edits_own_visits_and_a_coordinator_any() -> None:
    rancher = people.rancher()
    technician = people.technician(people.district())
    coordinator = people.staff(Role.COORDINATOR)
    assert access.can_edit_visit(technician, rancher=rancher, technician_id=technician.pk)
    assert not access.can_edit_visit(technician, rancher=rancher, technician_id=coordinator.pk)
    assert access.can_edit_visit(coordinator, rancher=rancher, technician_id=technician.pk)


def test_the_small_cell_rule_is_one_rule() -> None:
    assert MINIMUM == access.SMALL_CELL


def test_a_technicians_ranchers_are_found_by_index_among_20_000() -> None:
    """30 own ranchers among 20,000 elsewhere: the plan uses indexes, never a sequential scan."""
    technician = people.technician(people.other_district())
    here = people.district()
    Rancher.objects.bulk_create(
        [Rancher(given_names="N", surnames=f"A{n}", district=here) for n in range(20_000)],
        batch_size=5_000,
    )
    for _number in range(30):
        people.rancher(district=here, technician=technician)
    with connection.cursor() as cursor:
        cursor.execute("analyze ranchers_rancher")
    plan = access.ranchers_for(technician).order_by().explain()
    assert "Seq Scan" not in plan, plan
    inner = Visit.objects.filter(rancher__in=access.visible_rancher_ids(technician)).explain()
    assert "Seq Scan on ranchers_rancher" not in inner, inner
