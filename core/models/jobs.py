"""Jobs: long work that shows its progress and can be left."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.module_loading import import_string

from core.broker import enqueue
from core.models.work import WorkRow, WorkRowQuerySet


class JobQuerySet(WorkRowQuerySet):
    """Whose jobs."""

    def for_user(self, user: Any) -> JobQuerySet:
        """One's own jobs; nobody sees another's."""
        return self.filter(by=user)


class Job(WorkRow):
    """One piece of long work that somebody asked for; its result lies under 我的下载."""

    kind = models.CharField("种类", max_length=40)
    title = models.CharField("名称", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发起人")
    params = models.JSONField("参数", default=dict)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("共", default=0)
    result = models.FileField("结果文件", upload_to="jobs/%Y/%m", blank=True)
    result_name = models.CharField("文件名", max_length=200, blank=True)
    message = models.CharField("结果说明", max_length=300, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta(WorkRow.Meta):
        verbose_name = verbose_name_plural = "后台任务"

    def __str__(self) -> str:
        return self.title

    @classmethod
    def start(cls, *, kind: str, title: str, by: Any, params: dict[str, Any], total: int = 0, at_once: bool = False) -> Job:
        """A Job that a worker picks up after commit; `at_once` when the caller is about to run it itself."""
        job = cls.objects.create(kind=kind, title=title[:200], by=by, params=params, total=total)
        if not at_once:
            enqueue(job)
        return job

    @property
    def percent(self) -> int:
        """Progress, 0–100."""
        return 100 if self.state == self.State.DONE else min(99, self.done * 100 // self.total) if self.total else 0

    def perform(self) -> str:
        """Hand the Job to the handler of its kind."""
        message: str = import_string(import_string(settings.JOB_HANDLERS)[self.kind])(self)
        return message

    def outcome(self, message: str) -> dict[str, Any]:
        """The sentence, and the file the handler has put on the Job."""
        return {"message": message[:300], "result": self.result.name, "result_name": self.result_name}

    def progress(self, done: int, total: int) -> None:
        """Write how far the work is and renew the lease; only the holder of the token can."""
        self.done, self.total = done, total
        self.renew(done=done, total=total)
