"""The dashboard's page of trees: forest seen by satellites year by year, then what visits count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse

from monitoring import figures, timelines
from monitoring.cover import citing
from monitoring.figures import Board
from monitoring.indicators import Indicator
from monitoring.models import Measures

CHANGE = ("forest_change_pct", "forest_change_ha")
CARDS = ("loss_ha", "loss_since_cutoff_ha", "forest_ha", "alerts", "forest_per_head", "canopy_pct")
COVER = (*CHANGE, *CARDS)
COUNTED = ("trees_on_pasture", "live_fence_km", "pasture_change_ha")
BY_YEAR = ("forest_change_pct", "loss_ha", "loss_since_cutoff_ha", "forest_ha")
BY_QUARTER = ("alerts", "forest_per_head")


def draw(board: Board, wanted: Sequence[Indicator]) -> dict[str, Any]:
    """What the template shows. The full words on the sources stand once above the figures, so that
    each figure says its source in a line."""
    by_code = {one.code: one for one in wanted}
    active = citing.active_sources()
    short = {name: citing.short_words(source) for name, source in active.items()}
    brief = replace(board, notes=short)
    forest = active.get(Measures.FOREST)
    last_year = (forest.last_year if forest else None) or 0
    return {
        "sources": [active[name] for name in Measures.values if name in active],
        "sources_url": reverse("monitoring:cover_sources") if board.sees_behind else "",
        "has_forest": forest is not None,
        "is_synthetic": any(source.is_synthetic for source in active.values()),
        "change": [figures.comparison(board, by_code[code]) for code in CHANGE],
        "cards": [figures.comparison(board, by_code[code]) for code in CARDS],
        "cover_figures": [
            *[timelines.by_year(brief, by_code[code], last_year=last_year) for code in BY_YEAR],
            *[timelines.over_time(brief, by_code[code]) for code in BY_QUARTER],
        ],
        "comparisons": [figures.comparison(board, by_code[code]) for code in COUNTED],
        "figures": [timelines.over_time(board, by_code[code]) for code in COUNTED],
    }
