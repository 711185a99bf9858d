"""Visits and their inbox, facts and cells, tree cover, the quality queue, targets."""

from monitoring.models.cells import Cell, RecomputeReport, SpreadBin, SurvivalPoint
from monitoring.models.cover import (
    Confidence,
    CoverSource,
    DirtyCover,
    Measures,
    PlotAlert,
    PlotCover,
    SourceKind,
    SourceStatus,
)
from monitoring.models.eudr import EudrDownload, EudrExport, EudrPlot, EudrShape, EudrState
from monitoring.models.facts import (
    DirtyRancher,
    FollowUpFact,
    PracticeFact,
    RancherFact,
    Stratum,
    SurvivalFact,
)
from monitoring.models.field import (
    FieldDevice,
    FieldFile,
    FieldManifest,
    FileState,
    ItemVersion,
    PhotoChunk,
    PhotoState,
    PhotoUpload,
)
from monitoring.models.inbox import Channel, InboxPayload, Kind, Outcome
from monitoring.models.quality import Coefficient, Conflict, DataFlag, Target
from monitoring.models.tiles import MapStamp, PlotCount, PlotShape, ShapeMark
from monitoring.models.use import UseFigure, UseQuarter
from monitoring.models.visits import Measurement, NextStep, Observation, Photo, Visit, VisitVersion

__all__ = [
    "Cell",
    "Channel",
    "Coefficient",
    "Confidence",
    "Conflict",
    "CoverSource",
    "DataFlag",
    "DirtyCover",
    "DirtyRancher",
    "EudrDownload",
    "EudrExport",
    "EudrPlot",
    "EudrShape",
    "EudrState",
    "FieldDevice",
    "FieldFile",
    "FieldManifest",
    "FileState",
    "FollowUpFact",
    "InboxPayload",
    "ItemVersion",
    "Kind",
    "MapStamp",
    "Measurement",
    "Measures",
    "NextStep",
    "Observation",
    "Outcome",
    "Photo",
    "PhotoChunk",
    "PhotoState",
    "PhotoUpload",
    "PlotAlert",
    "PlotCount",
    "PlotCover",
    "PlotShape",
    "PracticeFact",
    "RancherFact",
    "RecomputeReport",
    "ShapeMark",
    "SourceKind",
    "SourceStatus",
    "SpreadBin",
    "Stratum",
    "SurvivalFact",
    "SurvivalPoint",
    "Target",
    "UseFigure",
    "UseQuarter",
    "Visit",
    "VisitVersion",
]
