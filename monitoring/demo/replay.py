"""The last year's visits, sent through the same door as a technician's phone: monitoring.sync."""

from __future__ import annotations

import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pgtrigger
from django.db import connection, transaction

from monitoring.demo import parameters as p
from monitoring.demo.farm import AMOUNTS, COUNTS
from monitoring.demo.photos import draw_photo
from monitoring.demo.programme import Chunk
from monitoring.demo.uptake import STAGES
from monitoring.models import Channel, Outcome
from monitoring.photos import store_photo
from monitoring.sync import Receipt, receive
from practices.models import Practice, Stage
from ranchers.models import User

PHOTO_EVERY = 9
NOTES = (
    "Visita sin novedad.",
    "Pasto en buen estado después de las lluvias.",
    "Pide apoyo para conseguir plantones.",
    "Dos vacas con garrapata; se acordó el baño.",
    "El bebedero del potrero 3 está seco.",
    "Llegó tarde la sal mineral; ya repartió.",
    "Muestra el cuaderno de registros al día.",
    "Camino en mal estado: llevar moto.",
)
STEP_BY_STAGE = {
    Stage.PLANNED: "Alistar el material para empezar: {practice}",
    Stage.TRIAL: "Ampliar lo que se probó: {practice}",
    Stage.ADOPTED: "Mantener y anotar avances: {practice}",
}
USUAL_STEP = "Tener a mano los registros de nacimientos y ventas"


@dataclass(frozen=True)
class Sending:
    """One payload, who sends it, and the day on which it arrives."""

    payload: dict[str, Any]
    sender: User
    arrives_on: date


@dataclass
class Replayed:
    """How many payloads had each outcome; the visits that came of them, oldest first."""

    outcomes: Counter[str]
    visits: list[tuple[uuid.UUID, Sending]]


def sendings(
    *,
    chunk: Chunk,
    technicians: Sequence[User],
    practices: Sequence[Practice],
    since: date,
    today: date,
) -> Iterator[Sending]:
    """The visits of a chunk on or after `since`, in the order of their days.

    `technicians` holds one user per rancher of the chunk.
    """
    visits = chunk.visits
    rng = np.random.default_rng([p.SEED, 5, chunk.first])
    seen: dict[int, list[int]] = defaultdict(list)
    for row, visit in enumerate(visits.observed.visit):
        seen[int(visit)].append(row)
    recent = np.flatnonzero(visits.day >= np.datetime64(since, "D"))
    for visit in recent[np.argsort(visits.day[recent], kind="stable")]:
        day = visits.day[visit].astype(object)
        yield Sending(
            payload=_payload(chunk, int(visit), day, seen[int(visit)], practices, today, rng),
            sender=technicians[int(visits.who[visit])],
            arrives_on=min(day + timedelta(days=int(visits.late_days[visit])), today),
        )


def replay(sent: Iterator[Sending]) -> Replayed:
    """Send everything; then one edit that disagrees with a newer one, for the coordinator."""
    done = Replayed(Counter(), [])
    last: Sending | None = None
    for sending in sent:
        receipt = _send(sending)
        done.outcomes[receipt.outcome] += 1
        if receipt.visit_id and receipt.outcome == Outcome.CREATED:
            done.visits.append((receipt.visit_id, sending))
            if sending.payload["measurements"].get("cows", 0) >= 8:
                last = sending
    if last is not None:
        done.outcomes.update(_disagree(last))
    return done


def _send(sending: Sending) -> Receipt:
    """As the field app does: sent again with what the technician confirms, when asked."""
    receipt = _receive(sending)
    confirmed = [reason["confirm"] for reason in receipt.reasons if reason.get("confirm")]
    if not confirmed:
        return receipt
    return _receive(replace(sending, payload=sending.payload | {"confirmed": confirmed}))


def _receive(sending: Sending) -> Receipt:
    raw = json.dumps(sending.payload, ensure_ascii=False).encode()
    return receive(raw=raw, sender=sending.sender, channel=Channel.FIELD)


def _disagree(sending: Sending) -> list[str]:
    """Two edits of the same figure, both made from version 1."""
    outcomes = []
    counted = sending.payload["measurements"]["cows"]
    for cows in (counted + 3, counted + 1):
        figures = sending.payload["measurements"] | {"cows": cows}
        edit = sending.payload | {"base_version": 1, "measurements": figures}
        outcomes.append(_send(replace(sending, payload=edit)).outcome)
    return outcomes


def attach_photos(visits: Sequence[tuple[uuid.UUID, Sending]]) -> None:
    """A drawn photo for every ninth visit, sent as the phone sends photos: apart."""
    for number, (visit_id, sending) in enumerate(visits[::PHOTO_EVERY]):
        seen = sending.payload["observations"] or [{"practice": "visita"}]
        caption = f"{seen[0]['practice']} {sending.payload['visited_on']}"
        drawn = draw_photo(seed=number, caption=caption)
        store_photo(visit_id=visit_id, data=drawn, sender=sending.sender)


