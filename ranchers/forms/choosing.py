"""Choosing one of very many people by name."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.safestring import SafeString, mark_safe

from ranchers.models import Role, User


class _Names(ModelChoiceIterator):
    """Ids and names, without a model instance for each."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        yield from self.queryset.values_list("pk", "name")


class LongSelect(forms.Select):
    """A select whose options are written in one go: Django draws a template for each, which takes
    680 technicians sixty milliseconds."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,  # noqa: ARG002 (Django hands it to every widget)
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        options = "".join(
            f'<option value="{escape(str(pk))}"{" selected" if str(pk) == chosen else ""}>{escape(str(label))}</option>'
            for pk, label in self.choices
        )  # fmt: skip
        written = flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        return mark_safe(f"<select{written}>{options}</select>")  # noqa: S308 (escaped above)


class TechnicianField(forms.ModelChoiceField):
    """One of the technicians, by name."""

    iterator = _Names

    def __init__(
        self,
        *,
        label: Any,
        empty_label: Any = "---------",
        only_active: bool = False,
    ) -> None:
        technicians = User.objects.filter(role=Role.TECHNICIAN).order_by("name")
        super().__init__(
            technicians.filter(is_active=True) if only_active else technicians,
            label=label,
            required=False,
            empty_label=empty_label,
            widget=LongSelect,
        )
