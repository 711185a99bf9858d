"""The API does what its description says, whoever asks: schemathesis with each role's token."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from ranchers.tokens import issue_token
from tests import world as worlds

pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ROLES = ("coordinator", "technician", "ministry", "rancher")
EXAMPLES = 6


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    described = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(described)
    schema.app = application
    found = [operation.ok() for operation in schema.get_all_operations()]
    return [one for one in found if "/schema/" not in one.path]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The end of a request must not close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_address_of_the_api_is_described(operations: list[Any]) -> None:
    paths = {operation.path for operation in operations}
    assert {"/api/v1/visits/", "/api/v1/plots/", "/api/v1/cells/", "/api/v1/me/"} <= paths
    assert len(paths) == 21


@pytest.mark.parametrize("role", ROLES)
def test_every_operation_does_what_its_description_says(role: str, operations: list[Any]) -> None:
    """Generated requests, right and wrong, go through the WSGI application with the token of one
    role; every answer must be of a described status, type and shape, and never a 500."""
    world = worlds.build()
    token = issue_token(user=getattr(world, role), name="schemathesis", days=1)
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    pks = {"/visits/": str(world.visit.pk), "/ranchers/": str(world.rancher_record.pk)}
    answered: set[int] = set()
    for operation in operations:
        real = [pk for part, pk in pks.items() if f"{part}{{" in operation.path]
        answered |= _ask(operation, GenerationMode.NEGATIVE, headers, {})
        answered |= _ask(
            operation, GenerationMode.POSITIVE, headers, {"id": real[0]} if real else {}
        )
    assert 200 in answered
    assert answered & {400, 404, 415, 422}, "nothing wrong was ever sent"


def _ask(operation: Any, mode: Any, headers: dict[str, str], path: dict[str, str]) -> set[int]:
    """Some generated requests to one operation; the statuses that came back."""
    statuses: set[int] = set()
    sent = [*operation.path_parameters, *operation.query, *operation.body]
    if mode == GenerationMode.NEGATIVE and not sent:
        return statuses  # nothing can be sent wrong
    fixed: dict[str, Any] = {"path_parameters": path} if path else {}

    @hypothesis_settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, **fixed))
    def send(case: Any) -> None:
        response = case.call(headers=headers)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    send()
    return statuses
