"""Text made plain: without accents and capitals for searching (the same in SQL), or printable."""

from __future__ import annotations

from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Concat, Lower

ACCENTED = "áàâãäéèêëíìîïóòôõöúùûüñç"
PLAIN = "aaaaaeeeeiiiiooooouuuunc"


def plain(text: str) -> str:
    """Small letters without accents: 'Ñato Ríos' becomes 'nato rios'."""
    return text.lower().translate(str.maketrans(ACCENTED, PLAIN))


def printable(text: str) -> str:
    """Text without line ends and control characters, such as no screen shows and no database holds."""
    return "".join(letter for letter in text if letter.isprintable())


def plain_sql(*columns: str) -> Func:
    """The columns joined by spaces, as `plain` would write them. Immutable, so it can be indexed."""
    parts: list[F | Value] = []
    for column in columns:
        parts += [F(column), Value(" ")]
    joined = Concat(*parts, output_field=TextField())
    return Func(
        Lower(joined),
        Value(ACCENTED),
        Value(PLAIN),
        function="translate",
        output_field=TextField(),
    )
