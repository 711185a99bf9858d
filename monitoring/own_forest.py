"""The forest of one farm, for its rancher: how much is kept, and what each year took. Reads facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from monitoring.charts.frame import INK, LINE, SOFT, Chart, Drawing
from monitoring.cover.citing import active_sources
from monitoring.models import CoverSource, Measures, RancherFact
from monitoring.quarters import last_full_year
from ranchers.models import PlotBoundary

TREES = 10  # in the picture of what is kept
YEARS_SHOWN = 6
LEAST_HA = 0.05  # about half a pixel: less cannot be told from nothing
KEPT, LOST = "#1d6f4c", "#b3470b"
TREE = "M0 -13l9 13h-5l4 6h-6v5h-4v-5h-6l4 -6h-5z"


@dataclass(frozen=True)
class ForestYear:
    """What is known at the end of a year, in hectares; None where it is not known."""

    year: int
    forest_ha: float | None
    loss_ha: float | None


@dataclass(frozen=True)
class OwnForest:
    """Forest of the plots held today, oldest year first; `joined_ha` on the same land at the end of
    the year before joining. `source` None: no source is in use; `has_outline`: a plot is drawn."""

    years: Sequence[ForestYear]
    joined_ha: float | None
    source: CoverSource | None
    has_outline: bool

    @property
    def newest(self) -> ForestYear | None:
        """The newest year, when its forest is known."""
        return self.years[-1] if self.years and self.years[-1].forest_ha is not None else None

    @property
    def kept_share(self) -> float | None:
        """Forest now / forest when joining, at most 1; None when not known or there was none."""
        if self.newest is None or not self.joined_ha or self.newest.forest_ha is None:
            return None
        return min(self.newest.forest_ha / self.joined_ha, 1.0)


def forest_of(rancher_id: UUID) -> OwnForest:
    """The forest of a rancher's farm by full year, from the facts; for each year the newest fact."""
    facts = RancherFact.objects.filter(rancher_id=rancher_id).order_by("quarter")
    rows = facts.values_list("quarter", "forest_ha", "loss_ha", "forest_joined_ha")
    source = active_sources().get(Measures.FOREST)
    known_until = (source.last_year if source else None) or 0
    by_year: dict[int, ForestYear] = {}
    joined: float | None = None
    for quarter, forest, loss, at_joining in rows:
        year = min(last_full_year(quarter), known_until)
        by_year[year] = ForestYear(year, _number(forest), _number(loss))
        joined = _number(at_joining)
    return OwnForest(
        years=list(by_year.values())[-YEARS_SHOWN:],
        joined_ha=joined,
        source=source,
        has_outline=PlotBoundary.objects.filter(plot__rancher_id=rancher_id).exists(),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


@dataclass(frozen=True)
class ForestCard:
    """The forest as the page shows it: sentences ready to read, pictures ready to place. `unknown` is
    why there is no figure; then all else is empty."""

    unknown: str = ""
    value: str = ""
    kept: str = ""
    lost: str = ""
    kept_picture: SafeString | None = None
    years_picture: SafeString | None = None
    source: CoverSource | None = None


def draw_forest(forest: OwnForest) -> ForestCard:
    """The card of the progress page."""
    newest = forest.newest
    if newest is None or newest.forest_ha is None:
        return ForestCard(unknown=_why_unknown(forest), source=forest.source)
    known = [one for one in forest.years if one.loss_ha is not None]
    return ForestCard(
        value=_ha(newest.forest_ha),
        kept=_kept_words(forest),
        lost=_lost_words(newest),
        kept_picture=_kept_picture(forest) if forest.kept_share is not None else None,
        years_picture=_years_picture(known) if len(known) > 1 else None,
        source=forest.source,
    )


def _why_unknown(forest: OwnForest) -> str:
    if not forest.has_outline:
        return _(
            "Not known yet: the outline of the farm is missing. Ask the technician to walk it."
        )
    if forest.source is None:
        return _("Not known yet: the programme has no satellite images in use.")
    return _("Not known: the satellite images do not tell of all the land of the farm, or are being computed.")  # fmt: skip


def _kept_words(forest: OwnForest) -> str:
    share, joined = forest.kept_share, forest.joined_ha
    if share is None or joined is None:
        return ""
    trees = round(share * TREES)
    whole = {"joined": _ha(joined), "kept": trees, "all": TREES}
    if trees == TREES:
        return _("When I joined there were %(joined)s hectares: nearly all of it is still there.") % whole  # fmt: skip
    return _("When I joined there were %(joined)s hectares: %(kept)s of every %(all)s parts are still there.") % whole  # fmt: skip


def _lost_words(newest: ForestYear) -> str:
    year = {"year": newest.year}
    if newest.loss_ha is None:
        return ""
    if newest.loss_ha == 0:
        return _("In %(year)s no loss was seen.") % year
    if newest.loss_ha < LEAST_HA:
        return _("In %(year)s hardly any was lost.") % year
    return _("In %(year)s %(ha)s hectares were lost.") % (year | {"ha": _ha(newest.loss_ha)})


def _ha(value: float) -> str:
    return number_format(round(value, 1), decimal_pos=1)


def _kept_picture(forest: OwnForest) -> SafeString:
    """Ten trees: those still there filled, the others outlined."""
    kept = round((forest.kept_share or 0) * TREES)
    title = ngettext("%(n)s tree of %(all)s is still there", "%(n)s trees of %(all)s are still there", kept)  # fmt: skip
    chart = Chart(title=title % {"n": kept, "all": TREES})
    drawing = Drawing(chart=chart, width=TREES * 26 + 8, height=36, kind="trees")
    for number in range(TREES):
        is_kept = number < kept
        drawing.add(
            "path", d=TREE, transform=f"translate({number * 26 + 17} 18)", stroke_width="1.5",
            fill=KEPT if is_kept else "none", stroke=KEPT if is_kept else LOST,
            stroke_dasharray="none" if is_kept else "3 2",
        )  # fmt: skip
    return drawing.svg()


def _years_picture(years: Sequence[ForestYear]) -> SafeString:
    """A bar for what each year took, with its number on it."""
    step, foot, top = 60, 96.0, 20.0
    chart = Chart(
        title=_("Hectares of forest lost each year"),
        description="; ".join(f"{one.year}: {_ha(one.loss_ha or 0)} ha" for one in years),
    )
    drawing = Drawing(chart=chart, width=len(years) * step + 4, height=118, kind="bars")
    most = max([*((one.loss_ha or 0) for one in years), 2 * LEAST_HA])
    for number, one in enumerate(years):
        lost, x = one.loss_ha or 0.0, number * step + 6.0
        height = (foot - top) * lost / most
        drawing.add("rect", x=x, y=foot - height, width=44.0, height=height, fill=LOST)
        middle = x + 22
        drawing.text(_ha(lost), x=middle, y=foot - height - 5, text_anchor="middle", fill=INK)
        drawing.text(str(one.year), x=middle, y=foot + 16, text_anchor="middle", fill=SOFT)
    drawing.add("path", d=f"M2 {foot}H{len(years) * step + 2}", stroke=LINE, stroke_width="1.5")
    return drawing.svg()
