"""How the API's lists are cut: by a cursor, so that page 10,000 costs what page 1 does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

if TYPE_CHECKING:
    from rest_framework.views import APIView


class Pages(CursorPagination):
    """`?cursor=` from the answer's `next`; `?page_size=` up to 500. Ordered by the primary key."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 500
    ordering = "pk"

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (
            ValueError,
            OverflowError,
            ValidationError,
            DataError,
        ) as error:  # a forged cursor holds no value of the order
            raise NotFound(self.invalid_cursor_message) from error


class LatestFirst(Pages):
    """Visits, newest first."""

    ordering = ("-visited_on", "pk")  # type: ignore[assignment]


class Features(Pages):
    """A page of GeoJSON features as a FeatureCollection."""

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "type": "FeatureCollection",
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "features": data,
            }
        )

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        link = {"type": "string", "nullable": True}
        return {
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "next": link,
                "previous": link,
                "features": schema,
            },
        }
