"""The import of a roster: what was found in a file, row by row, what was done with it, and the way back."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Area
from accounts.models.areas import within
from accounts.roles import Role
from core.fields import EncryptedJSONField
from core.models import Event, Job, Move, Stateful
from enterprises.models.enterprise import Enterprise
from enterprises.models.people import KeyPerson

IMPORTERS = frozenset({Role.ADMIN, Role.INSPECTOR})
NOBODY: frozenset[str] = frozenset()


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    """Whose imports."""

    def for_user(self, user: Any) -> RosterImportQuerySet:
        """Administrators and inspectors: those made for their area."""
        if user.role not in IMPORTERS:
            return self.none()
        return self.filter(within("area_id", user.membership.area_id))


class RosterImport(Stateful):
    """One roster file: nothing reaches the enterprise file before somebody confirms, and all of it can be taken back."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", "待核对列"
        REVIEWING = "reviewing", "核对中"
        REVIEWED = "reviewed", "待确认写入"
        APPLYING = "applying", "写入中"
        APPLIED = "applied", "已写入"
        UNDOING = "undoing", "撤销中"
        UNDONE = "undone", "已撤销"

    TONES: ClassVar[dict[str, str]] = {"reviewed": "orange", "applied": "green", "uploaded": "blue"}
    MOVES: ClassVar[dict[str, Move]] = {
        "review": Move("核对内容", {State.UPLOADED, State.REVIEWED, State.REVIEWING}, State.REVIEWING, IMPORTERS),
        "reviewed": Move("核对完成", {State.REVIEWING}, State.REVIEWED, NOBODY),
        "apply": Move(
            "确认写入",
            {State.REVIEWED, State.APPLYING},
            State.APPLYING,
            IMPORTERS,
            tone="primary",
            description="把“采用”和“已修正”的行写入企业档案;“需人工”的行不写入。写入后可以整批撤销。",
        ),
        "applied": Move("写入完成", {State.APPLYING}, State.APPLIED, NOBODY),
        "undo": Move(
            "撤销导入",
            {State.APPLIED, State.UNDOING},
            State.UNDOING,
            IMPORTERS,
            tone="danger",
            description="新建的企业会被删除,更新过的企业恢复原来的内容。",
        ),
        "undone": Move("撤销完成", {State.UNDOING}, State.UNDONE, NOBODY),
        "keep": Move("撤销被拒绝", {State.UNDOING}, State.APPLIED, NOBODY),
    }

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("摘要", max_length=64)
    layout = models.JSONField("表格结构", default=dict)
    total = models.PositiveIntegerField("行数", default=0)
    created_at = models.DateTimeField("上传时间", default=timezone.now)
    applied_at = models.DateTimeField("写入时间", null=True, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="后台任务")

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册导入"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The import's page."""
        return reverse("roster_detail", args=[self.pk])

    def event_scope(self) -> tuple[None, str]:
        """Its own scope columns for Events."""
        return None, self.area_id

    @property
    def is_small(self) -> bool:
        """Whether the work is so little that the page may do it at once."""
        return self.total <= settings.ROSTER_DIRECT_ROWS

    def _guard_running(self, state: str) -> str:
        running = self.state == state and self.job is not None and self.job.state != Job.State.PARKED
        return "正在进行,请等它完成。" if running else ""

    def guard_review(self, by: Any) -> str:
        """Not while a check is running."""
        return self._guard_running(self.State.REVIEWING)

    def guard_apply(self, by: Any) -> str:
        """Not while it is being written, and not when no row is good."""
        if reason := self._guard_running(self.State.APPLYING):
            return reason
        return "" if self.rows.good().exists() else "没有可以写入的行。"

    def guard_undo(self, by: Any) -> str:
        """Not while it is being undone, and not when something hangs on what was written."""
        return self._guard_running(self.State.UNDOING) or "、".join(self.ties())

    def ties(self) -> list[str]:
        """What was done with the enterprises since, as sentences; empty when all of it can be taken back."""
        return [] if self.applied_at is None else self.rows.written().ties(since=self.applied_at)

    def _start(self, name: str, *, by: Any, on: datetime.date, note: str, **fields: Any) -> Event:
        with transaction.atomic():
            title, params = f"{self.MOVES[name].label}:{self.name}", {"roster": self.pk}
            job = Job.start(kind=f"roster_{name}", title=title, by=by, params=params, total=self.total, at_once=self.is_small)
            return self._move(name, by=by, on=on, note=note, job=job, **fields)

    def review(self, *, by: Any, on: datetime.date, note: str = "", layout: dict[str, Any] | None = None) -> Event:
        """Read the rows by the columns of `layout` in a Job; nothing is written to the enterprise file."""
        return self._start("review", by=by, on=on, note=note, layout=layout or self.layout)

    def reviewed(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """The check is over; its result table can be read."""
        return self._move("reviewed", by=by, on=on, note=note)

    def apply(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """Write the good rows in a Job, all of them or none."""
        return self._start("apply", by=by, on=on, note=note)

    def applied(self, *, by: Any, on: datetime.date, at: datetime.datetime, note: str = "") -> Event:
        """The good rows are in the enterprise file."""
        return self._move("applied", by=by, on=on, note=note, applied_at=at)

    def undo(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """Take all of it back in a Job, unless something hangs on it."""
        return self._start("undo", by=by, on=on, note=note)

    def undone(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """Nothing of the import is left in the enterprise file."""
        return self._move("undone", by=by, on=on, note=note)

    def keep(self, *, by: Any, on: datetime.date, note: str = "") -> Event:
        """The undo found something that hangs on the rows; nothing was changed."""
        return self._move("keep", by=by, on=on, note=note)


class RosterRowQuerySet(models.QuerySet["RosterRow"]):
    """Questions asked of an import's rows."""

    def for_user(self, user: Any) -> RosterRowQuerySet:
        """Of the imports this user may see."""
        return self.filter(roster__in=RosterImport.objects.for_user(user))

    def good(self) -> RosterRowQuerySet:
        """Those that are written on confirmation."""
        return self.filter(verdict__in=(RosterRow.Verdict.TAKEN, RosterRow.Verdict.MENDED))

    def written(self) -> RosterRowQuerySet:
        """Those that made or changed an enterprise."""
        return self.exclude(effect="").filter(enterprise__isnull=False)

    def ties(self, *, since: datetime.datetime) -> list[str]:
        """What hangs on the enterprises these rows made, and who edited any of them since; found by the reverse relations."""
        made = self.filter(effect=RosterRow.Effect.MADE).values("enterprise_id")
        found = []
        for relation in Enterprise._meta.related_objects:
            if relation.related_model._meta.label in OWN:
                continue
            count = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": made}).count()
            if count:
                found.append(f"新建的企业已有 {count} 条“{relation.related_model._meta.verbose_name}”")
        for model, key in ((Enterprise, "id__in"), (KeyPerson, "enterprise_id__in")):
            edits = model.history.filter(**{key: self.values("enterprise_id")}, history_date__gt=since).count()
            if edits:
                found.append(f"写入后“{model._meta.verbose_name}”又改过 {edits} 次")
        later = RosterRow.objects.exclude(effect="").filter(enterprise_id__in=self.values("enterprise_id"), roster__applied_at__gt=since)
        if later.exists():
            found.append("后来的另一次导入又改过这些企业")
        return found


OWN = {"enterprises.RosterRow", "enterprises.KeyPerson"}


class RosterRow(models.Model):
    """One row of a roster: where it stood, what was in it, what was found, what became of it. Its cells are encrypted."""

    class Verdict(models.TextChoices):
        PENDING = "", "未核对"
        TAKEN = "taken", "采用"
        MENDED = "mended", "已修正"
        UNCHANGED = "unchanged", "不变"
        REFUSED = "refused", "需人工"

    class Effect(models.TextChoices):
        NONE = "", "未写入"
        MADE = "made", "新建"
        CHANGED = "changed", "更新"

    roster = models.ForeignKey(RosterImport, models.CASCADE, related_name="rows", verbose_name="导入")
    sheet = models.CharField("工作表", max_length=60)
    number = models.PositiveIntegerField("行号")
    raw = EncryptedJSONField("原内容")
    cleaned = EncryptedJSONField("整理后", default=dict)
    before = EncryptedJSONField("写入前", default=dict)
    name = models.CharField("企业名称", max_length=120, blank=True)
    verdict = models.CharField("结论", max_length=10, choices=Verdict, blank=True, default=Verdict.PENDING)
    messages = models.JSONField("说明", default=list)
    effect = models.CharField("写入结果", max_length=8, choices=Effect, blank=True, default=Effect.NONE)
    enterprise = models.ForeignKey(Enterprise, models.SET_NULL, null=True, blank=True, related_name="roster_rows", verbose_name="企业")

    objects = RosterRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名册行"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["roster", "sheet", "number"], name="roster_row_once")]
        indexes = [models.Index(fields=["roster", "verdict"], name="roster_row_verdict")]

    def __str__(self) -> str:
        return f"{self.sheet} 第{self.number}行"

    @property
    def tone(self) -> str:
        """The badge colour of the verdict; the word always stands beside it."""
        return {"taken": "green", "mended": "blue", "refused": "red"}.get(self.verdict, "secondary")
