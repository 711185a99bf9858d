"""Demonstration farms: plots that serve as classrooms, since when and for which practices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from practices.models import DemonstrationFarm, Practice
from ranchers.access import Viewer, has_role, plots_for, ranchers_for
from ranchers.models import Plot, Role
from ranchers.search import search_ranchers

SEARCH_LIMIT = 20


class AlreadyDemonstrationFarm(ValueError):
    """The plot serves already in part of that time."""


class AlreadyEnded(ValueError):
    """The farm no longer serves."""


def visible_to(viewer: Viewer) -> QuerySet[DemonstrationFarm]:
    """Farms whose plot the viewer may see by name: coordinator and technician, nobody else."""
    farms = DemonstrationFarm.objects.select_related("plot__rancher", "plot__district")
    if not has_role(viewer, Role.COORDINATOR, Role.TECHNICIAN):
        return farms.none()
    named = farms.filter(plot__in=plots_for(viewer)).prefetch_related("practices")
    return named.order_by("-period", "plot__name")


def candidates(viewer: Viewer, search: str) -> list[Plot]:
    """Plots to choose from, by plot name, rancher's name or DNI; none without a search."""
    if not search:
        return []
    of_ranchers = Q(rancher__in=search_ranchers(ranchers_for(viewer), search))
    plots = plots_for(viewer).filter(of_ranchers | Q(name__icontains=search))
    open_plots = plots.filter(closed_on__isnull=True).select_related("rancher", "district")
    return list(open_plots[:SEARCH_LIMIT])


def begin(*, plot: Plot, practices: Iterable[Practice], since: date) -> DemonstrationFarm:
    """Make the plot a demonstration farm from `since` on. Raises AlreadyDemonstrationFarm."""
    try:
        with transaction.atomic():
            farm = DemonstrationFarm.objects.create(plot=plot, period=DateRange(since, None))
            farm.practices.set(practices)
    except IntegrityError as error:
        if "demonstration_farm_no_overlap" not in str(error):
            raise
        raise AlreadyDemonstrationFarm from error
    return farm


def end(farm: DemonstrationFarm) -> None:
    """Let today be the last day on which the farm serves. Raises AlreadyEnded."""
    tomorrow = localdate() + timedelta(days=1)
    if farm.period.upper is not None:
        raise AlreadyEnded
    farm.period = DateRange(farm.period.lower, max(tomorrow, farm.period.lower + timedelta(days=1)))
    farm.save(update_fields=["period"])
