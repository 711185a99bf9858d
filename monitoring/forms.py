"""Forms of the monitoring pages. The visit form is `monitoring.visit_sheet`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.dashboard_filters import SEX_CHOICES, quarter_choices, set_choices
from monitoring.dashboards import known_quarters
from monitoring.plot_map import CHOICES
from practices.models import Practice
from ranchers.access import Viewer, districts_for
from ranchers.forms.choosing import TechnicianField
from ranchers.models import Cohort, District


class VisitFilter(forms.Form):
    """Narrows the list of visits; what cannot be read is left out, not complained about."""

    text = forms.CharField(label=_("Rancher"), required=False, max_length=100)
    district = forms.ModelChoiceField(
        label=_("District"), queryset=District.objects.none(), required=False
    )
    technician = TechnicianField(label=_("Technician"))
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    deleted = forms.BooleanField(label=_("Deleted visits"), required=False)
    rancher = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].queryset = districts_for(viewer)  # type: ignore[attr-defined]

    def criteria(self) -> dict[str, Any]:
        """Keyword arguments of `monitoring.visits.find_visits`."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def is_narrowed(self) -> bool:
        return bool(self.criteria())


class MapForm(forms.Form):
    """The choices in the map's address; what cannot be read is as if not chosen."""

    valor = forms.ChoiceField(label=_("Colour by"), required=False, choices=list(CHOICES.items()))
    practica = forms.ModelChoiceField(
        label=_("Practice"),
        queryset=Practice.objects.filter(is_active=True),
        to_field_name="code",
        required=False,
        empty_label=None,
    )
    distrito = forms.ModelChoiceField(
        label=_("District"),
        queryset=District.objects.all(),
        required=False,
        empty_label=_("All districts"),
    )
    cohorte = forms.ModelChoiceField(
        label=_("Cohort"),
        queryset=Cohort.objects.all(),
        to_field_name="code",
        required=False,
        empty_label=_("All cohorts"),
    )
    sexo = forms.ChoiceField(label=_("Sex"), required=False, choices=SEX_CHOICES)
    hasta = forms.ChoiceField(label=_("As of"), required=False)
    lugar = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, has_values: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, "hasta", quarter_choices(known_quarters()))
        if not has_values:  # shapes alone: nothing to colour or choose them by
            for name in ("valor", "practica", "cohorte", "sexo", "hasta"):
                del self.fields[name]

    def chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)

    def words(self) -> dict[str, str]:
        """What was chosen, as the address of a tile says it (monitoring.tile_choices)."""
        self.is_valid()
        found = self.cleaned_data
        return {
            "practica": found["practica"].code if found.get("practica") else "",
            "distrito": found["distrito"].pk if found.get("distrito") else "",
            "cohorte": found["cohorte"].code if found.get("cohorte") else "",
            "sexo": found.get("sexo", ""),
            "hasta": found.get("hasta", ""),
        }
