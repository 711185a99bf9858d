"""Forms of an import: the file, what its columns mean, how strict to be."""

from __future__ import annotations

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ranchers.forms.people import DayField
from ranchers.imports.mapping import FIELDS
from ranchers.models import District, ImportBatch

ACCEPTED = ".csv,.txt,.xlsx,.geojson,.json,.kml,.kmz,.gpx,.zip,.gpkg"


class ImportOptions(forms.Form):
    since = DayField(
        label=_("Outlines valid since"),
        initial=localdate,
        help_text=_("The day from which the land had these outlines."),
    )
    district = forms.ModelChoiceField(
        District.objects.all(),
        label=_("District of the rows without one"),
        required=False,
        empty_label=_("Where the outline lies"),
    )
    accept_repaired = forms.BooleanField(
        label=_("Accept outlines repaired where they cross themselves"), required=False
    )


class UploadForm(ImportOptions):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV, XLSX, GeoJSON, KML, GPX, GeoPackage or a zipped Shapefile; at most 20 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
    )
    field_order = ["file", "since", "district", "accept_repaired"]


class MappingForm(ImportOptions):
    """One select per column of the file, and the options again."""

    def __init__(self, *args, batch: ImportBatch, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial = {
            "since": batch.since,
            "district": batch.district_id,
            "accept_repaired": batch.accept_repaired,
        }
        self.columns = batch.columns
        choices = [("", _("— not imported —")), *FIELDS.items()]
        for number, column in enumerate(batch.columns):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=column,
                choices=choices,
                required=False,
                initial=batch.mapping.get(column, ""),
            )

    def column_fields(self):
        return [self[f"column_{number}"] for number in range(len(self.columns))]

    def mapping(self) -> dict[str, str]:
        chosen = (
            (column, self.cleaned_data[f"column_{number}"])
            for number, column in enumerate(self.columns)
        )
        return {column: field for column, field in chosen if field}


class ApplyForm(forms.Form):
    mode = forms.ChoiceField(
        label=_("If some rows are wrong"),
        choices=[
            ("all", _("All or nothing: import only when every row is right")),
            ("skip", _("Skip the wrong rows and import the rest")),
        ],
        widget=forms.RadioSelect,
        initial="all",
    )
