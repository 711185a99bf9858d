import pytest
from django.test import Client

from tests.practices.factories import make_user

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def log_in(db):
    """A browser logged in as a new person of a role; the person is its `user`."""

    def browser(role: str, **fields: object) -> Client:
        client = Client()
        client.user = make_user(role, **fields)
        client.force_login(client.user, backend=BACKEND)
        return client

    return browser
