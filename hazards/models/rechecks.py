"""Re-checks of major hazards by two inspectors, and what a failed one means for later steps (workflows §1)."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from core import moment


class RecheckQuerySet(models.QuerySet["Recheck"]):
    """Which wait for the second inspector."""

    def open(self) -> RecheckQuerySet:
        """Filled in by one, neither signed by another nor replaced."""
        return self.filter(second_by=None, replaced_at=None)

    def signed(self, round: int) -> RecheckQuerySet:
        """Signed by two, about the finding of this round: what was looked at before a downgrade says nothing of it."""
        return self.filter(round=round).exclude(second_by=None)


class Recheck(models.Model):
    """One re-check: what was looked at, item by item, by one inspector; it counts once another has signed."""

    hazard = models.ForeignKey("hazards.Hazard", models.CASCADE, related_name="rechecks", verbose_name="隐患")
    round = models.PositiveIntegerField("认定轮次", default=0)
    items = models.JSONField("逐项结果", encoder=DjangoJSONEncoder, help_text="[{words, passed, remark}]")
    passed = models.BooleanField("全部通过")
    opinion = models.CharField("复查意见", max_length=500)
    on = models.DateField("复查日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="复查人")
    at = models.DateTimeField("填写时间", default=moment.now)
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会签复查人"
    )
    second_at = models.DateTimeField("会签时间", null=True, blank=True)
    replaced_at = models.DateTimeField("重新填写时间", null=True, blank=True)

    objects = RecheckQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "复查"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["hazard"], condition=models.Q(second_by=None, replaced_at=None), name="recheck_one_open"),
            models.CheckConstraint(
                condition=models.Q(second_by=None, second_at=None) | models.Q(second_by__isnull=False, second_at__isnull=False),
                name="recheck_second_pair",
            ),
            models.CheckConstraint(condition=models.Q(second_by=None) | ~models.Q(second_by=models.F("by")), name="recheck_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {'通过' if self.passed else '不通过'}"


class Consequence(models.Model):
    """What a failed re-check of what the town found asks of a later step; whoever takes it up writes when."""

    class Kind(models.TextChoices):
        HEAVIER = "heavier", "从重处罚"
        JOINT = "joint", "联合惩戒"
        SUSPEND = "suspend", "暂停或撤销标准化评审"

    hazard = models.ForeignKey("hazards.Hazard", models.CASCADE, related_name="consequences", verbose_name="隐患")
    recheck = models.ForeignKey(Recheck, models.CASCADE, related_name="consequences", verbose_name="复查")
    kind = models.CharField("种类", max_length=10, choices=Kind)
    on = models.DateField("日期")
    taken_up_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "复查不通过的后果"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["recheck", "kind"], name="consequence_once")]

    def __str__(self) -> str:
        return str(self.get_kind_display())
