"""Pages of a list that may be very long: nothing is counted or skipped that nobody looks at."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models import QuerySet

MOST_COUNTED = 1_000
FARTHEST_ROW = 1_000_000


class LongPage(Page):
    """A page that was asked for with one row more, to know whether another follows."""

    def __init__(
        self, object_list: Any, number: int, paginator: LongList, *, is_last: bool
    ) -> None:
        super().__init__(object_list, number, paginator)
        self.is_last = is_last

    def has_next(self) -> bool:
        return not self.is_last


class LongList(Paginator):
    """A queryset in pages, counted up to `MOST_COUNTED`: `is_more` says that there is more, and then
    there may be any number of pages."""

    def __init__(self, rows: QuerySet[Any], per_page: int) -> None:
        super().__init__(rows, per_page)
        self._rows = rows

    @cached_property
    def count(self) -> int:
        """How many rows, at most `MOST_COUNTED`."""
        return min(self._counted, MOST_COUNTED)

    @cached_property
    def is_more(self) -> bool:
        return self._counted > MOST_COUNTED

    @cached_property
    def _counted(self) -> int:
        return self._rows.order_by()[: MOST_COUNTED + 1].count()

    def validate_number(self, number: Any) -> int:
        if not self.is_more:
            return super().validate_number(number)
        try:
            return super().validate_number(number)
        except EmptyPage:
            if 0 < int(number) * self.per_page <= FARTHEST_ROW:
                return int(number)
            raise

    def page(self, number: Any) -> LongPage:
        """The page of this number; beyond the end of a list that was not counted whole, the last
        that was. Raises `EmptyPage` beyond the end of another."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        rows = list(self._rows[first : first + self.per_page + 1])
        if not rows and number > self.num_pages:
            return self.page(self.num_pages)
        return LongPage(rows[: self.per_page], number, self, is_last=len(rows) <= self.per_page)
