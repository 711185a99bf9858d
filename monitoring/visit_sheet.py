"""The visit form as data: what is asked, what was there last time, what is wrong with an answer.

The page only draws this. Answers are read from the posted form into a payload (`payload_from`);
what they may be is decided by `monitoring.sync`, whose reasons come back onto the sheet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from monitoring import limits
from monitoring.models import Measurement, Visit
from monitoring.sync.content import DECIMAL_MAX, as_payload
from monitoring.sync.document import Document
from monitoring.sync.reasons import NEEDS_CONFIRMATION
from monitoring.sync.store import content_of
from monitoring.visit_trail import measurement_label, property_label
from practices.models import IntensityUnit, Practice, Stage, StageInterval
from ranchers.models import Consent, ConsentScope, Plot, Rancher

SPARE_STEPS = 2
GROUPS = (
    ("herd", "cow", ("cows", "bulls", "heifers", "steers", "yearlings", "calves", "equines")),
    ("milk", "milk", ("cows_in_milk", "milk_l_per_day")),
    (
        "events",
        "calendar",
        ("births", "weaned", "deaths_adults", "deaths_calves", "sold_head", "sold_kg"),
    ),
    ("pasture", "grass", ("pasture_ha", "paddocks")),
    ("trees", "tree", ("trees_counted", "live_fence_m")),
    ("income", "target", ("income_pen",)),
)


@dataclass(slots=True)
class Answer:
    """One question: its value as typed, what is wrong with it, and 'are you sure?' questions."""

    name: str
    value: Any = ""
    errors: list[str] = field(default_factory=list)
    confirms: list[tuple[str, str, bool]] = field(default_factory=list)
    label: str = ""

    @property
    def id(self) -> str:
        return "f-" + self.name.replace(".", "-")

    @property
    def has_notes(self) -> bool:
        return bool(self.errors or self.confirms)


A = TypeVar("A", bound=Answer)


@dataclass(slots=True)
class Figure(Answer):
    last: str = ""
    last_on: date | None = None
    is_decimal: bool = False


@dataclass(slots=True)
class Group:
    code: str
    icon: str
    title: str
    note: str
    figures: list[Figure]


@dataclass(slots=True)
class PracticeAnswer(Answer):
    practice: Practice | None = None
    stage: str = ""
    intensity: Any = ""
    evidence_seen: bool = False
    note: str = ""
    unit: str = ""
    last_stage: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.stage or self.has_notes)


@dataclass(slots=True)
class StepAnswer(Answer):
    step_id: str = ""
    text: str = ""
    due_on: str = ""
    practice: str = ""
    done_on: str = ""


@dataclass(slots=True)
class Sheet:
    """The whole form. `base_version` is empty for a new visit."""

    visit_id: str
    base_version: str
    rancher: Rancher
    started_at: str
    visited_on: Answer
    plot: Answer
    plots: list[Plot]
    position: Answer
    notes: Answer
    groups: list[Group]
    practices: list[PracticeAnswer]
    steps: list[StepAnswer]
    other_errors: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)

    def answers(self) -> Iterable[Answer]:
        yield from (self.visited_on, self.plot, self.position)
        for group in self.groups:
            yield from group.figures
        yield from self.practices
        yield from self.steps
        yield self.notes

    @property
    def wrong(self) -> list[tuple[Answer, str]]:
        """What to correct, in the order of the page: the answer and its message."""
        return [(answer, text) for answer in self.answers() for text in answer.errors]

    @property
    def asked(self) -> list[tuple[Answer, str]]:
        return [
            (answer, text)
            for answer in self.answers()
            for _code, text, is_ticked in answer.confirms
            if not is_ticked
        ]

    @property
    def today(self) -> str:
        return localdate().isoformat()


def blank() -> Document:
    """The answers of a form just opened; the visit's id is made here, so sending twice is once."""
    return {"id": str(uuid4()), "base_version": None, "visited_on": localdate().isoformat()}


def answers_of(visit: Visit) -> Document:
    """The answers that the current version of a visit gives."""
    return as_payload(content_of(visit), visit_id=visit.pk, base_version=visit.version)


