"""The law of yearly plans as dated rows: who is a key enterprise, how much a plan may change, how far back a candidate is looked at (R48, R50)."""

from __future__ import annotations

import datetime

from django.db import models

from core.models.deadlines import Dated, DatedQuerySet
from inspections.models.law import dates_in_order

ADJUST, MISSED, COMPLAINTS = "plan.adjust.limit", "plan.candidate.missed", "plan.candidate.complaints"


class KeyRule(Dated):
    """What makes a firm a key enterprise, to be visited at least once a year: a dangerous trait, or an open major hazard (R50)."""

    class Basis(models.TextChoices):
        TRAIT = "trait", "危险特性"
        MAJOR = "major", "未销案的重大隐患"

    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=60)
    basis = models.CharField("按什么认定", max_length=8, choices=Basis)
    trait = models.CharField("危险特性代码", max_length=40, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重点企业规则"
        ordering = ["code", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="key_rule_edition"),
            dates_in_order("key_rule_dates"),
            models.CheckConstraint(
                condition=models.Q(basis="trait") & ~models.Q(trait="") | models.Q(basis="major", trait=""),
                name="key_rule_basis",
                violation_error_message="按危险特性认定的要写特性代码,按重大隐患认定的不写。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlanLimitQuerySet(DatedQuerySet):
    """The limits of a day."""

    def value_on(self, code: str, day: datetime.date, default: int) -> int:
        """The youngest edition's number in force on that day; `default` where no rule is in force."""
        row = self.in_force(day).filter(code=code).order_by("-effective_from", "-pk").first()
        return row.value if row else default


class PlanLimit(Dated):
    """A number of the yearly plan: what share may change without a new approval, which days a candidate's record counts."""

    class Unit(models.TextChoices):
        PERCENT = "percent", "%"
        DAYS = "days", "天"

    code = models.CharField("代码", max_length=40, help_text=f"{ADJUST} 是调整比例,{MISSED}、{COMPLAINTS} 是回看的天数。")
    name = models.CharField("名称", max_length=60)
    value = models.PositiveSmallIntegerField("数值")
    unit = models.CharField("单位", max_length=8, choices=Unit)

    objects = PlanLimitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划规则"
        ordering = ["code", "-effective_from"]
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="plan_limit_edition"),
            models.CheckConstraint(
                condition=models.Q(unit="days", value__gte=1) | models.Q(unit="percent", value__lte=100), name="plan_limit_value"
            ),
            dates_in_order("plan_limit_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}{self.get_unit_display()}"
