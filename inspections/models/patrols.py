"""What is not an inspection: walks of villages, grid workers and third parties; visits of other authorities; ratings."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.roles import MANAGERS
from core import moment
from core.models import Attachment, Event, MoveRefused
from enterprises.models import Enterprise
from inspections.models.machine import Kind

FEWEST = 5


class PatrolQuerySet(models.QuerySet["Patrol"]):
    """Scope."""

    def for_user(self, user: Any) -> PatrolQuerySet:
        """Town: of visible enterprises. Managers: of their firm."""
        rows = self.filter(enterprise__in=Enterprise.objects.for_user(user))
        return rows if user.is_town or user.role in MANAGERS else rows.none()

    def for_list(self) -> PatrolQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "by").order_by("-on", "-pk")


class Patrol(models.Model):
    """A walk (走访) by people without certificates: it advises and reports, it never counts as an inspection (R82, handbook §0.10)."""

    class Walker(models.TextChoices):
        VILLAGE = "village", "村(社区)"
        GRID = "grid", "网格员"
        THIRD_PARTY = "third_party", "第三方服务机构"
        TOWN = "town", "镇干部走访"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="patrols", verbose_name="企业")
    walker = models.CharField("走访人员", max_length=12, choices=Walker)
    names = models.CharField("走访人姓名", max_length=100)
    on = models.DateField("走访日期")
    text = models.CharField("看到的情况和提醒", max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=moment.now)

    objects = PatrolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        indexes = [models.Index(fields=["enterprise", "on"], name="patrol_enterprise_on")]

    def __str__(self) -> str:
        return f"{self.on} {self.get_walker_display()}走访"

    def get_absolute_url(self) -> str:
        """The patrol's page."""
        return reverse("patrol_detail", args=[self.pk])

    @classmethod
    def log(cls, *, by: Any, today: datetime.date, photos: list[Attachment] | None = None, **facts: Any) -> Patrol:
        """Register a walk, not later than today; photos are one's own uploads."""
        if facts["on"] > today:
            raise MoveRefused("走访日期不能晚于今天。")
        with transaction.atomic():
            row = cls.objects.create(by=by, **facts)
            Event.record(row, by=by, on=row.on, move="open", label="登记走访", note=row.text)
            Attachment.attach(photos or [], row, purpose="patrol", by=by)
        return row


class OutsideVisitQuerySet(models.QuerySet["OutsideVisit"]):
    """Scope."""

    def for_user(self, user: Any) -> OutsideVisitQuerySet:
        """Of visible enterprises, for the town's people."""
        return self.filter(enterprise__in=Enterprise.objects.for_user(user)) if user.is_town else self.none()

    def for_list(self) -> OutsideVisitQuerySet:
        """With what a list shows, newest first."""
        return self.select_related("enterprise", "by").order_by("-on", "-pk")


class OutsideVisit(models.Model):
    """An inspection by an authority that does not work in this system (district, city, other bureaus): known, so that it is counted."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="outside_visits", verbose_name="企业")
    organ = models.CharField("检查单位", max_length=60)
    on = models.DateField("检查日期")
    note = models.CharField("检查事项", max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=moment.now)

    objects = OutsideVisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外单位检查"
        constraints = [models.UniqueConstraint(fields=["enterprise", "organ", "on"], name="outside_visit_once")]

    def __str__(self) -> str:
        return f"{self.organ} {self.on}"

    @classmethod
    def log(cls, *, by: Any, today: datetime.date, enterprise: Enterprise, **facts: Any) -> OutsideVisit:
        """Register it, not later than today; the firm's story tells it to the town."""
        if facts["on"] > today:
            raise MoveRefused("检查日期不能晚于今天。")
        with transaction.atomic():
            row = cls.objects.create(by=by, enterprise=enterprise, **facts)
            told: dict[str, Any] = {"move": "outside_visit", "label": "登记外单位检查", "note": str(row)}
            Event.record(enterprise, by=by, on=today, audience=Event.Audience.TOWN, **told)
        return row


class Rating(models.Model):
    """What a firm thought of a visit, 1–5; kept without firm, visit or day, so that nobody finds out whose it is."""

    quarter = models.DateField("季度(第一天)")
    kind = models.CharField("检查类型", max_length=12, choices=Kind)
    score = models.PositiveSmallIntegerField("评分")
    remark = models.CharField("意见", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "企业评价"
        constraints = [models.CheckConstraint(condition=models.Q(score__range=(1, 5)), name="rating_score")]

    def __str__(self) -> str:
        return f"{self.quarter} {self.score}"

    @classmethod
    def leave(cls, visit: Any, *, on: datetime.date, score: int, remark: str = "") -> bool:
        """Take a recorded visit's one rating; False when there was one. Nothing ties the two rows together.

        The visit keeps the quarter only, never the moment, and the rating's key is drawn at random, so that neither
        times nor the order of rows tell which belongs to which.
        """
        quarter = datetime.date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
        began = timezone.make_aware(datetime.datetime.combine(quarter, datetime.time()))
        with transaction.atomic():
            open_ones = type(visit)._base_manager.filter(pk=visit.pk, rated_at=None, recorded_on__isnull=False)
            if not open_ones.update(rated_at=began):
                return False
            cls.objects.create(pk=1 + secrets.randbelow(2**62), quarter=quarter, kind=visit.kind, score=score, remark=remark)
        return True

    @classmethod
    def summary(cls) -> list[dict[str, Any]]:
        """[{quarter, count, average}] of quarters with at least FEWEST ratings: fewer would tell who wrote them."""
        rows = cls.objects.values("quarter").annotate(count=models.Count("pk"), average=models.Avg("score"))
        return list(rows.filter(count__gte=FEWEST).order_by("-quarter"))
