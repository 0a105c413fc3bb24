"""Inspections: who is told of which clock and which move; each stage once, settled when it is done (workflows §7)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, QuerySet
from django.utils import timezone

from core import clock
from core.models import Event
from documents.models import Publication
from hazards.reminders import stage_of
from inspections.models import Inspection, InspectionResult, OnsiteMeasure, Order
from notices.models import Kind, Notice, NoticeRule, Receiver
from notices.models.notice import portions
from notices.receivers import Directory
from notices.wording import words

OF_PLAN = (Kind.SCHEME_ASKED, Kind.SCHEME_ANSWERED)
OF_FIRM = (Kind.VISIT_ANNOUNCED, Kind.VISIT_CHANGED, Kind.VISIT_READY)
OF_WORK = (Kind.ORDER_SERVED, Kind.ORDER_DUE, Kind.ORDER_ASKED)
OF_RECHECK = (Kind.ORDER_RECHECK, Kind.ORDER_RECHECK_DUE)
OWN = (Receiver.OFFICER, Receiver.RESPONSIBLE, Receiver.ASKER)


def tell(today: datetime.date | None = None) -> int:
    """Orders, re-checks, reports to the district, answers to complaints and publications near their day or past it; how many are new."""
    today = today or timezone.localdate()
    made = 0
    for kind, field, rows in clocks():
        for step in NoticeRule.objects.steps(kind, today):
            for day in step.days:
                told = Notice.objects.about(kind, stage_of(step.rule, day), rows.model)
                for part in portions(rows.filter(**{field: day}).exclude(Exists(told))):
                    made += Notice.send_many(about(part, step.rule, day, today))
    return made


def clocks() -> Iterator[tuple[str, str, QuerySet[Any]]]:
    """(kind, the date it is anchored at, the rows whose clock runs)."""
    visits = Inspection.objects.select_related("enterprise", "planned_by", "department").prefetch_related("officers__user")
    orders = Order.objects.select_related("enterprise", "document", "drafted_by").prefetch_related("inspection__officers__user")
    yield Kind.ORDER_DUE, "due_on", orders.standing().filter(served_on__isnull=False, applied_on=None)
    yield Kind.ORDER_RECHECK_DUE, "recheck_by_on", orders.filter(state=Order.State.PENDING_RECHECK)
    yield Kind.DISTRICT_DUE, "report_by_on", visits.filter(reported_on=None)
    yield Kind.COMPLAINT_DUE, "return_by_on", visits.open()
    yield Kind.RESULT_DUE, "publish_by_on", visits.result_owed()


def about(rows: list[Any], rule: NoticeRule, day: datetime.date, today: datetime.date) -> Iterator[Notice]:
    """One notice for each receiver of each of these visits or orders."""
    directory = Directory([row.enterprise for row in rows], today)
    for row in rows:
        title, body = words(rule, row=row, enterprise=row.enterprise, day=day, days=(day - today).days, late=(today - day).days)
        facts = {"kind": rule.kind, "stage": stage_of(rule, day), "title": title, "is_urgent": rule.is_urgent}
        for told in directory.reached(receivers(directory, row, rule), enterprise=row.enterprise):
            yield Notice.about(row, recipient=told.user, body=told.words(body), **facts)


def receivers(directory: Directory, row: Any, rule: NoticeRule, own: list[Any] | None = None) -> list[Any]:
    """Whom the rule names: the visit's own officers, whoever planned or asked (`own`), else who holds a post."""
    people: list[Any] = []
    for code in rule.receivers:
        if code == Receiver.OFFICER:
            people += officers_of(row) or directory.post(Receiver.INSPECTOR, row.enterprise, None)
        elif code in OWN:
            people += own or []
        else:
            people += directory.post(code, row.enterprise, None)
    return people


def officers_of(row: Inspection | Order | OnsiteMeasure) -> list[Any]:
    """Who goes, or went; of an order carried in from paper whoever entered it."""
    visit = row if isinstance(row, Inspection) else row.inspection
    if visit is None:
        return [row.drafted_by]
    return [officer.user for officer in visit.officers.all()]  # type: ignore[attr-defined]


# Moves: called by shijiao/reactions.py inside the move's own transaction


def told_by_move(row: Any, event: Event, kind: str, own: list[Any] | None = None, **facts: Any) -> int:
    """Tell of one move once, its Event being the stage; whoever made the move is not told of it."""
    rule = NoticeRule.objects.for_move(kind, event.on)
    if rule is None:
        return 0
    directory = Directory([row.enterprise], event.on)
    title, body = words(rule, row=row, enterprise=row.enterprise, by=event.by, note=event.note, **facts)
    told = directory.reached(receivers(directory, row, rule, own), enterprise=row.enterprise)
    made = {"kind": kind, "stage": f"event {event.pk}", "title": title, "is_urgent": rule.is_urgent}
    people = [one for one in told if one.user != event.by]
    return Notice.send_many(Notice.about(row, recipient=one.user, body=one.words(body), **made) for one in people)


def scheme_asked(row: Inspection, event: Event) -> None:
    """The leader is to approve or to return it."""
    Notice.objects.settle(row, Kind.SCHEME_ANSWERED)
    told_by_move(row, event, Kind.SCHEME_ASKED)


