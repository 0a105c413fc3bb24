"""Occurrence: one duty of one unit in one dated period; done, exempt or missed (R13, R20–R22, B2)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import MANAGERS, Role
from core import moment
from core.models import Event, Move, MoveRefused, Stateful
from core.models.events import subject_key
from duties.models.duty import DOERS
from duties.models.plan import DutyPlan
from duties.periods import Frequency, label
from duties.posts import POSTS, people_of
from enterprises.models import Enterprise, Membership, Unit

NOBODY: frozenset[str] = frozenset()
LADDER = (Unit.Kind.TEAM, Unit.Kind.DEPARTMENT, Unit.Kind.PLANT)
LATE_MARK = datetime.timedelta(hours=1)


def below(level: str) -> list[str]:
    """The levels of the ladder under this one."""
    return [str(kind) for kind in LADDER[: LADDER.index(Unit.Kind(level))]]


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    """Scope, and questions of time; `now` is always passed in."""

    def for_user(self, user: Any) -> OccurrenceQuerySet:
        """Town: of visible enterprises. Managers: of their firm. Heads and leaders: their units'. All: those they answer for."""
        rows = self.filter(enterprise__in=Enterprise.objects.for_user(user))
        if user.is_town or user.role in MANAGERS:
            return rows
        own = models.Q(responsible=user)
        if user.role in (Role.UNIT_HEAD, Role.TEAM_LEADER):
            return rows.filter(own | models.Q(unit__in=Unit.objects.led_by(user.membership)))
        return rows.filter(own)

    def for_list(self) -> OccurrenceQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise__area", "unit", "plan__duty", "responsible").order_by("-period_start", "-pk")

    def owed_to(self, user: Any) -> OccurrenceQuerySet:
        """Those this person answers for by name or by post, in the role in use."""
        held = user.membership
        if held is None or held.enterprise_id is None:
            return self.none()
        rows = self.filter(enterprise_id=held.enterprise_id)
        staff = Membership.objects.current().order_by().filter(enterprise_id=held.enterprise_id, user__is_active=True)
        vacant = models.Q(responsible=None) | ~models.Q(responsible__in=staff.values("user"))
        if user.role in (Role.UNIT_HEAD, Role.TEAM_LEADER):
            post = models.Q(unit_id=held.unit_id, unit__kind__in=[kind for kind, roles in POSTS.items() if user.role in roles])
        elif user.role == Role.PRINCIPAL:
            post = models.Q(unit__kind=Unit.Kind.PLANT)
            if staff.filter(role=Role.SAFETY_MANAGER).exists():
                post &= models.Q(level=Unit.Kind.PLANT)
        elif user.role == Role.SAFETY_MANAGER:
            post = models.Q(unit__kind=Unit.Kind.PLANT)
            if staff.filter(role=Role.PRINCIPAL).exists():
                post &= ~models.Q(level=Unit.Kind.PLANT)
        else:
            return rows.filter(responsible=user)
        return rows.filter(models.Q(responsible=user) | vacant & post)

    def open(self, now: datetime.datetime) -> OccurrenceQuerySet:
        """Not done, and its window is running."""
        return self.filter(state=Occurrence.State.DUE, opens_at__lte=now, closes_at__gt=now)

    def running(self, now: datetime.datetime) -> OccurrenceQuerySet:
        """Whose window is running, whatever became of them."""
        return self.filter(opens_at__lte=now, closes_at__gt=now)

    def ahead(self, now: datetime.datetime) -> OccurrenceQuerySet:
        """Whose window has not begun, and nobody has touched: they follow plans, stops, holidays and persons."""
        return self.filter(state=Occurrence.State.DUE, version=0, opens_at__gt=now)

    def closed(self, now: datetime.datetime) -> OccurrenceQuerySet:
        """Not done, and the window is over: to be marked as missed."""
        return self.filter(state=Occurrence.State.DUE, closes_at__lte=now)

    def exempt_by_system(self) -> OccurrenceQuerySet:
        """Exempt by the calendar for a stop, and not by a person since."""
        of_row = {"subject_model": self.model._meta.label_lower, "subject_pk": models.OuterRef("pk"), "move": "exempt"}
        last_by = Event.objects.filter(**of_row).order_by("-pk").values("by")[:1]
        rows: Any = self.filter(state=Occurrence.State.EXEMPT).annotate(exempt_by=models.Subquery(last_by))
        return rows.filter(exempt_by=User.objects.system().pk)

    def missed(self) -> OccurrenceQuerySet:
        """Missed, whether done late afterwards or not."""
        return self.filter(state__in=(Occurrence.State.MISSED, Occurrence.State.LATE))

    def climbing(self) -> OccurrenceQuerySet:
        """Missed, not done late, and not yet taken up by the next level."""
        return self.filter(state=Occurrence.State.MISSED, taken_up_at=None)

    def under(self, upper: Occurrence) -> OccurrenceQuerySet:
        """Of the levels under this one: its unit and the units below it."""
        tree = models.Q(unit=upper.unit_id) | models.Q(unit__parent=upper.unit_id) | models.Q(unit__parent__parent=upper.unit_id)
        return self.filter(tree, enterprise_id=upper.enterprise_id, level__in=below(upper.level), plan__duty__is_ladder=True)

    def reached_town(self) -> OccurrenceQuerySet:
        """Climbing past the top: a missed list of the plant, and what climbed while it was missed."""
        top = Occurrence.objects.climbing().filter(enterprise=models.OuterRef("enterprise"), level=Unit.Kind.PLANT)
        covered = models.Exists(top.filter(closes_at__gte=models.OuterRef("closes_at"), plan__duty__is_ladder=True))
        return self.climbing().filter(models.Q(level=Unit.Kind.PLANT) | covered)

    def climbed_to(self, user: Any) -> OccurrenceQuerySet:
        """What was missed on the level below this person, and what climbed past it: 班组 → 部门 → 厂长 → 镇 (B2)."""
        rows = self.for_user(user).climbing()
        if user.is_town:
            return rows.reached_town()
        if user.role == Role.UNIT_HEAD:
            return rows.filter(level=Unit.Kind.TEAM, unit__in=Unit.objects.led_by(user.membership))
        if user.role not in MANAGERS:
            return self.none()
        straight = models.Q(unit__kind=Unit.Kind.PLANT) | models.Q(unit__parent__kind=Unit.Kind.PLANT)
        shop = Occurrence.objects.climbing().filter(unit=models.OuterRef("unit__parent"), level=Unit.Kind.DEPARTMENT)
        passed = models.Exists(shop.filter(closes_at__gte=models.OuterRef("closes_at")))
        return rows.exclude(level=Unit.Kind.PLANT).filter(models.Q(level=Unit.Kind.DEPARTMENT) | straight | passed)

    def streaks(self, length: int, *, exactly: bool = False) -> Any:
        """Missed rows that are at least (or exactly) the `length`-th miss in a row of their plan; exempt ones neither count nor break."""
        missed = (Occurrence.State.MISSED, Occurrence.State.LATE)
        earlier: Any = Occurrence.objects.filter(plan=models.OuterRef("plan"), period_start__lt=models.OuterRef("period_start"))
        earlier = earlier.exclude(state__in=(Occurrence.State.EXEMPT, Occurrence.State.DUE)).order_by("-period_start").values("state")
        rows: Any = self.filter(state=Occurrence.State.MISSED)
        for back in range(length - 1):
            rows = rows.annotate(**{f"back_{back}": models.Subquery(earlier[back : back + 1])})
            rows = rows.filter(**{f"back_{back}__in": missed})
        if exactly:
            rows = rows.annotate(before=models.Subquery(earlier[length - 1 : length]))
            rows = rows.filter(models.Q(before=None) | ~models.Q(before__in=missed))
        return rows

    def miss(self, now: datetime.datetime) -> int:
        """Mark what is over as missed, as the system; how many. Run again, nothing is left to mark."""
        rows = self.closed(now).select_related("enterprise", "unit", "plan__duty")
        on_time, late = rows.filter(closes_at__gt=now - LATE_MARK), rows.filter(closes_at__lte=now - LATE_MARK)
        system, last_day = User.objects.system(), lambda row: row.last_day
        with moment.at(now):
            marked = Occurrence._move_many(on_time, "miss", by=system, on=last_day, missed_at=now)
            return marked + Occurrence._move_many(
                late, "miss", by=system, on=last_day, note="系统中断后补记", missed_at=now, made_late=True
            )