def figures_of(visit: Visit) -> list[tuple[str, Any]]:
    """The figures recorded at a visit, in the order of the form."""
    measurement = Measurement.objects.filter(visit=visit).first()
    names = [name for _code, _icon, group in GROUPS for name in group]
    pairs = [(name, getattr(measurement, name, None)) for name in names]
    return [(name, value) for name, value in pairs if value is not None]


def payload_from(posted: QueryDict, *, rancher_id: UUID) -> Document:
    """The schema 1 payload of a posted form. Values go as typed: the write path reads them."""
    base = posted.get("base_version", "")
    document: Document = {
        "schema": 1,
        "id": posted.get("id"),
        "base_version": base or None,
        "rancher": str(rancher_id),
        "plot": posted.get("plot") or None,
        "visited_on": posted.get("visited_on"),
        "started_at": posted.get("started_at") or None,
        "position": _position_from(posted),
        "notes": posted.get("notes", ""),
        "confirmed": posted.getlist("confirmed"),
        "measurements": {
            name.removeprefix("m."): value
            for name, value in posted.items()
            if name.startswith("m.") and str(value).strip()
        },
    }
    observed = [
        name.split(".")[1] for name in posted if name.startswith("o.") and name.count(".") == 2
    ]
    document["observations"] = [
        {
            "practice": code,
            "stage": posted[f"o.{code}.stage"],
            "intensity": posted.get(f"o.{code}.intensity") or None,
            "evidence_seen": f"o.{code}.evidence" in posted,
            "note": posted.get(f"o.{code}.note", ""),
        }
        for code in dict.fromkeys(observed)
        if posted.get(f"o.{code}.stage")
    ]
    document["next_steps"] = [
        {
            "id": step_id,
            "practice": posted.get(f"s.{step_id}.practice") or None,
            "text": posted.get(f"s.{step_id}.text", ""),
            "due_on": posted.get(f"s.{step_id}.due_on") or None,
            "done_on": posted.get(f"s.{step_id}.done_on") or None,
        }
        for step_id in posted.getlist("step")
        if posted.get(f"s.{step_id}.text", "").strip()
    ]
    return document


def _position_from(posted: QueryDict) -> dict[str, Any] | None:
    lon, lat = posted.get("lon", "").strip(), posted.get("lat", "").strip()
    if not lon and not lat:
        return None
    accuracy = posted.get("accuracy_m", "").strip()
    return {"lon": lon, "lat": lat, "accuracy_m": accuracy or None, "manual": not accuracy}


def sheet(
    *, rancher: Rancher, answers: Mapping[str, Any], reasons: Iterable[Mapping[str, str]] = ()
) -> Sheet:
    """The form with these answers (of `blank`, `answers_of` or `payload_from`) and what the write
    path said of them."""
    said = _Said(list(reasons), set(answers.get("confirmed") or []))
    found = Sheet(
        visit_id=str(answers["id"] or ""),
        base_version=str(answers.get("base_version") or ""),
        rancher=rancher,
        started_at=str(answers.get("started_at") or ""),
        visited_on=said.of(
            Answer(
                "visited_on", answers.get("visited_on") or "", label=property_label("visited_on")
            )
        ),
        plot=said.of(Answer("plot", str(answers.get("plot") or ""), label=property_label("plot"))),
        plots=list(Plot.objects.filter(rancher=rancher, closed_on=None)),
        position=said.of(
            Answer("position", answers.get("position") or {}, label=property_label("position"))
        ),
        notes=said.of(Answer("notes", answers.get("notes") or "", label=property_label("notes"))),
        groups=_groups(rancher, answers, said),
        practices=_practices(rancher, answers, said),
        steps=_steps(answers, said),
    )
    found.other_errors = said.left_over()
    shown = {code for answer in found.answers() for code, _text, _ticked in answer.confirms}
    found.confirmed = sorted(set(answers.get("confirmed") or []) - shown)
    return found


