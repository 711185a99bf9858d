"""A table to show: what `parts/data_table.html` draws and what exports write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

Text = str | Promise
Entry = Text | tuple[Text, str] | tuple[Text, str, float | str | None]
"""What fills a cell: text, (text, url) or (text, url, value to sort by)."""


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

    def body(self) -> SafeString:
        """The rows as HTML: by hand, since a template takes ten times as long for a long table."""
        heads = [_Head.of(column, is_first=i == 0) for i, column in enumerate(self.columns)]
        rows = (
            "".join(head.cell(cell) for head, cell in zip(heads, row, strict=True))
            for row in self.rows
        )
        return mark_safe("\n".join(f"<tr>{row}</tr>" for row in rows))  # noqa: S308 (escaped below)

    @classmethod
    def of(
        cls,
        *,
        caption: Text,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Entry]],
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


class _Head(NamedTuple):
    """What the cells of one column have in common, as HTML."""

    opening: str
    closing: str

    @classmethod
    def of(cls, column: Column, *, is_first: bool) -> "_Head":
        if is_first:
            return cls('<th scope="row"', "</th>")
        number = ' class="num"' if column.numeric else ""
        return cls(f'<td{number} data-label="{conditional_escape(str(column.label))}"', "</td>")

    def cell(self, cell: TableCell) -> str:
        """One cell; every text and value is escaped here."""
        text = _escaped(cell.text)
        if cell.url:
            text = f'<a href="{escape(cell.url)}">{text}</a>'
        value = "" if cell.sort_value is None else f' data-value="{escape(str(cell.sort_value))}"'
        return f"{self.opening}{value}>{text}{self.closing}"


def _escaped(text: Text) -> str:
    """As `conditional_escape`, which looks twice as long at what it is given as at the text."""
    return escape(text) if type(text) is str else str(conditional_escape(text))  # type: ignore[arg-type]


def _cell(value: object, column: Column) -> TableCell:
    if isinstance(value, tuple):
        text, url, *rest = value
        return TableCell(text=text, column=column, url=url, sort_value=rest[0] if rest else None)
    return TableCell(text=value, column=column)  # type: ignore[arg-type]
