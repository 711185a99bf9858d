"""Visits and their inbox, facts and cells, the quality queue, targets."""

from monitoring.models.cells import Cell
from monitoring.models.facts import DirtyRancher
from monitoring.models.inbox import Channel, InboxPayload, Outcome
from monitoring.models.quality import Coefficient, Conflict, DataFlag, Target
from monitoring.models.visits import Measurement, NextStep, Observation, Photo, Visit

__all__ = [
    "Cell",
    "Channel",
    "Coefficient",
    "Conflict",
    "DataFlag",
    "DirtyRancher",
    "InboxPayload",
    "Measurement",
    "NextStep",
    "Observation",
    "Outcome",
    "Photo",
    "Target",
    "Visit",
]
