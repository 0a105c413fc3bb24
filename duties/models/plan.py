"""DutyPlan: which unit owes which duty, with which list, by whom, on which days, from when to when."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models, transaction

from core.models import Event, MoveRefused
from duties.models.duty import Duty, doers
from duties.periods import WHOLE_DAY
from enterprises.models import Enterprise, Membership, StopPeriod, Unit

SHIFT = r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$"


class DutyPlanQuerySet(models.QuerySet["DutyPlan"]):
    """Scope and time."""

    def for_user(self, user: Any) -> DutyPlanQuerySet:
        """Of the enterprises this user may see."""
        return self.filter(enterprise__in=Enterprise.objects.for_user(user))

    def open(self, on: datetime.date) -> DutyPlanQuerySet:
        """In force on that day, or beginning later."""
        return self.filter(models.Q(ends_on=None) | models.Q(ends_on__gte=on))

    def for_list(self) -> DutyPlanQuerySet:
        """With what a list names, in the order of the ladder."""
        return self.select_related("duty", "unit__parent", "responsible").order_by("duty__code", "unit__name", "pk")

    def owing(self, days: list[datetime.date], *, stops: bool = True) -> DutyPlanQuerySet:
        """Those that owe their duty in a period with these production days: in force and producing on at least one of them.

        Not producing: the enterprise stands still or is closed, the day lies in a stop period, or the unit is dissolved.
        `stops=False` is for a caller who knows that no stop touches these plans and days: a shorter question, the same answer.
        """
        owed: Any = models.Q(pk__in=[])
        for day in days:
            lasting = models.Q(ends_on=None) | models.Q(ends_on__gte=day)
            unit = models.Q(unit__closed_on=None) | models.Q(unit__closed_on__gt=day)
            on_day: Any = models.Q(starts_on__lte=day) & lasting & unit
            if stops:
                on_day &= ~models.Exists(StopPeriod.objects.covering(day).filter(enterprise=models.OuterRef("enterprise")))
            owed |= on_day
        return self.filter(owed, enterprise__status=Enterprise.Status.ACTIVE)


class DutyPlan(models.Model):
    """A unit's standing order for one duty; changing its calendar ends it and begins another, so that past periods stay."""

    class Days(models.TextChoices):
        WORKDAYS = "workdays", "工作日"
        EVERY_DAY = "everyday", "每天"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="duty_plans", verbose_name="企业")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="duty_plans", verbose_name="部门班组")
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="plans", verbose_name="周期任务")
    checklist_code = models.CharField("检查表", max_length=40, blank=True)
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="duty_plans",
        verbose_name="责任人",
        help_text="空为该部门班组当时的负责人。",
    )
    days = models.CharField("生产日", max_length=8, choices=Days, default=Days.WORKDAYS)
    shift = models.CharField(
        "班次开始", max_length=5, blank=True, default=WHOLE_DAY, validators=[RegexValidator(SHIFT, "请写成 22:00 这样的时间,或不填。")]
    )
    shift_hours = models.PositiveSmallIntegerField("班次小时数", default=24, validators=[MinValueValidator(1), MaxValueValidator(24)])
    starts_on = models.DateField("自")
    ends_on = models.DateField("至", null=True, blank=True)

    objects = DutyPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务计划"
        constraints = [
            models.UniqueConstraint(fields=["unit", "duty", "shift"], condition=models.Q(ends_on=None), name="duty_plan_one_open"),
            models.CheckConstraint(condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")), name="duty_plan_dates"),
            models.CheckConstraint(condition=models.Q(shift__regex=SHIFT), name="duty_plan_shift"),
            models.CheckConstraint(
                condition=models.Q(shift="", shift_hours=24) | (~models.Q(shift="") & models.Q(shift_hours__range=(1, 24))),
                name="duty_plan_shift_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.duty}{f' {self.shift}班' if self.shift else ''}"

    @property
    def calendar_label(self) -> str:
        """On which days, and in which shift."""
        return f"{self.get_days_display()}{f',{self.shift} 起 {self.shift_hours} 小时' if self.shift else ''}"

    @classmethod
    def begin(cls, *, by: Any, on: datetime.date, unit: Unit, duty: Duty, starts_on: datetime.date, **facts: Any) -> DutyPlan:
        """A new plan from `starts_on`, today or later; the same again is the same plan.

        MoveRefused when another plan of this unit, duty and shift is still in force then, or the person is not of the firm.
        """
        if starts_on < on:
            raise MoveRefused("计划不能从过去开始:过去的周期不再改变。")
        responsible = facts.get("responsible")
        check_responsible(responsible, unit.enterprise_id, duty, starts_on)
        with transaction.atomic():
            Unit.objects.select_for_update().get(pk=unit.pk)
            wanted = cls(enterprise=unit.enterprise, unit=unit, duty=duty, starts_on=starts_on, **facts)
            others = cls.objects.filter(unit=unit, duty__code=duty.code, shift=wanted.shift).open(starts_on)
            for other in others.select_related("duty"):
                same = all(getattr(other, name) == getattr(wanted, name) for name in SAME)
                if same and other.ends_on is None and other.starts_on <= starts_on:
                    return other
                if other.ends_on:
                    raise MoveRefused(f"“{unit}”的“{duty}”计划到 {other.ends_on} 才结束,新的最早从第二天开始。")
                raise MoveRefused(f"“{unit}”已有“{duty}”的计划({other.starts_on} 起),请先结束它。")
            wanted.full_clean(exclude=["enterprise", "unit", "duty", "responsible"])
            wanted.save()
            lines = [f"{duty},{wanted.calendar_label}", f"责任人:{responsible.name if responsible else '部门班组负责人'}"]
            Event.record(wanted, by=by, on=on, move="begin", label="开始任务计划", note=str(wanted), data={"lines": lines})
        return wanted

    def end(self, *, by: Any, on: datetime.date, last_day: datetime.date, note: str = "") -> None:
        """The last day on which it is in force, today or later; ended twice is ended once."""
        if last_day < on:
            raise MoveRefused("计划不能在过去结束:过去的周期不再改变。")
        with transaction.atomic():
            if last_day < self.starts_on:
                raise MoveRefused("结束日期不能早于计划开始的日期。")
            mine = DutyPlan.objects.filter(pk=self.pk)
            if not mine.open(on).exists():
                raise MoveRefused("这个计划已经结束,不能再改。要重新开始,请新增一项。")
            if mine.exclude(ends_on=last_day).update(ends_on=last_day):
                self.ends_on = last_day
                Event.record(self, by=by, on=on, move="end", label="结束任务计划", note=f"{self},到 {last_day}。{note}".strip())

    def assign(self, *, by: Any, on: datetime.date, responsible: Any) -> None:
        """Another person answers for it from the next period on (None: whoever leads the unit); past rows keep theirs."""
        check_responsible(responsible, self.enterprise_id, self.duty, on)
        with transaction.atomic():
            if not DutyPlan.objects.filter(pk=self.pk).open(on).exists():
                raise MoveRefused("这个计划已经结束,不能再改。要重新开始,请新增一项。")
            if DutyPlan.objects.filter(pk=self.pk).exclude(responsible=responsible).update(responsible=responsible):
                before = self.responsible.name if self.responsible else "部门班组负责人"
                self.responsible = responsible
                after = responsible.name if responsible else "部门班组负责人"
                Event.record(self, by=by, on=on, move="assign", label="更换责任人", note=f"{self}:{before} → {after}")


def check_responsible(person: Any, enterprise_id: int, duty: Duty, on: datetime.date) -> None:
    """MoveRefused unless this person is of the firm on that day, in a role that may do such a duty (None: the post)."""
    if person is None:
        return
    held = Membership.objects.on(on).filter(enterprise_id=enterprise_id, user=person)
    if not held.exists():
        raise MoveRefused(f"{person.name}不是本企业在岗人员,不能作责任人。")
    if not held.filter(role__in=sorted(doers(duty.frequency))).exists():
        raise MoveRefused(f"{person.name}的岗位不能填写每{duty.get_frequency_display()}的检查,请选别人。")


CALENDAR = ("days", "shift", "shift_hours")
SAME = ("duty_id", "checklist_code", "responsible_id", *CALENDAR)
