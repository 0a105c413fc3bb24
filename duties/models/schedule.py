"""MadeDay: which days the calendar has already been made for."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class MadeDay(models.Model):
    """A day whose beginning periods have been made; once it is past, nothing is added to it any more."""

    day = models.DateField("日期", primary_key=True)
    made_at = models.DateTimeField("生成时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "已排任务日"

    def __str__(self) -> str:
        return f"{self.day}"
