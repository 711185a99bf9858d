"""The choices in a dashboard's address: district, sex, period, and on some pages more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.dashboards import Slice, known_quarters
from monitoring.indicators import Indicator
from monitoring.indicators.comparisons import COMPARED
from monitoring.plot_map import CHOICES
from monitoring.quarters import label, parse
from practices.models import Practice
from ranchers.models import Cohort, District, Sex

SEX_CHOICES = [
    ("", _("Women and men")),
    (Sex.FEMALE.value, _("Women")),
    (Sex.MALE.value, _("Men")),
]


def quarter_choices(quarters: range) -> list[tuple[str, Any]]:
    """'As of' any of these quarters, the newest first; without a choice, today."""
    return [("", _("Today")), *((label(q), label(q)) for q in reversed(quarters))]


def set_choices(form: forms.Form, name: str, rows: Iterable[tuple[str, Any]]) -> None:
    """What can be chosen in a field of the form, where it depends on what is stored."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = list(rows)


@dataclass(frozen=True)
class Places:
    """What there is to choose from: a few small tables, read once for a page."""

    quarters: range
    districts: list[District]
    cohorts: list[Cohort]

    @classmethod
    def load(cls, *, with_outlines: bool = False) -> Places:
        districts = District.objects.all()
        return cls(
            quarters=known_quarters(),
            districts=list(districts if with_outlines else districts.defer("boundary")),
            cohorts=list(Cohort.objects.all()),
        )


class FilterForm(forms.Form):
    """A wrong value is an error that the page shows (status 400), never a silent default."""

    distrito = forms.ChoiceField(label=_("District"), required=False)
    sexo = forms.ChoiceField(
        label=_("Sex"),
        required=False,
        choices=SEX_CHOICES,
    )
    desde = forms.ChoiceField(label=_("From"), required=False)
    hasta = forms.ChoiceField(label=_("As of"), required=False)

    def __init__(self, data: Mapping[str, Any], *, places: Places) -> None:
        super().__init__({name: data.get(name, "") for name in self.base_fields})
        quarters = places.quarters
        self._places = places
        districts = [("", _("All districts")), *((d.pk, d.name) for d in places.districts)]
        set_choices(self, "distrito", districts)
        years = sorted({quarter // 4 for quarter in quarters})
        set_choices(self, "desde", [("", _("The beginning")), *((str(y), str(y)) for y in years)])
        set_choices(self, "hasta", quarter_choices(quarters))

    def slice_(self) -> Slice:
        """What is asked for; the whole programme up to today where the form is not valid."""
        chosen = self.cleaned_data if self.is_valid() else {}
        quarters = self._places.quarters
        as_of = parse(chosen["hasta"]) if chosen.get("hasta") else quarters[-1]
        since = int(chosen["desde"]) * 4 if chosen.get("desde") else quarters[0]
        return Slice(
            as_of=as_of,
            since=min(max(since, quarters[0]), as_of),
            district=chosen.get("distrito") or None,
            sex=chosen.get("sexo", ""),
        )

    def chosen(self) -> dict[str, str]:
        """The choices that differ from 'everything', for links that keep them."""
        return {name: value for name, value in self.cleaned_data.items() if value} if self.is_valid() else {}  # fmt: skip


class PracticeFilterForm(FilterForm):
    practica = forms.ChoiceField(label=_("Practice"), required=False)

    def __init__(
        self, data: Mapping[str, Any], *, places: Places, practices: Iterable[Practice]
    ) -> None:
        super().__init__(data, places=places)
        self._by_code = {practice.code: practice for practice in practices}
        # without a choice, the catalogue's first
        set_choices(self, "practica", ((code, p.name) for code, p in self._by_code.items()))

    def practice(self) -> Practice | None:
        return self._by_code.get(self.cleaned_data["practica"]) if self.is_valid() else None


class UseFilterForm(PracticeFilterForm):
    """Of the pages that compare users of a practice with others: no slice but the cohort, since more of
    them side by side would tell of few people."""

    ALL_COHORTS = "todas"
    cohorte = forms.ChoiceField(label=_("Cohort"), required=False)
    indicador = forms.ChoiceField(label=_("Indicator"), required=False)

    def __init__(
        self, data: Mapping[str, Any], *, places: Places, practices: Iterable[Practice]
    ) -> None:
        super().__init__(data, places=places, practices=practices)
        # without a choice, the newest cohort
        newest_first = [(one.code, one.name) for one in reversed(places.cohorts)]
        set_choices(self, "cohorte", [*newest_first, (self.ALL_COHORTS, _("All cohorts"))])
        codes = [(one.code, one.title) for one in COMPARED]
        set_choices(self, "indicador", [("", _("The one it should move")), *codes])
        for name in ("distrito", "sexo", "desde"):
            del self.fields[name]
        self.order_fields(["practica", "indicador", "cohorte", "hasta"])

    def cohort(self) -> Cohort | None:
        """The cohort chosen, None for all of them together."""
        code = self.cleaned_data["cohorte"] if self.is_valid() else ""
        if code == self.ALL_COHORTS:
            return None
        named = [one for one in self._places.cohorts if code in ("", one.code)]
        return named[-1] if named else None

    def indicator(self) -> Indicator | None:
        code = self.cleaned_data["indicador"] if self.is_valid() else ""
        return next((one for one in COMPARED if one.code == code), None)


class MapFilterForm(PracticeFilterForm):
    """Of the districts' figures and of the map of plots above them: what it takes of the choices is
    told by `words`. Who sees no single plot's values cannot colour plots by one."""

    indicador = forms.ChoiceField(label=_("Figure by district"), required=False)
    cohorte = forms.ChoiceField(label=_("Cohort"), required=False)
    valor = forms.ChoiceField(
        label=_("Colour plots by"), required=False, choices=list(CHOICES.items())
    )

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        places: Places,
        practices: Iterable[Practice],
        indicators: Iterable[Indicator],
        has_values: bool,
    ) -> None:
        super().__init__(data, places=places, practices=practices)
        self._by_indicator = {indicator.code: indicator for indicator in indicators}
        named = ((i.code, i.title) for i in self._by_indicator.values())
        set_choices(self, "indicador", [("", _("Active ranchers")), *named])
        cohorts = [("", _("All cohorts")), *((c.code, c.name) for c in places.cohorts)]
        set_choices(self, "cohorte", cohorts)
        del self.fields["desde"]
        if not has_values:
            del self.fields["valor"]

    def cohorts(self) -> list[Cohort]:
        """The cohort chosen, or all of them."""
        code = self.cleaned_data["cohorte"] if self.is_valid() else ""
        return [one for one in self._places.cohorts if code in ("", one.code)]

    def words(self) -> dict[str, str]:
        """What was chosen, as the address of a tile says it (monitoring.tile_choices)."""
        chosen = self.cleaned_data if self.is_valid() else {}
        return {
            name: chosen.get(name, "")
            for name in ("practica", "distrito", "cohorte", "sexo", "hasta")
        }

    def indicator(self) -> Indicator | None:
        return self._by_indicator.get(self.cleaned_data["indicador"]) if self.is_valid() else None
