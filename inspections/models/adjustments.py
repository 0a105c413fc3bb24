"""Adjustments of a plan that is executed: what is added and cancelled, with reasons, and who agreed (workflows §5)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from accounts.roles import WHOLE_TOWN, Role
from enterprises.models import Enterprise
from inspections.models.plan_items import ItemFacts, PlanItem, month_words, months_in_order, shape
from inspections.models.plan_machine import Segment


class PlanAdjustmentQuerySet(models.QuerySet["PlanAdjustment"]):
    """Derived states."""

    def undecided(self) -> PlanAdjustmentQuerySet:
        """Being put together, or waiting for the leader."""
        return self.filter(decided_on=None)

    def in_force(self) -> PlanAdjustmentQuerySet:
        """Effective, at once or by approval."""
        return self.filter(decided_on__isnull=False, is_refused=False)


class PlanAdjustment(models.Model):
    """One set of changes of an executing plan: effective at once, or when the leader approves it; refused, it stays on record."""

    plan = models.ForeignKey("inspections.InspectionPlan", models.PROTECT, related_name="adjustments", verbose_name="计划")
    number = models.PositiveSmallIntegerField("第几次")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_on = models.DateField("提出日期", null=True, blank=True)
    reason = models.CharField("说明", max_length=500, blank=True)
    changed = models.PositiveIntegerField("自批准以来变动(次)", default=0)
    approved = models.PositiveIntegerField("批准的次数", default=0)
    needs_approval = models.BooleanField("须重新批准", default=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人")
    decided_on = models.DateField("决定日期", null=True, blank=True)
    is_refused = models.BooleanField("未批准", default=False)
    answer = models.CharField("意见", max_length=500, blank=True)

    objects = PlanAdjustmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划调整"
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_adjustment_number"),
            models.UniqueConstraint(fields=["plan"], condition=models.Q(decided_on=None), name="plan_adjustment_one_open"),
            models.CheckConstraint(
                condition=models.Q(decided_by=None, decided_on=None, is_refused=False)
                | models.Q(decided_by__isnull=False, decided_on__isnull=False, proposed_on__isnull=False),
                name="plan_adjustment_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(needs_approval=False) | models.Q(decided_by=None) | ~models.Q(decided_by=models.F("proposed_by")),
                name="plan_adjustment_second_person",
            ),
            models.CheckConstraint(condition=models.Q(is_refused=False) | models.Q(needs_approval=True), name="plan_adjustment_refused"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 次调整"

    @property
    def standing(self) -> str:
        """In a word."""
        if self.proposed_on is None:
            return "拟定中"
        if self.decided_on is None:
            return "待批准"
        return "未批准" if self.is_refused else "已生效"

    @property
    def tone(self) -> str:
        """The colour beside that word."""
        return {"拟定中": "secondary", "待批准": "orange", "未批准": "red"}.get(self.standing, "green")

    @property
    def percent(self) -> str:
        """The share of the approved visits that changed since, with one decimal."""
        tenths = self.changed * 1000 // self.approved if self.approved else 0
        return f"{tenths // 10}.{tenths % 10}%"

    def lines(self) -> list[str]:
        """Its changes in words."""
        return [change.words for change in self.changes.select_related("enterprise", "item__enterprise")]  # type: ignore[attr-defined]


class PlanChangeQuerySet(models.QuerySet["PlanChange"]):
    """Scope."""

    def for_user(self, user: Any) -> PlanChangeQuerySet:
        """As the items of the plan: of visible enterprises, and random visits; for the town's offices and departments."""
        if user.role not in WHOLE_TOWN and user.role != Role.DEPARTMENT:
            return self.none()
        return self.filter(models.Q(enterprise__in=Enterprise.objects.for_user(user)) | models.Q(enterprise=None))


class PlanChange(models.Model):
    """One line of an adjustment: an item added, or one cancelled, and why."""

    class What(models.TextChoices):
        ADD = "add", "增加"
        CANCEL = "cancel", "取消"

    adjustment = models.ForeignKey(PlanAdjustment, models.CASCADE, related_name="changes", verbose_name="调整")
    what = models.CharField("增减", max_length=8, choices=What)
    item = models.ForeignKey(PlanItem, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name="计划项")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="企业")
    segment = models.CharField("类别", max_length=10, choices=Segment)
    count = models.PositiveSmallIntegerField("检查次数", default=1)
    from_month = models.PositiveSmallIntegerField("起月")
    to_month = models.PositiveSmallIntegerField("止月")
    why = models.CharField("理由", max_length=300)

    objects = PlanChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划调整内容"
        ordering = ["pk"]
        constraints = [
            shape("plan_change_shape"),
            months_in_order("plan_change_months"),
            models.CheckConstraint(condition=~models.Q(why=""), name="plan_change_why"),
            models.CheckConstraint(condition=models.Q(what="add") | models.Q(item__isnull=False), name="plan_change_item"),
            models.UniqueConstraint(fields=["adjustment", "item"], condition=models.Q(item__isnull=False), name="plan_change_item_once"),
            models.UniqueConstraint(
                fields=["adjustment", "enterprise", "from_month"],
                condition=models.Q(what="add", enterprise__isnull=False),
                name="plan_change_firm_once",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def facts(self) -> ItemFacts:
        """What is to stand in the plan, or stood there."""
        return ItemFacts(self.enterprise, self.segment, self.from_month, self.to_month, self.why, self.count)

    @property
    def words(self) -> str:
        """In one line."""
        months = month_words(self.from_month, self.to_month)
        return f"{self.get_what_display()}:{self.facts.name}({self.get_segment_display()},{months}),理由:{self.why}"

    def take_effect(self, *, by: Any, on: Any) -> None:
        """Add the item, or cancel it; in the caller's transaction. MoveRefused when the item was scheduled meanwhile."""
        if self.what == self.What.CANCEL:
            assert self.item is not None  # noqa: S101 - by constraint
            self.item.cancel(by=by, on=on, note=self.why)
            return
        plan = self.adjustment.plan
        item = PlanItem(plan=plan, state=PlanItem.State.PLANNED, adjustment=self.adjustment, **self.facts.fields())
        self.item = PlanItem.open_many([item], by=by, on=on)[0]
        self.save(update_fields=["item"])
