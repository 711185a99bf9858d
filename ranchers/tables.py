"""A table to show: what `parts/data_table.html` draws and what exports write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.html import conditional_escape, escape, format_html, format_html_join
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
        return format_html_join("\n", "<tr>{}</tr>", ((_row_html(row),) for row in self.rows))

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


def _row_html(row: Sequence[TableCell]) -> SafeString:
    return mark_safe("".join(_cell_html(cell, is_head=i == 0) for i, cell in enumerate(row)))  # noqa: S308


def _cell_html(cell: TableCell, *, is_head: bool) -> str:
    """One cell; every text and value is escaped here."""
    text = conditional_escape(cell.text if isinstance(cell.text, str) else str(cell.text))
    if cell.url:
        text = format_html('<a href="{}">{}</a>', cell.url, text)
    value = "" if cell.sort_value is None else f' data-value="{escape(str(cell.sort_value))}"'
    if is_head:
        return f'<th scope="row"{value}>{text}</th>'
    number = ' class="num"' if cell.column.numeric else ""
    return (
        f'<td{number} data-label="{conditional_escape(str(cell.column.label))}"{value}>{text}</td>'
    )


def _cell(value: object, column: Column) -> TableCell:
    if isinstance(value, tuple):
        text, url, *rest = value
        return TableCell(text=text, column=column, url=url, sort_value=rest[0] if rest else None)
    return TableCell(text=value, column=column)  # type: ignore[arg-type]
