"""Jobs: long work that shows its progress and can be left."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

LEASE = datetime.timedelta(minutes=2)
MAX_ATTEMPTS = 3


class JobQuerySet(models.QuerySet["Job"]):
    """Whose jobs, and which are due."""

    def for_user(self, user: Any) -> JobQuerySet:
        """One's own jobs; nobody sees another's."""
        return self.filter(by=user)

    def unfinished(self) -> JobQuerySet:
        """Waiting or running, the oldest first."""
        return self.filter(state__in=(Job.State.PENDING, Job.State.RUNNING)).order_by("created_at", "pk")

    def parked(self) -> JobQuerySet:
        """Given up after MAX_ATTEMPTS, the newest first."""
        return self.filter(state=Job.State.PARKED).order_by("-pk")

    def due(self, now: datetime.datetime) -> JobQuerySet:
        """Pending, or running with a lease that ran out."""
        free = models.Q(state=Job.State.PENDING) | models.Q(state=Job.State.RUNNING, leased_until__lt=now)
        return self.filter(free).order_by("pk")


class Job(models.Model):
    """One piece of long work: its own outbox, `pending → running → done | parked`."""

    class State(models.TextChoices):
        PENDING = "pending", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        PARKED = "parked", "出错搁置"

    kind = models.CharField("种类", max_length=40)
    title = models.CharField("名称", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发起人")
    params = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=8, choices=State, default=State.PENDING)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("共", default=0)
    result = models.FileField("结果文件", upload_to="jobs/%Y/%m", blank=True)
    result_name = models.CharField("文件名", max_length=200, blank=True)
    message = models.CharField("结果说明", max_length=300, blank=True)
    token = models.UUIDField("领取凭据", null=True)
    leased_until = models.DateTimeField("领取到期", null=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    last_error = models.TextField("最后错误", blank=True)
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "后台任务"
        indexes = [models.Index(fields=["state", "leased_until"], name="job_due")]

    def __str__(self) -> str:
        return self.title

    @property
    def percent(self) -> int:
        """Progress, 0–100."""
        return 100 if self.state == self.State.DONE else min(99, self.done * 100 // self.total) if self.total else 0

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in (self.State.DONE, self.State.PARKED)

    def claim(self, now: datetime.datetime) -> bool:
        """Take the job for this process by a conditional update; False when another was faster."""
        token = uuid.uuid4()
        rows = Job.objects.due(now).filter(pk=self.pk, token=self.token)
        if self.attempts >= MAX_ATTEMPTS:
            rows.update(state=self.State.PARKED, last_error=self.last_error or "执行时进程多次中断")
            return False
        if not rows.update(state=self.State.RUNNING, token=token, leased_until=now + LEASE, attempts=models.F("attempts") + 1):
            return False
        self.refresh_from_db()
        return True

    def progress(self, done: int, total: int) -> None:
        """Write how far the work is and renew the lease; only the holder of the token can."""
        self.done, self.total = done, total
        Job.objects.filter(pk=self.pk, token=self.token).update(done=done, total=total, leased_until=timezone.now() + LEASE)

    def finish(self, message: str) -> None:
        """Mark it done; only by the holder of the token."""
        Job.objects.filter(pk=self.pk, token=self.token).update(
            state=self.State.DONE, message=message, finished_at=timezone.now(), result=self.result.name, result_name=self.result_name
        )

    def fail(self, error: str) -> None:
        """Back to pending, or parked with its error after MAX_ATTEMPTS."""
        state = self.State.PARKED if self.attempts >= MAX_ATTEMPTS else self.State.PENDING
        Job.objects.filter(pk=self.pk, token=self.token).update(state=state, last_error=error[:4000], leased_until=None)
