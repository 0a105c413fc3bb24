"""Reports of a confirmed major hazard: to the town, to the workers' congress, and the town's own to the district (R24)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models

from accounts.roles import MANAGERS, Role
from core import moment
from documents.models import Document


class MajorReportQuerySet(models.QuerySet["MajorReport"]):
    """Which are owed."""

    def owed(self) -> MajorReportQuerySet:
        """Neither made nor void."""
        return self.filter(made_at=None, void=False)

    def overdue(self, now: datetime.datetime) -> MajorReportQuerySet:
        """Owed and past their moment."""
        return self.owed().filter(due_at__lt=now)


class MajorReport(models.Model):
    """One report that a confirmed major hazard owes: to whom, until when, made when, by whom and how."""

    class To(models.TextChoices):
        TOWN = "town", "报镇"
        CONGRESS = "congress", "报职工代表大会"
        DISTRICT = "district", "镇报区县"

    class How(models.TextChoices):
        PAPER = "paper", "书面报告"
        PHONE = "phone", "电话报告"
        MEETING = "meeting", "会议通报"
        SYSTEM = "system", "系统内报告"

    RULES = {To.TOWN: "hazard.report.town", To.CONGRESS: "hazard.report.congress", To.DISTRICT: "hazard.report.district"}

    hazard = models.ForeignKey("hazards.Hazard", models.CASCADE, related_name="reports", verbose_name="隐患")
    to = models.CharField("报告对象", max_length=10, choices=To)
    round = models.PositiveIntegerField("认定轮次")
    due_at = models.DateTimeField("报告期限")
    made_at = models.DateTimeField("报告时间", null=True, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报告人")
    how = models.CharField("报告方式", max_length=10, choices=How, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文书")
    void = models.BooleanField("已降级,不再需要", default=False)

    objects = MajorReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重大隐患上报"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["hazard", "to", "round"], name="major_report_once"),
            models.CheckConstraint(
                condition=models.Q(made_at=None, made_by=None, how="")
                | models.Q(made_at__isnull=False, made_by__isnull=False) & ~models.Q(how=""),
                name="major_report_made_whole",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_to_display())

    def is_late(self, now: datetime.datetime | None = None) -> bool:
        """Made after its moment, or not made though it has passed."""
        return not self.void and (self.made_at or now or moment.now()) > self.due_at

    def is_owed_by(self, user: Any) -> bool:
        """The town's own report is an inspector's; the other two are the firm's managers'."""
        return user.role == Role.INSPECTOR if self.to == self.To.DISTRICT else user.role in MANAGERS
