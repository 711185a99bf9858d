"""Errors of the API as problem details (RFC 9457), in the reader's language."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import status
from rest_framework.exceptions import APIException, ErrorDetail
from rest_framework.response import Response
from rest_framework.views import exception_handler

TYPE = "application/problem+json"


class TooLarge(APIException):
    """The body is larger than the address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class NotAccepted(APIException):
    """Understood, and not possible; the detail says why."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "not_accepted"


def problem(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's answer to an exception, as a problem: type, title, status, code, detail, errors."""
    if isinstance(exc, RequestDataTooBig):
        exc = TooLarge(_("What was sent is too large."))
    response = exception_handler(exc, context)
    if response is None:
        return None
    response.data = _body(response.data, status=response.status_code)
    response.content_type = TYPE
    return response


def _body(data: Any, *, status: int) -> dict[str, Any]:
    detail = data.get("detail") if isinstance(data, dict) else None
    title, code = _title(status), getattr(detail, "code", "invalid")
    body = {
        "type": f"urn:hato:error:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": str(detail or title),
    }
    if code == "wipe":  # to a signed-out device of the field app
        body["wipe"] = True
    if not isinstance(detail, ErrorDetail):
        body["errors"] = data if isinstance(data, dict) else {"non_field_errors": data}
    return body


def _title(status: int) -> str:
    titles = {
        400: _("The request was not understood"),
        401: _("Who are you?"),
        403: _("Not open to your account"),
        404: _("Not found"),
        405: _("Not possible at this address"),
        406: _("No such format"),
        409: _("Conflict"),
        413: _("Too large"),
        415: _("Send JSON"),
        422: _("Not accepted"),
        429: _("Too many requests"),
    }
    return titles.get(status, _("Error"))


@csrf_exempt
def not_found(request: HttpRequest, path: str = "") -> JsonResponse:
    """Any address below /api/ that does not exist."""
    body = _body({"detail": ErrorDetail(_("There is nothing here."), "not_found")}, status=404)
    return JsonResponse(body, status=404, content_type=TYPE)


PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "object"},
    },
}
ALWAYS = ("400", "401", "403", "404", "406", "429")


def describe_problems(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular hook: every operation may also answer with a problem."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "Problem",
        "content": {TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result.get("paths", {}).values():
        for operation in operations.values():
            for code in ALWAYS:
                operation["responses"].setdefault(code, answer)
            if "requestBody" in operation:
                for code in ("413", "415", "422"):
                    operation["responses"].setdefault(code, answer)
    return result
