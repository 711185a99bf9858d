"""People, plots, cohorts and enrolments: who is in the programme, where, since when."""

from ranchers.models.cards import AccessCard
from ranchers.models.cohorts import Cohort, Enrolment, EnrolmentStatus, Phase, Status
from ranchers.models.imports import BatchState, ImportBatch, ImportRow, RowOutcome
from ranchers.models.people import Consent, ConsentScope, Rancher, RancherAlias, Sex
from ranchers.models.places import District, Programme
from ranchers.models.plots import LandUse, LandUseArea, Plot, PlotBoundary, Tenure
from ranchers.models.tokens import ApiToken
from ranchers.models.users import Role, User

__all__ = [
    "AccessCard",
    "ApiToken",
    "BatchState",
    "Cohort",
    "Consent",
    "ConsentScope",
    "District",
    "Enrolment",
    "EnrolmentStatus",
    "ImportBatch",
    "ImportRow",
    "LandUse",
    "LandUseArea",
    "Phase",
    "Plot",
    "PlotBoundary",
    "Programme",
    "Rancher",
    "RancherAlias",
    "Role",
    "RowOutcome",
    "Sex",
    "Status",
    "Tenure",
    "User",
]
