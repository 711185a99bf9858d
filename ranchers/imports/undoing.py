"""Taking an import back, as long as nothing rests on what it made."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model
from django.utils.translation import gettext as _

from ranchers.changes import ranchers_changed
from ranchers.imports.batches import InvalidImport
from ranchers.models import (
    BatchState,
    District,
    Enrolment,
    ImportBatch,
    ImportRow,
    Plot,
    PlotBoundary,
    Rancher,
)

OWN = {"plots", "enrolments", "boundaries"}


@transaction.atomic
def undo_import(*, batch: ImportBatch) -> None:
    """Remove what the import made and put back what it changed. Raises `InvalidImport`."""
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != BatchState.APPLIED:
        raise InvalidImport(_("Only an import that was done can be undone."))
    rows = list(batch.rows.exclude(undo={}).order_by("-number").select_related("rancher", "plot"))
    if any(row.undo.get("cannot") for row in rows):
        raise InvalidImport(_("The import changed statuses: change them back by hand."))
    made = _made_ranchers(rows)
    ranchers_changed(rancher_ids={r.rancher_id for r in rows if r.rancher_id} - made, since=None)
    for row in rows:
        _undo_row(row, made)
    batch.state = BatchState.UNDONE
    batch.save(update_fields=["state"])


def _made_ranchers(rows: list[ImportRow]) -> set[Any]:
    return {row.rancher_id for row in rows if row.undo.get("rancher_created") and row.rancher_id}


def _undo_row(row: ImportRow, made: set[Any]) -> None:
    undo = row.undo
    if "boundary_created" in undo:
        _put_boundary_back(undo["boundary_created"])
    if "plot_before" in undo and row.plot:
        Plot.objects.filter(pk=row.plot.pk).update(**undo["plot_before"])
    if undo.get("plot_created") and row.plot:
        _refuse_if_in_use(row.plot, row)
        row.plot.delete()
    if "enrolment_created" in undo and row.rancher_id not in made:
        Enrolment.objects.filter(pk=undo["enrolment_created"]).delete()
    if "before" in undo and row.rancher:
        _put_details_back(row.rancher, undo["before"])
    if undo.get("rancher_created") and row.rancher:
        _refuse_if_in_use(row.rancher, row)
        row.rancher.delete()


def _refuse_if_in_use(made: Model, row: ImportRow) -> None:
    """Refuse when anything but the import's own rows points to what the import made.

    Facts count too: a rancher in a figure leaves by a status, not by vanishing.
    """
    for relation in made._meta.related_objects:
        name = relation.get_accessor_name() or ""
        model = relation.related_model
        if name in OWN or model is ImportRow or name == "events":
            continue
        if model._default_manager.filter(**{relation.field.name: made}).exists():
            message = _("Row %(row)s: something was recorded since, so it cannot be undone.")
            raise InvalidImport(message % {"row": row.number})
    if isinstance(made, Rancher) and made.plots.exists():
        message = _("Row %(row)s: the rancher has other plots, so it cannot be undone.")
        raise InvalidImport(message % {"row": row.number})


def _put_boundary_back(pk: str) -> None:
    boundary = PlotBoundary.objects.filter(pk=pk).first()
    if boundary is None:
        return
    period = boundary.period
    before = PlotBoundary.objects.filter(plot=boundary.plot_id, period__endswith=period.lower)
    previous = before.first()
    boundary.delete()
    if previous:
        previous.period = DateRange(previous.period.lower, period.upper)
        previous.save(update_fields=["period"])


def _put_details_back(rancher: Rancher, before: dict[str, Any]) -> None:
    for name, value in before.items():
        if name == "district":
            rancher.district = District.objects.get(pk=value)
        else:
            setattr(rancher, name, value)
    rancher.save()
