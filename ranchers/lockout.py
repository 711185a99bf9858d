"""Too many wrong passwords or PINs: whom django-axes counts, and what the person then reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def attempted_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """What the tries are counted by, beside the IP address: an e-mail address or a card."""
    given = credentials or {}
    if given.get("card"):
        return f"card:{str(given['card'])[:16]}"
    email = given.get("email") or request.POST.get("login") or ""
    return str(email).strip().lower()[:254]


def locked_out(
    request: HttpRequest,
    original_response: HttpResponse | None = None,
    credentials: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page with status 429 for someone who must wait."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
