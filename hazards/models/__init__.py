"""Models of hazards."""

from hazards.models.answers import Answer
from hazards.models.checklists import Checklist, ChecklistItem, ChecklistVersion, OwnItem
from hazards.models.checks import Check
from hazards.models.criteria import HazardCriterion, MajorCriterion
from hazards.models.extensions import Extension
from hazards.models.hazard import Hazard
from hazards.models.measures import InterimMeasure
from hazards.models.plans import FiveFixPlan, PlanProgress
from hazards.models.rechecks import Consequence, Recheck
from hazards.models.reports import MajorReport

__all__ = [
    "Answer",
    "Check",
    "Checklist",
    "ChecklistItem",
    "ChecklistVersion",
    "Consequence",
    "Extension",
    "FiveFixPlan",
    "Hazard",
    "HazardCriterion",
    "InterimMeasure",
    "MajorCriterion",
    "MajorReport",
    "OwnItem",
    "PlanProgress",
    "Recheck",
]
