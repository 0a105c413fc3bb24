"""Duties: who is told of which period, and when. Each function is "due and not yet told": run again it tells nothing new."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.models import Event
from duties.models import Occurrence
from enterprises.models import Enterprise, Membership, Unit
from notices.models import Kind, Notice, NoticeRule, Receiver, Step
from notices.models.notice import portions
from notices.receivers import Directory, Told
from notices.wording import words

FIRMS = 300
KINDS = (Kind.BEFORE_END, Kind.MISSED, Kind.STREAK, Kind.ESCALATED)
Lists = dict[int, tuple[Any, list[Occurrence]]]


def tell(now: datetime.datetime) -> int:
    """Before the end, missed, missed again and again, climbing; how many notices are new."""
    made = 0
    for kind, rows in ((Kind.BEFORE_END, closing), (Kind.MISSED, missed), (Kind.STREAK, streak), (Kind.ESCALATED, climbing)):
        for step in NoticeRule.objects.steps(kind, now):
            found = rows(step, now).filter(closes_at__gt=step.after, closes_at__lte=step.until)
            told = Notice.objects.about(kind, step.rule.stage, Occurrence)
            for part in portions(found.exclude(Exists(told)).select_related("enterprise", "unit__parent", "plan__duty", "responsible")):
                made += Notice.send_many(about(part, step.rule, now))
                if kind == Kind.MISSED:
                    Notice.objects.settle_many(part, Kind.BEFORE_END)
    return made


def closing(step: Step, now: datetime.datetime) -> QuerySet[Occurrence]:
    """Still to be done, and their window was open before this reminder's moment came."""
    return Occurrence.objects.open(now).filter(opens_at__lt=F("closes_at") + step.rule.delta)


def missed(step: Step, now: datetime.datetime) -> QuerySet[Occurrence]:
    """Missed, and not done late since; of each plan the newest only, so that a tick that was away brings no burst."""
    return newest(Occurrence.objects.filter(state=Occurrence.State.MISSED))


def streak(step: Step, now: datetime.datetime) -> QuerySet[Occurrence]:
    """The n-th miss in a row, n being the rule's stage; the next ones are not told again."""
    return Occurrence.objects.streaks(int(step.rule.stage), exactly=True)


def climbing(step: Step, now: datetime.datetime) -> QuerySet[Occurrence]:
    """Missed, not done late, not taken up; each level's miss is told to the level above it, the newest of each plan."""
    return newest(Occurrence.objects.climbing())


def newest(rows: QuerySet[Occurrence]) -> QuerySet[Occurrence]:
    """Those after which none of the same plan was missed."""
    later = Occurrence.objects.missed().filter(plan=OuterRef("plan"), period_start__gt=OuterRef("period_start"))
    return rows.exclude(Exists(later))


def about(rows: list[Occurrence], rule: NoticeRule, now: datetime.datetime) -> Iterator[Notice]:
    """One notice for each receiver of each of these periods."""
    directory = Directory([row.enterprise for row in rows], timezone.localdate(now))
    for row in rows:
        below = Occurrence.objects.climbing().under(row).count() if rule.kind == Kind.ESCALATED and row.level != Unit.Kind.TEAM else 0
        title, body = words(rule, row=row, enterprise=row.enterprise, unit=row.unit, until=row.closes_at, below=below)
        facts = {"kind": rule.kind, "stage": rule.stage, "title": title, "is_urgent": rule.is_urgent, "at": now}
        for told in receivers(directory, row, rule):
            yield Notice.about(row, recipient=told.user, body=told.words(body), **facts)


def receivers(directory: Directory, row: Occurrence, rule: NoticeRule) -> list[Told]:
    """Whom the rule names, as they are on this day."""
    told: dict[int, Told] = {}
    for code in rule.receivers:
        people = answerable(directory, row) if code == Receiver.RESPONSIBLE else post(directory, row, code)
        for one in people:
            told.setdefault(one.user.pk, one)
    return list(told.values())


def answerable(directory: Directory, row: Occurrence) -> list[Told]:
    """Who answers for a period: the named person; the post instead of one who left; the next level when the post is vacant."""
    named = row.responsible
    left = [named] if named and not directory.is_here(named, row.enterprise) else []
    people = directory.staff.of(row) or directory.above(row.enterprise, row.unit)
    return [Told(person, list(left)) for person in people]


