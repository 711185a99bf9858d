"""What a practice should move, in the words of a rancher: one short name per indicator code.

The definitions live in `monitoring`, which this app may not import; a test in tests/test_effects.py
holds the codes to them.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EFFECTS: dict[str, Promise] = {
    "stocking_rate": _("animals that the pasture carries"),
    "milk_per_cow": _("milk per cow"),
    "milk_per_ha": _("milk per hectare"),
    "calving_rate": _("calves born"),
    "weaning_rate": _("calves weaned"),
    "mortality": _("deaths in the herd"),
    "liveweight_sold_per_ha": _("kilos sold per hectare"),
    "trees_on_pasture": _("trees on the pasture"),
    "live_fence_km": _("kilometres of live fence"),
    "pasture_change_ha": _("pasture that does not grow over the forest"),
    "canopy_pct": _("tree cover"),
    "forest_ha": _("forest kept"),
    "loss_since_cutoff_ha": _("forest lost"),
    "forest_per_head": _("forest kept per animal"),
}


def effect_name(code: str) -> str:
    """The short name of an indicator, or its code where there is none."""
    return str(EFFECTS.get(code, code))
