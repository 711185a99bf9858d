"""The words people write in a spreadsheet for a sex, a district, a tenure, a cohort, a status."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ranchers.models import Cohort, District, Phase, Status, Tenure
from ranchers.plain_text import plain


class UnknownWord(ValidationError):
    """A cell holds a word that is not in the list for its column."""


SEXES = {
    "f": "f", "femenino": "f", "mujer": "f", "female": "f", "woman": "f", "fem": "f",
    "m": "m", "masculino": "m", "hombre": "m", "varon": "m", "male": "m", "man": "m", "masc": "m",
}  # fmt: skip
TENURES = {
    "titulo": Tenure.TITLE, "titulado": Tenure.TITLE, "propio": Tenure.TITLE, "title": Tenure.TITLE,
    "posesion": Tenure.POSSESSION, "constancia de posesion": Tenure.POSSESSION,
    "posesionario": Tenure.POSSESSION, "possession": Tenure.POSSESSION,
    "alquiler": Tenure.LEASE, "alquilado": Tenure.LEASE, "arriendo": Tenure.LEASE, "lease": Tenure.LEASE,
    "comunal": Tenure.COMMUNAL, "communal": Tenure.COMMUNAL,
    "otro": Tenure.OTHER, "other": Tenure.OTHER,
}  # fmt: skip
STATUSES = {
    "invitado": Status.INVITED, "invitada": Status.INVITED, "apoyado": Status.SUPPORTED,
    "apoyada": Status.SUPPORTED, "atendido": Status.SUPPORTED, "activo": Status.ACTIVE,
    "activa": Status.ACTIVE, "pausado": Status.PAUSED, "en pausa": Status.PAUSED,
    "pausa": Status.PAUSED, "retirado": Status.LEFT, "retirada": Status.LEFT, "salio": Status.LEFT,
    **{value: value for value in Status.values},
}  # fmt: skip
PHASES = {"piloto": Phase.PILOT, "escalamiento": Phase.SCALE_UP, "comparacion": Phase.COMPARISON}


def sex_of(word: str) -> str:
    return _looked_up(SEXES, word, _("Sex"))


def tenure_of(word: str) -> str:
    return _looked_up(TENURES, word, _("Tenure"))


def status_of(word: str) -> str:
    return _looked_up(STATUSES, word, _("Status"))


def district_of(word: str) -> District:
    """By name, or by INEI or RENIEC ubigeo."""
    wanted = plain(word.strip())
    for district in District.objects.defer("boundary"):
        if wanted in (district.ubigeo, district.ubigeo_reniec, plain(district.name)):
            return district
    raise UnknownWord(_("Unknown district: %(word)s.") % {"word": word[:40]})


def cohort_of(word: str) -> Cohort:
    """By code or name, or by phase when only one cohort has it."""
    wanted = plain(word.strip())
    cohorts = list(Cohort.objects.all())
    for cohort in cohorts:
        if wanted in (plain(cohort.code), plain(cohort.name)):
            return cohort
    phase = PHASES.get(wanted, wanted)
    same_phase = [cohort for cohort in cohorts if cohort.phase == phase]
    if len(same_phase) == 1:
        return same_phase[0]
    raise UnknownWord(_("Unknown cohort: %(word)s.") % {"word": word[:40]})


def _looked_up(words: dict, word: str, column: str) -> str:
    try:
        return str(words[plain(word.strip())])
    except KeyError:
        raise UnknownWord(
            _("%(column)s: unknown word “%(word)s”.") % {"column": column, "word": word[:40]}
        ) from None
