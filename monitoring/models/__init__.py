"""Visits and their inbox, facts and cells, the quality queue, targets."""

from monitoring.models.cells import Cell, RecomputeReport, SpreadBin, SurvivalPoint
from monitoring.models.facts import (
    DirtyRancher,
    FollowUpFact,
    PracticeFact,
    RancherFact,
    Stratum,
    SurvivalFact,
)
from monitoring.models.inbox import Channel, InboxPayload, Outcome
from monitoring.models.quality import Coefficient, Conflict, DataFlag, Target
from monitoring.models.visits import Measurement, NextStep, Observation, Photo, Visit, VisitVersion

__all__ = [
    "Cell",
    "Channel",
    "Coefficient",
    "Conflict",
    "DataFlag",
    "DirtyRancher",
    "FollowUpFact",
    "InboxPayload",
    "Measurement",
    "NextStep",
    "Observation",
    "Outcome",
    "Photo",
    "PracticeFact",
    "RancherFact",
    "RecomputeReport",
    "SpreadBin",
    "Stratum",
    "SurvivalFact",
    "SurvivalPoint",
    "Target",
    "Visit",
    "VisitVersion",
]
