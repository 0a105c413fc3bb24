"""Models of inspections."""

from inspections.models.carried import CarryImport, CarryRow
from inspections.models.exports import ExportLayout
from inspections.models.findings import Finding, Transfer, Violation
from inspections.models.inspection import Inspection
from inspections.models.items import InspectionItem, InspectionOfficer, JointParty
from inspections.models.law import InspectionKind, InspectionPoint, PenaltyScheme, PointBasis, PowerItem, VisitLimit
from inspections.models.measures import Examination, OnsiteMeasure
from inspections.models.order_parts import OrderExtension, OrderLine
from inspections.models.orders import Order
from inspections.models.patrols import OutsideVisit, Patrol, Rating
from inspections.models.results import InspectionResult, ResultRule

__all__ = [
    "CarryImport",
    "CarryRow",
    "Examination",
    "ExportLayout",
    "Finding",
    "Inspection",
    "InspectionItem",
    "InspectionKind",
    "InspectionOfficer",
    "InspectionPoint",
    "InspectionResult",
    "JointParty",
    "OnsiteMeasure",
    "Order",
    "OrderExtension",
    "OrderLine",
    "OutsideVisit",
    "Patrol",
    "PenaltyScheme",
    "PointBasis",
    "PowerItem",
    "Rating",
    "ResultRule",
    "Transfer",
    "VisitLimit",
    "Violation",
]
