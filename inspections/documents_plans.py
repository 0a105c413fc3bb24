"""Facts of the paper 年度监督检查计划: what is printed is what the plan's page shows."""

from __future__ import annotations

from typing import Any

from core.models import Event, MoveRefused
from hazards.documents import day_words
from inspections.models import InspectionPlan, PlanItem

LAST_LISTED = 400


def year_plan_facts(plan: InspectionPlan) -> dict[str, Any]:
    """The approved plan: goals, working days, key and city-level firms by name, the others by number, months, funds; MoveRefused before it is approved."""
    if plan.approved_by is None:
        raise MoveRefused("计划还没有批准,批准后才能出计划文书。")
    rows = list(PlanItem.objects.live().filter(plan=plan).select_related("enterprise__area").order_by("from_month", "enterprise__name"))
    approved = Event.objects.of(plan).filter(move="approve").last()
    return {
        "unit": plan.organ_name,
        "year": plan.year,
        "goals": plan.goals,
        "content": plan.content,
        "funds": plan.funds,
        "reckoning": [[label, unit, str(number)] for label, unit, number in plan.reckoning()],
        "total": sum(row.count for row in rows),
        "capacity": plan.capacity,
        "over_reason": plan.over_reason,
        "segments": [section(segment, rows) for segment in PlanItem.Segment if any(row.segment == segment for row in rows)],
        "months": [[month, sum(row.count for row in rows if row.to_month == month)] for month in range(1, 13)],
        "drafted_by": plan.drafted_by.name,
        "approved_by": plan.approved_by.name,
        "approved_on": day_words(plan.approved_on),
        "opinion": approved.note if approved else "",
        "adjusted": [adjustment_words(one) for one in plan.adjustments.in_force().order_by("number")],  # type: ignore[attr-defined]
    }


def section(segment: Any, rows: list[PlanItem]) -> dict[str, Any]:
    """One segment: how many visits, and the firms with their months."""
    mine = [row for row in rows if row.segment == segment]
    lines = [
        {
            "number": number,
            "name": row.name,
            "area": row.enterprise.area.name if row.enterprise else "",
            "months": row.months,
            "why": row.why,
        }
        for number, row in enumerate(mine[:LAST_LISTED], start=1)
    ]
    return {"name": segment.label, "total": sum(row.count for row in mine), "rows": lines, "more": max(0, len(mine) - LAST_LISTED)}


def adjustment_words(adjustment: Any) -> dict[str, Any]:
    """One adjustment in force, in words."""
    return {"name": str(adjustment), "on": day_words(adjustment.decided_on), "lines": adjustment.lines()}


def year_plan_title(plan: InspectionPlan) -> str:
    """The year, and the matter."""
    return f"{plan.year}年度安全生产监督检查计划"
