"""The form that asks for a file for the European Union."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.models import EudrShape
from ranchers.models import Cohort, District, Rancher

MOST_DNI = 2_000


class EudrForm(forms.Form):
    recipient = forms.CharField(
        label=_("To whom the file goes"),
        max_length=160,
        help_text=_("The buyer or operator who declares to the European Union."),
    )
    district = forms.ModelChoiceField(
        label=_("District"),
        queryset=District.objects.all(),
        required=False,
        empty_label=_("All districts"),
    )
    cohort = forms.ModelChoiceField(
        label=_("Cohort"),
        queryset=Cohort.objects.all(),
        required=False,
        empty_label=_("All cohorts"),
    )
    dni = forms.CharField(
        label=_("Only these ranchers (DNI, one a line)"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea({"rows": 4, "inputmode": "numeric"}),
        help_text=_("Empty: all that fit the district and the cohort."),
    )
    shape = forms.ChoiceField(
        label=_("What is written of each plot"),
        choices=EudrShape.choices,
        initial=EudrShape.POINT,
        widget=forms.RadioSelect,
    )
    keeps_loss = forms.BooleanField(
        label=_("Keep plots that lost forest after 31 December 2020"),
        required=False,
        help_text=_(
            "They would be refused. Keep them only when somebody has checked in the field that it"
            " was no forest."
        ),
    )
    confirmed = forms.BooleanField(
        label=_("I have asked: the ranchers agree that this recipient gets where their land lies"),
        help_text=_(
            "Only ranchers whose consent to this file is on record are in it; the others are in the"
            " report, so that you can ask them."
        ),
    )

    def clean_dni(self) -> list[Rancher]:
        words = re.findall(r"\d+", self.cleaned_data["dni"])
        if len(words) > MOST_DNI:
            raise forms.ValidationError(_("At most %(most)s DNI."), params={"most": MOST_DNI})
        wanted = {word.zfill(8) for word in words}
        found = list(Rancher.objects.filter(dni__in=wanted))
        missing = sorted(wanted - {str(one.dni) for one in found})
        if missing:
            raise forms.ValidationError(
                _("No rancher has the DNI %(dni)s."), params={"dni": ", ".join(missing[:5])}
            )
        return found

    def asked(self) -> dict[str, Any]:
        """Keyword arguments of `monitoring.eudr.exports.request_export`."""
        given = dict(self.cleaned_data)
        given["ranchers"] = given.pop("dni")
        del given["confirmed"]
        return given