class Occurrence(Stateful):
    """A dated row made ahead of its window; whether it is open or over is read from the window, never stored."""

    class State(models.TextChoices):
        DUE = "due", "应做"
        DONE = "done", "已完成"
        EXEMPT = "exempt", "已免除"
        MISSED = "missed", "漏做"
        LATE = "late", "漏做后补做"

    TONES = {State.DUE: "blue", State.DONE: "green", State.MISSED: "red", State.LATE: "orange"}
    MOVES = {
        "complete": Move("完成", {State.DUE}, State.DONE, DOERS),
        "complete_late": Move("补做", {State.MISSED}, State.LATE, DOERS),
        "exempt": Move(
            "免除",
            {State.DUE},
            State.EXEMPT,
            MANAGERS | {Role.INSPECTOR},
            "core.forms.ReasonForm",
            description="只在停产、检修等确实不用做的时候免除;要在这一期结束前办,理由和批准人会一直留着。",
        ),
        "owe_again": Move("恢复应做", {State.EXEMPT}, State.DUE, NOBODY),
        "miss": Move("记为漏做", {State.DUE}, State.MISSED, NOBODY),
        "take_up": Move(
            "督促处理",
            {State.MISSED},
            None,
            MANAGERS | {Role.UNIT_HEAD, Role.INSPECTOR},
            "core.forms.ReasonForm",
            description="写明怎么处理的。记下之后,这次漏做不再往上一级报;漏做的记录不变。",
        ),
        "review": Move("抽查", {State.DONE, State.LATE}, None, MANAGERS | {Role.UNIT_HEAD}),
    }

    state = models.CharField("状态", max_length=8, choices=State, default=State.DUE)
    # Copies from the plan, whose own keys the database checks; checking them for each of a county's rows again is a third of the making.
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, db_index=False, db_constraint=False, related_name="occurrences", verbose_name="企业"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, db_constraint=False, related_name="occurrences", verbose_name="部门班组")
    plan = models.ForeignKey(DutyPlan, models.PROTECT, db_index=False, related_name="occurrences", verbose_name="任务计划")
    duty_code = models.CharField("周期任务", max_length=40)
    frequency = models.CharField("频次", max_length=8, choices=Frequency)
    level = models.CharField("层级", max_length=12, choices=Unit.Kind)
    shift = models.CharField("班次", max_length=5, blank=True)
    period_start = models.DateField("周期开始")
    period_end = models.DateField("周期结束")
    opens_at = models.DateTimeField("开始时间")
    closes_at = models.DateTimeField("截止时间")
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="occurrences", verbose_name="责任人"
    )
    made_late = models.BooleanField("系统中断后补记", default=False)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    missed_at = models.DateTimeField("漏做时间", null=True, blank=True)
    late_done_at = models.DateTimeField("补做时间", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="完成人"
    )
    record_model = models.CharField("记录类型", max_length=80, blank=True)
    record_pk = models.BigIntegerField("记录编号", null=True, blank=True)
    taken_up_at = models.DateTimeField("上级处理时间", null=True, blank=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务期次"
        constraints = [
            models.UniqueConstraint(fields=["unit", "duty_code", "shift", "period_start"], name="occurrence_once"),
            models.CheckConstraint(
                condition=models.Q(period_end__gte=models.F("period_start"), closes_at__gt=models.F("opens_at")), name="occurrence_window"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("due", "exempt"), done_at=None, missed_at=None, late_done_at=None)
                | models.Q(state="done", done_at__isnull=False, missed_at=None, late_done_at=None)
                | models.Q(state="missed", done_at=None, missed_at__isnull=False, late_done_at=None)
                | models.Q(state="late", done_at=None, missed_at__isnull=False, late_done_at__isnull=False),
                name="occurrence_state_by_time",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_up_at=None) | models.Q(state__in=("missed", "late")), name="occurrence_taken_up"
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "period_start"], name="occurrence_enterprise"),
            models.Index(fields=["plan", "period_start"], name="occurrence_plan"),
            models.Index(fields=["period_start", "frequency"], name="occurrence_period"),
            models.Index(fields=["closes_at"], condition=models.Q(state="due"), name="occurrence_closing"),
            models.Index(fields=["closes_at"], condition=models.Q(state="missed"), name="occurrence_missed"),
            models.Index(fields=["enterprise"], condition=models.Q(state="missed", taken_up_at=None), name="occurrence_climbing"),
            models.Index(fields=["responsible", "period_start"], condition=models.Q(responsible__isnull=False), name="occurrence_person"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.plan.duty} {self.period_label}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("occurrence_detail", args=[self.pk])

    # Facts

    @property
    def last_day(self) -> datetime.date:
        """The business day on which the window closes."""
        return timezone.localdate(self.closes_at - datetime.timedelta(microseconds=1))

    @property
    def closes_label(self) -> str:
        """When the window closes, in words: 11-25 24:00, not 11-26 00:00."""
        here = timezone.localtime(self.closes_at)
        return f"{self.last_day:%m-%d} 24:00" if here.time() == datetime.time() else f"{here:%m-%d %H:%M}"

    @property
    def period_label(self) -> str:
        """The period in words."""
        return label(self.frequency, self.period_start, self.period_end) + (f" {self.shift}班" if self.shift else "")

    def is_open(self, now: datetime.datetime | None = None) -> bool:
        """Not done, and its window is running."""
        return self.state == self.State.DUE and self.opens_at <= (now or moment.now()) < self.closes_at

    def is_over(self, now: datetime.datetime | None = None) -> bool:
        """Whether its window has ended."""
        return self.closes_at <= (now or moment.now())

    @property
    def is_climbing(self) -> bool:
        """Missed, not done late, and not yet taken up by the next level."""
        return self.state == self.State.MISSED and self.taken_up_at is None

    @property
    def record_url(self) -> str:
        """The page of the record that fulfilled it, "" without one: by convention the URL `<model>_detail` takes its pk."""
        return reverse(f"{self.record_model.split('.')[1]}_detail", args=[self.record_pk]) if self.record_pk else ""

    def people(self, on: datetime.date) -> list[User]:
        """Who answers for it on that day: the named person while still in the firm, else who holds the unit's post."""
        return people_of([self], on)[self.pk]

    # Who may not

    def guard_complete(self, by: Any) -> str:
        """The duty is done in its own form."""
        return "" if self.opens_at <= moment.now() else "这一期还没有开始。"

    def guard_exempt(self, by: Any) -> str:
        """Before the window ends, never one's own, and the plant's own list only by the town."""
        if self.is_over():
            return "这一期已经结束,不能再免除。"
        if self.level == Unit.Kind.PLANT and self.plan.duty.is_ladder and by.role != Role.INSPECTOR:
            return "厂长(经理)月排查只能由镇执法人员批准免除。"
        return "不能免除自己负责的任务,请由上级或镇执法人员批准。" if by in self.people(timezone.localdate()) else ""

    def guard_take_up(self, by: Any) -> str:
        """Once, by somebody above the level that missed it."""
        if self.taken_up_at:
            return "上一级已经处理过。"
        if by.role == Role.INSPECTOR:
            return ""
        if self.level == Unit.Kind.PLANT:
            return "厂级漏做的由镇里处理,可以补做。"
        if by in self.people(self.last_day):
            return "自己漏做的由上一级处理,您可以补做。"
        return "" if by.role in MANAGERS or self.level == Unit.Kind.TEAM else "由厂级处理。"

    def guard_review(self, by: Any) -> str:
        """Drawn for a list that is being filled, and done by somebody else."""
        if by == self.done_by:
            return "不能抽查自己做的检查。"
        return "" if self.samples_above.filter(verdict="").exists() else "这次检查没有被抽到。"  # type: ignore[attr-defined]

    # Verbs

    def complete(self, *, by: Any, on: datetime.date, record: models.Model | None = None) -> None:
        """Done within its window, by this record; what climbed to this level is taken up by it."""
        if self.is_over():
            raise self._refused("这一期已经结束,只能补做。", by)
        self._fulfil("complete", by=by, on=on, record=record, done_at=moment.now())

    def complete_late(self, *, by: Any, on: datetime.date, record: models.Model | None = None) -> None:
        """Done after it was missed; the miss stays, this stands beside it."""
        self._fulfil("complete_late", by=by, on=on, record=record, late_done_at=moment.now())

    def finish(self, *, by: Any, on: datetime.date, record: models.Model) -> None:
        """Done by this record, in time or late, as the window says; twice is once. What is exempt stays so, the record stands alone.

        The row is locked: a tick that marks it as missed at this moment waits, or was first.
        """
        with transaction.atomic():
            self.refresh_from_db(from_queryset=Occurrence.objects.select_for_update(of=("self",)))
            if self.state == self.State.EXEMPT or (self.record_model, self.record_pk) == subject_key(record):
                return
            if self.state == self.State.DUE and self.is_over():
                self.miss(by=User.objects.system(), on=self.last_day)
            verb = self.complete if self.state == self.State.DUE else self.complete_late
            verb(by=by, on=on, record=record)

    def _fulfil(self, name: str, *, by: Any, on: datetime.date, record: models.Model | None, **fields: Any) -> None:
        model, pk = subject_key(record) if record else ("", None)
        with transaction.atomic():
            self._move(name, by=by, on=on, done_by=by, record_model=model, record_pk=pk, **fields)
            if self.plan.duty.is_ladder and below(self.level):
                rows = Occurrence.objects.climbing().under(self).select_related("enterprise")
                system = User.objects.system()
                Occurrence._move_many(rows, "take_up", by=system, on=on, note=f"列入{self}", taken_up_at=moment.now())

    def exempt(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Not owed this time, for a reason, by somebody who approves it before the window ends."""
        self._move("exempt", by=by, on=on, note=note)

    def owe_again(self, *, by: Any, on: datetime.date, note: str) -> None:
        """What the calendar had made exempt for a stop is owed after all: the stop ended within the period."""
        self._move("owe_again", by=by, on=on, note=note)

    def miss(self, *, by: Any, on: datetime.date) -> None:
        """The window ended without it; never taken back."""
        now = moment.now()
        if not self.is_over(now):
            raise MoveRefused("这一期还没有结束。")
        self._move("miss", by=by, on=on, missed_at=now, made_late=self.made_late or now - self.closes_at >= LATE_MARK)

    def take_up(self, *, by: Any, on: datetime.date, note: str) -> None:
        """The next level deals with a miss and says how; it climbs no further."""
        self._move("take_up", by=by, on=on, note=note, taken_up_at=moment.now())

    def review(self, *, by: Any, on: datetime.date, verdict: str = "", note: str = "") -> None:
        """The next level looked at a sample of what was done: true, or not, and why."""
        label = "属实" if verdict == "true" else "不符"
        self._move("review", by=by, on=on, note=note, data={"lines": [f"抽查:{label}"]})

    @property
    def story(self) -> models.QuerySet[Event]:
        """Its Events, oldest first."""
        return Event.objects.of(self)
