"""The unit tree of an enterprise: 厂 / 部门 / 班组."""

from __future__ import annotations

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from enterprises.models.enterprise import Enterprise


class UnitQuerySet(models.QuerySet["Unit"]):
    """Scope and depth."""

    def for_user(self, user: Any) -> UnitQuerySet:
        """Of the enterprises this user may see."""
        return self.filter(enterprise__in=Enterprise.objects.for_user(user))

    def led_by(self, held: Any) -> UnitQuerySet:
        """The unit of a Membership and what lies under it (the tree has three levels)."""
        if held.unit_id is None:
            return self.none()
        own = models.Q(pk=held.unit_id) | models.Q(parent_id=held.unit_id) | models.Q(parent__parent_id=held.unit_id)
        return self.filter(own)

    def open(self) -> UnitQuerySet:
        """Not dissolved."""
        return self.filter(closed_on=None)


class Unit(models.Model):
    """A plant, a department (workshop) or a team; its people are its Memberships."""

    class Kind(models.TextChoices):
        PLANT = "plant", "厂"
        DEPARTMENT = "department", "部门(车间)"
        TEAM = "team", "班组"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="units", verbose_name="企业")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级")
    kind = models.CharField("层级", max_length=12, choices=Kind)
    name = models.CharField("名称", max_length=60)
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    objects = UnitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "部门班组"
        ordering = ["kind", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "parent", "name"],
                condition=models.Q(closed_on=None),
                name="unit_name_once",
                violation_error_message="同一上级下已有这个名称。",
            ),
            models.UniqueConstraint(fields=["enterprise"], condition=models.Q(kind="plant"), name="unit_one_plant"),
            models.CheckConstraint(
                condition=models.Q(kind="plant", parent=None) | (~models.Q(kind="plant") & models.Q(parent__isnull=False)),
                name="unit_parent_by_kind",
                violation_error_message="部门和班组必须有上级。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def plant_of(cls, enterprise: Enterprise) -> Unit:
        """The root of an enterprise's tree, made when missing."""
        return cls.objects.get_or_create(enterprise=enterprise, kind=cls.Kind.PLANT, defaults={"name": "全厂"})[0]
