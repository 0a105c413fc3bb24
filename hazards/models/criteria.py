"""Criteria of major hazards: dated items of the law, and the words a hazard was confirmed under (R24)."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models

from core import moment
from core.models.deadlines import Dated, DatedQuerySet
from enterprises.models import Enterprise

ANY = "any"


class MajorCriterion(Dated):
    """One item of the criteria of major hazards, of one edition, with the sectors and traits it is for."""

    code = models.CharField("代码", max_length=20, unique=True)
    name = models.CharField("情形", max_length=200)
    category = models.CharField("类别", max_length=20)
    sectors = models.JSONField("适用行业", default=list)
    traits = models.JSONField("适用危险特性", default=list)
    item = models.CharField("条款", max_length=40)
    position = models.PositiveSmallIntegerField("顺序", default=0)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重大隐患判定条目"
        ordering = ["effective_from", "position", "code"]

    def __str__(self) -> str:
        return f"{self.item} {self.name}"

    @classmethod
    def offered(cls, enterprise: Enterprise, on: datetime.date) -> tuple[list[MajorCriterion], list[MajorCriterion]]:
        """The items of the edition valid on that day, the day of the finding: (of the firm's traits and sector, all others)."""
        traits = {trait.code for trait in enterprise.traits.all()}
        sector = enterprise.sector.code if enterprise.sector else ""
        own: list[MajorCriterion] = []
        others: list[MajorCriterion] = []
        for row in cls.objects.in_force(on):
            (own if row.is_for(sector, traits) else others).append(row)
        return own, others

    def is_for(self, sector: str, traits: set[str]) -> bool:
        """Whether it concerns a firm of this sector with these traits."""
        return bool({sector, ANY} & set(self.sectors) or traits & set(self.traits))


class HazardCriterionQuerySet(models.QuerySet["HazardCriterion"]):
    """Which still hold."""

    def standing(self) -> HazardCriterionQuerySet:
        """Not dropped by another choice or a downgrade."""
        return self.filter(dropped_at=None)


class HazardCriterion(models.Model):
    """An item a hazard meets, in the words of that time: a catalogue loaded later changes none of them."""

    hazard = models.ForeignKey("hazards.Hazard", models.CASCADE, related_name="criteria", verbose_name="隐患")
    criterion = models.ForeignKey(MajorCriterion, models.PROTECT, related_name="+", verbose_name="判定条目")
    code = models.CharField("代码", max_length=20)
    words = models.CharField("情形", max_length=200)
    item = models.CharField("条款", max_length=40)
    edition = models.CharField("版本", max_length=40)
    source = models.CharField("依据", max_length=300, blank=True)
    verify = models.BooleanField("需核对", default=False)
    is_added = models.BooleanField("确认后加注", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="选定人")
    at = models.DateTimeField("选定时间", default=moment.now)
    dropped_at = models.DateTimeField("不再适用时间", null=True, blank=True)

    objects = HazardCriterionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "隐患的判定条目"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["hazard", "criterion"], condition=models.Q(dropped_at=None), name="hazard_criterion_once")
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.words}"

    @classmethod
    def keep(cls, hazard: models.Model, criterion: MajorCriterion, **facts: object) -> HazardCriterion:
        """Write an item's words of now on the hazard's own row."""
        return cls.objects.create(
            hazard=hazard,
            criterion=criterion,
            code=criterion.code,
            words=criterion.name,
            item=criterion.item,
            edition=criterion.edition,
            source=criterion.source,
            verify=criterion.verify,
            **facts,
        )
