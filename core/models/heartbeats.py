"""Signs of life: which processes are there, and when each entry of the schedule ran last."""

from __future__ import annotations

import datetime
import socket

from django.db import models
from django.utils import timezone

SILENT = datetime.timedelta(seconds=60)
FORGOTTEN = datetime.timedelta(days=1)
CLOCK_STEP = datetime.timedelta(minutes=5)


class Heartbeat(models.Model):
    """When a worker, beat or ticker was heard last; one row per kind and machine."""

    class Kind(models.TextChoices):
        WORKER = "worker", "任务进程"
        BEAT = "beat", "计划进程"
        TICKER = "ticker", "内置计时器"

    kind = models.CharField("种类", max_length=8, choices=Kind)
    name = models.CharField("机器", max_length=120)
    since = models.DateTimeField("本次启动", default=timezone.now)
    at = models.DateTimeField("最近一次", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "心跳"
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="heartbeat_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    @classmethod
    def beat(cls, kind: str, *, started: bool = False) -> None:
        """Be heard now; `started` with the first beat of a process. A start drops machines of its kind not heard for FORGOTTEN."""
        now, name = timezone.now(), socket.gethostname()[:120]
        if not started and cls.objects.filter(kind=kind, name=name).update(at=now):
            return
        cls.objects.update_or_create(kind=kind, name=name, defaults={"at": now, "since": now})
        cls.objects.filter(kind=kind, at__lt=now - FORGOTTEN).delete()

    @classmethod
    def is_heard(cls, kind: str) -> bool:
        """Whether a process of this kind was heard within SILENT."""
        return cls.objects.filter(kind=kind, at__gte=timezone.now() - SILENT).exists()

    @property
    def is_silent(self) -> bool:
        """Whether it was not heard within SILENT."""
        return self.at < timezone.now() - SILENT


class Tick(models.Model):
    """The last run of one entry of the schedule; the row that lets only one of two clocks start it."""

    name = models.CharField("计划", max_length=40, unique=True)
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("结束", null=True)
    error = models.TextField("错误", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "计划执行"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def take(cls, name: str, every: datetime.timedelta, now: datetime.datetime) -> bool:
        """Start the entry unless it was started less than (nearly) `every` ago, by whichever clock.

        A start that lies in the future, because a clock was set back, does not count.
        """
        free = models.Q(started_at__lte=now - every * 0.9) | models.Q(started_at__gt=now + CLOCK_STEP)
        if cls.objects.filter(free, name=name).update(started_at=now, finished_at=None, error=""):
            return True
        return cls.objects.get_or_create(name=name, defaults={"started_at": now})[1]

    @classmethod
    def seconds_until(cls, name: str, every: datetime.timedelta) -> float:
        """How long until the entry is due; 0 or less when it is, or never ran."""
        last, now = cls.objects.filter(name=name).values_list("started_at", flat=True).first(), timezone.now()
        return 0.0 if last is None or last > now + CLOCK_STEP else (last + every - now).total_seconds()

    @classmethod
    def done(cls, name: str, started_at: datetime.datetime, error: str = "") -> None:
        """Write how the run that began at `started_at` ended."""
        cls.objects.filter(name=name, started_at=started_at).update(finished_at=timezone.now(), error=error[:4000])

    @property
    def seconds(self) -> float | None:
        """How long the last run took; None while it runs or when it was cut off."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None
