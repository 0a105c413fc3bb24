"""Models of inspections."""

from inspections.models.law import InspectionKind, InspectionPoint, PenaltyScheme, PointBasis, PowerItem, VisitLimit

__all__ = ["InspectionKind", "InspectionPoint", "PenaltyScheme", "PointBasis", "PowerItem", "VisitLimit"]
