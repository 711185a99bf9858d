"""A file's way in: received, checked, applied in one transaction, undone while nothing rests on it.

Checking is applying and rolling back, so the preview tells what will really happen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction
from django.utils.timezone import now
from django.utils.translation import gettext as _

from ranchers.history import check_since
from ranchers.imports.mapping import FIELDS, guess_mapping, mapped
from ranchers.imports.readers import read_file
from ranchers.imports.record import InvalidRecord, write_record
from ranchers.imports.source import storable
from ranchers.models import BatchState, District, ImportBatch, ImportRow, RowOutcome, User
from ranchers.plain_text import plain, printable

DIRECT_ROWS = 300
"""Up to this many rows are worked through in the request; more by a Celery worker."""


class InvalidImport(ValidationError):
    """The import cannot be done as asked; nothing was written."""


@transaction.atomic
def receive_file(
    *,
    name: str,
    content: bytes,
    since: date,
    district: District | None,
    accept_repaired: bool,
    by: User,
) -> ImportBatch:
    """Read a file and keep its records as they are, with a guess of what its columns mean.

    Raises `UnreadableFile`, `InvalidDate`.
    """
    check_since(since)
    source = read_file(name=name, content=content)
    batch = ImportBatch.objects.create(
        file_name=printable(name)[-200:],
        kind=source.kind,
        note=source.note,
        columns=source.columns,
        mapping=guess_mapping(source.columns, kind=source.kind),
        since=since,
        district=district,
        accept_repaired=accept_repaired,
        state=BatchState.CHECKING,
        uploaded_by=by,
    )
    ImportRow.objects.bulk_create(
        (
            ImportRow(
                batch=batch,
                number=row.number,
                raw={key: storable(value) for key, value in row.values.items()},
                geometry=row.geometry,
                problem=row.problem,
            )
            for row in source.rows
        ),
        batch_size=1_000,
    )
    return batch


def remap(
    *,
    batch: ImportBatch,
    mapping: dict[str, str],
    since: date,
    district: District | None,
    accept_repaired: bool,
) -> None:
    """Change what the columns mean, before the import. Raises `InvalidImport`, `InvalidDate`."""
    check_since(since)
    if batch.state != BatchState.CHECKED:
        raise InvalidImport(_("This import can no longer be changed."))
    if set(mapping) - set(batch.columns) or set(mapping.values()) - set(FIELDS):
        raise InvalidImport(_("Unknown column or field."))
    twice = [name for name, n in Counter(mapping.values()).items() if n > 1]
    if twice:
        message = _("Two columns cannot both be “%(field)s”.")
        raise InvalidImport(message % {"field": FIELDS[twice[0]]})
    batch.mapping, batch.since, batch.district = mapping, since, district
    batch.accept_repaired = accept_repaired
    batch.state = BatchState.CHECKING
    batch.save()


def begin_applying(*, batch: ImportBatch, skip_bad: bool) -> ImportBatch:
    """Mark a checked batch as being applied; only one caller can. Raises `InvalidImport`."""
    claimed = ImportBatch.objects.filter(pk=batch.pk, state=BatchState.CHECKED).update(
        state=BatchState.APPLYING, skip_bad=skip_bad
    )
    if not claimed:
        raise InvalidImport(_("This import was already done, or is under way."))
    batch.refresh_from_db()
    return batch


def work(*, batch_id: UUID) -> None:
    """Check or apply a batch, as its state asks; does nothing in any other state.

    All rows are written in one transaction, which is rolled back when checking, and when applying
    with 'all or nothing' if one row is wrong.
    """
    batch = ImportBatch.objects.get(pk=batch_id)
    applying = batch.state == BatchState.APPLYING
    if batch.state not in (BatchState.CHECKING, BatchState.APPLYING):
        return
    try:
        _work(batch, applying=applying)
    except Exception:
        # Nothing was kept; leave the batch where the person can try again, and let it be seen.
        message = _("The work broke off; nothing was imported. Try again.")
        ImportBatch.objects.filter(pk=batch.pk).update(state=BatchState.CHECKED, message=message)
        raise
    finally:
        cache.delete(_progress_key(batch.pk))


def _work(batch: ImportBatch, *, applying: bool) -> None:
    with transaction.atomic():
        rows = list(batch.rows.order_by("number"))
        for done, _row in enumerate(_worked_through(batch, rows)):
            if done % 50 == 0:
                cache.set(_progress_key(batch.pk), [done, len(rows)], timeout=3600)
        wrong = any(row.outcome == RowOutcome.ERROR for row in rows)
        kept = applying and (batch.skip_bad or not wrong)
        transaction.set_rollback(not kept)
        if kept:
            _finish(batch, rows, state=BatchState.APPLIED)
    if not kept:
        with transaction.atomic():
            for row in rows:
                row.rancher_id = row.plot_id = None
                row.undo = {}
            batch.message = _("Nothing was imported: some rows are wrong.") if applying else ""
            _finish(batch, rows, state=BatchState.CHECKED)


def progress(batch: ImportBatch) -> tuple[int, int]:
    """Rows done and rows in all, while a worker is at it."""
    done, total = cache.get(_progress_key(batch.pk)) or (0, batch.rows.count())
    return done, total


def counts(batch: ImportBatch) -> dict[str, int]:
    """Rows by outcome, every outcome present."""
    found = Counter(batch.rows.values_list("outcome", flat=True))
    return {outcome: found.get(outcome, 0) for outcome in RowOutcome.values}


def _worked_through(batch: ImportBatch, rows: list[ImportRow]) -> Iterator[ImportRow]:
    seen: dict[str, tuple[int, str]] = {}
    for row in rows:
        row.errors, row.notes, row.undo = [], [], {}
        try:
            with transaction.atomic():
                _write_row(batch, row, seen)
        except (ValidationError, DataError, IntegrityError) as refused:
            row.outcome = RowOutcome.ERROR
            row.errors = (
                [str(message) for message in refused.messages]
                if isinstance(refused, ValidationError)
                else [_("The database refuses a value of this row.")]
            )
            row.rancher = row.plot = None
        yield row


def _write_row(batch: ImportBatch, row: ImportRow, seen: dict[str, tuple[int, str]]) -> None:
    if row.problem:
        raise InvalidRecord(row.problem)
    texts = mapped(row.raw, batch.mapping)
    _check_same_person(row.number, texts, seen)
    written = write_record(
        texts=texts,
        geometry=row.geometry,
        since=batch.since,
        district=batch.district,
        accept_repaired=batch.accept_repaired,
        by=batch.uploaded_by,
    )
    row.rancher, row.plot = written.rancher, written.plot
    row.notes, row.undo = written.notes, written.undo
    if written.created:
        row.outcome = RowOutcome.NEW
    else:
        row.outcome = RowOutcome.CHANGED if written.changed else RowOutcome.UNCHANGED


def _check_same_person(
    number: int, texts: dict[str, str], seen: dict[str, tuple[int, str]]
) -> None:
    """One DNI with two names in a file is a slip of the pen, not a change of name."""
    name = plain(" ".join(texts.get(f, "") for f in ("full_name", "surnames", "given_names")))
    dni = texts.get("dni", "").zfill(8)
    if not texts.get("dni") or not name.strip():
        return
    first, first_name = seen.setdefault(dni, (number, name))
    if first_name != name:
        message = _("Row %(row)s has the same DNI with another name.")
        raise InvalidRecord(message % {"row": first})


def _finish(batch: ImportBatch, rows: list[ImportRow], *, state: str) -> None:
    ImportRow.objects.bulk_update(
        rows, ["outcome", "errors", "notes", "undo", "rancher", "plot"], batch_size=500
    )
    batch.state = state
    batch.applied_at = now() if state == BatchState.APPLIED else None
    batch.save(update_fields=["state", "applied_at", "message"])


def _progress_key(pk: UUID) -> str:
    return f"import:{pk}"
