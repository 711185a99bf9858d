"""Writing one record of a file: find or register the rancher, the plot and the enrolment.

The key of a rancher is the DNI; without one, the reference of a plot; without that, name,
community and district. A plot's is its reference, its name, or the very same outline. So a file
imported twice changes nothing. An empty cell never erases what is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from ranchers.boundaries import check_boundary, same_shape, set_boundary
from ranchers.enrolments import change_status, enrol
from ranchers.imports.words import cohort_of, district_of, sex_of, status_of, tenure_of
from ranchers.models import District, Enrolment, Plot, PlotBoundary, Rancher, Tenure, User
from ranchers.models.people import SEARCHED
from ranchers.outline import read_outline
from ranchers.places import as_multipolygon, district_at
from ranchers.plain_text import plain, plain_sql
from ranchers.plots import describe_plot, open_plot
from ranchers.registration import clean_dni, register_rancher, tidy_text, update_rancher

PERSON = ("given_names", "surnames", "phone", "sex", "birth_year", "community", "association")


class InvalidRecord(ValidationError):
    """The record cannot be imported; the message says what to mend in the file."""


@dataclass
class Written:
    """What one record did. `undo` holds what is needed to take it back."""

    rancher: Rancher | None = None
    plot: Plot | None = None
    created: bool = False
    changed: bool = False
    notes: list[str] = field(default_factory=list)
    undo: dict[str, Any] = field(default_factory=dict)


def write_record(
    *,
    texts: dict[str, str],
    geometry: GEOSGeometry | None,
    since: date,
    district: District | None,
    accept_repaired: bool,
    by: User | None,
) -> Written:
    """Write one record inside the caller's transaction. Raises `ValidationError`s for people."""
    written = Written()
    if "outline" in texts:
        geometry = read_outline(texts["outline"])
    details = _person_details(texts)
    district = _district(texts, geometry, district)
    rancher = _find_rancher(details, texts, district)
    if rancher is None:
        rancher = _register(details, district, by)
        written.created = True
        written.undo["rancher_created"] = True
    else:
        if "district" in texts and district:
            details["district"] = district
        _update(rancher, details, by, written)
    written.rancher = rancher
    if geometry is not None or "plot_name" in texts or "external_ref" in texts:
        _write_plot(written, rancher, texts, geometry, since, accept_repaired, by)
    if "cohort" in texts:
        _write_enrolment(written, rancher, texts, since)
    return written


def _person_details(texts: dict[str, str]) -> dict[str, Any]:
    details: dict[str, Any] = {name: texts[name] for name in PERSON if name in texts}
    if "full_name" in texts and "given_names" not in details:
        details["surnames"], details["given_names"] = _split_name(texts["full_name"])
    if "sex" in details:
        details["sex"] = sex_of(details["sex"])
    if "birth_year" in details:
        year = details["birth_year"][:4]
        if not year.isdecimal():
            raise InvalidRecord(_("The year of birth is not a number."))
        details["birth_year"] = int(year)
    if "dni" in texts:
        dni = texts["dni"]
        if dni.isdecimal() and 5 <= len(dni) < 8:
            dni = dni.zfill(8)  # a spreadsheet took the zeros at the start away
        details["dni"] = clean_dni(dni)
    return details


def _split_name(full_name: str) -> tuple[str, str]:
    """Surnames and given names of 'SURNAMES, NAMES' or, without a comma, 'Names Surname Surname'."""
    name = tidy_text(full_name)
    if "," in name:
        surnames, _comma, given = name.partition(",")
        return surnames.strip(), given.strip()
    words = name.split(" ")
    if len(words) < 2:
        raise InvalidRecord(_("Name and surname are needed."))
    split = max(1, len(words) - 2)
    return " ".join(words[split:]), " ".join(words[:split])


def _district(
    texts: dict[str, str], geometry: GEOSGeometry | None, default: District | None
) -> District | None:
    if "district" in texts:
        return district_of(texts["district"])
    if default is None and geometry is not None:
        check = check_boundary(geometry=geometry)
        if check.problems:  # said before 'the district is missing', which only follows from it
            raise InvalidRecord([problem.message for problem in check.problems])
        return district_at(check.boundary.point_on_surface)
    return default


def _find_rancher(
    details: dict[str, Any], texts: dict[str, str], district: District | None
) -> Rancher | None:
    if details.get("dni"):
        return Rancher.objects.filter(dni=details["dni"]).first()
    if "external_ref" in texts:
        plot = Plot.objects.filter(external_ref=texts["external_ref"]).select_related("rancher")
        owners = {p.rancher_id: p.rancher for p in plot[:2]}
        if len(owners) == 1:
            return next(iter(owners.values()))
    if "surnames" not in details or "given_names" not in details:
        raise InvalidRecord(_("The row names nobody: it needs a DNI, or names and surnames."))
    wanted = plain(tidy_text(f"{details['surnames']} {details['given_names']}")) + " "
    # The first condition is one that the index rancher_search_plain answers; the second is exact.
    same = Rancher.objects.alias(
        searched=plain_sql(*SEARCHED), plain=plain_sql("surnames", "given_names")
    ).filter(searched__contains=wanted, plain=wanted)
    if details.get("community"):
        same = same.filter(community__in=[tidy_text(details["community"]), ""])
    if district:
        same = same.filter(district=district)
    found = list(same[:2])
    if len(found) > 1:
        raise InvalidRecord(_("Several ranchers have this name: add the DNI."))
    return found[0] if found else None