def scheme_answered(row: Inspection, event: Event) -> None:
    """Whoever planned it, and its officers, learn the answer."""
    Notice.objects.settle(row, Kind.SCHEME_ASKED)
    own = [row.planned_by, *officers_of(row)]
    told_by_move(row, event, Kind.SCHEME_ANSWERED, own, is_back=event.move == "return_scheme")


def announced(row: Inspection, event: Event) -> None:
    """The firm's managers learn who comes and when."""
    Notice.objects.settle(row, *OF_PLAN, Kind.VISIT_CHANGED)
    told_by_move(row, event, Kind.VISIT_ANNOUNCED)


def changed(row: Inspection, event: Event) -> None:
    """Another day, another unit, or off: what was told is settled, and a firm that knew of it learns it, but no day it was not told."""
    Notice.objects.settle(row, *OF_PLAN, *OF_FIRM, *((Kind.COMPLAINT_DUE,) if event.move == "abort" else ()))
    if row.noticed_on and event.move != "join":
        is_day_told = event.from_state in (Inspection.State.NOTICED, Inspection.State.IN_PROGRESS)
        told_by_move(row, event, Kind.VISIT_CHANGED, is_off=event.move == "abort", is_day_told=is_day_told)


def ready(row: Inspection, event: Event) -> None:
    """The officers learn that they may come before the day."""
    Notice.objects.settle(row, Kind.VISIT_ANNOUNCED)
    told_by_move(row, event, Kind.VISIT_READY)


def begun(row: Inspection, event: Event) -> None:
    """They are there: what was told before asks for nothing any more."""
    Notice.objects.settle(row, *OF_PLAN, *OF_FIRM)


def reported(row: Inspection, event: Event) -> None:
    """The district was told."""
    Notice.objects.settle(row, Kind.DISTRICT_DUE)


def closed(row: Inspection, event: Event) -> None:
    """The visit is done, and a complaint answered with it."""
    Notice.objects.settle(row, Kind.COMPLAINT_DUE)


def result_published(row: Publication, event: Event) -> None:
    """The result of a visit is public: nothing of it is asked for any more."""
    result = InspectionResult.objects.filter(publication=row).select_related("inspection").first()
    if result is not None:
        Notice.objects.settle(result.inspection, Kind.RESULT_DUE)


def result_settled(row: Inspection, event: Event) -> None:
    """It is not to be public."""
    Notice.objects.settle(row, Kind.RESULT_DUE)


def order_served(row: Order, event: Event) -> None:
    """The firm's managers learn what to put right until when."""
    told_by_move(row, event, Kind.ORDER_SERVED)


def order_asked(row: Order, event: Event) -> None:
    """The leader learns of the request, and until when it wants an answer."""
    reply_by_on = clock.due_on("inspection.order.extend.reply", event.on)
    told_by_move(row, event, Kind.ORDER_ASKED, asked="、".join(event.data.get("lines", [])), reply_by_on=reply_by_on)


def order_answered(row: Order, event: Event) -> None:
    """The firm learns the answer; with another day what was told of the old one is settled."""
    granted = event.move == "grant_extension"
    Notice.objects.settle(row, Kind.ORDER_ASKED, *((Kind.ORDER_DUE,) if granted else ()))
    asked = row.open_extension
    told_by_move(row, event, Kind.ORDER_ANSWERED, [asked.asked_by] if asked else [], answer="已同意" if granted else "未同意")


def order_recheck(row: Order, event: Event) -> None:
    """The officers are to re-check; the firm's deadlines ask for nothing any more."""
    Notice.objects.settle(row, *OF_WORK, Kind.ORDER_ANSWERED)
    told_by_move(row, event, Kind.ORDER_RECHECK, is_due=event.move == "fall_due")


def order_off(row: Order, event: Event) -> None:
    """Cancelled, or its paper voided: nothing of it is asked for any more."""
    Notice.objects.settle(row, *OF_WORK, *OF_RECHECK, Kind.ORDER_ANSWERED)


def order_rechecked(row: Order, event: Event) -> None:
    """The firm learns the result."""
    Notice.objects.settle(row, *OF_WORK, *OF_RECHECK)
    told_by_move(row, event, Kind.ORDER_RECHECKED, passed=event.move == "pass_recheck")


def measure_served(row: OnsiteMeasure, event: Event) -> None:
    """The firm's managers learn what stands still until what."""
    told_by_move(row, event, Kind.MEASURE_SERVED)


def measure_off(row: OnsiteMeasure, event: Event) -> None:
    """Cancelled, or its paper voided."""
    Notice.objects.settle(row, Kind.MEASURE_SERVED, Kind.MEASURE_ASKED, Kind.MEASURE_EXAMINED)


def measure_asked(row: OnsiteMeasure, event: Event) -> None:
    """The officers are to examine it on the spot."""
    Notice.objects.settle(row, Kind.MEASURE_SERVED, Kind.MEASURE_ANSWERED)
    told_by_move(row, event, Kind.MEASURE_ASKED)


def measure_examined(row: OnsiteMeasure, event: Event) -> None:
    """Found fit by two: the leader may approve."""
    Notice.objects.settle(row, Kind.MEASURE_ASKED)
    told_by_move(row, event, Kind.MEASURE_EXAMINED)


def measure_answered(row: OnsiteMeasure, event: Event) -> None:
    """The firm learns whether it may resume."""
    Notice.objects.settle(row, Kind.MEASURE_ASKED, Kind.MEASURE_EXAMINED)
    told_by_move(row, event, Kind.MEASURE_ANSWERED, is_released=event.move == "release")
