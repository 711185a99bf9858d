"""Which column of a file is which field: guessed from its header, changed by the person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ranchers.plain_text import plain

FIELDS: dict[str, str | Promise] = {
    "dni": _("DNI"),
    "full_name": _("Names and surnames together"),
    "given_names": _("Given names"),
    "surnames": _("Surnames"),
    "phone": _("Phone"),
    "sex": _("Sex"),
    "birth_year": _("Year of birth"),
    "district": _("District"),
    "community": _("Community"),
    "association": _("Association"),
    "plot_name": _("Name of the plot"),
    "external_ref": _("Reference of the plot"),
    "tenure": _("Tenure"),
    "outline": _("Outline (WKT, GeoJSON or coordinates)"),
    "cohort": _("Cohort"),
    "status": _("Status"),
    "enrolled_on": _("Enrolled on"),
}

SYNONYMS: dict[str, str] = {
    "dni": "dni|documento|nro dni|numero de dni|num dni|doc identidad|documento de identidad|id number",
    "full_name": "nombre completo|nombres y apellidos|apellidos y nombres|ganadero|productor|"
    "propietario|titular|beneficiario|full name|rancher|farmer|owner",
    "given_names": "nombres|nombre|primer nombre|given names|given name|first name|names",
    "surnames": "apellidos|apellido|apellido paterno|surnames|surname|last name|family name",
    "phone": "telefono|celular|movil|cel|telf|nro celular|phone|mobile",
    "sex": "sexo|genero|sex|gender",
    "birth_year": "ano de nacimiento|ano nacimiento|nacimiento|ano nac|birth year|year of birth",
    "district": "distrito|ubigeo|district",
    "community": "comunidad|sector|caserio|centro poblado|localidad|anexo|community|village",
    "association": "asociacion|organizacion|cooperativa|association",
    "plot_name": "predio|parcela|fundo|finca|nombre del predio|nombre predio|nombre parcela|plot|"
    "farm|plot name|farm name",
    "external_ref": "codigo|codigo predio|codigo catastral|unidad catastral|uc|id predio|referencia|"
    "cod predio|reference|code|external ref",
    "tenure": "tenencia|tipo de tenencia|condicion|tenure",
    "outline": "wkt|geometria|poligono|contorno|coordenadas|geometry|polygon|outline|the geom|geom",
    "cohort": "cohorte|fase|grupo|cohort|phase",
    "status": "estado|situacion|status",
    "enrolled_on": "fecha de inscripcion|inscrito desde|fecha inscripcion|enrolled on|since|desde",
}


def guess_mapping(columns: Iterable[str], *, kind: str) -> dict[str, str]:
    """Column -> field for the columns whose header is known; each field at most once.

    In a file of shapes a plain `name` is the plot's.
    """
    fields = {word: field for field, words in SYNONYMS.items() for word in words.split("|")}
    if kind not in ("csv", "xlsx"):
        fields |= {"name": "plot_name", "nombre": "plot_name"}
    mapping: dict[str, str] = {}
    for column in columns:
        header = re.sub(r"[^a-z0-9]+", " ", plain(column)).strip()
        field = fields.get(header)
        if field and field not in mapping.values():
            mapping[column] = field
    return mapping


def mapped(values: Mapping[str, str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Field -> text of one record, without empty texts."""
    found = {field: values.get(column, "").strip() for column, field in mapping.items()}
    return {field: text.removeprefix("'") for field, text in found.items() if text}
