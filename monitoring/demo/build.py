"""Builds the synthetic programme in an empty database, and clears it away again."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pghistory.models
import pgtrigger
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from monitoring import plot_shapes
from monitoring.coefficients import load_defaults
from monitoring.cover import compute, synthetic
from monitoring.demo import bulk, replay, staff, story
from monitoring.demo import parameters as p
from monitoring.demo.programme import Chunk, chunks
from monitoring.models import (
    Cell,
    Coefficient,
    FollowUpFact,
    InboxPayload,
    MapStamp,
    PlotCount,
    PlotShape,
    PracticeFact,
    RancherFact,
    RecomputeReport,
    ShapeMark,
    SpreadBin,
    Stratum,
    SurvivalFact,
    SurvivalPoint,
    Target,
    UseFigure,
    UseQuarter,
)
from monitoring.recompute import recompute_all
from monitoring.use import keeping
from practices import adoption, catalogue
from practices.models import FieldDay, Practice
from ranchers.models import Cohort, District, Phase, Programme, Rancher, Role, User
from ranchers.places import load_places

MOST_REPLAYED, REPLAYED_DAYS = 500, 365
OBSERVED_SQL = """
    select v.rancher_id, o.practice_id, v.visited_on as seen_on, o.stage, o.intensity
    from monitoring_observation o
    join monitoring_visit v on v.id = o.visit_id
    where v.deleted_at is null
"""


class NotSynthetic(Exception):
    """The database holds data that is not marked as synthetic: nothing may be touched."""


@dataclass(frozen=True)
class Built:
    """How many ranchers and rows by COPY in what time; outcomes of the visits sent as phones do."""

    ranchers: int
    rows: int
    load_seconds: float
    sent: Counter[str]


COMPUTED: tuple[type[Model], ...] = (
    *(Stratum, RancherFact, PracticeFact, FollowUpFact, SurvivalFact),
    *(Cell, SpreadBin, SurvivalPoint, RecomputeReport),
    *(MapStamp, PlotCount, PlotShape, ShapeMark),
    *(UseFigure, UseQuarter),
)


def is_synthetic() -> bool:
    return Programme.objects.filter(id=1, is_synthetic=True).exists()


def refuse_real_data() -> None:
    """Raises NotSynthetic where there are people, visits or payloads and no synthetic mark."""
    if is_synthetic():
        return
    for model in (Rancher, User, InboxPayload):
        if model._default_manager.exists():
            raise NotSynthetic(
                f"There is real data here ({model._meta.verbose_name_plural}): the demo needs an"
                " empty database."
            )


def clear() -> None:
    """Removes everything that a synthetic programme holds, its users too. Raises NotSynthetic."""
    if not is_synthetic():
        raise NotSynthetic("Only a synthetic programme can be cleared.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # a truncate waits for no check
        cursor.execute(f"truncate {', '.join(_tables_to_clear())} restart identity cascade")


def _tables_to_clear() -> list[str]:
    """The roots of all that belongs to people and cohorts, what was computed of them (facts hold no
    foreign keys that a truncate would follow), and the audit trail."""
    roots: tuple[type[Model], ...] = (
        User,
        Rancher,
        Cohort,
        FieldDay,
        InboxPayload,
        Coefficient,
        Target,
        *COMPUTED,
    )
    trail = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]
    return [f'"{model._meta.db_table}"' for model in (*roots, *trail)]


def build(
    *,
    ranchers: int,
    today: date,
    advance: Callable[[int], object],
    tiles: Path | None = None,
) -> Built:
    """Writes the programme of `ranchers` ranchers; `advance(n)` is told of each n ranchers made.

    `tiles` is a folder for made-up tiles of tree cover, measured too; None: cover is unknown.

    The visits of the last year of a small programme go through `monitoring.sync`, all else by
    COPY; then cover, facts, cells and today's comparisons are computed. All or nothing: what fails is cleared away. Raises
    NotSynthetic.
    """
    refuse_real_data()
    small = ranchers <= MOST_REPLAYED
    replay_from = today - timedelta(days=REPLAYED_DAYS) if small else None
    began = time.monotonic()
    rows, waiting = _load(ranchers, today, replay_from, advance)
    load_seconds = time.monotonic() - began
    try:
        outcomes = _replay(waiting, today, replay_from) if replay_from else Counter[str]()
        if tiles is not None:
            measure_cover(tiles)
        recompute_all()
        plot_shapes.rebuild()
        keeping.refresh(at_once_s=0)  # the newest quarter; a worker makes the others
    except BaseException:
        clear()
        raise
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return Built(ranchers, rows, load_seconds, outcomes)


def _load(
    ranchers: int, today: date, replay_from: date | None, advance: Callable[[int], object]
) -> tuple[int, list[Chunk]]:
    """(rows written, chunks whose newest visits are still to be sent)."""
    waiting: list[Chunk] = []
    big = ranchers > p.CHUNK
    with transaction.atomic(), pgtrigger.ignore():
        coordinator, technicians, cohorts = _found(ranchers)
        practices = _practices()
        writer = bulk.Writer(
            technicians=[(user.pk, district) for user, district in technicians],
            cohorts=cohorts,
            practice_ids=[practice.pk for practice in practices],
            today=today,
            replay_from=replay_from,
            land_use_years=3 if big else 1,
        )
        with bulk.without_constraints(bulk.LOADED) if big else nullcontext():
            for chunk in chunks(
                ranchers=ranchers,
                today=today,
                practices=practices,
                districts=_boundaries(),
                seed=p.SEED,
            ):
                writer.write(chunk)
                waiting += [chunk] if replay_from else []
                advance(len(chunk))
            adoption.rebuild_all(observed_sql=OBSERVED_SQL)
        _measure_plots()
        staff.hand_out_cards(issued_by=coordinator)
        story.tell(coordinator=coordinator, today=today)
    return writer.rows, waiting


def _replay(waiting: list[Chunk], today: date, since: date) -> Counter[str]:
    """Sends the newest visits as the technicians' phones would; how many had each outcome."""
    outcomes: Counter[str] = Counter()
    practices = _practices()
    for chunk in waiting:
        ids = [uuid.UUID(rancher) for rancher in chunk.ids]
        ranchers = Rancher.objects.select_related("technician").in_bulk(ids)
        sent = replay.sendings(
            chunk=chunk,
            technicians=[ranchers[rancher].technician for rancher in ids],  # type: ignore[misc]
            practices=practices,
            since=since,
            today=today,
        )
        done = replay.replay(sent)
        outcomes.update(done.outcomes)
        replay.attach_photos(done.visits)
        replay.backdate(done.visits)
    coordinator = User.objects.filter(role=Role.COORDINATOR).earliest("id")
    story.settle_old_flags(coordinator=coordinator, today=today)
    return outcomes


