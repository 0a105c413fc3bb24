"""Work rows: rows that are their own outbox, claimed by conditional update, leased, retried, parked."""

from __future__ import annotations

import datetime
import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


def lease() -> datetime.timedelta:
    """How long a claim holds without being renewed."""
    return datetime.timedelta(seconds=settings.WORK_LEASE_SECONDS)


class WorkRowQuerySet(models.QuerySet[Any]):
    """What is waiting, what was given up, what may be claimed now."""

    def unfinished(self) -> WorkRowQuerySet:
        """Waiting or running, the oldest first."""
        return self.filter(state__in=(WorkRow.State.PENDING, WorkRow.State.RUNNING)).order_by("created_at", "pk")

    def parked(self) -> WorkRowQuerySet:
        """Given up after the last attempt, the newest first."""
        return self.filter(state=WorkRow.State.PARKED).order_by("-pk")

    def due(self, now: datetime.datetime) -> WorkRowQuerySet:
        """Pending and not told to wait, or running with a lease that ran out."""
        waiting = models.Q(state=WorkRow.State.PENDING) & (models.Q(not_before=None) | models.Q(not_before__lte=now))
        return self.filter(waiting | models.Q(state=WorkRow.State.RUNNING, leased_until__lt=now)).order_by("pk")


class WorkRow(models.Model):
    """A piece of work as a row, `pending → running → done | parked`; `perform` is what the subclass does.

    Of several claimers one wins, and only the holder of the token can renew, finish or fail. A row whose
    worker died is due again when its lease ends. After MAX_ATTEMPTS it is parked with its error until
    somebody retries it. A subclass has a manager made of a WorkRowQuerySet, and its Meta inherits from
    `WorkRow.Meta` for the constraint and the index.
    """

    class State(models.TextChoices):
        PENDING = "pending", "排队中"
        RUNNING = "running", "进行中"
        DONE = "done", "已完成"
        PARKED = "parked", "出错搁置"

    MAX_ATTEMPTS: ClassVar[int] = 3

    state = models.CharField("状态", max_length=8, choices=State, default=State.PENDING)
    token = models.UUIDField("领取凭据", null=True)
    leased_until = models.DateTimeField("领取到期", null=True)
    not_before = models.DateTimeField("不早于", null=True)
    attempts = models.PositiveSmallIntegerField("尝试次数", default=0)
    last_error = models.TextField("最后错误", blank=True)
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        abstract = True
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "leased_until"], name="%(class)s_due")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="%(class)s_leased", condition=~models.Q(state="running") | models.Q(token__isnull=False, leased_until__isnull=False)
            )
        ]

    def perform(self) -> str:
        """Do the work and say in a short sentence what came out; raise when it did not work. May run more than once."""
        raise NotImplementedError

    def outcome(self, message: str) -> dict[str, Any]:
        """The fields written together with "done"; none unless the subclass keeps the sentence."""
        return {}

    def pause(self) -> datetime.timedelta:
        """How long to wait after the attempt that has just failed: four times longer each time."""
        return datetime.timedelta(seconds=settings.WORK_PAUSE_SECONDS * 4 ** max(0, self.attempts - 1))

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in (self.State.DONE, self.State.PARKED)

    @property
    def work_label(self) -> str:
        """ "app.model", the name under which a message or a URL finds the row's model."""
        return self._meta.label_lower

    @property
    def kind_name(self) -> str:
        """The Chinese name of the kind of work."""
        return str(self._meta.verbose_name)

    def _rows(self) -> WorkRowQuerySet:
        return WorkRowQuerySet(type(self)).filter(pk=self.pk)

    def _held(self) -> WorkRowQuerySet:
        return self._rows().filter(state=self.State.RUNNING, token=self.token)

    def claim(self, now: datetime.datetime) -> bool:
        """Take the row for this process by a conditional update; False when it is not due or another was faster.

        A row whose worker died in its last attempt is parked instead.
        """
        free = self._rows().due(now).filter(token=self.token, attempts=self.attempts)
        if self.attempts >= self.MAX_ATTEMPTS:
            free.update(state=self.State.PARKED, leased_until=None, last_error=self.last_error or "执行时进程多次中断")
            return False
        held = {"state": self.State.RUNNING, "token": uuid.uuid4(), "leased_until": now + lease(), "attempts": self.attempts + 1}
        if not free.update(**held):
            return False
        for name, value in held.items():
            setattr(self, name, value)
        return True

    def renew(self, **fields: Any) -> bool:
        """Prolong the lease, writing `fields` beside it; False when the row is no longer ours."""
        return bool(self._held().update(leased_until=timezone.now() + lease(), **fields))

    def finish(self, **fields: Any) -> bool:
        """Mark it done; only by the holder of the token."""
        return bool(self._held().update(state=self.State.DONE, finished_at=timezone.now(), leased_until=None, **fields))

    def fail(self, error: str) -> bool:
        """Back to pending after a pause, or parked with its error after the last attempt; only by the holder of the token."""
        over = self.attempts >= self.MAX_ATTEMPTS
        state = self.State.PARKED if over else self.State.PENDING
        rest = None if over else timezone.now() + self.pause()
        return bool(self._held().update(state=state, last_error=error[:4000], leased_until=None, not_before=rest))

    def retry(self) -> bool:
        """A parked row starts over; False when it is not parked any more."""
        fresh = {"state": self.State.PENDING, "attempts": 0, "token": None, "not_before": None}
        return bool(self._rows().filter(state=self.State.PARKED).update(**fresh))
