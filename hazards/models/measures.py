"""Interim measures: what keeps people safe until a major hazard is removed (R25)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from core import moment


class InterimMeasureQuerySet(models.QuerySet["InterimMeasure"]):
    """Which are in force."""

    def in_force(self) -> InterimMeasureQuerySet:
        """Not lifted."""
        return self.filter(lifted_on=None)


class InterimMeasure(models.Model):
    """Stop, evacuation, immediate removal, warning or watch on a hazard; only the town lifts it."""

    class Kind(models.TextChoices):
        STOP = "stop", "停产停用"
        EVACUATE = "evacuate", "撤离人员"
        REMOVE = "remove", "立即排除"
        WARN = "warn", "警示隔离"
        WATCH = "watch", "专人看守"

    hazard = models.ForeignKey("hazards.Hazard", models.CASCADE, related_name="interim_measures", verbose_name="隐患")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    text = models.CharField("内容", max_length=500)
    since = models.DateField("自")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=moment.now)
    examine_by_on = models.DateField("恢复审查期限", null=True, blank=True)
    lifted_on = models.DateField("解除日期", null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="解除人")
    lift_reason = models.CharField("解除理由", max_length=500, blank=True)

    objects = InterimMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "临时措施"
        ordering = ["since", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(lifted_on=None, lifted_by=None, lift_reason="")
                | models.Q(lifted_on__isnull=False, lifted_by__isnull=False) & ~models.Q(lift_reason=""),
                name="interim_measure_lifted_whole",
            ),
            models.CheckConstraint(condition=~models.Q(text=""), name="interim_measure_text"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}:{self.text}"
