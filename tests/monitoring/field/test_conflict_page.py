"""The coordinator settles a registration whose DNI is taken."""

import pytest
from django.test import Client

from monitoring.models import Conflict, Visit
from ranchers.models import Rancher, Role
from tests import people
from tests.monitoring.factories import payload
from tests.monitoring.field.bodies import registration
from tests.monitoring.field.phone import Phone

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("choice", "ranchers"), [({"same": "1"}, 1), ({"dni": "45678999"}, 2)])
def test_one_person_or_two_is_settled_on_the_page(choice, ranchers):
    technician = people.technician(people.district())
    rancher = people.rancher(technician=technician)
    document = registration(dni=rancher.dni)
    Phone(technician).sync(("rancher", document), payload(document["id"]))
    client = Client(headers={"accept-language": "es"})
    client.force_login(
        people.staff(Role.COORDINATOR), backend="django.contrib.auth.backends.ModelBackend"
    )
    address = f"/coordinacion/registros/{Conflict.objects.get().pk}/"
    assert address in client.get("/coordinacion/calidad/").content.decode()
    assert "Rosa" in client.get(address).content.decode()
    assert client.post(address, choice).status_code == 302
    assert (Rancher.objects.count(), Visit.objects.count()) == (ranchers, 1)
