"""Dated legal periods, and the days on which the calendar departs from the library."""

from __future__ import annotations

import datetime

from django.db import models


class Dated(models.Model):
    """A row of law: edition, effective dates, source; `verify` means 需核对."""

    edition = models.CharField("版本", max_length=40)
    effective_from = models.DateField("生效日期")
    effective_to = models.DateField("失效日期", null=True, blank=True)
    source = models.CharField("依据", max_length=300, blank=True)
    verify = models.BooleanField("需核对", default=False)

    class Meta:
        abstract = True


class DatedQuerySet(models.QuerySet):
    """Law by the date of the fact."""

    def in_force(self, on: datetime.date) -> DatedQuerySet:
        """Rows effective on that day."""
        return self.filter(effective_from__lte=on).filter(models.Q(effective_to=None) | models.Q(effective_to__gte=on))


class DeadlineRule(Dated):
    """How long something may take: a value in calendar days, working days or hours, by edition."""

    class Unit(models.TextChoices):
        CALENDAR_DAYS = "C", "日"
        WORKING_DAYS = "W", "个工作日"
        HOURS = "h", "小时"
        MONTHS = "M", "个月"

    code = models.CharField("代码", max_length=60)
    name = models.CharField("名称", max_length=100)
    value = models.PositiveIntegerField("数值")
    unit = models.CharField("单位", max_length=1, choices=Unit)
    starts_from = models.CharField("起算", max_length=100, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "时限规则"
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="deadline_rule_edition"),
            models.CheckConstraint(
                condition=models.Q(effective_to=None) | models.Q(effective_to__gte=models.F("effective_from")), name="deadline_rule_dates"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}{self.get_unit_display()}"


class WorkdayOverride(models.Model):
    """A day whose kind the State Council announced after the calendar library was made (调休)."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("是工作日")
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "调休"

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '放假'}"
