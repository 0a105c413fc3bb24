"""Who keeps out of draws for a while and why: a firm by decision, an officer who is away, a pair that must not meet (R49)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models import Area
from core import moment
from core.models import Event, MoveRefused
from enterprises.models import Enterprise
from inspections.models.officer_pool import OfficerRowQuerySet
from inspections.models.pools import FirmRowQuerySet

KNOWN_PAIR = "这一对回避已经登记过;要改期限,请先解除原来的。"


class Out(models.Model):
    """The base of what keeps somebody out of draws from a day to a day, with its reason; lifted early it stays, ended."""

    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=moment.now)
    lifted_on = models.DateField("解除日期", null=True, blank=True)

    LABEL = ""

    class Meta:
        abstract = True

    @classmethod
    def log(cls, *, by: Any, on: datetime.date, **facts: Any) -> Any:
        """Register it, and tell it to the town's offices."""
        if facts.get("until") and facts["until"] < facts["since"]:
            raise MoveRefused("结束日期不能早于开始日期。")
        with transaction.atomic():
            row = cls(by=by, **facts)
            row.save()
            Event.record(row, by=by, on=on, move="open", label=f"登记{cls.LABEL}", note=str(row), audience=Event.Audience.TOWN)
        return row

    @property
    def tone(self) -> str:
        """The colour beside how it stands."""
        return {"有效": "orange", "未开始": "blue"}.get(self.standing(timezone.localdate()), "secondary")

    @property
    def standing_today(self) -> str:
        """How it stands today, in a word."""
        return self.standing(timezone.localdate())

    def standing(self, day: datetime.date) -> str:
        """In a word: to come, in force, over by its day, or lifted."""
        if self.lifted_on is not None and self.lifted_on <= day:
            return "已解除"
        if self.since > day:
            return "未开始"
        return "已到期" if self.until is not None and self.until < day else "有效"

    def lift(self, *, by: Any, on: datetime.date, note: str) -> None:
        """End it today, with the reason; what was drawn meanwhile stays as it was."""
        with transaction.atomic():
            if not type(self)._base_manager.filter(pk=self.pk, lifted_on=None).update(lifted_on=on):
                raise MoveRefused("已经解除。")
            self.lifted_on = on
            Event.record(self, by=by, on=on, move="lift", label=f"解除{self.LABEL}", note=note, audience=Event.Audience.TOWN)


def out_on(rows: Any, day: datetime.date) -> Any:
    """Those of these rows that keep somebody out on that day."""
    return out_within(rows, day, day)


def out_within(rows: Any, first: datetime.date, last: datetime.date) -> Any:
    """Those that keep somebody out on some day of these."""
    running = models.Q(until=None) | models.Q(until__gte=first)
    return rows.filter(running, since__lte=last).filter(models.Q(lifted_on=None) | models.Q(lifted_on__gt=first))


def out_constraints(name: str) -> list[models.BaseConstraint]:
    """The days of such a row are in order."""
    return [models.CheckConstraint(condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name=f"{name}_dates")]


class Exclusion(Out):
    """A firm that is not drawn for a while, by a decision with its reason."""

    LABEL = "不列入抽取"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="exclusions", verbose_name="企业")
    reason = models.CharField("理由", max_length=100)

    objects = FirmRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "不列入抽取"
        constraints = out_constraints("exclusion")

    def __str__(self) -> str:
        return f"{self.enterprise.name}:{self.reason}"


class Absence(Out):
    """An officer who cannot be drawn for a while: leave, training, another post."""

    LABEL = "不参加抽取"

    class Reason(models.TextChoices):
        LEAVE = "leave", "休假"
        TRAINING = "training", "培训学习"
        SECONDED = "seconded", "借调"
        OTHER = "other", "其他公务"

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name="执法人员")
    reason = models.CharField("理由", max_length=10, choices=Reason)

    objects = OfficerRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "不参加抽取"
        constraints = out_constraints("absence")

    def __str__(self) -> str:
        return f"{self.user.name}:{self.get_reason_display()}"

    def event_scope(self) -> tuple[int | None, str]:
        """No firm's; the area's."""
        return None, self.area_id


class AvoidanceQuerySet(FirmRowQuerySet):
    """Pairs of the firms one sees."""

    def for_list(self) -> AvoidanceQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "by", "user").order_by("-since", "-pk")


class Avoidance(Out):
    """回避: this officer does not go to this firm; only the kind of reason is kept, never a private fact (处罚法2021 §43)."""

    LABEL = "回避"

    class Reason(models.TextChoices):
        RELATIVE = "relative", "近亲属关系"
        FORMER_EMPLOYER = "former_employer", "曾在该企业任职"
        INTEREST = "interest", "有利害关系"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="avoidances", verbose_name="企业")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="avoidances", verbose_name="执法人员")
    reason = models.CharField("理由", max_length=16, choices=Reason)

    objects = AvoidanceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "回避"
        constraints = [
            *out_constraints("avoidance"),
            models.UniqueConstraint(fields=["enterprise", "user"], condition=models.Q(lifted_on=None), name="avoidance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user.name} 对 {self.enterprise.name} 回避:{self.get_reason_display()}"

    @classmethod
    def log(cls, *, by: Any, on: datetime.date, **facts: Any) -> Any:
        """Register the pair; MoveRefused while it stands already, also when two do so at once."""
        with transaction.atomic():
            Enterprise.objects.select_for_update().get(pk=facts["enterprise"].pk)
            if cls.objects.filter(lifted_on=None, enterprise=facts["enterprise"], user=facts["user"]).exists():
                raise MoveRefused(KNOWN_PAIR)
            return super().log(by=by, on=on, **facts)

    def lift(self, *, by: Any, on: datetime.date, note: str) -> None:
        """As every other, by somebody else than the officer whom it keeps away."""
        if by == self.user:
            raise MoveRefused("回避不能由本人解除,请由其他检查人员解除。")
        super().lift(by=by, on=on, note=note)