def post(directory: Directory, row: Occurrence, code: str) -> list[Told]:
    """Who holds a post over a period; over a lower level's list that fell to the plant's office stands the principal."""
    if code == Receiver.ABOVE and row.unit.kind == Unit.Kind.PLANT != row.level:
        code = Receiver.PRINCIPAL
    if code == Receiver.ABOVE and row.unit.kind == Unit.Kind.DEPARTMENT:
        # Over a department stands the plant: its principal, and the safety manager who works for him.
        both = (Receiver.PRINCIPAL, Receiver.SAFETY_MANAGER)
        return [Told(person) for one in both for person in directory.post(one, row.enterprise, row.unit)]
    return [Told(person) for person in directory.post(code, row.enterprise, row.unit)]


def settled(row: Occurrence, event: Event) -> None:
    """Done, exempt or taken up: what was told of it and not read asks for nothing any more. Called by shijiao/reactions.py."""
    Notice.objects.settle(row, *KINDS)


def tell_morning(now: datetime.datetime) -> int:
    """Each person's list of the day in one notice; how many are new. Memory holds the firms of one portion."""
    midnight = timezone.make_aware(datetime.datetime.combine(timezone.localdate(now), datetime.time()))
    steps = [step for step in NoticeRule.objects.steps(Kind.MORNING, now) if step.after < midnight <= step.until]
    return sum(Notice.send_many(Morning(step.rule, now, midnight).notices()) for step in steps)


class Morning:
    """The lists of one day: what each person has to do that is not done yet."""

    def __init__(self, rule: NoticeRule, now: datetime.datetime, midnight: datetime.datetime) -> None:
        self.rule, self.now, self.today = rule, now, timezone.localdate(now)
        end = midnight + datetime.timedelta(days=1)
        self.owed = Occurrence.objects.filter(state=Occurrence.State.DUE, closes_at__gt=now, opens_at__lt=end)
        self.stage = f"{self.today:%Y-%m-%d}"
        self.page = reverse("home")
        self.several = set(serving_several(self.today))
        self.kept: Lists = {}

    def notices(self) -> Iterator[Notice]:
        """Firm by firm; of those who serve several firms at the end, so that theirs is one list too."""
        firms = Enterprise.objects.filter(Exists(self.owed.filter(enterprise=OuterRef("pk")))).only("pk", "area_id", "name")
        for part in portions(firms, FIRMS):
            yield from self.untold(self.lists_in(part))
        yield from self.untold(self.kept)

    def lists_in(self, firms: list[Enterprise]) -> Lists:
        """What is owed in these firms, by person."""
        directory, lists, by_pk = Directory(firms, self.today), Lists(), {firm.pk: firm for firm in firms}
        rows = self.owed.filter(enterprise__in=firms).select_related("unit", "responsible").annotate(duty_name=F("plan__duty__name"))
        for row in rows.order_by("closes_at", "pk"):
            row.enterprise = by_pk[row.enterprise_id]
            for told in answerable(directory, row):
                into = self.kept if told.user.pk in self.several else lists
                into.setdefault(told.user.pk, (told.user, []))[1].append(row)
        return lists

    def untold(self, lists: Lists) -> Iterator[Notice]:
        """The notices of those who have not got theirs yet."""
        told = set(
            Notice.objects.filter(kind=self.rule.kind, stage=self.stage, recipient__in=list(lists)).values_list("recipient", flat=True)
        )
        for pk, (person, rows) in lists.items():
            if pk not in told:
                yield self.notice(person, rows)

    def notice(self, person: Any, rows: list[Occurrence]) -> Notice:
        """One person's."""
        title, body = words(self.rule, rows=rows, today=self.today)
        firms = {row.enterprise_id for row in rows}
        return Notice(
            kind=self.rule.kind,
            stage=self.stage,
            subject_model=person._meta.label_lower,
            subject_pk=person.pk,
            recipient=person,
            enterprise_id=firms.pop() if len(firms) == 1 else None,
            title=title,
            body=body,
            url=self.page,
            is_urgent=self.rule.is_urgent,
            at=self.now,
        )


def serving_several(on: datetime.date) -> QuerySet[Any]:
    """The people in force in more than one firm on that day."""
    rows = Membership.objects.on(on).filter(enterprise__isnull=False).order_by().values("user_id")
    return rows.annotate(firms=Count("enterprise", distinct=True)).filter(firms__gt=1).values_list("user_id", flat=True)
