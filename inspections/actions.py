"""What writes several aggregates at once: planning a visit past the guard, and following the service of a paper."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from django.db import transaction

from accounts.models import User
from core.models import Event, MoveRefused
from documents.models import Document, Service
from enterprises.models import Enterprise, Project
from inspections.documents_orders import reported_by
from inspections.models import DrawPick, Inspection, InspectionPlan, InspectionPoint, OnsiteMeasure, Order, Transfer, Violation, machine
from inspections.models.days import check_ahead
from inspections.models.guard import override_lines, weigh
from inspections.models.law import VisitLimit
from inspections.planned import take_item, unit_of, why_unplanned

PROJECT_POINT = "INSP-040"


def plan_visit(
    *,
    by: Any,
    on: datetime.date,
    enterprise: Enterprise,
    kind: str,
    planned_on: datetime.date,
    basis: str,
    officers: Collection[Any],
    override_reason: str = "",
    **facts: Any,
) -> Inspection:
    """Plan a visit by these officers; refused without a reason when the firm was, or will be, visited near that day (R72).

    A planned visit takes its item of the unit's executing plan; without an open one it is refused (R48).

    The leader who approves the scheme approves the reason with it; what was known is kept in `warnings`.
    """
    if kind == machine.Kind.RECHECK:
        raise MoveRefused("整改复查请在责令整改指令上安排。")
    if kind == machine.Kind.RANDOM:
        raise MoveRefused("双随机抽查由抽取产生,不能手工安排。请在“双随机抽取”里组织抽取。")
    check_ahead(planned_on, on)
    if kind == machine.Kind.CAMPAIGN and VisitLimit.objects.cap_on(planned_on) and not facts.get("campaign_approval"):
        raise MoveRefused("专项检查须经县级以上政府批准(国办发〔2024〕54号),请填写批准文号。")
    department = unit_of(by)
    if reason := why_unplanned(enterprise, department, planned_on, kind):
        raise MoveRefused(reason)
    with transaction.atomic():
        weighed = weigh(enterprise, planned_on, kind, override_reason)
        known = {"enterprise": enterprise, "kind": kind, "planned_on": planned_on, "basis": basis, "department": department}
        visit = Inspection.open_new(by=by, on=on, officers=officers, lines=override_lines(weighed), **weighed, **known, **facts)
        take_item(visit, by=by, on=on)
        return visit


def follow_service(row: Order | OnsiteMeasure, event: Event) -> None:
    """The paper of an order or a measure was served: the row follows, in the same transaction (a reaction).

    An announcement serves when its period is over: until then the row waits, see `follow_announced`.
    """
    served_on = datetime.date.fromisoformat(str(event.data["served_on"]))
    if row.document_id != event.data["document"]:
        return
    if served_on > event.on:
        row.check_served(served_on)
    else:
        row.mark_served(by=event.by, on=event.on, served_on=served_on)


def follow_announced(today: datetime.date) -> int:
    """Orders and measures whose announced paper counts as served by today follow its service, by the system; how many."""
    by, moved = User.objects.system(), 0
    for model in (Order, OnsiteMeasure):
        sources = model.MOVES["mark_served"].sources
        rows: Any = model._base_manager.filter(state__in=sources, document__services__in=Service.objects.done(today))
        for row in rows.select_related("document", "enterprise"):
            row.mark_served(by=by, on=today, served_on=row.document.services.done(today).get().served_on)
            moved += 1
    return moved


def follow_correction(row: Order | OnsiteMeasure, event: Event) -> None:
    """The service of an order's or a measure's paper was corrected: its day of service follows (a reaction)."""
    served_on = datetime.date.fromisoformat(str(event.data["served_on"]))
    if row.state in row.MOVES["mark_served"].sources:
        follow_service(row, event)
    elif row.document_id == event.data["document"] and row.served_on != served_on:
        row.correct_served(by=event.by, on=event.on, served_on=served_on, note=event.note)


def follow_void(document: Document, event: Event) -> None:
    """A paper was voided by hand: what stood on it stands no more, or the paper may not be voided (a reaction).

    The act of a row that voids its own paper has moved that row before, so nothing is left to follow.
    """
    told: dict[str, Any] = {"by": event.by, "on": event.on, "note": event.note}
    newer = getattr(document, "replaced_by", None)
    for model in (Order, OnsiteMeasure, Transfer):
        if document.subject_model == model._meta.label_lower:
            for row in model._base_manager.filter(pk=document.subject_pk, document=document):
                row.follow_void(newer=newer, **told)
    if document.subject_model == Inspection._meta.label_lower:
        follow_void_of_visit(document, newer, Inspection.objects.get(pk=document.subject_pk), **told)
    if document.subject_model == InspectionPlan._meta.label_lower and newer is None:
        plan = InspectionPlan.objects.get(pk=document.subject_pk)
        if plan.is_executing and plan.paper is None:
            raise MoveRefused("计划已备案执行,文书只能更正,不能作废。")


def follow_void_of_visit(document: Document, newer: Document | None, visit: Inspection, **told: Any) -> None:
    """A void notice told nobody, a void report reached nobody; a corrected one did, on the day of the first."""
    others = Document.objects.valid().of(visit).filter(kind__code=document.kind.code)
    if document.kind.code == "CHECK_NOTICE" and visit.state == Inspection.State.NOTICED and not others.exists():
        visit.lose_notice(**told)
    if document.kind.code == "DISTRICT_REPORT" and visit.report_how == reported_by(document):
        reported_on = visit.reported_on
        visit.lose_report(**told)
        if newer:
            visit.report_district(by=told["by"], on=told["on"], how=reported_by(newer), reported_on=reported_on)


def follow_drawn_visit(visit: Inspection, event: Event) -> None:
    """A drawn visit is closed or cancelled: when it was the last of its draw, the time to publish begins (a reaction)."""
    pick = DrawPick.objects.filter(inspection=visit).select_related("draw").first()
    if pick is not None:
        pick.draw.note_over(event.on)


def note_use_without_acceptance(project: Project, event: Event) -> None:
    """A project in use before its acceptance is a violation (R78): registered with its outcome open (a reaction).

    The scheme is that of special projects (2014法 §95, 2021法 §98); for others no article of the catalogue gives a fine.
    """
    day = project.found_in_use_on or event.on
    points = InspectionPoint.objects.in_force(day).filter(code=PROJECT_POINT) if project.is_special else []
    words = f"建设项目“{project.name}”未经竣工验收投入使用"[:500]
    facts: dict[str, Any] = {"description": words, "origin": "三同时", "violated_on": day, "point": next(iter(points), None)}
    Violation.note(project.enterprise, by=event.by, on=event.on, **facts)
