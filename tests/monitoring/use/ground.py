"""Farms with facts made by hand: what comparisons of users of a practice are tried on."""

from monitoring.models import PracticeFact, RancherFact, Stratum
from monitoring.quarters import current_quarter
from ranchers.models import Cohort, Rancher
from tests.practices.factories import make_district, make_rancher

NOW = current_quarter()


def make_cohort(code: str = "amp") -> Cohort:
    return Cohort.objects.create(
        code=code, name=code.title(), phase="scale_up", starts_on="2020-07-01"
    )


def stratum_of(cohort: Cohort | None) -> Stratum:
    cohorts = [cohort.pk] if cohort else []
    stratum, _new = Stratum.objects.get_or_create(
        statuses=[pk * 8 + 2 for pk in cohorts],
        district=make_district(),
        sex="f",
        defaults={"cohorts": cohorts},
    )
    return stratum


def make_farm(cohort: Cohort | None, known: dict[int, dict[str, float]]) -> Rancher:
    """A farm with what is known of it by quarter."""
    rancher = make_rancher()
    for quarter, figures in known.items():
        RancherFact.objects.create(
            rancher=rancher, quarter=quarter, stratum=stratum_of(cohort), is_active=True, visits=1,
            visited_180d=True, practices_known=0, **figures,
        )  # fmt: skip
    return rancher


def stage(rancher: Rancher, practice, stage: str, *, since: int, until: int = NOW + 1) -> None:
    """The stage known at the end of each quarter from `since` up to, not with, `until`."""
    PracticeFact.objects.create(
        rancher=rancher, practice=practice, from_quarter=since, to_quarter=until, stage=stage,
        stratum=stratum_of(None),
    )  # fmt: skip


def stocked(units: float, pasture_ha: float = 10) -> dict[str, float]:
    return {"animal_units": units, "pasture_ha": pasture_ha}
