"""What each stage of a construction project must show by law, and the papers that show it (R78)."""

from __future__ import annotations

import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models

from core import moment
from core.models.deadlines import Dated, DatedQuerySet
from enterprises.models.project_machine import State


class ProjectRequirement(Dated):
    """The paper that ends one stage of an ordinary or a special project, and the article that asks for it; by edition."""

    code = models.CharField("代码", max_length=40)
    stage = models.CharField("阶段", max_length=16, choices=State)
    is_special = models.BooleanField("金属冶炼、危险物品项目")
    name = models.CharField("材料", max_length=60)
    article = models.CharField("条款", max_length=100)
    needs_number = models.BooleanField("须有文号", default=False)
    is_timed = models.BooleanField("有最短和最长期限", default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "三同时材料要求"
        ordering = ["effective_from", "code"]
        constraints = [models.UniqueConstraint(fields=["code", "edition"], name="project_requirement_edition")]

    def __str__(self) -> str:
        return f"{self.name}({self.article})"

    @classmethod
    def of(cls, stage: str, is_special: bool, on: datetime.date) -> ProjectRequirement | None:
        """The edition in force on that day; None for a stage that asks for no paper."""
        rows = cls.objects.in_force(on).filter(stage=stage, is_special=is_special)
        return rows.order_by("-effective_from", "-pk").first()


class ProjectPaperQuerySet(models.QuerySet["ProjectPaper"]):
    """Scope."""

    def for_user(self, user: Any) -> ProjectPaperQuerySet:
        """Of the projects this user may see."""
        return self.filter(project__in=apps.get_model("enterprises.Project")._default_manager.for_user(user))  # type: ignore[attr-defined]


class ProjectPaper(models.Model):
    """One paper of one stage, with the words of the requirement it answered: a catalogue loaded later changes none of them."""

    project = models.ForeignKey("enterprises.Project", models.PROTECT, related_name="papers", verbose_name="项目")
    stage = models.CharField("阶段", max_length=16, choices=State)
    name = models.CharField("材料名称", max_length=120)
    number = models.CharField("文号", max_length=60, blank=True)
    organ = models.CharField("出具单位", max_length=60)
    dated_on = models.DateField("材料日期")
    passed = models.BooleanField("结论", null=True, blank=True, choices=[(True, "通过"), (False, "不通过")])
    requirement = models.ForeignKey(ProjectRequirement, models.PROTECT, related_name="+", verbose_name="材料要求")
    required = models.CharField("要求的材料", max_length=60)
    article = models.CharField("条款", max_length=100)
    edition = models.CharField("版本", max_length=40)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=moment.now)

    objects = ProjectPaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "三同时材料"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.name} {self.number}".strip()

    @property
    def purpose(self) -> str:
        """Under which purpose its photos are attached to the project."""
        return f"paper-{self.pk}"

    @property
    def lines(self) -> list[str]:
        """Its facts, for the project's story."""
        facts = [f"材料:{self}", f"出具:{self.organ},{self.dated_on:%Y-%m-%d}", f"依据:{self.article}"]
        return facts if self.passed is None else [*facts, f"结论:{self.get_passed_display()}"]

    @classmethod
    def keep(cls, project: Any, requirement: ProjectRequirement, **facts: Any) -> ProjectPaper:
        """Write a paper of the stage the requirement is for, with the requirement's words of now."""
        law = {"required": requirement.name, "article": requirement.article, "edition": requirement.edition}
        return cls.objects.create(project=project, stage=requirement.stage, requirement=requirement, **law, **facts)
