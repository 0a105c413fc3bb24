"""Draws: who is told that a change waits, that there is something to visit, that the time to publish runs out; nobody outside the offices (R49)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Exists

from core.models import Event
from hazards.reminders import stage_of
from inspections.models import Draw
from notices.models import Kind, Notice, NoticeRule
from notices.models.notice import portions
from notices.receivers import IN_TOWN, Directory
from notices.wording import words

OFFICES = {"leader", "reviewer", "inspector"}


def tell(today: datetime.date) -> int:
    """Draws whose day to publish is near or past; how many notices are new. Again tells nothing."""
    made = 0
    for step in NoticeRule.objects.steps(Kind.DRAW_DUE, today):
        for day in step.days:
            told = Notice.objects.about(Kind.DRAW_DUE, stage_of(step.rule, day), Draw)
            rows = Draw.objects.filter(state=Draw.State.RESULTS_IN, publish_by_on=day).exclude(Exists(told))
            for part in portions(rows):
                made += Notice.send_many(due(part, step.rule, day, today))
    return made


def due(rows: Iterable[Draw], rule: NoticeRule, day: datetime.date, today: datetime.date) -> Iterator[Notice]:
    """One notice for each receiver of each of these draws."""
    directory = Directory([], today)
    for row in rows:
        title, body = words(rule, row=row, day=day, days=(day - today).days, late=(today - day).days)
        facts = {"kind": rule.kind, "stage": stage_of(rule, day), "title": title, "is_urgent": rule.is_urgent}
        for told in directory.reached(offices(directory, rule, row), enterprise=None):
            yield Notice.about(row, recipient=told.user, body=told.words(body), **facts)


def offices(directory: Directory, rule: NoticeRule, row: Draw) -> list[Any]:
    """Whom a rule names, in the town of the draw; posts outside the offices are never told of one."""
    people: list[Any] = []
    for code in rule.receivers:
        if code in OFFICES:
            people += directory.in_town(IN_TOWN[code], row.area_id)
    return people


# Moves: called by shijiao/reactions.py inside the move's own transaction


def asked(row: Draw, event: Event) -> None:
    """Who may approve learns of the request; whoever asked is not told of it."""
    rule = NoticeRule.objects.for_move(Kind.DRAW_ASKED, event.on)
    if rule is None:
        return
    directory = Directory([], event.on)
    title, body = words(rule, row=row, asked="".join(event.data["lines"]), by=event.by, note=event.note)
    facts = {"kind": rule.kind, "stage": f"event {event.pk}", "title": title, "is_urgent": rule.is_urgent}
    told = [one for one in directory.reached(offices(directory, rule, row), enterprise=None) if one.user != event.by]
    Notice.send_many(Notice.about(row, recipient=one.user, body=one.words(body), **facts) for one in told)


def answered(row: Draw, event: Event) -> None:
    """What was asked is answered."""
    Notice.objects.settle(row, Kind.DRAW_ASKED)


def issued(row: Draw, event: Event) -> None:
    """Each drawn officer learns how many firms are his: how many, not which; the list is behind the sign-in."""
    rule = NoticeRule.objects.for_move(Kind.DRAW_TASKS, event.on)
    if rule is None:
        return
    counts: dict[int, int] = defaultdict(int)
    people: dict[int, Any] = {}
    for pick in row.standing():
        for seat in pick.seats_now:
            counts[seat.officer.user_id] += 1
            people[seat.officer.user_id] = seat.officer.user
    rows = []
    for pk, count in counts.items():
        title, body = words(rule, row=row, count=count)
        facts = {"kind": rule.kind, "stage": f"event {event.pk}", "title": title, "is_urgent": rule.is_urgent}
        rows.append(Notice.about(row, recipient=people[pk], body=body, **facts))
    Notice.send_many(rows)


def over(row: Draw, event: Event) -> None:
    """Published or void: nothing of it is asked for any more."""
    Notice.objects.settle(row, Kind.DRAW_ASKED, Kind.DRAW_TASKS, Kind.DRAW_DUE)
