"""ExportLayout: which columns, in which order and under which headings a system of the district wants."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from accounts.models import Area
from accounts.models.areas import within
from accounts.roles import Role
from core import moment

KEEPERS = frozenset({Role.INSPECTOR, Role.ADMIN})


class ExportLayoutQuerySet(models.QuerySet["ExportLayout"]):
    """Whose layouts."""

    def for_user(self, user: Any) -> ExportLayoutQuerySet:
        """Inspectors and administrators: their area's."""
        return self.filter(within("area_id", user.membership.area_id)) if user.role in KEEPERS else self.none()


class ExportLayout(models.Model):
    """The columns of one export for the district: fields of ours under headings of theirs, set by the town itself."""

    class What(models.TextChoices):
        INSPECTIONS = "inspections", "执法检查"
        ORDERS = "orders", "责令整改指令"
        HAZARDS = "hazards", "检查发现的隐患"

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    name = models.CharField("名称", max_length=40)
    what = models.CharField("导出什么", max_length=12, choices=What)
    columns = models.JSONField("列", default=list, help_text="[[字段, 表头]],按次序。")
    version = models.PositiveIntegerField("版本", default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="最后修改人")
    at = models.DateTimeField("最后修改时间", default=moment.now)

    objects = ExportLayoutQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导出格式"
        ordering = ["what", "name"]
        constraints = [
            models.UniqueConstraint(fields=["area", "name"], name="export_layout_name", violation_error_message="已有同名的格式。")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its rows, to look at before they are exported."""
        return reverse("district_export_rows", args=[self.pk])
