"""Construction projects (三同时): registered when approved, told to the district, built stage by stage (R62, R78)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Department
from accounts.roles import MANAGERS, Role
from core import clock
from core.models import Attachment, DeadlineRule, Event, MoveRefused
from enterprises.models import project_machine as machine
from enterprises.models.enterprise import Enterprise
from enterprises.models.project_course import ProjectCourse, in_order
from enterprises.models.project_papers import ProjectPaper

NOTIFY = "project.notify"


def notify_by(approved_on: datetime.date) -> datetime.date | None:
    """The last day to inform the district's bureau of an approval (DeadlineRule); None for one older than the rule."""
    first = DeadlineRule.objects.filter(code=NOTIFY).order_by("effective_from").first()
    return None if first and approved_on < first.effective_from else clock.due_on(NOTIFY, approved_on)


class ProjectQuerySet(models.QuerySet["Project"]):
    """Scope, and what is owed."""

    def for_user(self, user: Any) -> ProjectQuerySet:
        """Town and managers: of visible enterprises; a department also what it approved; nobody else of a firm."""
        if not user.is_town and user.role not in MANAGERS:
            return self.none()
        seen = models.Q(enterprise__in=Enterprise.objects.for_user(user))
        if user.role == Role.DEPARTMENT:
            seen |= models.Q(approved_by_department_id=user.membership.department_id)
        return self.filter(seen)

    def for_list(self) -> ProjectQuerySet:
        """With what a list shows, the newest first."""
        return self.select_related("enterprise", "approved_by_department").order_by("-pk")

    def under_way(self) -> ProjectQuerySet:
        """Neither in use nor stopped nor cancelled."""
        return self.filter(state__in=machine.UNDER_WAY)

    def untold(self) -> ProjectQuerySet:
        """Approved under the rule, and the district's bureau was not informed (R62)."""
        return self.filter(notify_by_on__isnull=False, notified_on=None).exclude(state=machine.State.CANCELLED)

    def overdue(self, today: datetime.date) -> ProjectQuerySet:
        """The same past the last day for it."""
        return self.untold().filter(notify_by_on__lt=today)

    def found_in_use(self) -> ProjectQuerySet:
        """Found in use without acceptance, and not accepted since."""
        return self.filter(found_in_use_on__isnull=False, accepted_on=None)