def backdate(visits: Sequence[tuple[uuid.UUID, Sending]]) -> None:
    """Have the payloads and visits arrive when they would have, not all in this minute.

    The inbox forbids it for good reason; this is invented data.
    """
    arrivals = [(str(visit), f"{sending.arrives_on} 19:30-05") for visit, sending in visits]
    with transaction.atomic(), pgtrigger.ignore(), connection.cursor() as cursor:
        for statement in (
            "update monitoring_inboxpayload t set received_at = a.at, processed_at = a.at"
            " from ({}) a where t.visit_uuid = a.id",
            "update monitoring_visit t set created_at = a.at, updated_at = a.at from ({}) a"
            " where t.id = a.id",
            "update monitoring_dataflag t set opened_at = a.at from ({}) a where t.visit_id = a.id",
        ):
            given = "select unnest(%s::uuid[]) as id, unnest(%s::timestamptz[]) as at"
            ids, instants = zip(*arrivals, strict=True)
            cursor.execute(statement.format(given), [list(ids), list(instants)])


def _payload(
    chunk: Chunk,
    visit: int,
    day: date,
    seen: list[int],
    practices: Sequence[Practice],
    today: date,
    rng: np.random.Generator,
) -> dict[str, Any]:
    farm = int(chunk.visits.who[visit])
    hour, minute = int(rng.integers(7, 16)), int(rng.integers(0, 60))
    lon, lat = chunk.lots[farm].point
    observed = [_observation(chunk, row, practices) for row in seen]
    return {
        "schema": 1,
        "id": str(uuid.UUID(chunk.visits.id[visit])),
        "base_version": None,
        "rancher": str(uuid.UUID(chunk.ids[farm])),
        "plot": str(uuid.UUID(chunk.plot_ids[farm])),
        "visited_on": day.isoformat(),
        "started_at": f"{day.isoformat()}T{hour:02d}:{minute:02d}:00-05:00",
        "position": {
            "lon": round(lon + float(rng.normal(0, 4e-4)), 6),
            "lat": round(lat + float(rng.normal(0, 4e-4)), 6),
            "accuracy_m": round(float(rng.gamma(4, 2.5)), 1),
            "manual": False,
        },
        "notes": NOTES[int(rng.integers(0, len(NOTES)))] if rng.random() < 0.5 else "",
        "measurements": _figures(chunk, visit),
        "confirmed": [],
        "observations": observed,
        "next_steps": _next_steps(observed, practices, day, today, rng),
        "deleted": False,
    }


def _figures(chunk: Chunk, visit: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in COUNTS:
        value = chunk.visits.figures[name][visit]
        if not np.isnan(value):
            figures[name] = int(value)
    for name in AMOUNTS:
        value = chunk.visits.figures[name][visit]
        if not np.isnan(value):
            figures[name] = f"{value:.2f}"
    return figures


def _observation(chunk: Chunk, row: int, practices: Sequence[Practice]) -> dict[str, Any]:
    seen = chunk.visits.observed
    amount = seen.intensity[row]
    return {
        "practice": practices[int(seen.practice[row])].code,
        "stage": str(STAGES[int(seen.stage[row])]),
        "intensity": None if np.isnan(amount) else f"{amount:.2f}",
        "evidence_seen": bool(seen.evidence_seen[row]),
        "note": "",
    }


def _next_steps(
    observed: list[dict[str, Any]],
    practices: Sequence[Practice],
    day: date,
    today: date,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """One or two things agreed; most of the older ones are done by now."""
    names = {practice.code: practice.name_es for practice in practices}
    wanted = sorted(
        (row for row in observed if row["stage"] in STEP_BY_STAGE),
        key=lambda row: list(STEP_BY_STAGE).index(row["stage"]),
    )[:1]
    steps = [
        (row["practice"], STEP_BY_STAGE[row["stage"]].format(practice=names[row["practice"]]))
        for row in wanted
    ]
    if not steps or rng.random() < 0.3:
        steps.append((None, USUAL_STEP))
    made = []
    for code, text in steps:
        due = day + timedelta(days=int(rng.integers(20, 150)))
        done = due + timedelta(days=int(rng.integers(-15, 20)))
        is_done = done < today and rng.random() < 0.7
        made.append(
            {
                "id": str(uuid.UUID(bytes=rng.bytes(16), version=4)),
                "practice": code,
                "text": text[:300],
                "due_on": due.isoformat(),
                "done_on": max(done, day).isoformat() if is_done else None,
            }
        )
    return made
