"""Checklists: dated rows of the catalogue, an enterprise's own items, and the frozen versions that checks use."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models

from core.models.deadlines import Dated, DatedQuerySet
from core.models.submissions import digest
from enterprises.models import Enterprise, Unit


class Checklist(Dated):
    """A list of what one level looks at, and how often: 班组日 / 部门周 / 厂长月 (R20–R22)."""

    class Frequency(models.TextChoices):
        DAY = "day", "日"
        WEEK = "week", "周"
        MONTH = "month", "月"
        CAMPAIGN = "campaign", "专项"

    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=80)
    frequency = models.CharField("频次", max_length=10, choices=Frequency)
    level = models.CharField("层级", max_length=12, choices=Unit.Kind, blank=True)
    applies_to = models.JSONField("适用", default=dict)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查表"
        constraints = [models.UniqueConstraint(fields=["code", "edition"], name="checklist_edition")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def by_level(cls, sector: str, on: datetime.date) -> dict[str, Checklist]:
        """{level: its list in force}: the one written for the sector before a general one, the youngest edition first."""
        found: dict[str, Checklist] = {}
        for row in cls.objects.in_force(on).exclude(level="").order_by("-effective_from", "pk"):
            fits = sector in row.applies_to.get("industry", [])
            if row.level not in found or (fits and sector not in found[row.level].applies_to.get("industry", [])):
                found[row.level] = row
        return found

    @classmethod
    def current(cls, code: str, on: datetime.date) -> Checklist | None:
        """The edition of a list in force on that day."""
        return cls.objects.in_force(on).filter(code=code).order_by("-effective_from", "-pk").first()

    def freeze(self, enterprise: Enterprise, on: datetime.date) -> ChecklistVersion:
        """The words of this list for this enterprise on that day, as a row that never changes."""
        items = [item.words() for item in self.items.in_force(on).order_by("position")]  # type: ignore[attr-defined]
        own = OwnItem.objects.in_force(on).filter(enterprise=enterprise, checklist_code=self.code).order_by("pk")
        items += [item.words() for item in own]
        key = digest([self.pk, enterprise.pk if own else None, items])
        return ChecklistVersion.objects.get_or_create(
            digest=key, defaults={"checklist": self, "enterprise": enterprise if own else None, "items": items, "item_count": len(items)}
        )[0]


class ChecklistItem(Dated):
    """One thing to look at, what makes it a hazard, and on what basis."""

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="items", verbose_name="检查表")
    code = models.CharField("代码", max_length=20)
    position = models.PositiveSmallIntegerField("顺序")
    section = models.CharField("类别", max_length=40)
    name = models.CharField("检查项", max_length=100)
    how_to_check = models.CharField("怎么查", max_length=300)
    hazard_if = models.CharField("不合格情形", max_length=300)
    basis = models.CharField("依据条款", max_length=300)
    level_hint = models.CharField("级别提示", max_length=10, choices=[("general", "一般"), ("major", "可能重大")])
    major_ref = models.JSONField("重大隐患判定条目", default=list)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查项"
        constraints = [models.UniqueConstraint(fields=["checklist", "code"], name="checklist_item_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def words(self) -> dict[str, Any]:
        """What a check shows of it, to be frozen."""
        fields = ("code", "section", "name", "how_to_check", "hazard_if", "basis", "level_hint", "verify")
        return {"row": self.pk, **{name: getattr(self, name) for name in fields}}


class OwnItemQuerySet(models.QuerySet["OwnItem"]):
    """Scope and time."""

    def for_user(self, user: Any) -> OwnItemQuerySet:
        """Of the enterprises this user may see."""
        return self.filter(enterprise__in=Enterprise.objects.for_user(user))

    def in_force(self, on: datetime.date) -> OwnItemQuerySet:
        """Added and not yet retired on that day."""
        return self.filter(added_on__lte=on).filter(models.Q(retired_on=None) | models.Q(retired_on__gt=on))


class OwnItem(models.Model):
    """An item an enterprise adds to a checklist for itself; appended after the catalogue's."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="own_items", verbose_name="企业")
    checklist_code = models.CharField("检查表", max_length=40)
    name = models.CharField("检查项", max_length=100)
    how_to_check = models.CharField("怎么查", max_length=300, blank=True)
    hazard_if = models.CharField("不合格情形", max_length=300)
    added_on = models.DateField("启用日期")
    retired_on = models.DateField("停用日期", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="添加人")

    objects = OwnItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业自有检查项"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(retired_on=None) | models.Q(retired_on__gte=models.F("added_on")), name="own_item_dates"
            ),
            models.UniqueConstraint(
                fields=["enterprise", "checklist_code", "name"],
                condition=models.Q(retired_on=None),
                name="own_item_once",
                violation_error_message="这张表里已有同名的检查项。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def words(self) -> dict[str, Any]:
        """What a check shows of it, to be frozen."""
        return {
            "row": None,
            "code": f"自{self.pk}",
            "section": "本企业",
            "name": self.name,
            "how_to_check": self.how_to_check,
            "hazard_if": self.hazard_if,
            "basis": "本单位制度",
            "level_hint": "general",
            "verify": False,
        }


class ChecklistVersion(models.Model):
    """A checklist's words, frozen when first used; many checks share one."""

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions", verbose_name="检查表")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, null=True, related_name="+", verbose_name="企业")
    digest = models.CharField("摘要", max_length=64, unique=True)
    items = models.JSONField("条目")
    item_count = models.PositiveSmallIntegerField("条目数")
    frozen_at = models.DateTimeField("冻结时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查表版本"

    def __str__(self) -> str:
        return f"{self.checklist} {self.frozen_at:%Y-%m-%d}"
