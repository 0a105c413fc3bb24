"""What hangs on a visit: its officers, the units that come along, and the items with their answers."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models

from accounts.models import Department
from core import clock, moment
from core.models import Attachment, MoveRefused
from enterprises.models import Enterprise
from hazards.models import Hazard
from inspections.models.days import why_too_far


class InspectionOfficer(models.Model):
    """One officer of a visit, with the certificate shown when it began."""

    inspection = models.ForeignKey("inspections.Inspection", models.CASCADE, related_name="officers", verbose_name="检查")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="检查人员")
    is_lead = models.BooleanField("主办", default=False)
    duty = models.CharField("分工", max_length=100, blank=True)
    certificate = models.CharField("执法证号", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查人员"
        ordering = ["-is_lead", "pk"]
        constraints = [models.UniqueConstraint(fields=["inspection", "user"], name="inspection_officer_once")]

    def __str__(self) -> str:
        return self.user.name


class JointParty(models.Model):
    """Another unit that comes along on a visit; None is the town's emergency office."""

    inspection = models.ForeignKey("inspections.Inspection", models.CASCADE, related_name="parties", verbose_name="检查")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="参加单位")
    joined_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    joined_on = models.DateField("并入日期")
    note = models.CharField("要查什么", max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = "联合检查单位"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "department"], name="joint_party_once"),
            models.UniqueConstraint(fields=["inspection"], condition=models.Q(department=None), name="joint_party_town_once"),
        ]

    def __str__(self) -> str:
        return self.department.name if self.department else "镇应急办"


class InspectionItemQuerySet(models.QuerySet["InspectionItem"]):
    """Scope."""

    def for_user(self, user: Any) -> InspectionItemQuerySet:
        """Of the visits this person may see, once they are recorded; before that the town's people alone."""
        visits = self.model._meta.get_field("inspection").related_model.objects.for_user(user)
        rows = self.filter(inspection__in=visits)
        return rows if user.is_town else rows.filter(inspection__recorded_on__isnull=False)


