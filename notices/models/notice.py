"""Notice: one row per matter, stage and person; the unique constraint is the idempotency."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from core import moment
from core.models.events import event_scope, subject_key

CHUNK = 1000
Key = tuple[str, str, int, str, int]


class Kind(models.TextChoices):
    """What a notice is about."""

    MORNING = "duty.morning", "今天要做的"
    BEFORE_END = "duty.before_end", "快到截止时间"
    MISSED = "duty.missed", "漏做"
    STREAK = "duty.streak", "连续漏做"
    ESCALATED = "duty.escalated", "漏做上报"
    HAZARD_DUE = "hazard.due", "整改期限"
    HAZARD_ESCALATED = "hazard.escalated", "逾期上报"
    HAZARD_ASSIGNED = "hazard.assigned", "指派整改"
    HAZARD_RETURNED = "hazard.returned", "整改退回"
    HAZARD_ACCEPTED = "hazard.accepted", "验收通过"
    EXTENSION_ASKED = "extension.asked", "申请延期"
    EXTENSION_ANSWERED = "extension.answered", "延期答复"
    MAJOR_PROPOSED = "major.proposed", "疑似重大隐患"
    MAJOR_SIGN = "major.sign", "重大隐患待会签"
    MAJOR_CONFIRMED = "major.confirmed", "确认重大隐患"
    MAJOR_DOWNGRADED = "major.downgraded", "重大隐患降级"
    REPORT_DUE = "report.due", "重大隐患上报期限"
    PLAN_DUE = "plan.due", "五定方案期限"
    PLAN_SUBMITTED = "plan.submitted", "五定方案待接收"
    PLAN_ANSWERED = "plan.answered", "五定方案答复"
    PROGRESS_DUE = "progress.due", "整改进展期限"
    RECHECK_ASKED = "recheck.asked", "待复查"
    RECHECK_SIGN = "recheck.sign", "复查待会签"
    RECHECK_DUE = "recheck.due", "复查期限"
    RECHECK_ANSWERED = "recheck.answered", "复查结果"
    PROJECT_NOTIFY = "project.notify", "建设项目告知期限"
    SCHEME_ASKED = "scheme.asked", "检查方案待批"
    SCHEME_ANSWERED = "scheme.answered", "检查方案答复"
    VISIT_ANNOUNCED = "visit.announced", "检查通知"
    VISIT_CHANGED = "visit.changed", "检查改期或取消"
    VISIT_READY = "visit.ready", "企业已准备好"
    ORDER_SERVED = "order.served", "责令整改送达"
    ORDER_DUE = "order.due", "责令整改期限"
    ORDER_ASKED = "order.asked", "指令申请延期"
    ORDER_ANSWERED = "order.answered", "指令延期答复"
    ORDER_RECHECK = "order.recheck", "指令待复查"
    ORDER_RECHECK_DUE = "order.recheck_due", "指令复查期限"
    ORDER_RECHECKED = "order.rechecked", "指令复查结果"
    MEASURE_SERVED = "measure.served", "现场措施送达"
    MEASURE_ASKED = "measure.asked", "申请恢复待审查"
    MEASURE_EXAMINED = "measure.examined", "恢复待批准"
    MEASURE_ANSWERED = "measure.answered", "恢复申请答复"
    DISTRICT_DUE = "report.district", "报区期限"
    COMPLAINT_DUE = "complaint.return", "转办件回复期限"
    RESULT_DUE = "result.due", "检查结果公示期限"
    YEAR_PLAN_ASKED = "yearplan.asked", "年度计划待批"
    YEAR_PLAN_ANSWERED = "yearplan.answered", "年度计划答复"
    YEAR_PLAN_MONTH = "yearplan.month", "计划项未安排"
    DRAW_ASKED = "draw.asked", "抽取变更待批"
    DRAW_TASKS = "draw.tasks", "双随机检查任务"
    DRAW_DUE = "draw.publish", "抽取公布期限"
    UNDELIVERED = "delivery.parked", "外发失败"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Whose notices, and which are new to them."""

    def for_user(self, user: Any) -> NoticeQuerySet:
        """One's own inbox; nobody reads another's."""
        return self.filter(recipient=user)

    def for_list(self) -> NoticeQuerySet:
        """The newest first."""
        return self.order_by("-at", "-pk")

    def unread(self) -> NoticeQuerySet:
        """Not opened, not marked as read, and still to be minded."""
        return self.filter(read_at=None, settled_at=None)

    def mark_read(self, now: datetime.datetime) -> int:
        """Mark those of these that are not read; how many. Twice changes nothing."""
        return self.order_by().filter(read_at=None).update(read_at=now)

    def settle(self, subject: models.Model, *kinds: str) -> int:
        """The matter is done with: what is unread of it in these kinds asks for nothing any more; how many."""
        return self.settle_many([subject], *kinds)

    def settle_many(self, subjects: Iterable[models.Model], *kinds: str) -> int:
        """The same for rows of one model, at once."""
        keys = [subject_key(subject) for subject in subjects]
        mine = self.unread().filter(subject_model__in={model for model, _ in keys}, subject_pk__in=[pk for _, pk in keys])
        return mine.filter(kind__in=kinds).update(settled_at=moment.now())

    def about(self, kind: str, stage: str, model: type[models.Model]) -> NoticeQuerySet:
        """Those told of this kind and stage about the row of an outer query: for `Exists`."""
        return self.filter(kind=kind, stage=stage, subject_model=model._meta.label_lower, subject_pk=models.OuterRef("pk"))


