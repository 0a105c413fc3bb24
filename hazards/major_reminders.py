"""Major hazards: who is told of which clock and which move, beside what is told of every hazard."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, QuerySet
from django.utils import timezone

from core.models import Event
from hazards.models import FiveFixPlan, Hazard, MajorReport
from hazards.models.major import TOWN, side_of
from hazards.reminders import OF_WORK, receivers, stage_of, told_by_move
from notices.models import Kind, Notice, NoticeRule, Receiver
from notices.models.notice import portions
from notices.receivers import Directory
from notices.wording import words

NEEDS = ("enterprise", "unit__parent", "rectifier", "found_by")


def tell(now: datetime.datetime | None = None) -> int:
    """Reports, plans, progress and re-checks near their end or past it; how many notices are new. Run again it tells nothing."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    made = tell_reports(now)
    for kind, field, rows in clocks():
        for step in NoticeRule.objects.steps(kind, today):
            for day in step.days:
                told = Notice.objects.about(kind, stage_of(step.rule, day), rows.model)
                for part in portions(rows.filter(**{field: day}).exclude(Exists(told))):
                    made += Notice.send_many(about(part, step.rule, day, today))
    return made


def clocks() -> Iterator[tuple[str, str, QuerySet[Any]]]:
    """(kind, the date it is anchored at, the rows whose clock runs)."""
    hazards = Hazard.objects.select_related(*NEEDS)
    plans = FiveFixPlan.objects.select_related("person", *(f"hazard__{name}" for name in NEEDS))
    yield Kind.PLAN_DUE, "plan_by_on", hazards.filter(state=Hazard.State.MAJOR_CONFIRMED)
    yield Kind.RECHECK_DUE, "recheck_by_on", hazards.filter(state=Hazard.State.PENDING_RECHECK)
    yield Kind.PROGRESS_DUE, "progress_by_on", plans.filter(state=FiveFixPlan.State.IN_PROGRESS)


def about(rows: list[Any], rule: NoticeRule, day: datetime.date, today: datetime.date) -> Iterator[Notice]:
    """One notice for each receiver of each of these hazards or plans."""
    directory = Directory([row.enterprise for row in rows], today)
    for row in rows:
        hazard = row.hazard if isinstance(row, FiveFixPlan) else row
        title, body = words(rule, row=hazard, enterprise=row.enterprise, day=day, days=(day - today).days, late=(today - day).days)
        facts = {"kind": rule.kind, "stage": stage_of(rule, day), "title": title, "is_urgent": rule.is_urgent}
        people = receivers(directory, hazard, rule, {Receiver.RESPONSIBLE: [getattr(row, "person", None)]})
        yield from (Notice.about(row, recipient=one.user, body=one.words(body), **facts) for one in people)


def tell_reports(now: datetime.datetime) -> int:
    """Reports owed whose moment comes, or has passed, to who owes them."""
    made: list[Notice] = []
    for step in NoticeRule.objects.steps(Kind.REPORT_DUE, now):
        rows = MajorReport.objects.owed().filter(due_at__gt=step.after, due_at__lte=step.until)
        for report in rows.select_related(*(f"hazard__{name}" for name in NEEDS)):
            hazard = report.hazard
            directory = Directory([hazard.enterprise], timezone.localdate(now))
            title, body = words(step.rule, row=hazard, enterprise=hazard.enterprise, report=report, is_late=report.is_late(now))
            facts = {"kind": step.rule.kind, "stage": f"{step.rule.stage} {report.to} {report.round}", "is_urgent": step.rule.is_urgent}
            people = receivers(directory, hazard, step.rule, {Receiver.RESPONSIBLE: debtors(directory, report)})
            made += [Notice.about(hazard, recipient=one.user, title=title, body=one.words(body), **facts) for one in people]
    return Notice.send_many(made)


def debtors(directory: Directory, report: MajorReport) -> list[Any]:
    """Who owes a report: the town's inspectors its own, the firm's managers the others."""
    firm = report.hazard.enterprise
    if report.to == MajorReport.To.DISTRICT:
        return directory.post(Receiver.INSPECTOR, firm, None)
    return directory.post(Receiver.SAFETY_MANAGER, firm, None) + directory.post(Receiver.PRINCIPAL, firm, None)


