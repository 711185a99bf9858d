"""What a coordinator does with cover sources: add, check, make active, have computed."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import rasterio
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.template.defaultfilters import filesizeformat
from django.utils.timezone import now
from django.utils.translation import gettext as _

from monitoring import recompute
from monitoring.cover import compute as computing
from monitoring.cover import marks
from monitoring.cover.layouts import check_bands, layout_of
from monitoring.cover.remote import InvalidLocation, check_location
from monitoring.cover.tiles import (
    Found,
    Tile,
    UnreadableTile,
    file_size,
    fingerprint,
    open_file,
)
from monitoring.models import CoverSource, DirtyCover, Measures, PlotCover, SourceKind, SourceStatus
from ranchers.models import PlotBoundary, Programme, User

logger = logging.getLogger(__name__)

PUBLISHED: dict[str, dict[str, Any]] = {
    SourceKind.GFC: {
        "name": "Global Forest Change",
        "measures": Measures.FOREST,
        "baseline_year": 2000,
        "licence": "CC BY 4.0",
        "attribution": "Hansen et al. 2013, Science 342: 850-853; UMD/GLAD, Google, USGS, NASA",
        "caveat": (
            "Sobrestima la deforestación en algunos lugares, entre ellos Tambopata, cerca de aquí"
            " (Kinnebrew et al. 2022, PLOS ONE 0268970). Cuenta como bosque toda vegetación de más"
            " de 5 m, también plantaciones; no ve el bosque que vuelve a crecer."
        ),
    },
    SourceKind.ALERTS: {
        "name": "Alertas integradas de deforestación",
        "measures": Measures.ALERTS,
        "covers_from": "2015-01-01",
        "licence": "CC BY 4.0",
        "attribution": "UMD/GLAD y WUR, por Global Forest Watch",
        "caveat": (
            "Una alerta de confianza baja se vio una sola vez y puede ser una nube, una sombra o un"
            " pasto seco: conviene mirar en el campo antes de decir que hubo tala."
        ),
    },
}
"""What is known of the layouts that are read as published; the caveats stand beside every figure."""


class CannotActivate(ValidationError):
    """The source cannot feed the indicators now; the message says what to do first."""


@dataclass(frozen=True)
class Findings:
    """What a check found, in plain words; kept with the source."""

    lines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    problem: str = ""


def add(*, by: User | None, dry_run: bool = False, **fields: Any) -> CoverSource:
    """Register a source; what the published layouts already say is filled in where it is empty.

    `dry_run` judges it only. Raises ValidationError by field (also for a place or bands that are not
    possible).
    """
    known = PUBLISHED.get(fields.get("kind", ""), {"measures": Measures.FOREST})
    fields = known | {name: value for name, value in fields.items() if value not in ("", None)}
    source = CoverSource(added_by=by, **fields)
    source.full_clean(exclude=["added_by"])
    _field("location", check_location, source.location)
    _field("bands", check_bands, source)
    _field("last_year", _check_version, source)
    if not dry_run:
        source.save(force_insert=True)
    return source


def _field(name: str, check: Callable[[Any], None], value: Any) -> None:
    try:
        check(value)
    except ValidationError as error:
        raise ValidationError({name: error.messages}) from error


def _check_version(source: CoverSource) -> None:
    """A version such as GFC-2024-v1.12 says itself up to which year its loss is known."""
    named = re.fullmatch(r"GFC-(\d{4})-v\d+\.\d+", source.version)
    if source.kind != SourceKind.GFC:
        return
    if named is None:
        raise ValidationError(_("Write the version as in the names of the files: GFC-2024-v1.12."))
    if int(named[1]) != source.last_year:
        message = _("%(version)s knows loss up to %(year)s.")
        raise ValidationError(message % {"version": source.version, "year": named[1]})


def check(source: CoverSource, *, dry_run: bool = False) -> Findings:
    """Look at the files of a source and say what there is, in the reader's language.

    Kept with the source unless `dry_run`: the findings, the status, and the fingerprint, by which
    figures of changed files are measured again.
    """
    try:
        layout = layout_of(source, threshold_pct=marks.threshold_pct())
        found = computing.tiles_of(source, layout)
        findings = _described(source, found)
        status = SourceStatus.PARTIAL if found.missing else SourceStatus.READY
        seen = fingerprint(source, found.tiles)
        if not found.tiles:
            status = SourceStatus.UNREADABLE
    except (ValidationError, rasterio.errors.RasterioIOError) as error:
        problem = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        findings, status, seen = Findings(problem=problem), SourceStatus.UNREADABLE, ""
    if not dry_run:
        source.status, source.checked_at = status, now()
        source.findings = vars(findings)
        with transaction.atomic():
            if seen:
                computing.notice_new_files(source, seen)
            source.save(update_fields=["status", "checked_at", "findings"])
    return findings


def check_by_id(source_id: int) -> None:
    """Check a source, unless it is gone."""
    if source := CoverSource.objects.filter(pk=source_id).first():
        check(source)


def forget_check(source: CoverSource) -> None:
    """Say that the files are to be looked at anew."""
    CoverSource.objects.filter(pk=source.pk).update(
        status=SourceStatus.NEW, checked_at=None, findings={}
    )


def _described(source: CoverSource, found: Found) -> Findings:
    lines = [_tile_line(tile) for tile in found.tiles]
    if not found.tiles:
        lines.append(_("No tile was found at %(place)s.") % {"place": source.location})
    boundaries = PlotBoundary.objects.count()
    lines.append(_("Boundaries on record: %(count)s.") % {"count": boundaries})
    return Findings(lines=lines, missing=found.missing)


def _tile_line(tile: Tile) -> str:
    west, south, east, north = tile.bounds
    dtypes, size = [], 0
    for path in dict.fromkeys(tile.files.values()):
        with open_file(path) as data:
            dtypes.append(f"{data.count} x {data.dtypes[0]}")
        size += file_size(path)
    return _(
        "%(tile)s: %(width)s x %(height)s pixels of %(pixel)s degrees, from %(west).3f, %(north).3f to "
        "%(east).3f, %(south).3f; files: %(files)s (%(size)s), bands: %(dtypes)s, blocks of %(block)s."
    ) % {
        "size": filesizeformat(size),
        "tile": tile.name,
        "width": tile.width,
        "height": tile.height,
        "pixel": f"{tile.pixel_deg[0]:.6g}",
        **{"west": west, "north": north, "east": east, "south": south},
        "files": len(dtypes),
        "dtypes": ", ".join(dict.fromkeys(dtypes)),
        "block": f"{tile.block[1]} x {tile.block[0]}",
    }


@transaction.atomic
def activate(source: CoverSource) -> None:
    """Have this source feed the indicators of its measure instead of the one before.

    Raises CannotActivate when it was not checked, cannot be read, or is made up and the programme is
    real.
    """
    source = CoverSource.objects.select_for_update().get(pk=source.pk)
    if source.status not in (SourceStatus.READY, SourceStatus.PARTIAL):
        raise CannotActivate(_("Check the source first: it must be readable."))
    if source.is_synthetic and not Programme.objects.filter(is_synthetic=True).exists():
        raise CannotActivate(
            _("This source is made up; it cannot feed the figures of a real programme.")
        )
    CoverSource.objects.filter(measures=source.measures, is_active=True).update(is_active=False)
    CoverSource.objects.filter(pk=source.pk).update(is_active=True)
    marks.mark_missing()
    recompute.mark_all_dirty()


def start(source: CoverSource) -> int:
    """Have all boundaries measured (again) by a worker; how many were marked."""
    return marks.mark_source(source)


def compute_waiting() -> int:
    """Measure what is marked of every source; how many boundaries. A source that cannot be read says
    so in its findings and does not hold up the others."""
    done = 0
    for source in CoverSource.objects.filter(waiting__isnull=False).distinct():
        try:
            done += computing.compute(source)
        except computing.AlreadyRunning:
            logger.info("%s is being measured by another worker", source.code)
        except (InvalidLocation, UnreadableTile, rasterio.errors.RasterioIOError) as error:
            logger.exception("%s cannot be read", source.code)
            problem = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            CoverSource.objects.filter(pk=source.pk).update(
                status=SourceStatus.UNREADABLE,
                findings=vars(Findings(problem=problem)),
                checked_at=now(),
            )
    return done


def with_progress() -> QuerySet[CoverSource]:
    """Sources with `measured_count`, boundaries measured as the source is now, and `waiting_count`."""
    waiting = _counted(DirtyCover.objects.all())
    behind = DirtyCover.objects.filter(source=OuterRef("source"), boundary=OuterRef("boundary"))
    measured = _counted(PlotCover.objects.exclude(Exists(behind)))
    return CoverSource.objects.annotate(waiting_count=waiting, measured_count=measured)


def _counted(rows: QuerySet[Any]) -> Coalesce:
    """How many of `rows` belong to the source."""
    mine = rows.filter(source=OuterRef("pk")).order_by().values("source").annotate(n=Count("*"))
    return Coalesce(Subquery(mine.values("n")), 0)
