"""Extensions: a rectifier asks for more time, another person answers."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from core import moment


class ExtensionQuerySet(models.QuerySet["Extension"]):
    """Which are unanswered."""

    def open(self) -> ExtensionQuerySet:
        """Nobody has answered yet."""
        return self.filter(answer="")


class Extension(models.Model):
    """A rectifier's request for a later last day, and its answer."""

    class Answer(models.TextChoices):
        GRANTED = "granted", "同意"
        REFUSED = "refused", "不同意"
        VOID = "void", "已提交整改,作废"

    hazard = models.ForeignKey("hazards.Hazard", models.CASCADE, related_name="extensions", verbose_name="隐患")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间", default=moment.now)
    until = models.DateField("延至")
    reason = models.CharField("理由", max_length=500)
    answer = models.CharField("答复", max_length=8, choices=Answer, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人")
    decided_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects = ExtensionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        constraints = [
            models.UniqueConstraint(fields=["hazard"], condition=models.Q(answer=""), name="extension_one_open"),
            models.CheckConstraint(
                condition=models.Q(answer="", decided_by=None) | (~models.Q(answer="") & models.Q(decided_by__isnull=False)),
                name="extension_decided_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hazard_id} {self.until}"

    def decide(self, answer: str, by: Any) -> None:
        """Write the answer."""
        Extension.objects.open().filter(pk=self.pk).update(answer=answer, decided_by=by, decided_at=moment.now())