class Notice(models.Model):
    """Something one person should know or do, once per matter and stage, in his inbox."""

    kind = models.CharField("种类", max_length=24, choices=Kind)
    stage = models.CharField("阶段", max_length=40)
    subject_model = models.CharField("对象类型", max_length=80)
    subject_pk = models.BigIntegerField("对象编号")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="notices", verbose_name="收件人")
    enterprise_id = models.BigIntegerField("企业", null=True)
    area_code = models.CharField("区域", max_length=12, blank=True)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    is_urgent = models.BooleanField("紧急", default=False)
    at = models.DateTimeField("时间", default=moment.now)
    read_at = models.DateTimeField("已读时间", null=True, blank=True)
    settled_at = models.DateTimeField("了结时间", null=True, blank=True, help_text="没读就已办好,或有了更新的一条。")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject_model", "subject_pk", "stage", "recipient"], name="notice_once"),
            models.CheckConstraint(condition=models.Q(url="") | models.Q(url__startswith="/"), name="notice_url_local"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-at"], name="notice_inbox"),
            models.Index(fields=["recipient"], condition=models.Q(read_at=None, settled_at=None), name="notice_unread"),
            models.Index(fields=["at"], condition=models.Q(is_urgent=True, read_at=None, settled_at=None), name="notice_urgent"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_unread(self) -> bool:
        """Not opened, not marked as read, and still to be minded."""
        return self.read_at is None and self.settled_at is None

    @property
    def key(self) -> Key:
        """What makes it the one and only."""
        return self.kind, self.subject_model, self.subject_pk, self.stage, self.recipient_id

    @classmethod
    def about(cls, subject: models.Model, **facts: Any) -> Notice:
        """An unsaved notice about this row; the scope columns are read from the row itself, the link is its page."""
        model, pk = subject_key(subject)
        enterprise_id, area_code = event_scope(subject)
        page = getattr(subject, "get_absolute_url", None)
        facts.setdefault("url", page() if page else "")
        return cls(subject_model=model, subject_pk=pk, enterprise_id=enterprise_id, area_code=area_code, **facts)

    @classmethod
    def send(
        cls,
        *,
        kind: str,
        stage: str,
        subject: models.Model,
        to: Iterable[Any],
        title: str,
        body: str = "",
        url: str | None = None,
        urgent: bool = False,
    ) -> int:
        """Put it into the inbox of each of these people, once; how many rows are new.

        Whoever left or was disabled is not told: the fallback person is, with a line that says for whom.
        """
        from notices.receivers import Directory  # receivers makes notices too

        facts: dict[str, Any] = {"kind": kind, "stage": stage, "title": title[:120], "is_urgent": urgent}
        if url is not None:
            facts["url"] = url
        enterprise = getattr(subject, "enterprise", None)
        directory = Directory([enterprise] if enterprise else [], timezone.localdate(moment.now()))
        told = directory.reached(to, enterprise=enterprise, unit=getattr(subject, "unit", None))
        return cls.send_many(cls.about(subject, recipient=one.user, body=one.words(body), **facts) for one in told)

    @classmethod
    def send_many(cls, rows: Iterable[Notice]) -> int:
        """Put these into their inboxes, those already there left out; how many are new. Memory holds one chunk."""
        made, rest = 0, iter(rows)
        while chunk := list(islice(rest, CHUNK)):
            made += cls._send_chunk(chunk)
        return made

    @classmethod
    def _send_chunk(cls, chunk: list[Notice]) -> int:
        there = {
            "kind__in": {row.kind for row in chunk},
            "subject_model__in": {row.subject_model for row in chunk},
            "subject_pk__in": {row.subject_pk for row in chunk},
            "stage__in": {row.stage for row in chunk},
        }
        names = ("kind", "subject_model", "subject_pk", "stage", "recipient_id")
        known = set(cls.objects.filter(**there).values_list(*names))
        new = {row.key: row for row in chunk if row.key not in known}
        if new:
            with transaction.atomic():
                cls.objects.bulk_create(new.values(), ignore_conflicts=True)
                cls._replace(list(new.values()))
        return len(new)

    @classmethod
    def _replace(cls, new: list[Notice]) -> None:
        """Of one kind about one row a person needs only the latest: the earlier unread ones are settled."""
        names = ("kind", "subject_model", "subject_pk", "recipient_id")
        found = cls.objects.unread().filter(**{f"{name}__in": {getattr(row, name) for row in new} for name in names})
        later = cls.objects.filter(at__gt=models.OuterRef("at"), **{name: models.OuterRef(name) for name in names})
        found.filter(models.Exists(later)).update(settled_at=moment.now())


def portions(rows: models.QuerySet[Any], size: int = CHUNK) -> Iterator[list[Any]]:
    """The rows in lists of at most `size`, in order of their keys, each read when its turn comes."""
    last = 0
    while part := list(rows.order_by("pk").filter(pk__gt=last)[:size]):
        yield part
        last = part[-1].pk
