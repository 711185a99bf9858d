"""A next step of an earlier visit is ticked on a phone that does not have that visit."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils.timezone import localdate

from monitoring.models import DataFlag, NextStep, Visit
from ranchers.models import Rancher, Role, User
from tests.monitoring.factories import make_technician_and_rancher, payload, send
from tests.monitoring.field.phone import Phone
from tests.practices.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def farm(transactional_db: None) -> tuple[User, Rancher]:
    technician, rancher = make_technician_and_rancher()
    document = payload(rancher, next_steps=[{"id": str(uuid4()), "text": "Resembrar el cerco"}])
    receipt = send(document, technician)
    assert receipt.outcome == "created", receipt.reasons
    return technician, rancher


def tick(phone: Phone, *, revision: int = 1, **changes: object) -> dict[str, object]:
    body = {
        "schema": 1,
        "id": str(NextStep.objects.get().pk),
        "device": phone.id,
        "revision": revision,
        "done_on": str(localdate()),
    }
    [item] = phone.sync(body | changes, kind="step").json()["items"]
    return item


def test_a_ticked_step_is_done_and_is_a_version_of_its_visit(farm: tuple[User, Rancher]) -> None:
    phone = Phone(farm[0])
    item = tick(phone)
    assert (item["outcome"], item["version"]) == ("updated", 2)
    assert NextStep.objects.get().done_on == localdate()
    [first, second] = Visit.objects.get().versions.order_by("version")
    assert second.made_by == farm[0]
    assert second.content["measurements.cows"] == first.content["measurements.cows"]


def test_the_same_tick_again_changes_nothing(farm: tuple[User, Rancher]) -> None:
    phone = Phone(farm[0])
    tick(phone)
    assert tick(phone)["outcome"] == "unchanged"
    assert Visit.objects.get().version == 2


def test_a_step_is_opened_again_and_an_older_save_does_not_come_back(
    farm: tuple[User, Rancher],
) -> None:
    phone = Phone(farm[0])
    tick(phone, revision=1)
    assert tick(phone, revision=3, done_on=None)["outcome"] == "updated"
    yesterday = str(localdate() - timedelta(days=1))
    assert tick(phone, revision=2, done_on=yesterday)["outcome"] == "unchanged"
    assert NextStep.objects.get().done_on is None


def test_a_day_to_come_is_refused_at_its_field(farm: tuple[User, Rancher]) -> None:
    item = tick(Phone(farm[0]), done_on=str(localdate() + timedelta(days=3)))
    assert item["outcome"] == "rejected"
    assert [(one["field"], one["code"]) for one in item["reasons"]] == [("done_on", "in_future")]


def test_a_tick_by_somebody_without_the_rancher_waits_for_the_coordinator(
    farm: tuple[User, Rancher],
) -> None:
    item = tick(Phone(make_user(Role.TECHNICIAN)))
    assert item["outcome"] == "quarantined"
    assert NextStep.objects.get().done_on is None
    assert DataFlag.objects.filter(code="quarantined").count() == 1


def test_a_step_that_is_not_here_waits_for_the_coordinator(farm: tuple[User, Rancher]) -> None:
    item = tick(Phone(farm[0]), id=str(uuid4()))
    assert item["outcome"] == "quarantined"
    assert [one["code"] for one in item["reasons"]] == ["step_unknown"]
