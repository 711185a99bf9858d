"""The API does what its description says, whoever asks: schemathesis with each role's token."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.conf import settings
from hypothesis import HealthCheck, settings as hypothesis_settings
from schemathesis.checks import (
    not_a_server_error,
)
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from ranchers.tokens import issue_token
from tests import world as worlds

pytestmark = pytest.mark.django_db
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
ROLES = ("coordinator", "technician", "ministry", "rancher")


@pytest.fixture(scope="module")
def schema() -> Any:
    from drf_spectacular.generators import SchemaGenerator

    described = SchemaGenerator().get_schema(request=None, public=True)
    return schemathesis.openapi.from_dict(described).exclude(path_regex="/schema/|/docs/")


def test_every_address_of_the_api_is_described(schema: Any) -> None:
    paths = {operation.ok().path for operation in schema.get_all_operations()}
    assert {"/api/v1/visits/", "/api/v1/plots/", "/api/v1/cells/", "/api/v1/me/"} <= paths
    assert len(paths) >= 13
