"""What a practice should move is an indicator that exists, or that its own issue brings."""

import pytest

from monitoring.indicators import BY_CODE
from practices.catalogue import load
from practices.effects import EFFECTS, effect_name
from practices.models import Practice

# indicators.md defines them; tree cover from rasters is an issue of its own
FROM_RASTERS = {"canopy_pct", "forest_ha", "loss_since_cutoff_ha", "forest_per_head"}


def test_every_effect_is_an_indicator():
    assert set(EFFECTS) <= set(BY_CODE) | FROM_RASTERS


@pytest.mark.django_db
def test_every_practice_moves_something_that_has_a_plain_name():
    load()
    codes = set(Practice.objects.values_list("moves_indicator", flat=True))
    assert codes <= set(EFFECTS)
    assert all(effect_name(code) != code for code in codes)
