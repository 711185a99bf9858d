"""A technician, a rancher in their care, and the technician's phone."""

import pytest

from ranchers.models import Rancher, User
from tests import people
from tests.monitoring.field.phone import Phone


@pytest.fixture
def technician(db: None) -> User:
    return people.technician(people.district())


@pytest.fixture
def rancher(technician: User) -> Rancher:
    return people.rancher(technician=technician)


@pytest.fixture
def phone(technician: User) -> Phone:
    return Phone(technician)
