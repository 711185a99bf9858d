"""An export from asking to expiry: made by a worker, kept privately, logged, deleted in time."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _

from monitoring.eudr.candidates import COUNTRY, Judged, judged, plots_of
from monitoring.models import EudrDownload, EudrExport, EudrPlot, EudrState
from monitoring.tiles import forest_source
from ranchers.models import Cohort, District, Rancher, User

logger = logging.getLogger(__name__)

KEPT_DAYS = 7
DIRECT_PLOTS = 300
"""Up to this many plots are worked through in the request; more by a worker."""

MOST_BYTES = 24_000_000
"""The limit is 25 MB a file; a megabyte is left for what a system adds in between."""

HEAD, TAIL = '{"type":"FeatureCollection","features":[\n', "\n]}\n"


class InvalidExport(ValidationError):
    """The export cannot be made as asked."""


def request_export(
    *,
    recipient: str,
    shape: str,
    keeps_loss: bool,
    by: User,
    district: District | None = None,
    cohort: Cohort | None = None,
    ranchers: Sequence[Rancher] = (),
) -> EudrExport:
    """Note what is asked for; `work` makes it. Raises `InvalidExport` where no plot fits, or without
    a recipient."""
    export = EudrExport(
        recipient=" ".join(recipient.split()),
        shape=shape,
        keeps_loss=keeps_loss,
        district=district,
        cohort=cohort,
        ranchers=[one.pk for one in ranchers],
        made_by=by,
    )
    if not export.recipient:
        raise InvalidExport(_("Say to whom the file goes."))
    if not plots_of(export, today=localdate()).exists():
        raise InvalidExport(_("No plot fits: choose other ranchers, another district or cohort."))
    export.save(force_insert=True)
    return export


def plots_asked_for(export: EudrExport) -> int:
    return plots_of(export, today=localdate()).count()


def progress(export: EudrExport) -> tuple[int, int]:
    """Plots judged and plots in all, while a worker is at it."""
    done, total = cache.get(_progress_key(export.pk)) or (0, plots_asked_for(export))
    return done, total


def work(*, export_id: UUID) -> None:
    """Make the files of an export that waits; one in any other state is left alone.

    Killed in the middle, the whole is done again: rows in one transaction, files by their name.
    """
    try:
        with transaction.atomic():
            export = EudrExport.objects.select_for_update().get(pk=export_id)
            if export.state != EudrState.WAITING:
                return
            _make(export)
    except Exception:
        EudrExport.objects.filter(pk=export_id, state=EudrState.WAITING).update(
            state=EudrState.FAILED
        )
        _delete_files(export_id)
        raise
    finally:
        cache.delete(_progress_key(export_id))


def _make(export: EudrExport) -> None:
    export.source = forest_source()
    total, done = plots_asked_for(export), 0
    parts = Parts(export)
    for batch in judged(export, export.source):
        EudrPlot.objects.bulk_create(
            EudrPlot(
                export=export,
                plot=one.plot,
                boundary=one.boundary,
                is_included=not one.reasons,
                reasons=one.reasons,
                notices=one.notices,
                loss_m2=one.loss_m2,
            )
            for one in batch
        )
        for one in batch:
            if not one.reasons:
                parts.add(feature(one))
        export.included += sum(not one.reasons for one in batch)
        export.refused += sum(bool(one.reasons) for one in batch)
        done += len(batch)
        cache.set(_progress_key(export.pk), (done, total), 3_600)
    export.files = parts.close()
    export.state = EudrState.DONE
    export.finished_at = now()
    export.expires_at = export.finished_at + timedelta(days=KEPT_DAYS)
    export.save()
    logger.info(
        "EU file %s for %r by user %s: %d plots in, %d refused",
        export.pk,
        export.recipient,
        export.made_by_id,
        export.included,
        export.refused,
    )


def feature(one: Judged) -> str:
    """One feature as JSON text; the area in hectares with four decimals."""
    district = one.plot.district
    place = [one.plot.name, district.name, district.province, district.department]
    properties = {
        "ProducerName": one.plot.rancher.full_name,
        "ProducerCountry": COUNTRY,
        "ProductionPlace": ", ".join(place),
        "Area": round(one.area_ha, 4),
    }
    words = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    return f'{{"type":"Feature","properties":{words},"geometry":{one.geometry}}}'


class Parts:
    """Features gathered into files below the limit; only one part is held in memory."""

    def __init__(self, export: EudrExport) -> None:
        self.export = export
        self.files: list[dict[str, object]] = []
        self._lines: list[str] = []
        self._bytes = 0

    def add(self, text: str) -> None:
        size = len(text.encode()) + 2
        if self._lines and self._bytes + size + len(HEAD) + len(TAIL) > MOST_BYTES:
            self._write()
        self._lines.append(text)
        self._bytes += size

    def close(self) -> list[dict[str, object]]:
        if self._lines:
            self._write()
        return self.files

    def _write(self) -> None:
        name = f"hato-ue-{self.export.made_at:%Y%m%d}-{len(self.files) + 1}.geojson"
        content = (HEAD + ",\n".join(self._lines) + TAIL).encode()
        path = _path(self.export.pk, name)
        default_storage.delete(path)
        default_storage.save(path, ContentFile(content))
        self.files.append(
            {
                "name": name,
                "bytes": len(content),
                "features": len(self._lines),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        )
        self._lines, self._bytes = [], 0


def take_file(*, export: EudrExport, name: str, by: User) -> bytes:
    """The content of a part, noted as taken. Raises `InvalidExport` once it has expired."""
    known = any(part["name"] == name for part in export.files)
    if not known or export.state != EudrState.DONE or not _in_time(export):
        raise InvalidExport(_("This file is no longer kept. Make it again."))
    EudrDownload.objects.create(export=export, name=name, by=by)
    with default_storage.open(_path(export.pk, name)) as file:
        content: bytes = file.read()
    return content


def delete_expired() -> int:
    """Delete the files whose time is over; how many exports. What was exported stays on record."""
    over = EudrExport.objects.filter(state=EudrState.DONE, expires_at__lte=now())
    count = 0
    for export in over:
        _delete_files(export.pk)
        export.state = EudrState.EXPIRED
        export.save(update_fields=["state"])
        count += 1
    return count


def _in_time(export: EudrExport) -> bool:
    return export.expires_at is not None and export.expires_at > now()


def _path(export_id: UUID, name: str) -> str:
    return f"eudr/{export_id}/{name}"


def _delete_files(export_id: UUID) -> None:
    for name in _names(export_id):
        default_storage.delete(_path(export_id, name))


def _names(export_id: UUID) -> Iterator[str]:
    folder = Path(settings.MEDIA_ROOT) / "eudr" / str(export_id)
    if folder.is_dir():
        yield from (entry.name for entry in folder.iterdir())


def _progress_key(export_id: UUID) -> str:
    return f"eudr:{export_id}"
