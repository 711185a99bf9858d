"""Smallest rows and payloads that the tests of visits stand on."""

import json
from typing import Any
from uuid import UUID, uuid4

from monitoring.models import Channel
from monitoring.sync import Receipt, receive
from ranchers.models import Rancher, Role, User
from tests.practices.factories import make_rancher, make_user

FIGURES = {"cows": 20, "calves": 8, "cows_in_milk": 10, "milk_l_per_day": "50", "pasture_ha": "30"}


def make_technician_and_rancher() -> tuple[User, Rancher]:
    technician = make_user(Role.TECHNICIAN)
    return technician, make_rancher(technician=technician)


def payload(rancher: Rancher | UUID | str, **changes: Any) -> dict[str, Any]:
    """A visit that goes in without a question; `changes` replace its keys."""
    rancher_id = rancher.pk if isinstance(rancher, Rancher) else rancher
    return {
        "schema": 1,
        "id": str(uuid4()),
        "base_version": None,
        "rancher": str(rancher_id),
        "visited_on": "2026-03-01",
        "measurements": dict(FIGURES),
    } | changes


def send(document: Any, sender: User, channel: str = Channel.FIELD) -> Receipt:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return receive(raw=raw, sender=sender, channel=channel)


def codes(receipt: Receipt) -> list[tuple[str, str]]:
    return [(reason["field"], reason["code"]) for reason in receipt.reasons]