def measure_cover(tiles: Path) -> None:
    """Make up the ground around the plots on record and measure them on it; facts are not told."""
    for source in synthetic.make(folder=tiles):
        compute.compute(source, tell=False)


def _practices() -> list[Practice]:
    return list(Practice.objects.filter(is_active=True).order_by("id"))


def _found(ranchers: int) -> tuple[User, list[tuple[User, int]], tuple[int, int]]:
    """The programme itself: places, catalogue, staff, the two cohorts.

    No comparison cohort: the real programme had none, and a difference-in-differences on an
    invented one would only show what we put in.
    """
    load_places()
    Programme.objects.update_or_create(
        id=1,
        defaults={
            "name": "Ganadería sostenible en Tahuamanu",
            "is_synthetic": True,
            "baseline_on": p.PILOT_SINCE - timedelta(days=60),
        },
    )
    catalogue.load()
    load_defaults()
    coordinator, technicians = staff.hire(ranchers=ranchers)
    pilot = Cohort.objects.create(
        code="piloto", name="Piloto 2018", phase=Phase.PILOT, starts_on=p.PILOT_SINCE
    )
    scale_up = Cohort.objects.create(
        code="escalamiento",
        name="Escalamiento 2020",
        phase=Phase.SCALE_UP,
        starts_on=p.SCALE_UP_SINCE,
    )
    return coordinator, technicians, (pilot.pk, scale_up.pk)


def _boundaries() -> list[str]:
    rows = District.objects.in_bulk(p.DISTRICTS)
    return [rows[ubigeo].boundary.wkt for ubigeo in p.DISTRICTS]  # type: ignore[union-attr]


def _measure_plots() -> None:
    """Geodesic areas, and the sequence behind the enrolment numbers that we chose ourselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update ranchers_plotboundary set area_ha = round("
            "(st_area(boundary::geography) / 10000)::numeric, 4)"
        )
        cursor.execute(
            "select setval(pg_get_serial_sequence('ranchers_enrolment', 'id'),"
            " (select max(id) from ranchers_enrolment))"
        )
