"""Hazards: who is told of which deadline and which move. Reminders are "due and not yet told"; moves tell at once."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, QuerySet
from django.utils import timezone

from accounts.roles import MANAGERS, Role
from core.models import Event
from hazards.models import Hazard
from notices.models import Kind, Notice, NoticeRule, Receiver
from notices.models.notice import portions
from notices.receivers import Directory, Told, unique
from notices.wording import words

DEADLINES = (Kind.HAZARD_DUE, Kind.HAZARD_ESCALATED)
OF_WORK = (*DEADLINES, Kind.HAZARD_ASSIGNED, Kind.HAZARD_RETURNED, Kind.EXTENSION_ASKED)
NEEDS = ("enterprise", "unit__parent", "rectifier", "found_by")


def tell(today: datetime.date | None = None) -> int:
    """T-3, T-1, T, overdue, and overdue for the levels above; how many notices are new. Run again it tells nothing."""
    today = today or timezone.localdate()
    made = 0
    for kind in DEADLINES:
        for step in NoticeRule.objects.steps(kind, today):
            for day in step.days:
                for part in portions(untold(step.rule, day)):
                    made += tell_rows(part, step.rule, today)
    return made


def untold(rule: NoticeRule, due_on: datetime.date) -> QuerySet[Hazard]:
    """Still in work, due on that day, and nobody was told of this stage of that day: another deadline is told anew."""
    told = Notice.objects.about(rule.kind, stage_of(rule, due_on), Hazard)
    return Hazard.objects.filter(state__in=Hazard.IN_WORK, due_on=due_on).exclude(Exists(told)).select_related(*NEEDS)


def stage_of(rule: NoticeRule, due_on: datetime.date) -> str:
    """The stage with the deadline it is about."""
    return f"{rule.stage} {due_on:%Y-%m-%d}"


def tell_rows(rows: list[Hazard], rule: NoticeRule, today: datetime.date) -> int:
    """One notice for each receiver of each of these hazards."""
    directory = Directory([row.enterprise for row in rows], today)
    made: list[Notice] = []
    for row in rows:
        assert row.due_on is not None  # noqa: S101 - `untold` asks for a day
        days = (row.due_on - today).days
        title, body = words(rule, row=row, enterprise=row.enterprise, days=days, late=-days)
        facts = {"kind": rule.kind, "stage": stage_of(rule, row.due_on), "title": title, "is_urgent": rule.is_urgent}
        people = receivers(directory, row, rule, {Receiver.RESPONSIBLE: [row.rectifier]})
        made += [Notice.about(row, recipient=one.user, body=one.words(body), **facts) for one in people]
    return Notice.send_many(made)


def receivers(directory: Directory, row: Hazard, rule: NoticeRule, own: dict[str, list[Any]]) -> list[Told]:
    """Whom the rule names: people of the hazard itself (`own`), or who holds a post; under an order only who the order does not tell."""
    people: list[Any] = []
    for code in rule.receivers:
        if code in own:
            people += own[code]
        elif code in (Receiver.FINDER, Receiver.RESPONSIBLE):
            people.append(row.found_by if code == Receiver.FINDER else row.rectifier)
        elif code == Receiver.DECIDER:
            people += deciders(directory, row)
        elif code != Receiver.ASKER:
            people += directory.post(code, row.enterprise, row.unit)
    if rule.kind == Kind.HAZARD_ESCALATED:
        people = [one for one in people if one != row.rectifier] or directory.top(row.enterprise)
    if row.is_ordered and rule.kind in DEADLINES:
        people = not_told_by_order(directory, row, people)
    return directory.reached([one for one in people if one], enterprise=row.enterprise, unit=row.unit)


def not_told_by_order(directory: Directory, row: Hazard, people: list[Any]) -> list[Any]:
    """The rectifier, unless a manager: the order's own notices tell the managers of the same day, and its re-check the town."""
    managers = [one for role in sorted(MANAGERS) for one in directory.staff.in_role(row.enterprise_id, role)]
    return [one for one in people if one == row.rectifier and one not in managers]


def deciders(directory: Directory, row: Hazard) -> list[Any]:
    """Who may answer a request for more time: of what the town found its inspectors, else the firm's managers."""
    if row.source == Hazard.Source.INSPECTION:
        return directory.post(Receiver.INSPECTOR, row.enterprise, row.unit)
    staff, firm = directory.staff, row.enterprise_id
    return unique(staff.in_role(firm, Role.SAFETY_MANAGER) + staff.in_role(firm, Role.PRINCIPAL))


# Moves: called by shijiao/reactions.py inside the move's own transaction


def told_by_move(
    row: Hazard, event: Event, kind: str, own: dict[str, list[Any]] | None = None, *, subject: Any = None, **facts: Any
) -> int:
    """Tell of one move once, its Event being the stage; whoever made the move is not told of it. The link is `subject`'s page."""
    rule = NoticeRule.objects.for_move(kind, event.on)
    if rule is None:
        return 0
    directory = Directory([row.enterprise], event.on)
    title, body = words(rule, row=row, enterprise=row.enterprise, by=event.by, note=event.note, **facts)
    people = [one for one in receivers(directory, row, rule, own or {}) if one.user != event.by]
    made = {"kind": kind, "stage": f"event {event.pk}", "title": title, "is_urgent": rule.is_urgent}
    return Notice.send_many(Notice.about(subject or row, recipient=one.user, body=one.words(body), **made) for one in people)


def assigned(row: Hazard, event: Event) -> None:
    """The rectifier learns what to do until when; what an earlier one was told is settled."""
    Notice.objects.settle(row, *OF_WORK)
    told_by_move(row, event, Kind.HAZARD_ASSIGNED)


def returned(row: Hazard, event: Event) -> None:
    """The rectifier learns why."""
    told_by_move(row, event, Kind.HAZARD_RETURNED)


def fixed(row: Hazard, event: Event) -> None:
    """Deadlines told and not read ask for nothing any more."""
    Notice.objects.settle(row, *OF_WORK)


def accepted(row: Hazard, event: Event) -> None:
    """The rectifier and the finder learn that it is closed."""
    told_by_move(row, event, Kind.HAZARD_ACCEPTED)


def extension_asked(row: Hazard, event: Event) -> None:
    """Who may answer learns of the request; the day asked for stands in the Event."""
    told_by_move(row, event, Kind.EXTENSION_ASKED, asked="、".join(event.data.get("lines", [])))


def extension_answered(row: Hazard, event: Event) -> None:
    """Who asked learns the answer; the request is settled, and with another deadline what was told of the old one."""
    Notice.objects.settle(row, Kind.EXTENSION_ASKED, *(DEADLINES if event.move == "grant_extension" else ()))
    asked = row.open_extension
    own: dict[str, list[Any]] = {Receiver.ASKER: [asked.asked_by if asked else row.rectifier]}
    told_by_move(row, event, Kind.EXTENSION_ANSWERED, own, answer="已同意" if event.move == "grant_extension" else "未同意")
