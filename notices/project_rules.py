"""Construction projects: who is told that the district's bureau is still to be informed (R62); "due and not yet told"."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, QuerySet

from core.models import Event
from enterprises.models import Project
from notices.models import Kind, Notice, NoticeRule, Receiver
from notices.models.notice import portions
from notices.receivers import Directory
from notices.wording import words

OF_DEPARTMENT = (Receiver.DEPARTMENT, Receiver.RESPONSIBLE)
OF_OTHER_MATTERS = (Receiver.FINDER, Receiver.ASKER, Receiver.DECIDER)


def tell(today: datetime.date) -> int:
    """The day before the last day, and past it; how many notices are new. Run again it tells nothing."""
    made = 0
    for step in NoticeRule.objects.steps(Kind.PROJECT_NOTIFY, today):
        for day in step.days:
            for part in portions(untold(step.rule, day)):
                made += Notice.send_many(about(part, step.rule, day, today))
    return made


def untold(rule: NoticeRule, day: datetime.date) -> QuerySet[Project]:
    """Owed by that day, and nobody was told of this stage of that day."""
    told = Notice.objects.about(rule.kind, stage_of(rule, day), Project)
    rows = Project.objects.all().untold().filter(notify_by_on=day).exclude(Exists(told))
    return rows.select_related("enterprise", "approved_by_department")


def stage_of(rule: NoticeRule, day: datetime.date) -> str:
    """The stage with the last day it is about."""
    return f"{rule.stage} {day:%Y-%m-%d}"


def about(rows: list[Project], rule: NoticeRule, day: datetime.date, today: datetime.date) -> Iterator[Notice]:
    """One notice for each receiver of each of these projects."""
    directory = Directory([row.enterprise for row in rows], today)
    for row in rows:
        title, body = words(rule, row=row, enterprise=row.enterprise, day=day, days=(day - today).days, late=(today - day).days)
        facts = {"kind": rule.kind, "stage": stage_of(rule, day), "title": title, "is_urgent": rule.is_urgent}
        for told in directory.reached(receivers(directory, row, rule), enterprise=row.enterprise):
            yield Notice.about(row, recipient=told.user, body=told.words(body), **facts)


def receivers(directory: Directory, row: Project, rule: NoticeRule) -> list[Any]:
    """Whom the rule names: the department is the one that approved; where nobody acts for it, the inspectors."""
    people: list[Any] = []
    for code in rule.receivers:
        if code in OF_DEPARTMENT:
            mine = directory.in_department(row.approved_by_department_id)
            people += mine or directory.post(Receiver.INSPECTOR, row.enterprise, None)
        elif code not in OF_OTHER_MATTERS:
            people += directory.post(code, row.enterprise, None)
    return people


def settled(row: Project, event: Event) -> None:
    """Informed, or given up: what was told of it and not read asks for nothing any more. Called by shijiao/reactions.py."""
    Notice.objects.settle(row, Kind.PROJECT_NOTIFY)
