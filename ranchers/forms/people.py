"""Forms about people. They read what was typed; the rules are in the domain functions."""

from __future__ import annotations

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ranchers.forms.choosing import TechnicianField
from ranchers.models import Cohort, ConsentScope, District, Role, Sex, Status, User

LANGUAGE_CHOICES = [
    ("es", _("Spanish")),
    ("qu", _("Quechua")),
    ("pib", _("Yine")),
    ("pt", _("Portuguese")),
    ("en", _("English")),
]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day, as a date picker; the latest that can be picked is today."""

    widget = DayInput

    def __init__(self, **kwargs):
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y"])
        super().__init__(**kwargs)


class RancherFilter(forms.Form):
    q = forms.CharField(
        label=_("Name, DNI or community"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    district = forms.ModelChoiceField(
        District.objects.all(), label=_("District"), required=False, empty_label=_("All")
    )
    cohort = forms.ModelChoiceField(
        Cohort.objects.all(), label=_("Cohort"), required=False, empty_label=_("All")
    )
    status = forms.ChoiceField(
        choices=[("", _("All")), *Status.choices], label=_("Status"), required=False
    )
    technician = TechnicianField(label=_("Technician"), empty_label=_("All"))


class RancherForm(forms.Form):
    given_names = forms.CharField(label=_("Given names"), max_length=200)
    surnames = forms.CharField(label=_("Surnames"), max_length=200)
    dni = forms.CharField(
        label=_("DNI"),
        required=False,
        max_length=20,
        help_text=_("Eight digits, with the zeros at the start. The check digit may follow."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Phone"),
        required=False,
        max_length=40,
        help_text=_("For example 982 123 456."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=Sex.choices, required=False)
    birth_year = forms.IntegerField(label=_("Year of birth"), required=False, localize=False)
    district = forms.ModelChoiceField(District.objects.all(), label=_("District"))
    community = forms.CharField(label=_("Community"), required=False, max_length=200)
    association = forms.CharField(label=_("Association"), required=False, max_length=200)
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGE_CHOICES, initial="es")
    technician = TechnicianField(label=_("Technician"), only_active=True)
    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_("JPEG, PNG or WebP, at most 10 MB. Ask the person first."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )

    def __init__(self, *args, viewer: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["birth_year"].widget.attrs["inputmode"] = "numeric"
        if viewer.role == Role.TECHNICIAN:
            # A technician registers in the own districts and cannot hand a rancher to another.
            del self.fields["technician"]
            own = District.objects.filter(technicians=viewer)
            present = self.initial.get("district")
            choice: forms.ModelChoiceField = self.fields["district"]  # type: ignore[assignment]
            choice.queryset = (own | District.objects.filter(pk=present)).distinct()

    def details(self) -> dict:
        """What the registration functions take; the photo only when a new one was sent."""
        details = dict(self.cleaned_data)
        photo = details.pop("photo")
        if photo:
            details["photo"] = photo.read(10 * 1024 * 1024 + 1)
        return details


class ConsentForm(forms.Form):
    action = forms.ChoiceField(
        label=_("What the person says"),
        choices=[("give", _("I give my consent")), ("withdraw", _("I withdraw my consent"))],
        widget=forms.RadioSelect,
        initial="give",
    )
    scope = forms.ChoiceField(
        label=_("For what"), choices=ConsentScope.choices, widget=forms.RadioSelect
    )
    since = DayField(label=_("Since"), initial=localdate)
    how = forms.CharField(
        label=_("How it was said"),
        required=False,
        max_length=120,
        help_text=_("Signed form, voice recording, before witnesses ..."),
    )


class EnrolForm(forms.Form):
    cohort = forms.ModelChoiceField(Cohort.objects.all(), label=_("Cohort"))
    status = forms.ChoiceField(label=_("Status"), choices=Status.choices)
    since = DayField(label=_("Since"), initial=localdate)


class StatusForm(forms.Form):
    status = forms.ChoiceField(label=_("New status"), choices=Status.choices)
    since = DayField(
        label=_("Since"),
        initial=localdate,
        help_text=_("An earlier day corrects the history up to the next change on record."),
    )


class MergeSearch(forms.Form):
    q = forms.CharField(
        label=_("Name, DNI or community"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


class MergeForm(forms.Form):
    """The coordinator's word that two registrations are of one person."""

    confirmed = forms.BooleanField(label=_("It is one and the same person"))
    knows_dni = forms.BooleanField(
        label=_("I know that their DNI differ: the one that goes has a wrong one")
    )

    def __init__(self, *args, asks_about_dni: bool, **kwargs):
        super().__init__(*args, **kwargs)
        if not asks_about_dni:
            del self.fields["knows_dni"]
