"""The import of matters begun on paper: what stood in a file, row by row, and what became of it; all of it or nothing."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Area
from accounts.models.areas import within
from accounts.roles import Role
from core import moment
from core.models import Event, Job, Move, Stateful
from enterprises.models import Enterprise

CARRIERS = frozenset({Role.INSPECTOR})
NOBODY: frozenset[str] = frozenset()
AT_ONCE = 100


class CarryImportQuerySet(models.QuerySet["CarryImport"]):
    """Whose imports."""

    def for_user(self, user: Any) -> CarryImportQuerySet:
        """Inspectors: those made for their area."""
        return self.filter(within("area_id", user.membership.area_id)) if user.role in CARRIERS else self.none()

    def for_list(self) -> CarryImportQuerySet:
        """With who uploaded, the newest first."""
        return self.select_related("by").order_by("-pk")


class CarryImport(Stateful):
    """One file of inspections, orders and hazards from paper: looked at first, then written whole or not at all."""

    class State(models.TextChoices):
        REVIEWED = "reviewed", "待确认写入"
        APPLYING = "applying", "写入中"
        APPLIED = "applied", "已写入"
        DROPPED = "dropped", "已放弃"

    TONES: ClassVar[dict[str, str]] = {"reviewed": "orange", "applying": "blue", "applied": "green"}
    MOVES: ClassVar[dict[str, Move]] = {
        "apply": Move(
            "确认写入",
            {State.REVIEWED, State.APPLYING},
            State.APPLYING,
            CARRIERS,
            tone="primary",
            description="全部写入,有一行不行就都不写。写入的记录标明“由纸质档案补录”和原编号,期限从原来的日期继续算。",
        ),
        "applied": Move("写入完成", {State.APPLYING}, State.APPLIED, NOBODY),
        "hold": Move("写入前又有问题", {State.APPLYING}, State.REVIEWED, NOBODY),
        "drop": Move("放弃", {State.REVIEWED}, State.DROPPED, CARRIERS, tone="danger", description="什么也不写入。改好文件可以重新上传。"),
    }

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("摘要", max_length=64)
    ignored = models.JSONField("没有读取的工作表", default=list, blank=True)
    total = models.PositiveIntegerField("行数", default=0)
    created_at = models.DateTimeField("上传时间", default=moment.now)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务")

    objects = CarryImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "纸质档案补录"
        constraints = [
            models.UniqueConstraint(
                fields=["area", "sha256"], condition=models.Q(state__in=("reviewed", "applying", "applied")), name="carry_import_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The import's page."""
        return reverse("carry_detail", args=[self.pk])

    def event_scope(self) -> tuple[None, str]:
        """Its own scope columns for Events."""
        return None, self.area_id

    @property
    def is_small(self) -> bool:
        """Whether the work is so little that the page may do it at once."""
        return self.total <= AT_ONCE

    def guard_apply(self, by: Any) -> str:
        """Not while it runs, and not while any row cannot be taken."""
        if self.state == self.State.APPLYING and self.job is not None and self.job.state != Job.State.PARKED:
            return "正在写入,请等它完成。"
        refused = self.rows.refused().count()
        return f"有 {refused} 行不能写入,请按说明改正文件后重新上传;全部没有问题才写入。" if refused else ""

    def apply(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """Write every row in a Job, all of them or none."""
        with transaction.atomic():
            job = Job.start(
                kind="carry_apply",
                title=f"补录写入:{self.name}",
                by=by,
                params={"carry": self.pk},
                total=self.total,
                at_once=self.is_small,
            )
            return self._move("apply", by=by, on=on, note=note, audience=Event.Audience.TOWN, job=job)

    def applied(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """Every row is written."""
        return self._move("applied", by=by, on=on, note=note, audience=Event.Audience.TOWN)

    def hold(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """Looked at again before writing, some row could not be taken any more; nothing was written."""
        return self._move("hold", by=by, on=on, note=note, audience=Event.Audience.TOWN)

    def drop(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """Nothing of it is written."""
        return self._move("drop", by=by, on=on, note=note, audience=Event.Audience.TOWN)


class CarryRowQuerySet(models.QuerySet["CarryRow"]):
    """Scope, and which rows cannot be taken."""

    def for_user(self, user: Any) -> CarryRowQuerySet:
        """Of the imports this user may see."""
        return self.filter(carry__in=CarryImport.objects.for_user(user))

    def for_list(self) -> CarryRowQuerySet:
        """What a person must look at first, then in the order of the file."""
        return self.select_related("enterprise").order_by("pk")

    def refused(self) -> CarryRowQuerySet:
        """Those a person must put right in the file."""
        return self.filter(verdict=CarryRow.Verdict.REFUSED)


class CarryRow(models.Model):
    """One row of a file: where it stood, what it says, what was found, and which record it became."""

    class What(models.TextChoices):
        INSPECTION = "inspection", "检查"
        ORDER = "order", "指令"
        HAZARD = "hazard", "隐患"

    class Verdict(models.TextChoices):
        TAKEN = "taken", "可以写入"
        WARNED = "warned", "请核对"
        REFUSED = "refused", "需改正"

    carry = models.ForeignKey(CarryImport, models.CASCADE, related_name="rows", verbose_name="补录")
    what = models.CharField("种类", max_length=12, choices=What)
    sheet = models.CharField("工作表", max_length=60)
    number = models.PositiveIntegerField("行号")
    cells = models.JSONField("原内容", default=dict, help_text="{字段: [列, 表头, 内容]}")
    cleaned = models.JSONField("整理后", default=dict)
    verdict = models.CharField("结论", max_length=10, choices=Verdict)
    messages = models.JSONField("说明", default=list)
    enterprise = models.ForeignKey(Enterprise, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="企业")
    made = models.CharField("写入的记录", max_length=80, blank=True)
    made_url = models.CharField("链接", max_length=200, blank=True)

    objects = CarryRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "补录行"
        constraints = [models.UniqueConstraint(fields=["carry", "sheet", "number"], name="carry_row_once")]
        indexes = [models.Index(fields=["carry", "verdict"], name="carry_row_verdict")]

    def __str__(self) -> str:
        return f"{self.sheet} 第{self.number}行"

    def say(self, field: str, text: str, *, refused: bool = True) -> None:
        """Note a doubt with the column it is about; not saved yet."""
        column, heading, _ = self.cells.get(field, ("", "", ""))
        kind = self.Verdict.REFUSED if refused else self.Verdict.WARNED
        self.messages.append({"column": column, "heading": heading, "kind": kind.value, "text": text})
        if refused or self.verdict == self.Verdict.TAKEN:
            self.verdict = kind.value

    @property
    def tone(self) -> str:
        """The badge colour of the verdict; the word always stands beside it."""
        return {"taken": "green", "warned": "orange", "refused": "red"}[self.verdict]
