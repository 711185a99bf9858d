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
    """Fields as `sources.add` takes them; what the published layouts say may stay empty."""

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
        help_text=_("Forest as of the end of this year. Empty for the published layouts."),
    )
    last_year = forms.IntegerField(
        label=_("Last year"),
        required=False,
        min_value=1980,
        max_value=2100,
        help_text=_("Loss is known up to its end. Not for alerts."),
    )
    covers_until = forms.DateField(
        label=_("Last day of alerts"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("For alerts only: usually the day of download."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        help_text=_("Empty for the published layouts."),
    )
    licence = forms.CharField(label=_("Licence"), max_length=120, required=False)
    attribution = forms.CharField(label=_("Attribution"), max_length=300, required=False)
    caveat = forms.CharField(
        label=_("Known limits"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_(
            "Shown beside every figure. Empty for the published layouts: theirs are known."
        ),
    )
    bands = forms.JSONField(
        label=_("Meaning of the bands"),
        required=False,
        initial=dict,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        help_text=_("Only for another raster, as JSON; examples beside the form."),
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
