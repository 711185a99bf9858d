"""The form that adds a source of tree cover."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from monitoring.models import Measures, SourceKind


class SourceForm(forms.Form):
    """Fields as `sources.add` takes them; what the published layouts say may stay empty.

    `data-only` names the kind that a field is for; the page shows it for that one alone.
    """

    kind = forms.ChoiceField(
        label=_("What kind of raster it is"),
        choices=SourceKind.choices,
        initial=SourceKind.GFC,
        widget=forms.RadioSelect,
    )
    code = forms.SlugField(
        label=_("Short name"), max_length=40, help_text=_("Letters, digits and hyphens: gfc-2024.")
    )
    location = forms.CharField(
        label=_("Where it is"),
        max_length=500,
        help_text=_(
            "An https address, or a file or folder below the server’s folder for rasters. In an address "
            "{tile} stands for the name of a tile and {layer} for that of a layer."
        ),
    )
    version = forms.CharField(
        label=_("Version"),
        max_length=40,
        help_text=_("As its maker names it: GFC-2024-v1.12; of alerts the day of download."),
    )
    baseline_year = forms.IntegerField(
        label=_("Baseline year"),
        required=False,
        min_value=1980,
        max_value=2100,
        widget=forms.NumberInput({"data-only": "declared"}),
        help_text=_("Forest as of the end of this year."),
    )
    last_year = forms.IntegerField(
        label=_("Last year"),
        required=False,
        min_value=1980,
        max_value=2100,
        widget=forms.NumberInput({"data-only": "loss"}),
        help_text=_("Loss is known up to its end."),
    )
    covers_until = forms.DateField(
        label=_("Last day of alerts"),
        required=False,
        widget=forms.DateInput({"type": "date", "data-only": "alerts"}, format="%Y-%m-%d"),
        help_text=_("Usually the day of download."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"data-only": "declared"}),
    )
    licence = forms.CharField(
        label=_("Licence"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"data-only": "declared"}),
    )
    attribution = forms.CharField(
        label=_("Attribution"),
        max_length=300,
        required=False,
        widget=forms.TextInput({"data-only": "declared"}),
    )
    caveat = forms.CharField(
        label=_("Known limits"),
        required=False,
        widget=forms.Textarea({"rows": 3, "data-only": "declared"}),
        help_text=_("Shown beside every figure."),
    )
    bands = forms.JSONField(
        label=_("Meaning of the bands"),
        required=False,
        initial=dict,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false", "data-only": "declared"}),
        help_text=_("As JSON; examples beside the form."),
    )

    def clean_location(self) -> str:
        """An address as it is; a path only below the server's folder for rasters, so that nobody
        looks through the server's other files from a page."""
        location: str = self.cleaned_data["location"].strip()
        if "://" in location:
            return location
        root = Path(settings.COVER_ROOT).resolve()
        place = (root / location).resolve()
        if not place.is_relative_to(root) or not place.exists():
            raise ValidationError(
                gettext("There is nothing of this name below %(root)s."), params={"root": root}
            )
        return str(place)

    def fields_for_add(self) -> dict[str, Any]:
        """What `sources.add` takes."""
        fields = dict(self.cleaned_data)
        fields["bands"] = fields["bands"] or {}
        if fields["kind"] == SourceKind.ALERTS:
            fields |= {"baseline_year": None, "last_year": None, "measures": Measures.ALERTS}
        else:
            fields |= {"covers_until": None, "measures": Measures.FOREST}
        return fields