class _Said:
    """The reasons of a receipt, handed out to the answers they are about."""

    def __init__(self, reasons: list[Mapping[str, str]], confirmed: set[str]) -> None:
        self._reasons, self._confirmed = reasons, confirmed
        self._told: set[int] = set()

    def of(self, answer: A) -> A:
        for number, reason in enumerate(self._reasons):
            if reason["field"] != answer.name:
                continue
            self._told.add(number)
            if reason["code"] == NEEDS_CONFIRMATION:
                code = reason["confirm"]
                answer.confirms.append((code, reason["message"], code in self._confirmed))
            else:
                answer.errors.append(reason["message"])
        return answer

    def left_over(self) -> list[str]:
        return [r["message"] for n, r in enumerate(self._reasons) if n not in self._told]


def _groups(rancher: Rancher, answers: Mapping[str, Any], said: _Said) -> list[Group]:
    given = answers.get("measurements") or {}
    but = UUID(answers["id"]) if answers.get("base_version") else None
    last = limits.last_figures(rancher_id=rancher.pk, before=localdate(), but=but)
    titles = {
        "herd": (_("Herd today"), ""),
        "milk": (_("Milk"), _("Litres of the whole herd in a day.")),
        "events": (
            _("Since the last visit"),
            _("On a first visit: over the last 12 months. Write 0 if there were none."),
        ),
        "pasture": (_("Pasture"), ""),
        "trees": (_("Trees"), _("Living trees on the pasture, and metres of living fence.")),
        "income": (_("Income"), _("Only because the rancher agreed to share it.")),
    }
    groups = []
    for code, icon, names in GROUPS:
        if code == "income" and not _shares_income(rancher):
            continue
        figures = [_figure(name, given.get(name), last.get(name), said) for name in names]
        title, note = titles[code]
        groups.append(Group(code, icon, title, note, figures))
    return groups


def _shares_income(rancher: Rancher) -> bool:
    consents = Consent.objects.filter(rancher=rancher, scope=ConsentScope.INCOME)
    return consents.filter(period__contains=localdate()).exists()


def _figure(name: str, value: Any, last: tuple[Any, date] | None, said: _Said) -> Figure:
    return said.of(
        Figure(
            name=f"measurements.{name}",
            value="" if value is None else value,
            label=measurement_label(name),
            last=""
            if last is None
            else number_format(last[0].normalize() if name in DECIMAL_MAX else last[0]),
            last_on=last[1] if last else None,
            is_decimal=name in DECIMAL_MAX,
        )
    )


def _practices(rancher: Rancher, answers: Mapping[str, Any], said: _Said) -> list[PracticeAnswer]:
    given = {item["practice"]: item for item in answers.get("observations") or []}
    stages = StageInterval.objects.filter(rancher=rancher, period__contains=localdate())
    last = {row.practice_id: Stage(row.stage).label for row in stages}
    found = []
    for practice in Practice.objects.all():
        item = given.get(practice.code, {})
        if not practice.is_active and not item:
            continue
        has_unit = practice.intensity_unit != IntensityUnit.NONE
        found.append(
            said.of(
                PracticeAnswer(
                    name=f"observations.{practice.code}",
                    practice=practice,
                    label=practice.name,
                    stage=item.get("stage") or "",
                    intensity=item.get("intensity") or "",
                    evidence_seen=bool(item.get("evidence_seen")),
                    note=item.get("note") or "",
                    unit=practice.get_intensity_unit_display() if has_unit else "",
                    last_stage=str(last.get(practice.pk, "")),
                )
            )
        )
    return found


def _steps(answers: Mapping[str, Any], said: _Said) -> list[StepAnswer]:
    given = list(answers.get("next_steps") or [])
    given += [{"id": str(uuid4())} for _spare in range(max(1, SPARE_STEPS - len(given)))]
    return [
        said.of(
            StepAnswer(
                name=f"next_steps.{item['id']}",
                label=property_label("next_steps"),
                step_id=str(item["id"]),
                text=item.get("text") or "",
                due_on=item.get("due_on") or "",
                practice=item.get("practice") or "",
                done_on=item.get("done_on") or "",
            )
        )
        for item in given
    ]
