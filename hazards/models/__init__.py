"""Models of hazards."""

from hazards.models.answers import Answer
from hazards.models.checklists import Checklist, ChecklistItem, ChecklistVersion, OwnItem
from hazards.models.checks import Check
from hazards.models.hazard import Extension, Hazard

__all__ = ["Answer", "Check", "Checklist", "ChecklistItem", "ChecklistVersion", "Extension", "Hazard", "OwnItem"]
