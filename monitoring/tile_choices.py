"""What a reader asks the map of plots to show: which practice, when, and of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitoring.dashboards import known_quarters
from monitoring.models import Stratum
from monitoring.quarters import last_full_year, parse
from practices.models import Practice
from ranchers.access import Viewer, sees_names
from ranchers.models import Cohort, District, Sex


class UnknownChoice(ValueError):
    """A word in the address that stands for nothing."""


@dataclass(frozen=True)
class Choice:
    """`quarter` is the one whose values are shown; `district` that of the plots, not of the rancher.
    A plot is left out unless its rancher counts in `cohort` and is of `sex` in that quarter."""

    quarter: int
    practice: int | None = None
    district: str = ""
    cohort: int | None = None
    sex: str = ""

    @property
    def key(self) -> str:
        return f"{self.quarter}-{self.practice}-{self.district}-{self.cohort}-{self.sex}"

    @property
    def is_of_some_ranchers(self) -> bool:
        return self.cohort is not None or bool(self.sex)

    @property
    def last_full_year(self) -> int:
        """The last year whose losses are known at the end of the quarter."""
        return last_full_year(self.quarter)

    def strata(self) -> list[int]:
        """Those of the ranchers chosen, by cohort and sex."""
        rows = Stratum.objects.all()
        if self.cohort is not None:
            rows = rows.filter(cohorts__contains=[self.cohort])
        if self.sex:
            rows = rows.filter(sex=self.sex)
        return list(rows.values_list("pk", flat=True))


def choice_of(viewer: Viewer, words: Mapping[str, Any]) -> Choice:
    """The choice in an address (practica, distrito, cohorte, sexo, hasta); raises `UnknownChoice`.

    Who sees no single rancher's figures can choose by place alone: of one plot, in a cohort or of a
    woman is a figure with one rancher behind it.
    """
    district = words.get("distrito", "")
    if district and not District.objects.filter(pk=district).exists():
        raise UnknownChoice(district)
    if not sees_names(viewer):
        return Choice(quarter=known_quarters()[-1], district=district)
    sex = words.get("sexo", "")
    if sex not in ("", *Sex.values):
        raise UnknownChoice(sex)
    return Choice(
        quarter=_quarter(words.get("hasta", "")),
        practice=_pk(Practice, words.get("practica", "")),
        district=district,
        cohort=_pk(Cohort, words.get("cohorte", "")),
        sex=sex,
    )


def _quarter(word: str) -> int:
    quarters = known_quarters()
    if not word:
        return quarters[-1]
    try:
        quarter = parse(word)
    except ValueError as wrong:
        raise UnknownChoice(word) from wrong
    if quarter not in quarters:
        raise UnknownChoice(word)
    return quarter


def _pk(model: type[Practice] | type[Cohort], code: str) -> int | None:
    if not code:
        return None
    found: int | None = model.objects.filter(code=code).values_list("pk", flat=True).first()
    if found is None:
        raise UnknownChoice(code)
    return found
