"""NoticeRule: who is told of what, and when; dated rows that an administrator keeps."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from core.models.deadlines import Dated, DatedQuerySet
from notices.models.notice import Kind


class Receiver(models.TextChoices):
    """Whom a rule names; who that is, is looked up when sending."""

    RESPONSIBLE = "responsible", "责任人(整改人)"
    FINDER = "finder", "发现人"
    ASKER = "asker", "申请人"
    DECIDER = "decider", "答复人"
    UNIT_HEAD = "unit_head", "部门负责人"
    ABOVE = "above", "上一级负责人"
    SAFETY_MANAGER = "safety_manager", "安全管理员"
    PRINCIPAL = "principal", "主要负责人"
    VILLAGE = "village", "村(社区)安全员"
    INSPECTOR = "inspector", "镇执法人员"
    OFFICER = "officer", "检查人员"
    LEADER = "leader", "镇领导"
    REVIEWER = "reviewer", "审核人员"
    DEPARTMENT = "department", "批准(牵头)部门"


def check_receivers(codes: object) -> None:
    """ValidationError unless it is a list of known receivers, at least one."""
    if not isinstance(codes, list) or not codes or [code for code in codes if code not in Receiver.values]:
        raise ValidationError("请至少选一类收件人。")


@dataclass(frozen=True)
class Step:
    """A rule as it stands now: it is this rule's turn for what is anchored after `after` and not later than `until`."""

    rule: NoticeRule
    after: datetime.date
    until: datetime.date

    @property
    def days(self) -> list[datetime.date]:
        """The anchor days of the step, for rules anchored at a date."""
        return [self.after + datetime.timedelta(days=n) for n in range(1, (self.until - self.after).days + 1)]


class NoticeRuleQuerySet(DatedQuerySet):
    """Rules by the day, and whose turn it is."""

    def steps(self, kind: str, now: datetime.date) -> list[Step]:
        """Of each rule of a kind in force, what it has to tell now: its moment has come, no later stage's has, and it is still fresh.

        `now` is a date for what is anchored at a date, else a datetime. So a tick of any lateness tells only the
        latest stage, and nothing that nobody needs any more.
        """
        day = timezone.localdate(now) if isinstance(now, datetime.datetime) else now
        rules = sorted(self.in_force(day).filter(kind=kind), key=lambda rule: rule.delta)
        steps = []
        for rule in rules:
            following = next((later for later in rules if later.delta > rule.delta), None)
            until = now - rule.delta
            hours = rule.fresh_for if isinstance(now, datetime.datetime) else -(-rule.fresh_for // 24) * 24
            after = until - datetime.timedelta(hours=hours)
            if following is not None:
                after = max(after, now - following.delta)
            if after < until:
                steps.append(Step(rule, after, until))
        return steps

    def for_move(self, kind: str, day: datetime.date) -> NoticeRule | None:
        """The rule of a kind that is told at once when something happens."""
        return self.in_force(day).filter(kind=kind).order_by("pk").first()


class NoticeRule(Dated):
    """One stage of one kind of notice: how long before or after its anchor, to whom, how urgent; by edition."""

    class Unit(models.TextChoices):
        DAYS = "d", "天"
        HOURS = "h", "小时"

    code = models.CharField("代码", max_length=60)
    name = models.CharField("名称", max_length=60)
    kind = models.CharField("种类", max_length=24, choices=Kind)
    stage = models.CharField("阶段", max_length=20)
    offset = models.SmallIntegerField("提前或推后", help_text="负数为提前。起算点:截止时间、整改期限、当天零点或事情发生时。")
    unit = models.CharField("单位", max_length=1, choices=Unit)
    receivers = models.JSONField("收件人", default=list, validators=[check_receivers])
    is_urgent = models.BooleanField("紧急", default=False, help_text="紧急的马上外发(静默时段过后),不等每天一次的汇总。")
    fresh_for = models.PositiveSmallIntegerField("过时(小时)", default=24, help_text="超过这么久还没有发的,不再补发。")

    objects = NoticeRuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息规则"
        ordering = ["kind", "unit", "offset"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="notice_rule_edition"),
            models.CheckConstraint(condition=models.Q(fresh_for__gte=1), name="notice_rule_fresh"),
            models.CheckConstraint(
                condition=models.Q(effective_to=None) | models.Q(effective_to__gte=models.F("effective_from")), name="notice_rule_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """For the admin: a stage of misses in a row is their number."""
        if self.kind == Kind.STREAK and not (self.stage.isdecimal() and int(self.stage) > 1):
            raise ValidationError({"stage": "连续漏做的阶段是次数,请写 2 以上的数字。"})

    @property
    def delta(self) -> datetime.timedelta:
        """From the anchor to the moment of telling; negative before it."""
        return datetime.timedelta(days=self.offset) if self.unit == self.Unit.DAYS else datetime.timedelta(hours=self.offset)

    @property
    def template(self) -> str:
        """Where its wording is: the first line is the title."""
        return f"notices/{self.kind.replace('.', '_')}.txt"