class InspectionItem(models.Model):
    """One thing looked at: its words as they stood when it was chosen, and what was found."""

    class Result(models.TextChoices):
        PASS = "pass", "合格"
        FAIL = "fail", "有问题"
        NA = "na", "不适用"
        SKIP = "skip", "未查"

    class Disposal(models.TextChoices):
        ON_SPOT = "on_spot", "当场改正"
        ORDER = "order", "责令限期整改"
        MEASURE = "measure", "现场处理措施"
        TRANSFER = "transfer", "移送"

    inspection = models.ForeignKey("inspections.Inspection", models.CASCADE, related_name="items", verbose_name="检查")
    position = models.PositiveSmallIntegerField("第几项")
    point = models.ForeignKey(
        "inspections.InspectionPoint", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="检查要点"
    )
    line = models.ForeignKey("inspections.OrderLine", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责令整改项")
    department = models.ForeignKey(Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="负责单位")
    section = models.CharField("类别", max_length=60)
    name = models.CharField("检查项目", max_length=500)
    how_to_check = models.CharField("怎么查", max_length=500, blank=True)
    basis = models.CharField("依据", max_length=300, blank=True)
    is_focus = models.BooleanField("必查", default=False)
    result = models.CharField("结果", max_length=4, choices=Result, blank=True)
    note = models.CharField("情况", max_length=500, blank=True)
    place = models.CharField("位置", max_length=100, blank=True)
    level = models.CharField("级别", max_length=10, choices=Hazard.Level, blank=True)
    disposal = models.CharField("处置", max_length=10, choices=Disposal, blank=True)
    requirement = models.CharField("整改要求", max_length=500, blank=True)
    due_on = models.DateField("整改期限", null=True, blank=True)
    is_violation = models.BooleanField("涉嫌违法", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="填写人")
    at = models.DateTimeField("填写时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=0)

    objects = InspectionItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查项目"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "position"], name="inspection_item_once"),
            models.CheckConstraint(condition=models.Q(result="") | models.Q(by__isnull=False, at__isnull=False), name="inspection_item_by"),
        ]

    OF_LINE = (Result.PASS, Result.FAIL)
    FAIL_FIELDS = ("note", "place", "level", "disposal", "requirement", "due_on", "is_violation")

    def __str__(self) -> str:
        return f"{self.position + 1} {self.name[:30]}"

    @property
    def enterprise(self) -> Enterprise:
        """The visit's enterprise, for the scope columns of its photos."""
        return self.inspection.enterprise

    @property
    def number(self) -> int:
        """Counted from one."""
        return self.position + 1

    @property
    def law(self) -> list[Any]:
        """What a fault here breaks on the day of the visit, each basis with its scheme or None; nothing outside the points."""
        day = self.inspection.visited_on or self.inspection.planned_on
        return self.point.basis_on(day) if self.point else []

    @property
    def may_break_law(self) -> bool:
        """Whether a fault here may be a violation: the law of the day asks for it, not a policy alone."""
        return self.point is not None and not self.point.is_policy and bool(self.law)

    def content(self) -> dict[str, Any]:
        """What counts when two sendings are compared, as `bare` gives it."""
        due_on = self.due_on.isoformat() if self.due_on else ""
        return bare({**{name: getattr(self, name) for name in self.FAIL_FIELDS}, "due_on": due_on, "result": self.result})

    def differs(self, given: dict[str, Any]) -> bool:
        """Whether what was given is other content than what is stored."""
        return self.content() != bare(given)

    def write(self, given: dict[str, Any], *, by: Any) -> None:
        """Save what was given (see `bare`) and tie the uploads named by `photos` and `after_photos`; in the caller's transaction.

        MoveRefused for a line of an order that is neither put right nor not: nobody passes an order by not looking.
        """
        clean = bare(given)
        if self.line_id and clean["result"] not in self.OF_LINE:
            raise MoveRefused("整改项只能填“已整改”或“未整改到位”,这一次没有保存。")
        self.result, self.by, self.at = clean["result"], by, moment.now()
        for name in self.FAIL_FIELDS:
            setattr(self, name, clean.get(name, False if name == "is_violation" else ""))
        self.due_on = datetime.date.fromisoformat(clean["due_on"]) if clean.get("due_on") else None
        self.version += 1
        self.save()
        self.add_photos(given, by=by)

    def add_photos(self, given: dict[str, Any], *, by: Any) -> int:
        """Tie the uploads named by uid: `photos` of what was found, `after_photos` of what was put right at once; how many were new."""
        count = 0
        for key, purpose in (("photos", "before"), ("after_photos", "after")):
            if uids := given.get(key):
                files = list(Attachment.objects.orphans_of(by).filter(uid__in=uids))
                Attachment.attach(files, self, purpose=purpose, by=by)
                count += len(files)
        return count


def last_suggested(today: datetime.date) -> datetime.date:
    """The last day that may be suggested for a general hazard (DeadlineRule)."""
    return clock.due_on("inspection.order.max", today)


def why_not_suggested(day: datetime.date, level: str, today: datetime.date, last: datetime.date) -> str:
    """Why no order could have this last day: past, beyond `last` for a general hazard, or none that can be meant; "" when one could."""
    if day < today:
        return f"建议整改期限 {day.isoformat()} 早于今天,请重新选。"
    if level != Hazard.Level.MAJOR and day > last:
        return f"建议整改期限 {day.isoformat()} 太远,一般隐患最长到 {last:%Y-%m-%d},请重新选。"
    return why_too_far(day, today)


def bare(given: dict[str, Any]) -> dict[str, Any]:
    """An answer without what does not count: only a FAIL has details, only what was not looked at has a reason (R71)."""
    result = given["result"]
    if result != InspectionItem.Result.FAIL:
        return {"result": result, "note": given.get("note", "")}
    level = given.get("level") or Hazard.Level.NORMAL.value
    kept = {name: given.get(name) or "" for name in ("note", "place", "disposal", "requirement", "due_on")}
    return {"result": result, **kept, "level": level, "is_violation": bool(given.get("is_violation"))}
