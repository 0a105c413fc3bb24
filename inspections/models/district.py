"""The district's own plan, as far as it concerns firms of the town: so that no firm is visited twice without need (workflows §5)."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models

from accounts.roles import WHOLE_TOWN, Role
from enterprises.models import Enterprise


class DistrictListEntryQuerySet(models.QuerySet["DistrictListEntry"]):
    """Scope."""

    def for_user(self, user: Any) -> DistrictListEntryQuerySet:
        """The town's offices and departments: of visible enterprises. Firms and villages never learn of visits to come."""
        if user.role in WHOLE_TOWN or user.role == Role.DEPARTMENT:
            return self.filter(enterprise__in=Enterprise.objects.for_user(user))
        return self.none()

    def for_list(self) -> DistrictListEntryQuerySet:
        """With what a list shows, the newest year first."""
        return self.select_related("enterprise__area", "by").order_by("-year", "enterprise__name", "pk")


class DistrictListEntry(models.Model):
    """A firm of the town that a plan of the district or the city names for a year."""

    year = models.PositiveSmallIntegerField("年度")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="district_entries", verbose_name="企业")
    source = models.CharField("来源", max_length=100, help_text="例如:綦江区应急管理局2026年度监督检查计划。")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="导入人")
    on = models.DateField("导入日期")

    objects = DistrictListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区级计划名单"
        constraints = [
            models.UniqueConstraint(fields=["year", "enterprise", "source"], name="district_entry_once"),
            models.CheckConstraint(condition=models.Q(year__range=(2015, 2100)), name="district_entry_year"),
            models.CheckConstraint(condition=~models.Q(source=""), name="district_entry_source"),
        ]

    def __str__(self) -> str:
        return f"{self.year} {self.enterprise.name}"

    @classmethod
    def take_in(cls, firms: Iterable[Enterprise], *, year: int, source: str, by: Any, on: datetime.date) -> int:
        """These firms are on the district's list of the year; those already there stay. How many are new."""
        known = set(cls.objects.filter(year=year, source=source).values_list("enterprise", flat=True))
        new = {
            firm.pk: DistrictListEntry(year=year, enterprise=firm, source=source, by=by, on=on) for firm in firms if firm.pk not in known
        }
        DistrictListEntry.objects.bulk_create(new.values(), ignore_conflicts=True)
        return len(new)
