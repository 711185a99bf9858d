"""How the API's lists are cut: by a cursor, so that page 10,000 costs what page 1 does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import DataError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

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