def _register(details: dict[str, Any], district: District | None, by: User | None) -> Rancher:
    if not details.get("given_names") or not details.get("surnames"):
        raise InvalidRecord(_("A new rancher needs names and surnames."))
    if district is None:
        raise InvalidRecord(_("The district is missing: choose one for the rows without it."))
    return register_rancher(district=district, by=by, **details)


def _update(rancher: Rancher, details: dict[str, Any], by: User | None, written: Written) -> None:
    before = {name: getattr(rancher, name) for name in details}
    for name in update_rancher(rancher=rancher, by=by, **details):
        value = before[name]
        written.undo.setdefault("before", {})[name] = getattr(value, "pk", value)
        written.changed = True


def _write_plot(
    written: Written,
    rancher: Rancher,
    texts: dict[str, str],
    geometry: GEOSGeometry | None,
    since: date,
    accept_repaired: bool,
    by: User | None,
) -> None:
    plot = _find_plot(rancher, texts, geometry)
    if geometry is not None:
        _look_at(written, plot, geometry, since, accept_repaired)
    tenure = tenure_of(texts["tenure"]) if "tenure" in texts else None
    if plot is None:
        written.plot = open_plot(
            rancher=rancher,
            name=texts.get("plot_name") or _free_name(rancher),
            tenure=tenure or Tenure.OTHER,
            external_ref=texts.get("external_ref", ""),
            geometry=geometry,
            since=since,
            source="import",
            accept_repaired=accept_repaired,
            by=by,
        )
        written.created = True
        written.undo["plot_created"] = True
        return
    written.plot = plot
    described = {
        "tenure": tenure or plot.tenure,
        "external_ref": texts.get("external_ref") or plot.external_ref,
    }
    if described != {"tenure": plot.tenure, "external_ref": plot.external_ref}:
        written.undo["plot_before"] = {"tenure": plot.tenure, "external_ref": plot.external_ref}
        describe_plot(plot=plot, name=plot.name, district=plot.district, **described)
        written.changed = True
    if geometry is not None:
        known = set(PlotBoundary.objects.filter(plot=plot).values_list("pk", flat=True))
        boundary = set_boundary(
            plot=plot,
            geometry=geometry,
            since=since,
            by=by,
            source="import",
            accept_repaired=accept_repaired,
        )
        if boundary.pk not in known:
            written.undo["boundary_created"] = str(boundary.pk)
            written.changed = True


def _find_plot(
    rancher: Rancher, texts: dict[str, str], geometry: GEOSGeometry | None
) -> Plot | None:
    plots = Plot.objects.filter(rancher=rancher)
    if "external_ref" in texts:
        known = plots.filter(external_ref=tidy_text(texts["external_ref"])).first()
        if known:
            return known
    if "plot_name" in texts:
        return plots.filter(name__iexact=tidy_text(texts["plot_name"])).first()
    if geometry is not None:
        shape = as_multipolygon(geometry)
        if len(shape) and not shape.valid:
            shape = as_multipolygon(shape.make_valid())
        for boundary in PlotBoundary.objects.filter(plot__rancher=rancher).select_related("plot"):
            if same_shape(boundary.boundary, shape):
                return boundary.plot
    return None


def _look_at(
    written: Written,
    plot: Plot | None,
    geometry: GEOSGeometry,
    since: date,
    accept_repaired: bool,
) -> None:
    """Refuse an outline that cannot be kept; note what a person should see about one that can."""
    check = check_boundary(geometry=geometry, plot=plot, on=since)
    if check.problems:
        raise InvalidRecord([problem.message for problem in check.problems])
    if check.repaired:
        if not accept_repaired:
            raise InvalidRecord(
                _("The outline crosses itself: accept the repaired shapes, or mend it.")
            )
        written.notes.append(_("The outline was repaired."))
    for overlap in check.overlaps[:3]:
        written.notes.append(
            _("%(area)s ha lie on the plot %(plot)s of %(rancher)s.")
            % {
                "area": overlap.area_ha,
                "plot": overlap.plot.name,
                "rancher": overlap.plot.rancher.full_name,
            }
        )


def _free_name(rancher: Rancher) -> str:
    taken = set(Plot.objects.filter(rancher=rancher).values_list("name", flat=True))
    number = 1
    while (name := _("Plot %(number)s") % {"number": number}) in taken:
        number += 1
    return name


def _write_enrolment(
    written: Written, rancher: Rancher, texts: dict[str, str], since: date
) -> None:
    cohort = cohort_of(texts["cohort"])
    if "enrolled_on" in texts:
        day = parse_date(texts["enrolled_on"]) if "-" in texts["enrolled_on"] else None
        if day is None:
            raise InvalidRecord(_("The date of enrolment is not written as 2024-12-31."))
        since = day
    status = status_of(texts["status"]) if "status" in texts else None
    enrolment = Enrolment.objects.filter(rancher=rancher, cohort=cohort).first()
    if enrolment is None:
        enrolment = enrol(rancher=rancher, cohort=cohort, since=since, status=status or "supported")
        written.undo["enrolment_created"] = enrolment.pk
        written.changed = True
    elif status and change_status(enrolment=enrolment, status=status, since=since):
        written.undo["cannot"] = True  # later histories may rest on it: changed by hand instead
        written.changed = True
