"""Models of inspections."""

from inspections.models.adjustments import PlanAdjustment, PlanChange
from inspections.models.carried import CarryImport, CarryRow
from inspections.models.district import DistrictListEntry
from inspections.models.draw_changes import DrawChange
from inspections.models.draw_rows import DrawConflict, DrawObject, DrawOfficer, DrawPick, DrawSeat
from inspections.models.draws import Draw
from inspections.models.exports import ExportLayout
from inspections.models.findings import Finding, Transfer, Violation
from inspections.models.inspection import Inspection
from inspections.models.items import InspectionItem, InspectionOfficer, JointParty
from inspections.models.law import InspectionKind, InspectionPoint, PenaltyScheme, PointBasis, PowerItem, VisitLimit
from inspections.models.measures import Examination, OnsiteMeasure
from inspections.models.officer_pool import OfficerEntry
from inspections.models.order_parts import OrderExtension, OrderLine
from inspections.models.orders import Order
from inspections.models.outs import Absence, Avoidance, Exclusion
from inspections.models.patrols import OutsideVisit, Patrol, Rating
from inspections.models.plan_items import PlanItem
from inspections.models.plan_law import KeyRule, PlanLimit
from inspections.models.plans import InspectionPlan
from inspections.models.pools import FirmGrade, GradeWeight, Pool, PoolEntry
from inspections.models.results import InspectionResult, ResultRule

__all__ = [
    "Absence",
    "Avoidance",
    "CarryImport",
    "CarryRow",
    "DistrictListEntry",
    "Draw",
    "DrawChange",
    "DrawConflict",
    "DrawObject",
    "DrawOfficer",
    "DrawPick",
    "DrawSeat",
    "Examination",
    "Exclusion",
    "ExportLayout",
    "Finding",
    "FirmGrade",
    "GradeWeight",
    "Inspection",
    "InspectionItem",
    "InspectionKind",
    "InspectionOfficer",
    "InspectionPlan",
    "InspectionPoint",
    "InspectionResult",
    "JointParty",
    "KeyRule",
    "OfficerEntry",
    "OnsiteMeasure",
    "Order",
    "OrderExtension",
    "OrderLine",
    "OutsideVisit",
    "Patrol",
    "PenaltyScheme",
    "PlanAdjustment",
    "PlanChange",
    "PlanItem",
    "PlanLimit",
    "PointBasis",
    "Pool",
    "PoolEntry",
    "PowerItem",
    "Rating",
    "ResultRule",
    "Transfer",
    "Violation",
    "VisitLimit",
]
