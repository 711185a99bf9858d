"""A table to show: what `parts/data_table.html` draws and what exports write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Column:
    label: Text
    numeric: bool = False


@dataclass(frozen=True)
class TableCell:
    """One cell: the text shown, where it leads, and the value to sort and export by."""

    text: Text
    column: Column
    url: str = ""
    sort_value: float | str | None = None


@dataclass(frozen=True)
class Table:
    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Sequence[TableCell]] = field(default_factory=tuple)
    sortable: bool = True
    stacks: bool = True

    @classmethod
    def of(
        cls,
        *,
        caption: Text,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Text | tuple[Text, str] | tuple[Text, str, float | str | None]]],
        sortable: bool = True,
        stacks: bool = True,
    ) -> "Table":
        """A table from rows of text, (text, url) or (text, url, sort value), one per column."""
        return cls(
            caption=caption,
            columns=columns,
            rows=[
                [_cell(value, column) for value, column in zip(row, columns, strict=True)]
                for row in rows
            ],
            sortable=sortable,
            stacks=stacks,
        )


def _cell(value: object, column: Column) -> TableCell:
    if isinstance(value, tuple):
        text, url, *rest = value
        return TableCell(text=text, column=column, url=url, sort_value=rest[0] if rest else None)
    return TableCell(text=value, column=column)  # type: ignore[arg-type]