# Moves: called by shijiao/reactions.py inside the move's own transaction


def proposed(row: Hazard, event: Event) -> None:
    """The firm's managers and the town learn of what may be major, when it is reported so or proposed."""
    if row.is_suspected:
        told_by_move(row, event, Kind.MAJOR_PROPOSED)


def signed(row: Hazard, event: Event) -> None:
    """Who may sign second learns of the first signature: the other manager of the firm, or the other inspectors."""
    directory, firm = Directory([row.enterprise], event.on), row.enterprise
    posts = (Receiver.INSPECTOR,) if side_of(event.by) == TOWN else (Receiver.PRINCIPAL, Receiver.SAFETY_MANAGER)
    people = [one for post in posts for one in directory.post(post, firm, None)]
    told_by_move(row, event, Kind.MAJOR_SIGN, {Receiver.RESPONSIBLE: people})


def graded(row: Hazard, event: Event) -> None:
    """The town has decided otherwise: nobody is asked to sign any more."""
    Notice.objects.settle(row, Kind.MAJOR_SIGN, Kind.MAJOR_PROPOSED)


def confirmed(row: Hazard, event: Event) -> None:
    """The town at once, and the firm's managers; what was told of the general course asks for nothing any more."""
    Notice.objects.settle(row, Kind.MAJOR_SIGN, Kind.MAJOR_PROPOSED, *OF_WORK)
    told_by_move(row, event, Kind.MAJOR_CONFIRMED)


def downgraded(row: Hazard, event: Event) -> None:
    """The firm learns it, and why; all clocks of the major one have stopped."""
    settled = (Kind.MAJOR_CONFIRMED, Kind.REPORT_DUE, Kind.PLAN_DUE, Kind.RECHECK_ASKED, Kind.RECHECK_SIGN, Kind.RECHECK_DUE)
    Notice.objects.settle(row, *settled)
    told_by_move(row, event, Kind.MAJOR_DOWNGRADED)


def reported(row: Hazard, event: Event) -> None:
    """A report was made: what was told of reports is settled; what is still owed is told when its turn comes."""
    Notice.objects.settle(row, Kind.REPORT_DUE)


def plan_submitted(row: FiveFixPlan, event: Event) -> None:
    """The town's inspectors are to receive it or to return it."""
    Notice.objects.settle(row.hazard, Kind.PLAN_DUE)
    Notice.objects.settle(row, Kind.PLAN_ANSWERED)
    told_by_move(row.hazard, event, Kind.PLAN_SUBMITTED, subject=row)


def plan_answered(row: FiveFixPlan, event: Event) -> None:
    """The firm learns that the town received it, consented, or returned it and why."""
    Notice.objects.settle(row, Kind.PLAN_SUBMITTED)
    told_by_move(row.hazard, event, Kind.PLAN_ANSWERED, subject=row, answer=event.label, is_back=event.move == "hand_back")


def progressed(row: FiveFixPlan, event: Event) -> None:
    """This week's report is there, or none is owed any more."""
    Notice.objects.settle(row, Kind.PROGRESS_DUE)


def recheck_asked(row: Hazard, event: Event) -> None:
    """The town's inspectors are to re-check; deadlines of the work ask for nothing any more."""
    Notice.objects.settle(row, *OF_WORK)
    told_by_move(row, event, Kind.RECHECK_ASKED, is_due=event.move == "recheck_due")


def recheck_filled(row: Hazard, event: Event) -> None:
    """The other inspectors are to sign, or to fill it in anew."""
    told_by_move(row, event, Kind.RECHECK_SIGN)


def recheck_answered(row: Hazard, event: Event) -> None:
    """The firm learns the result."""
    Notice.objects.settle(row, Kind.RECHECK_ASKED, Kind.RECHECK_SIGN, Kind.RECHECK_DUE)
    told_by_move(row, event, Kind.RECHECK_ANSWERED, passed=event.move == "pass_recheck")
