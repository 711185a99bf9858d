"""Forms of the ranchers' cards."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ranchers.cards import PinRefused, check_pin
from ranchers.models import Rancher

PIN_ATTRS = {
    "inputmode": "numeric",
    "autocomplete": "off",
    "maxlength": "6",
    "class": "pin",
}


class EnterForm(forms.Form):
    """The PIN of a card that was scanned."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    pin = forms.CharField(
        label=_("Your PIN"),
        max_length=12,
        widget=forms.PasswordInput(attrs=PIN_ATTRS | {"autofocus": True}),
    )


class PinForm(forms.Form):
    """A PIN chosen by the rancher, written twice."""

    pin = forms.CharField(
        label=_("PIN, 4 to 6 digits"),
        max_length=6,
        widget=forms.PasswordInput(attrs=PIN_ATTRS),
        help_text=_("Let the rancher type it. Not 1234, not the year of birth."),
    )
    again = forms.CharField(
        label=_("The same PIN again"), max_length=6, widget=forms.PasswordInput(attrs=PIN_ATTRS)
    )

    def __init__(self, *args: Any, rancher: Rancher, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rancher = rancher

    def clean_pin(self) -> str:
        pin = str(self.cleaned_data["pin"])
        try:
            check_pin(pin, rancher=self.rancher)
        except PinRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return pin

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("pin") and data.get("again") and data["pin"] != data["again"]:
            self.add_error("again", _("The two PINs are not the same."))
        return data
