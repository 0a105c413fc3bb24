"""Duty: what has to be done again and again, by whom, with what evidence, on what basis."""

from __future__ import annotations

from django.db import models

from accounts.roles import MANAGERS, Role
from core.models.deadlines import Dated, DatedQuerySet
from duties.periods import Frequency
from enterprises.models import Unit

DOERS = MANAGERS | {Role.UNIT_HEAD, Role.TEAM_LEADER}
BY_FREQUENCY = {Frequency.DAY.value: DOERS, Frequency.WEEK.value: MANAGERS | {Role.UNIT_HEAD}}


def doers(frequency: str) -> frozenset[str]:
    """The roles that may do a duty of this frequency: those longer than the week's are the managers'."""
    return BY_FREQUENCY.get(frequency, MANAGERS)


class Duty(Dated):
    """One periodic duty of the policy paper (R13, R20–R22) in one edition."""

    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=60)
    frequency = models.CharField("频次", max_length=8, choices=Frequency)
    level = models.CharField("层级", max_length=12, choices=Unit.Kind)
    who = models.CharField("责任人", max_length=60)
    evidence = models.CharField("留存材料", max_length=200)
    basis = models.CharField("要求", max_length=40, help_text="手册里的编号,如 R20。")
    trait = models.CharField("危险特性", max_length=40, blank=True, help_text="只有具有这种危险特性的企业才有;空为都有。")
    checklist_code = models.CharField("检查表", max_length=40, blank=True, help_text="空为该层级、该行业的检查表。")
    is_ladder = models.BooleanField("属于日周月阶梯", default=False)
    sample_count = models.PositiveSmallIntegerField("每次抽查下级", default=0)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "周期任务"
        ordering = ["code", "-effective_from"]
        constraints = [models.UniqueConstraint(fields=["code", "edition"], name="duty_edition")]

    def __str__(self) -> str:
        return self.name
