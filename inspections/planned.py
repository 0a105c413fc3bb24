"""A planned visit and its item of the yearly plan: taken when the visit is planned, done when it is recorded, free again when called off (R48)."""

from __future__ import annotations

import datetime
from typing import Any

from accounts.models import User
from accounts.roles import Role
from core.models import Event, MoveRefused
from enterprises.models import Enterprise
from inspections.models import Draw, Inspection, InspectionPlan, PlanItem, machine
from inspections.models.plan_machine import EXECUTING

TOWN_CODE = 9
OUTSIDE = "不在年度计划内,请先调整计划"


def unit_of(by: Any) -> Any:
    """The department this person plans for; None is the town's emergency office."""
    return by.membership.department if by.role == Role.DEPARTMENT else None


def plan_of(enterprise: Enterprise, department: Any, day: datetime.date) -> InspectionPlan | None:
    """The plan that binds this unit in the firm's town in the year of that day: executed, or closed, which allows no more."""
    rows = InspectionPlan.objects.of_unit(enterprise.area_id[:TOWN_CODE], department, day.year)
    found: InspectionPlan | None = rows.filter(state__in=(*EXECUTING, InspectionPlan.State.CLOSED)).first()
    return found


def open_item(plan: InspectionPlan, enterprise: Enterprise, day: datetime.date) -> PlanItem | None:
    """The item a visit of that day would take: one whose window holds the month, else the earliest."""
    rows = PlanItem.objects.filter(plan=plan, enterprise=enterprise, state=PlanItem.State.PLANNED).select_related("enterprise", "plan")
    return min(rows, key=lambda row: (not row.from_month <= day.month <= row.to_month, row.from_month, row.pk), default=None)


def why_unplanned(enterprise: Enterprise, department: Any, day: datetime.date, kind: str) -> str:
    """Why the plan does not allow a planned visit of this firm; "" when it does, when there is no plan in force, and for all other kinds.

    Reports, accidents, campaigns, draws and re-checks are other kinds: they need no item (R48).
    """
    if kind != machine.Kind.PLANNED:
        return ""
    plan = plan_of(enterprise, department, day)
    if plan is None or open_item(plan, enterprise, day):
        return ""
    if not plan.is_executing:
        return f"{plan}已经结束,不能再安排计划检查。"
    return f"{enterprise.name}{OUTSIDE}({plan},没有待安排的计划项)。"


def take_item(visit: Inspection, *, by: Any, on: datetime.date) -> PlanItem | None:
    """Schedule the item this visit is for; MoveRefused where the plan has none. In the caller's transaction."""
    if visit.kind != machine.Kind.PLANNED:
        return None
    plan = plan_of(visit.enterprise, visit.department, visit.planned_on)
    if plan is None:
        return None
    item = open_item(plan, visit.enterprise, visit.planned_on)
    if item is None:
        raise MoveRefused(why_unplanned(visit.enterprise, visit.department, visit.planned_on, visit.kind))
    item.schedule(by=by, on=on, inspection=visit)
    return item


def recorded(visit: Inspection, event: Event) -> None:
    """The visit is recorded: its item is done (a reaction)."""
    for item in items_of(visit):
        item.finish(by=event.by, on=event.on)


def aborted(visit: Inspection, event: Event) -> None:
    """The visit was called off: its item is to be scheduled again (a reaction)."""
    for item in items_of(visit):
        item.release(by=event.by, on=event.on, note=event.note)


def draw_issued(draw: Draw, event: Event) -> None:
    """The visits of a draw are there: the random item it fulfils is scheduled (a reaction)."""
    if draw.plan_item is not None:
        draw.plan_item.schedule(by=event.by, on=event.on, note=str(draw))


def draw_over(draw: Draw, event: Event) -> None:
    """Its last visit is over: the item is done (a reaction)."""
    if draw.plan_item is not None and draw.plan_item.state == PlanItem.State.SCHEDULED:
        draw.plan_item.finish(by=User.objects.system(), on=event.on, note=str(draw))


def draw_voided(draw: Draw, event: Event) -> None:
    """It is void: the item waits for another draw (a reaction)."""
    if draw.plan_item is not None and draw.plan_item.state == PlanItem.State.SCHEDULED:
        draw.plan_item.release(by=User.objects.system(), on=event.on, note=f"{draw} 已作废")


def items_of(visit: Inspection) -> Any:
    """The scheduled item of this visit, if there is one."""
    return PlanItem.objects.filter(inspection=visit, state=PlanItem.State.SCHEDULED).select_related("enterprise", "plan")
