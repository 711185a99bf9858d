"""Forms about land."""

from __future__ import annotations

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ranchers.forms.people import DayField
from ranchers.models import District, LandUse, Tenure


class OutlineFields(forms.Form):
    """The outline of a plot in one of three ways: drawn, pasted or uploaded."""

    outline = forms.CharField(
        label=_("Coordinates of the outline"),
        required=False,
        help_text=_(
            "Filled in by the drawing. Or write one corner per line, longitude and latitude in "
            "decimal degrees (-69.4871 -11.4112); GeoJSON and WKT are read too."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "data-outline": ""}),
    )
    file = forms.FileField(
        label=_("Or a file with the outline"),
        required=False,
        help_text=_("GeoJSON, KML, GPX, GeoPackage or a zipped Shapefile, with one outline."),
    )
    since = DayField(
        label=_("Boundary valid since"),
        initial=localdate,
        help_text=_("The day from which the land had this outline."),
    )


class PlotForm(forms.Form):
    name = forms.CharField(label=_("Name of the plot"), max_length=200)
    tenure = forms.ChoiceField(label=_("Tenure"), choices=Tenure.choices, initial=Tenure.OTHER)
    district = forms.ModelChoiceField(
        District.objects.all(),
        label=_("District"),
        required=False,
        empty_label=_("Where the outline lies"),
    )
    external_ref = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=200,
        help_text=_("Cadastral code or the code in your own files."),
    )


class NewPlotForm(OutlineFields, PlotForm):
    field_order = ["name", "tenure", "district", "external_ref", "outline", "file", "since"]


class CloseForm(forms.Form):
    closed_on = DayField(label=_("No longer farmed since"), initial=localdate)


class LandUseForm(forms.Form):
    """Hectares per land use, all at once, from one day on."""

    since = DayField(label=_("Since"), initial=localdate)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for use, label in LandUse.choices:
            self.fields[use] = forms.DecimalField(
                label=_("%(use)s (ha)") % {"use": label},
                required=False,
                min_value=0,
                max_value=20000,
                decimal_places=2,
                localize=False,
            )

    def areas_ha(self) -> dict:
        return {use: self.cleaned_data[use] for use in LandUse.values if self.cleaned_data.get(use)}
