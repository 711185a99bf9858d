from datetime import date

import pytest

from ranchers.models import Cohort, District, Phase, Rancher, Role, User
from ranchers.places import load_places


@pytest.fixture
def places(db):
    load_places()


@pytest.fixture
def iberia(places):
    return District.objects.get(name="Iberia")


@pytest.fixture
def cohort(db):
    return Cohort.objects.create(
        code="pilot", name="Piloto", phase=Phase.PILOT, starts_on=date(2018, 1, 1)
    )


@pytest.fixture
def rancher(iberia):
    return Rancher.objects.create(given_names="Rosa", surnames="Quispe Mamani", district=iberia)


@pytest.fixture
def coordinator(db):
    return User.objects.create_user("coord@example.org", "x", name="Carmen", role=Role.COORDINATOR)


@pytest.fixture
def technician(iberia):
    user = User.objects.create_user("tec@example.org", "x", name="Teo", role=Role.TECHNICIAN)
    user.districts.add(iberia)
    return user


@pytest.fixture
def ministry(db):
    return User.objects.create_user("min@example.org", "x", name="Mina", role=Role.MINISTRY)
