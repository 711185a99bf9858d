"""What is known of every farm, a quarter at a time, as arrays: comparing farms needs the farms.

Groups are matched by quarter and their intervals drawn farm by farm, which sums by group do not give.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from monitoring.indicators.comparisons import COMPARED
from monitoring.models import Stratum
from practices.models import Stage

Mask = NDArray[np.bool_]
Figures = NDArray[np.float32]

NEVER = 32_767
"""A quarter that does not come."""

_HEADER, _TRAILER = 19, 2  # bytes of COPY's binary format around the rows
_NUMBER = [("bytes", ">i4"), ("value", ">i4")]
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("farm", _NUMBER),
        ("stratum", _NUMBER),
        ("figures", [("bytes", ">i4"), ("value", ">f4")], (2 * len(COMPARED),)),
    ]
)


@dataclass(frozen=True)
class Known:
    """One quarter: farms x indicators in hundredths, nan where the rancher's value is not known.

    `stratum` is 0 where the rancher has no fact in the quarter.
    """

    stratum: NDArray[np.int32]
    over: Figures
    under: Figures

    @cached_property
    def is_known(self) -> Mask:
        return np.isfinite(self.under)


class Farms:
    """Every rancher's farm by number; used within one transaction, which holds the numbers."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "drop table if exists pg_temp.farm;"
                " create temp table farm on commit drop as"
                " select (row_number() over (order by id) - 1)::int as number, id as rancher_id"
                " from ranchers_rancher; analyze pg_temp.farm; select count(*) from pg_temp.farm"
            )
            self.count: int = cursor.fetchone()[0]
        self.known = cache(self._known)

    def _known(self, quarter: int) -> Known:
        """The facts of a quarter: read once and kept, 170 bytes a farm."""
        columns = ", ".join(
            f"coalesce(({part})::float4, 'NaN')"
            for one in COMPARED
            for part in (one.numerator, one.denominator)
        )
        content = BytesIO()
        with connection.cursor() as cursor:
            cursor.copy_expert(
                f"copy (select n.number, f.stratum_id::int4, {columns} from monitoring_stratum s"  # noqa: S608
                f" join monitoring_rancherfact f on f.stratum_id = s.id and f.quarter = {quarter:d}"
                " join pg_temp.farm n on n.rancher_id = f.rancher_id) to stdout (format binary)",
                content,
            )
        rows = np.frombuffer(content.getvalue()[_HEADER:-_TRAILER], dtype=_ROW)
        figures = np.full((self.count, 2 * len(COMPARED)), np.nan, dtype=np.float32)
        stratum = np.zeros(self.count, dtype=np.int32)
        figures[rows["farm"]["value"]] = rows["figures"]["value"]
        stratum[rows["farm"]["value"]] = rows["stratum"]["value"]
        over, under = figures[:, ::2], figures[:, 1::2]
        whole = np.isfinite(over) & np.isfinite(under)
        return Known(stratum, np.where(whole, over, np.nan), np.where(whole, under, np.nan))

    def members(self, quarter: int) -> dict[int | None, Mask]:
        """Who counts in each cohort on the quarter's last day; None: in any."""
        stratum = self.known(quarter).stratum
        rows = list(Stratum.objects.exclude(cohorts=[]).values_list("pk", "cohorts"))
        cohorts = sorted({cohort for _pk, some in rows for cohort in some})
        found: dict[int | None, Mask] = {
            cohort: np.isin(stratum, [pk for pk, some in rows if cohort in some])
            for cohort in cohorts
        }
        return {None: np.isin(stratum, [pk for pk, _some in rows]), **found}

    def stages(self, quarter: int) -> dict[int, tuple[Mask, Mask]]:
        """By practice, who has it in use at the end of the quarter, and who is at another known stage."""
        found: dict[int, tuple[Mask, Mask]] = {}
        for practice, farms, in_use in self._rows(
            "select p.practice_id, array_agg(n.number), array_agg(p.stage = any(%s))"
            " from monitoring_practicefact p join pg_temp.farm n using (rancher_id)"
            " where p.from_quarter <= %s and %s < p.to_quarter group by 1",
            [list(Stage.in_use()), quarter, quarter],
        ):
            using = np.zeros(self.count, dtype=bool)
            others = np.zeros(self.count, dtype=bool)
            numbers, used = np.array(farms, dtype=np.int64), np.array(in_use, dtype=bool)
            using[numbers[used]] = True
            others[numbers[~used]] = True
            found[practice] = using, others
        return found

    @cached_property
    def first_use(self) -> dict[int, NDArray[np.int16]]:
        """By practice, the quarter in which each farm was first seen using it; NEVER for none."""
        found: dict[int, NDArray[np.int16]] = {}
        for practice, farms, quarters in self._rows(
            "select practice_id, array_agg(number), array_agg(first) from ("
            " select p.practice_id, n.number, min(p.from_quarter) as first"
            " from monitoring_practicefact p join pg_temp.farm n using (rancher_id)"
            " where p.stage = any(%s) group by 1, 2) used group by 1",
            [list(Stage.in_use())],
        ):
            first = np.full(self.count, NEVER, dtype=np.int16)
            first[np.array(farms, dtype=np.int64)] = quarters
            found[practice] = first
        return found

    def _rows(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())
