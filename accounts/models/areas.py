"""Areas by code, departments, and the eight sectors (R59)."""

from __future__ import annotations

from django.db import models

from core.models.deadlines import Dated


class Area(models.Model):
    """A district (6 digits), town (9) or village (12): the code's beginning is its parent's code."""

    code = models.CharField("区域代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)

    class Meta:
        verbose_name = verbose_name_plural = "区域"
        ordering = ["code"]
        constraints = [models.CheckConstraint(condition=models.Q(code__regex=r"^([0-9]{6}|[0-9]{9}|[0-9]{12})$"), name="area_code_digits")]

    def __str__(self) -> str:
        return self.name


def within(field: str, code: str) -> models.Q:
    """Rows whose area code lies in the area `code`: a range on the prefix, so that an index serves it."""
    return models.Q(**{f"{field}__gte": code, f"{field}__lt": code[:-1] + chr(ord(code[-1]) + 1)})


class Sector(Dated):
    """One of the sectors of industry and trade, with the GB/T 4754 divisions it covers."""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=40)
    divisions = models.JSONField("国民经济行业代码", default=list)
    excludes = models.JSONField("除外的代码", default=list)
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "行业"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name

    def covers(self, industry_code: str) -> bool:
        """Whether a GB/T 4754 code (2–4 digits) falls into this sector."""
        return any(industry_code.startswith(d) for d in self.divisions) and not any(industry_code.startswith(x) for x in self.excludes)


class Department(models.Model):
    """An office that leads enterprises or answers for sectors: 谁主管谁负责 (R59)."""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, related_name="departments", verbose_name="区域")
    sectors = models.ManyToManyField(Sector, blank=True, related_name="departments", verbose_name="负责的行业")

    class Meta:
        verbose_name = verbose_name_plural = "部门"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
