"""Forms of the catalogue: a practice, an edition of its manual, a field day."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.timezone import localdate, now
from django.utils.translation import gettext_lazy as _

from practices import demonstrations, field_days, manuals
from practices.effects import EFFECTS
from practices.models import FieldDay, IntensityBasis, IntensityUnit, Manual, Practice
from ranchers.access import Viewer
from ranchers.models import Plot, User

LANGUAGE_NAMES = {"es": _("Spanish"), "en": _("English")}


class PracticeForm(forms.ModelForm):
    """What a coordinator may change of a practice; its number and code stay."""

    moves_indicator = forms.ChoiceField(
        label=_("What it should move"), choices=[("", "—"), *EFFECTS.items()], required=False
    )

    class Meta:
        model = Practice
        fields = [
            "name_es",
            "summary_es",
            "adopted_when_es",
            "evidence_es",
            "name_en",
            "summary_en",
            "adopted_when_en",
            "evidence_en",
            "intensity_unit",
            "intensity_max_basis",
            "moves_indicator",
            "is_active",
        ]
        widgets = {
            f"{stem}_{language}": forms.Textarea(attrs={"rows": 4, "lang": language})
            for stem in ("summary", "adopted_when", "evidence")
            for language in ("es", "en")
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        unit = cleaned.get("intensity_unit")
        basis = cleaned.get("intensity_max_basis")
        fits = {
            IntensityBasis.PASTURE_HA: IntensityUnit.HA,
            IntensityBasis.PERIMETER_M: IntensityUnit.M,
            IntensityBasis.HERD: IntensityUnit.COUNT,
        }
        if basis in fits and fits[IntensityBasis(basis)] != unit:
            self.add_error(
                "intensity_max_basis",
                _(
                    "This ceiling does not go with the unit: hectares with pasture, metres with "
                    "perimeter, units with herd."
                ),
            )
        return cleaned

    def save(self, commit: bool = True) -> Practice:
        self.instance.edited_at = now()
        return super().save(commit)


class ManualForm(forms.Form):
    """A new edition of a manual: a page in Markdown, a PDF, or both."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=[(code, LANGUAGE_NAMES[code]) for code, _name in settings.LANGUAGES],
    )
    title = forms.CharField(label=_("Title"), max_length=160)
    body = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 20}),
        help_text=_("Markdown: ## for a heading, 1. for steps, - for a list, **bold**."),
    )
    pdf = forms.FileField(
        label=_("PDF"),
        required=False,
        help_text=_("Up to 10 MB. It replaces the PDF of the edition before."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )
    keep_pdf = forms.BooleanField(label=_("Keep the current PDF"), required=False, initial=True)

    def __init__(self, *args: Any, current: Manual | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.current = current
        if current is None or not current.pdf:
            del self.fields["keep_pdf"]

    def clean_pdf(self) -> UploadedFile | None:
        upload = self.cleaned_data.get("pdf")
        if not upload:
            return None
        try:
            manuals.check_pdf(upload, size_bytes=upload.size)
        except manuals.PdfRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return upload

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "body" in self.errors or "pdf" in self.errors:
            return cleaned
        if not (cleaned.get("body") or cleaned.get("pdf") or self._kept_pdf()):
            raise forms.ValidationError(_("Write the text or choose a PDF."))
        return cleaned

    def _kept_pdf(self) -> Manual | None:
        same_language = self.current and self.current.language == self.cleaned_data.get("language")
        return self.current if same_language and self.cleaned_data.get("keep_pdf") else None

    def publish(self, practice: Practice) -> Manual:
        return manuals.publish(
            practice=practice,
            language=self.cleaned_data["language"],
            title=self.cleaned_data["title"],
            body=self.cleaned_data["body"],
            pdf=self.cleaned_data["pdf"],
            keep_pdf_of=self._kept_pdf(),
        )


class HostField(forms.ModelChoiceField):
    """Plots told apart by the rancher: many are called alike."""

    def label_from_instance(self, plot: Plot) -> str:
        return f"{plot.name} · {plot.rancher.full_name}"


class FieldDayForm(forms.ModelForm):
    """Announce or correct a field day; the choices are those of the person who fills it in."""

    plot = HostField(
        label=_("Host farm"),
        queryset=Plot.objects.none(),
        required=False,
        help_text=_("A demonstration farm, if the day is on one."),
    )

    class Meta:
        model = FieldDay
        fields = [
            "title",
            "starts_at",
            "district",
            "place",
            "plot",
            "practices",
            "capacity",
            "status",
        ]
        labels = {"starts_at": _("Day and hour")}
        help_texts = {"place": _("How to get there, in a few words: everyone sees it.")}
        widgets = {
            "starts_at": forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
            ),
            "practices": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["district"].queryset = field_days.districts_for(viewer)
        hosts = field_days.host_plots_for(viewer)
        if self.instance.plot_id:
            hosts = hosts | field_days.current_host(viewer, self.instance)
        fields["plot"].queryset = hosts.select_related("rancher")
        fields["practices"].queryset = Practice.objects.filter(is_active=True)
        fields["capacity"].widget.attrs["max"] = 2000
        self.viewer = viewer

    def clean_starts_at(self) -> Any:
        starts_at = self.cleaned_data["starts_at"]
        if not 2015 <= starts_at.year <= now().year + 3:
            raise forms.ValidationError(_("Check the year: it is too far away."))
        return starts_at

    def clean_capacity(self) -> int | None:
        capacity: int | None = self.cleaned_data["capacity"]
        if capacity is not None and not 1 <= capacity <= 2000:
            raise forms.ValidationError(_("Write a number from 1 to 2000, or leave it empty."))
        return capacity

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_at, status = cleaned.get("starts_at"), cleaned.get("status")
        if status == FieldDay.Status.HELD and starts_at and starts_at > now():
            self.add_error("status", _("A day that is still to come cannot have been held."))
        plot, district = cleaned.get("plot"), cleaned.get("district")
        if plot and district and plot.district_id != district.pk:
            self.add_error("plot", _("This farm is in another district."))
        return cleaned

    def save(self, commit: bool = True) -> FieldDay:
        if self.instance._state.adding and isinstance(self.viewer, User):
            self.instance.created_by = self.viewer
        return super().save(commit)


class DemonstrationForm(forms.Form):
    """A plot that becomes a demonstration farm."""

    practices = forms.ModelMultipleChoiceField(
        label=_("Practices shown"),
        queryset=Practice.objects.filter(is_active=True),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one practice.")},
    )
    since = forms.DateField(
        label=_("Since"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, plot: Plot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plot = plot

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if not date(2000, 1, 1) <= since <= localdate():
            raise forms.ValidationError(_("Write a day from the year 2000 to today."))
        return since

    def begin(self) -> bool:
        """Whether the farm began to serve; otherwise the form says why."""
        chosen = self.cleaned_data
        try:
            demonstrations.begin(
                plot=self.plot, practices=chosen["practices"], since=chosen["since"]
            )
        except demonstrations.AlreadyDemonstrationFarm:
            self.add_error(
                None, _("This farm already serves as a demonstration farm in that time.")
            )
            return False
        return True
