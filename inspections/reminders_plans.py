"""Yearly plans: who is told of a plan to approve, of the answer, and of items whose month ends while nobody scheduled them (R50)."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator
from typing import Any

from core.models import Event
from hazards.reminders import stage_of
from inspections.models import InspectionPlan, PlanItem
from inspections.models.plans import LAST_MONTH, names_of
from notices.models import Kind, Notice, NoticeRule, Receiver
from notices.receivers import Directory, is_in_force
from notices.wording import words

ANSWERS = {
    "approve": "已批准,请出文书并报区备案",
    "hand_back": "被退回",
    "approve_adjustment": "调整已批准",
    "refuse_adjustment": "调整没有批准",
}


def tell(today: datetime.date) -> int:
    """Plan items whose window ends with a month that is near its end, or over, and that nobody scheduled; how many notices are new."""
    made = 0
    for step in NoticeRule.objects.steps(Kind.YEAR_PLAN_MONTH, today):
        for day in step.days:
            if day.day == calendar.monthrange(day.year, day.month)[1]:
                made += Notice.send_many(of_month(step.rule, day, today))
    return made


def of_month(rule: NoticeRule, day: datetime.date, today: datetime.date) -> Iterator[Notice]:
    """One notice for each receiver of each plan with such items of the month that ends on that day."""
    directory = Directory([], today)
    plans = InspectionPlan.objects.all().executing().filter(year=day.year).select_related("department", "drafted_by")
    for plan in plans:
        rows = PlanItem.objects.filter(plan=plan, state=PlanItem.State.PLANNED, to_month=day.month).select_related("enterprise")
        names = [row.name for row in rows.order_by("enterprise__name", "pk")]
        if not names:
            continue
        given = {"row": plan, "day": day, "days": (day - today).days, "count": len(names), "names": names_of(names)}
        title, body = words(rule, **given)
        for person in receivers(directory, plan, rule):
            facts = {"kind": rule.kind, "stage": stage_of(rule, day), "title": title, "is_urgent": rule.is_urgent}
            yield Notice.about(plan, recipient=person, body=body, **facts)


def receivers(directory: Directory, plan: InspectionPlan, rule: NoticeRule) -> list[Any]:
    """Whom the rule names: who drew the plan up, the people of its unit, the leaders; each once."""
    people: list[Any] = []
    for code in rule.receivers:
        if code == Receiver.RESPONSIBLE:
            people.append(plan.drafted_by)
        elif code == Receiver.OFFICER and plan.department_id:
            people += directory.in_department(plan.department_id)
        else:
            people += directory.in_town("leader" if code == Receiver.LEADER else "inspector", plan.area_id)
    found = {person.pk: person for person in people if is_in_force(person, directory.on)}
    return list(found.values())


# Moves: called by shijiao/reactions.py inside the move's own transaction


def told_by_move(plan: InspectionPlan, event: Event, kind: str, **facts: Any) -> None:
    """Tell of one move once, its Event being the stage; whoever made the move is not told of it."""
    rule = NoticeRule.objects.for_move(kind, event.on)
    if rule is None:
        return
    title, body = words(rule, row=plan, by=event.by, note=event.note, **facts)
    made = {"kind": kind, "stage": f"event {event.pk}", "title": title, "is_urgent": rule.is_urgent}
    people = [person for person in receivers(Directory([], event.on), plan, rule) if person != event.by]
    Notice.send_many(Notice.about(plan, recipient=person, body=body, **made) for person in people)


def asked(plan: InspectionPlan, event: Event) -> None:
    """The leader is to approve the plan, or an adjustment that is not effective at once."""
    Notice.objects.settle(plan, Kind.YEAR_PLAN_ANSWERED)
    adjustment = plan.open_adjustment
    if event.move != "submit" and (adjustment is None or not adjustment.needs_approval):
        return
    told_by_move(plan, event, Kind.YEAR_PLAN_ASKED, is_adjustment=event.move != "submit", lines=event.data.get("lines", [])[:20])


def answered(plan: InspectionPlan, event: Event) -> None:
    """Whoever drew it up learns the answer."""
    Notice.objects.settle(plan, Kind.YEAR_PLAN_ASKED)
    told_by_move(plan, event, Kind.YEAR_PLAN_ANSWERED, answer=ANSWERS[event.move], is_back=event.move == "hand_back")


def over(plan: InspectionPlan, event: Event) -> None:
    """Void or closed: nothing of it is asked for any more."""
    Notice.objects.settle(plan, Kind.YEAR_PLAN_ASKED, Kind.YEAR_PLAN_ANSWERED, Kind.YEAR_PLAN_MONTH)


def scheduled(item: PlanItem, event: Event) -> None:
    """Scheduled or cancelled, the last item of the months told of so far: what was told of them asks for nothing any more."""
    year, today = item.plan.year, event.on
    told = today.month if year == today.year else LAST_MONTH if year < today.year else 0
    left = PlanItem.objects.filter(plan=item.plan_id, state=PlanItem.State.PLANNED, to_month__lte=max(told, item.to_month))
    if not left.exists():
        Notice.objects.settle(item.plan, Kind.YEAR_PLAN_MONTH)
