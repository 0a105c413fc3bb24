"""What hangs on an order: its lines, each with what the re-check found, and the firm's requests for more time."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models

from core import moment
from core.models import MoveRefused
from enterprises.models import Enterprise
from hazards.models import Hazard
from inspections.models import machine
from inspections.models.findings import Finding
from inspections.models.items import InspectionItem


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    """Which are to be re-checked."""

    def live(self) -> OrderLineQuerySet:
        """Those whose hazard did not become a major one meanwhile: that one goes its own course."""
        return self.select_related("hazard").exclude(hazard__major_on__isnull=False).order_by("position")


class OrderLine(models.Model):
    """One thing the order wants put right, and what the re-check found."""

    class Result(models.TextChoices):
        DONE = "done", "已整改"
        NOT = "not", "未整改到位"

    order = models.ForeignKey("inspections.Order", models.CASCADE, related_name="lines", verbose_name="指令")
    position = models.PositiveSmallIntegerField("第几项")
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, blank=True, related_name="order_lines", verbose_name="检查发现")
    hazard = models.ForeignKey(Hazard, models.PROTECT, null=True, blank=True, related_name="order_lines", verbose_name="隐患")
    description = models.CharField("存在问题", max_length=500)
    basis = models.CharField("依据", max_length=300, blank=True)
    requirement = models.CharField("整改要求", max_length=500, blank=True)
    result = models.CharField("复查结果", max_length=4, choices=Result, blank=True)
    remark = models.CharField("复查情况", max_length=500, blank=True)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责令整改项"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_line_once")]

    def __str__(self) -> str:
        return f"{self.position + 1}. {self.description[:40]}"

    @classmethod
    def of_finding(cls, order: Any, position: int, finding: Finding, requirement: str) -> OrderLine:
        """The line for a finding; a finding under another standing order is refused."""
        taken = cls.objects.filter(finding=finding, order__state__in=machine.ORDER_OPEN).exclude(order=order)
        if taken.exists():
            raise MoveRefused(f"“{finding}”已经在另一份指令里。")
        words = {"description": finding.description, "basis": finding.basis, "requirement": requirement}
        return cls.objects.create(order=order, position=position, finding=finding, hazard=finding.hazard, **words)

    def settle(self, item: InspectionItem, *, by: Any, on: datetime.date) -> None:
        """What the re-check saw: the hazard is closed, or goes back to the firm; in the caller's transaction."""
        passed = item.result == InspectionItem.Result.PASS
        self.result, self.remark = self.Result.DONE if passed else self.Result.NOT, item.note
        self.save(update_fields=["result", "remark"])
        if self.hazard and self.hazard.is_open and not self.hazard.is_major:
            if passed:
                self.hazard.pass_fix(by=by, on=on, note=item.note)
            else:
                self.hazard.fail_fix(by=by, on=on, note=item.note)

    def leave(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Failed: what no later order takes up, carried in or handed over, goes the firm's own course; in the caller's transaction."""
        hazard = self.hazard
        if hazard and hazard.is_ordered and hazard.is_open and not hazard.is_major and (not self.finding or self.finding.is_handed_over):
            hazard.lift_order(by=by, on=on, note=note)


class OrderExtensionQuerySet(models.QuerySet["OrderExtension"]):
    """Scope, and which are unanswered."""

    def for_user(self, user: Any) -> OrderExtensionQuerySet:
        """Of the orders this person may see."""
        return self.filter(order__in=self.model._meta.get_field("order").related_model.objects.for_user(user))

    def open(self) -> OrderExtensionQuerySet:
        """Nobody has answered yet."""
        return self.filter(answer="")

    def drop(self, *, by: Any, on: datetime.date) -> None:
        """The order went on without an answer: none is owed any more."""
        self.update(answer=OrderExtension.Answer.VOID, decided_by=by, decided_on=on)


class OrderExtension(models.Model):
    """A firm's request for a later day of its order, and the leader's answer."""

    class Answer(models.TextChoices):
        GRANTED = "granted", "同意"
        REFUSED = "refused", "不同意"
        VOID = "void", "不再答复(已转入复查或指令已撤销)"

    order = models.ForeignKey("inspections.Order", models.CASCADE, related_name="extensions", verbose_name="指令")
    was_due_on = models.DateField("原期限")
    until = models.DateField("申请延至")
    reason = models.CharField("理由", max_length=500)
    measures = models.CharField("防范措施", max_length=500)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间", default=moment.now)
    is_written = models.BooleanField("企业书面申请,执法人员登记", default=False)
    reply_by_on = models.DateField("答复期限")
    answer = models.CharField("答复", max_length=8, choices=Answer, blank=True)
    answer_note = models.CharField("答复意见", max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人")
    decided_on = models.DateField("答复日期", null=True, blank=True)

    objects = OrderExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "指令延期申请"
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=models.Q(answer=""), name="order_extension_one_open"),
            models.CheckConstraint(
                condition=models.Q(answer="", decided_by=None, decided_on=None)
                | ~models.Q(answer="") & models.Q(decided_by__isnull=False, decided_on__isnull=False),
                name="order_extension_decided",
            ),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("was_due_on")), name="order_extension_later"),
        ]

    def __str__(self) -> str:
        return f"延至 {self.until}"

    def get_absolute_url(self) -> str:
        """The order's page."""
        return str(self.order.get_absolute_url())

    @property
    def enterprise(self) -> Enterprise:
        """The order's enterprise."""
        return self.order.enterprise

    @property
    def asked_words(self) -> str:
        """Who asked: a person of the firm, or the firm on paper and who registered it."""
        return f"企业书面申请,{self.asked_by.name}登记" if self.is_written else self.asked_by.name

    @property
    def photo_purpose(self) -> str:
        """What its photos among those of the order are marked with."""
        return f"extension-{self.pk}"

    def decide(self, answer: str, *, by: Any, on: datetime.date, note: str) -> None:
        """Write the answer."""
        OrderExtension.objects.open().filter(pk=self.pk).update(answer=answer, decided_by=by, decided_on=on, answer_note=note[:500])
