"""Sample: a check of the lower level that the next level has to look at; drawn so that anybody can draw it again."""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.conf import settings
from django.db import models, transaction

from core import moment
from duties.models.occurrence import Occurrence, below
from enterprises.models import Enterprise


class SampleQuerySet(models.QuerySet["Sample"]):
    """Scope and what is unanswered."""

    def for_user(self, user: Any) -> SampleQuerySet:
        """Of the occurrences this user may see."""
        return self.filter(upper__enterprise__in=Enterprise.objects.for_user(user), upper__in=Occurrence.objects.for_user(user))

    def unanswered(self) -> SampleQuerySet:
        """Nobody has looked yet."""
        return self.filter(verdict="")


class Sample(models.Model):
    """One drawn lower check and what the reviewer found: 周看日, 月看周 (workflows §4)."""

    class Verdict(models.TextChoices):
        TRUE = "true", "属实"
        FALSE = "false", "不符"

    upper = models.ForeignKey(Occurrence, models.PROTECT, related_name="samples", verbose_name="上级期次")
    lower = models.ForeignKey(Occurrence, models.PROTECT, related_name="samples_above", verbose_name="被抽查期次")
    verdict = models.CharField("结论", max_length=5, choices=Verdict, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="抽查人")
    at = models.DateTimeField("抽查时间", null=True, blank=True)

    objects = SampleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "下级抽查"
        constraints = [
            models.UniqueConstraint(fields=["upper", "lower"], name="sample_once"),
            models.CheckConstraint(
                condition=models.Q(verdict="", by=None, at=None) | (~models.Q(verdict="") & models.Q(by__isnull=False, at__isnull=False)),
                name="sample_answered_together",
            ),
            models.CheckConstraint(condition=~models.Q(verdict="false") | ~models.Q(note=""), name="sample_false_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.upper} → {self.lower}"

    @classmethod
    def draw(cls, upper: Occurrence, *, by: Any) -> list[Sample]:
        """The lower checks to look at, `duty.sample_count` of those done in the same period by somebody else; drawn once.

        The tickets are SHA-256 of both ids, the smallest first: nobody chooses, and anybody can draw again.
        """
        wanted = upper.plan.duty.sample_count
        if not wanted:
            return []
        with transaction.atomic():
            Occurrence.objects.select_for_update().get(pk=upper.pk)
            drawn: list[Sample] = list(Sample.objects.filter(upper=upper).select_related("lower__plan__duty", "lower__unit").order_by("pk"))
            if drawn:
                return drawn
            rows = Occurrence.objects.under(upper).filter(
                level__in=below(upper.level)[-1:],
                state__in=(Occurrence.State.DONE, Occurrence.State.LATE),
                period_end__gte=upper.period_start,
                period_start__lte=upper.period_end,
            )
            pks = sorted(rows.exclude(done_by=by).values_list("pk", flat=True), key=lambda pk: ticket(upper.pk, pk))
            Sample.objects.bulk_create([Sample(upper=upper, lower_id=pk) for pk in pks[:wanted]])
            return list(Sample.objects.filter(upper=upper).select_related("lower__plan__duty", "lower__unit").order_by("pk"))

    def answer(self, *, by: Any, on: datetime.date, verdict: str, note: str = "") -> None:
        """What the reviewer found; the lower check's story tells it. Answered twice is answered once."""
        with transaction.atomic():
            if not Sample.objects.select_for_update().filter(pk=self.pk).unanswered().exists():
                return
            self.lower.review(by=by, on=on, verdict=verdict, note=note)
            Sample.objects.filter(pk=self.pk).update(verdict=verdict, note=note, by=by, at=moment.now())


def ticket(upper: int, lower: int) -> str:
    """The lot of one lower check."""
    return hashlib.sha256(f"{upper}:{lower}".encode()).hexdigest()
