"""Models of enterprises."""

from enterprises.models.enterprise import Enterprise, HazardTrait
from enterprises.models.memberships import Membership
from enterprises.models.people import KeyPerson, StopPeriod
from enterprises.models.project_papers import ProjectPaper, ProjectRequirement
from enterprises.models.projects import Project
from enterprises.models.roster import RosterImport, RosterRow
from enterprises.models.units import Unit

__all__ = [
    "Enterprise",
    "HazardTrait",
    "KeyPerson",
    "Membership",
    "Project",
    "ProjectPaper",
    "ProjectRequirement",
    "RosterImport",
    "RosterRow",
    "StopPeriod",
    "Unit",
]