class Project(ProjectCourse):
    """One new, rebuilt or expanded project of an enterprise: safety facilities designed, built and used with the main works."""

    class Kind(models.TextChoices):
        NEW = "new", "新建"
        REBUILT = "rebuilt", "改建"
        EXPANDED = "expanded", "扩建"

    class How(models.TextChoices):
        LETTER = "letter", "书面函告"
        SYSTEM = "system", "政务系统抄送"
        PHONE = "phone", "电话告知"
        MEETING = "meeting", "会议告知"

    State = machine.State
    MOVES = machine.MOVES
    TONES = machine.TONES

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="projects", verbose_name="企业")
    name = models.CharField("项目名称", max_length=120)
    kind = models.CharField("性质", max_length=10, choices=Kind)
    is_special = models.BooleanField("金属冶炼或危险物品项目", default=False, help_text="这类项目的安全设施设计由主管部门审查。")
    investment = models.CharField("投资", max_length=60, blank=True)
    approved_by_department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="approved_projects", verbose_name="批准(备案)部门"
    )
    approval_number = models.CharField("批准(备案)文号", max_length=60, blank=True)
    approved_on = models.DateField("批准(备案)日期", null=True, blank=True)
    notify_by_on = models.DateField("告知区应急局期限", null=True, blank=True)
    notified_on = models.DateField("告知日期", null=True, blank=True)
    notified_how = models.CharField("告知方式", max_length=10, choices=How, blank=True)
    notified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="告知登记人"
    )
    found_in_use_on = models.DateField("发现未经验收投用日期", null=True, blank=True)
    stopped_from = models.CharField("停建或取消前的阶段", max_length=16, choices=machine.State, blank=True)
    registered_on = models.DateField("登记日期")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建设项目"
        indexes = [models.Index(fields=["notify_by_on"], condition=models.Q(notified_on=None), name="project_untold")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by_department=None, approval_number="", approved_on=None, notify_by_on=None)
                | models.Q(approved_by_department__isnull=False, approved_on__isnull=False) & ~models.Q(approval_number=""),
                name="project_approval_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(notified_on=None, notified_how="", notified_by=None)
                | models.Q(notified_on__isnull=False, notified_by__isnull=False, approved_on__isnull=False) & ~models.Q(notified_how=""),
                name="project_notified_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="in_use") | models.Q(accepted_on__isnull=False, in_use_on__gte=models.F("accepted_on")),
                name="project_used_after_acceptance",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=("stopped", "cancelled")) & ~models.Q(stopped_from="")
                | ~models.Q(state__in=("stopped", "cancelled")) & models.Q(stopped_from=""),
                name="project_stopped_from",
            ),
            models.CheckConstraint(
                condition=models.Q(trial_ended_on=None)
                | models.Q(trial_started_on__isnull=False, trial_ended_on__gte=models.F("trial_started_on")),
                name="project_trial_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The project's page."""
        return reverse("project_detail", args=[self.pk])

    # Facts

    @property
    def stage(self) -> str:
        """The stage it is in, or was in when it was stopped or cancelled."""
        return self.stopped_from or self.state

    @property
    def is_untold(self) -> bool:
        """Approved under the rule, and the district's bureau was not informed (R62)."""
        return self.notify_by_on is not None and self.notified_on is None and self.state != self.State.CANCELLED

    def is_overdue(self, today: datetime.date | None = None) -> bool:
        """The same past the last day for it."""
        return self.is_untold and self.notify_by_on is not None and self.notify_by_on < (today or timezone.localdate())

    @property
    def is_told_late(self) -> bool:
        """Informed after the last day for it."""
        return self.notified_on is not None and self.notify_by_on is not None and self.notified_on > self.notify_by_on

    @property
    def is_found_in_use(self) -> bool:
        """Found in use without acceptance, and not accepted since."""
        return self.found_in_use_on is not None and self.accepted_on is None

    @property
    def flags(self) -> list[tuple[str, str]]:
        """(mark, colour) of what a list points out."""
        marks = [
            (self.is_special, "金属冶炼、危险物品", "blue"),
            (self.is_found_in_use, "未经验收投用", "red"),
            (self.is_overdue(), "逾期未告知", "red"),
            (self.is_untold and not self.is_overdue(), "未告知", "orange"),
            (self.is_told_late, "告知逾期", "orange"),
            (self.approved_on is None, "没有批准文件", "orange"),
        ]
        return [(words, tone) for is_so, words, tone in marks if is_so]

    # Who may not

    def _guard_office(self, by: Any) -> str:
        if by.role != Role.DEPARTMENT or by.membership.department_id in (
            self.approved_by_department_id,
            self.enterprise.lead_department_id,
        ):
            return ""
        return "这个项目由别的部门批准,企业由别的部门牵头,您可以查看,不能办理。"

    def guard_record_approval(self, by: Any) -> str:
        """Once."""
        return "批准文件已经登记。" if self.approved_on else ""

    def guard_notify_bureau(self, by: Any) -> str:
        """Once, of what was approved; by the department that approved it, or an inspector."""
        if self.approved_on is None:
            return "项目还没有登记批准(备案)文件,不用告知。"
        if self.notified_on:
            return f"已于 {self.notified_on:%Y-%m-%d} 告知。"
        is_other = by.role == Role.DEPARTMENT and by.membership.department_id != self.approved_by_department_id
        return f"由批准项目的{self.approved_by_department}告知。" if is_other else ""

    def guard_find_in_use(self, by: Any) -> str:
        """Once, and not after a passed acceptance."""
        if self.accepted_on:
            return f"竣工验收已于 {self.accepted_on:%Y-%m-%d} 通过。"
        return f"已于 {self.found_in_use_on:%Y-%m-%d} 登记过。" if self.found_in_use_on else ""

    def guard_stop(self, by: Any) -> str:
        """A department: of what it approved or leads."""
        return self._guard_office(by)

    def guard_resume(self, by: Any) -> str:
        """A department: of what it approved or leads; the firm: not what the town stopped."""
        last = Event.objects.of(self).filter(move="stop").last()
        by_town = last is not None and last.data.get("side") == "town"
        return "镇里停建的项目,由镇里恢复。" if by_town and not by.is_town else self._guard_office(by)

    def guard_cancel(self, by: Any) -> str:
        """A department: of what it approved or leads."""
        return self._guard_office(by)

    # Verbs

    @classmethod
    def register(
        cls, *, by: Any, on: datetime.date, enterprise: Enterprise, approval: dict[str, Any] | None = None, **facts: Any
    ) -> Project:
        """A new project of an enterprise, with its `approval` (department, number, approved_on) where there is one.

        The period to inform the district's bureau starts on the day of the approval (R62, DeadlineRule).
        """
        if by.role not in machine.REGISTRARS:
            raise PermissionDenied("由行业主管部门、执法人员或管理员登记建设项目。")
        with transaction.atomic():
            row = cls(enterprise=enterprise, state=cls.State.REGISTERED, registered_on=on, registered_by=by, **facts)
            approved = row._approved(by=by, on=on, **approval) if approval else {}
            for name, value in approved.items():
                setattr(row, name, value)
            row.save()
            lines = row._keep_approval(by) if approval else []
            row.opened(by=by, on=on, data={"lines": [f"{row.get_kind_display()}项目:{row.name}", *lines]})
        return row

    def _approved(self, *, by: Any, on: datetime.date, department: Department, number: str, approved_on: datetime.date) -> dict[str, Any]:
        if by.role == Role.DEPARTMENT and department.pk != by.membership.department_id:
            raise MoveRefused("只能登记本部门批准(备案)的项目。")
        in_order(approved_on, None, on, "批准日期")
        facts = {"approved_by_department": department, "approval_number": number, "approved_on": approved_on}
        return {**facts, "notify_by_on": notify_by(approved_on)}

    def _keep_approval(self, by: Any) -> list[str]:
        assert self.approved_on is not None and self.approved_by_department is not None  # noqa: S101, PT018 - just approved
        asked = self.asked(self.approved_on, self.State.REGISTERED)
        facts = {"number": self.approval_number, "organ": self.approved_by_department.name, "dated_on": self.approved_on}
        kept = ProjectPaper.keep(self, asked, by=by, name=asked.name, **facts)
        return [*kept.lines, *([f"告知区应急局期限:{self.notify_by_on:%Y-%m-%d}"] if self.notify_by_on else [])]

    def record_approval(
        self, *, by: Any, on: datetime.date, department: Department, number: str, approved_on: datetime.date, note: str = ""
    ) -> None:
        """The approval that was lacking; the period to inform the district's bureau starts on its day (R62, DeadlineRule)."""
        with transaction.atomic():
            facts = self._approved(by=by, on=on, department=department, number=number, approved_on=approved_on)
            due = facts["notify_by_on"]
            lines = [
                f"批准(备案):{department.name} {number},{approved_on:%Y-%m-%d}",
                *([f"告知区应急局期限:{due:%Y-%m-%d}"] if due else []),
            ]
            self._move("record_approval", by=by, on=on, note=note, data={"lines": lines}, **facts)
            self._keep_approval(by)

    def notify_bureau(
        self, *, by: Any, on: datetime.date, notified_on: datetime.date, how: str, note: str = "", photos: list[Attachment] | None = None
    ) -> None:
        """The district's emergency bureau was informed on that day, and how (R62); late is recorded all the same."""
        in_order(notified_on, self.approved_on, on, "告知日期")
        lines = [f"告知日期:{notified_on:%Y-%m-%d}", f"方式:{self.How(how).label}"]
        if self.notify_by_on and notified_on > self.notify_by_on:
            lines.append(f"逾期:应在 {self.notify_by_on:%Y-%m-%d} 以前告知")
        facts = {"notified_on": notified_on, "notified_how": how, "notified_by": by}
        with transaction.atomic():
            event = self._move("notify_bureau", by=by, on=on, note=note, data={"lines": lines}, **facts)
            Attachment.attach(photos or [], self, purpose=f"notice-{event.pk}", by=by)

    def find_in_use(
        self, *, by: Any, on: datetime.date, note: str, found_on: datetime.date | None = None, photos: list[Attachment] | None = None
    ) -> None:
        """Found in use on that day without a passed acceptance (R78): stays in its stage; the Event says it to whoever punishes."""
        day = found_on or on
        in_order(day, None, on, "发现日期")
        asked = self.requirement(day, self.State.ACCEPTANCE)
        lines = [f"发现日期:{day:%Y-%m-%d}", f"当时阶段:{self.state_label}", *([f"缺少:{asked}"] if asked else [])]
        with transaction.atomic():
            told = {"found_on": day, "lines": lines}
            event = self._move("find_in_use", by=by, on=on, note=note, data=told, found_in_use_on=day)
            Attachment.attach(photos or [], self, purpose=f"found-{event.pk}", by=by)

    def stop(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Building stands still, with the reason; the town's stop is ended by the town alone."""
        self._move("stop", by=by, on=on, note=note, data={"side": "town" if by.is_town else "firm"}, stopped_from=self.state)

    def resume(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """Goes on in the stage in which it was stopped."""
        back = self.State(self.stopped_from) if self.stopped_from else None
        lines = {"lines": [f"回到:{back.label}"]} if back else None
        self._move("resume", by=by, on=on, note=note, data=lines, target=self.stopped_from, stopped_from="")

    def cancel(self, *, by: Any, on: datetime.date, note: str) -> None:
        """Given up for good, with the reason."""
        self._move("cancel", by=by, on=on, note=note, stopped_from=self.stage)
