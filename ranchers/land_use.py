"""What a plot's land is used for, as a history of whole tables (every use at once)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import localize
from django.utils.translation import gettext as _

from ranchers.changes import ranchers_changed
from ranchers.history import check_since, make_room, on_day
from ranchers.models import LandUse, LandUseArea, Plot, User

# Areas are stated by people, boundaries measured: a little over is not a mistake.
TOLERANCE_SHARE = Decimal("0.02")
TOLERANCE_HA = Decimal("0.1")


class InvalidLandUse(ValidationError):
    """The areas cannot be: negative, unknown use, or more land than the plot has."""


@transaction.atomic
def set_land_use(
    *, plot: Plot, areas_ha: Mapping[str, Decimal], since: date, by: User | None
) -> bool:
    """Record the plot's land use from `since` up to the next table on record.

    `areas_ha`: land use -> hectares; a use left out or at 0 is not on the plot. False when just
    this table is on record for that day. Raises `InvalidLandUse` (no area at all; more than the
    plot's area, with 2 % and 0.1 ha of tolerance), `InvalidDate`.
    """
    check_since(since)
    wanted = _checked(areas_ha)
    plot = Plot.objects.select_for_update().get(pk=plot.pk)
    _check_sum(plot, sum(wanted.values(), Decimal(0)), since)
    rows = LandUseArea.objects.filter(plot=plot)
    same_table = rows.filter(period__startswith=since).exists()
    if same_table and wanted == land_use_on(plot=plot, day=since):
        return False
    period = make_room(rows, since=since)
    LandUseArea.objects.bulk_create(
        LandUseArea(plot=plot, land_use=use, area_ha=area, period=period, recorded_by=by)
        for use, area in wanted.items()
    )
    ranchers_changed(rancher_ids=[plot.rancher_id], since=since)
    return True


def land_use_on(*, plot: Plot, day: date) -> dict[str, Decimal]:
    """Land use -> hectares on a day."""
    rows = LandUseArea.objects.filter(plot=plot, period__contains=day)
    return dict(rows.values_list("land_use", "area_ha"))


def _checked(areas_ha: Mapping[str, Decimal]) -> dict[str, Decimal]:
    wanted = {}
    for use, area in areas_ha.items():
        if use not in LandUse.values:
            raise InvalidLandUse(_("Unknown land use: %(use)s.") % {"use": use[:40]})
        if not area.is_finite() or area < 0:
            raise InvalidLandUse({use: _("An area cannot be negative.")})
        if area > 0:
            wanted[use] = area.quantize(Decimal("0.01"))
    if not wanted:
        raise InvalidLandUse(_("Write the area of at least one land use."))
    return wanted


def _check_sum(plot: Plot, total_ha: Decimal, since: date) -> None:
    boundary = on_day(plot.boundaries.all(), since) or plot.boundaries.order_by("period").first()
    if boundary is None:
        return
    if total_ha > boundary.area_ha * (1 + TOLERANCE_SHARE) + TOLERANCE_HA:
        raise InvalidLandUse(
            _("The uses add up to %(total)s ha, but the plot has %(area)s ha.")
            % {
                "total": localize(total_ha.quantize(Decimal("0.01"))),
                "area": localize(boundary.area_ha.quantize(Decimal("0.01"))),
            }
        )
