"""Key people of an enterprise (R6), and the periods in which it stands still."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from simple_history.models import HistoricalRecords

from core.fields import EncryptedField
from core.models import Event
from enterprises.models.enterprise import PRINCIPALS, Enterprise


class KeyPersonQuerySet(models.QuerySet["KeyPerson"]):
    """Scope, and who holds a post now."""

    def for_user(self, user: Any) -> KeyPersonQuerySet:
        """Of the enterprises this user may see."""
        return self.filter(enterprise__in=Enterprise.objects.for_user(user))

    def current(self) -> KeyPersonQuerySet:
        """Not ended."""
        return self.filter(ended_on=None)


class KeyPerson(models.Model):
    """A principal (legal representative, investor, actual controller, manager), safety manager (R6) or chief engineer (R29)."""

    class Kind(models.TextChoices):
        LEGAL = "legal", "法定代表人"
        CONTROLLER = "controller", "实际控制人"
        INVESTOR = "investor", "投资人"
        MANAGER = "manager", "主要负责人"
        SAFETY = "safety", "安全管理员"
        ENGINEER = "engineer", "总工程师(技术负责人)"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="key_people", verbose_name="企业")
    kind = models.CharField("身份", max_length=12, choices=Kind)
    name = models.CharField("姓名", max_length=40)
    phone = EncryptedField("电话", blank=True)
    scope = models.CharField("职责范围", max_length=200, blank=True)
    appointed_on = models.DateField("任职日期", null=True, blank=True)
    confirmed_on = models.DateField("确认日期", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    ended_on = models.DateField("离任日期", null=True, blank=True)

    objects = KeyPersonQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["phone"])

    class Meta:
        verbose_name = verbose_name_plural = "主要人员"
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_on=None, confirmed_by=None) | models.Q(confirmed_on__isnull=False, confirmed_by__isnull=False),
                name="key_person_confirmed_pair",
            ),
            models.UniqueConstraint(
                fields=["enterprise", "kind", "name"],
                condition=models.Q(ended_on=None),
                name="key_person_once",
                violation_error_message="这个人已登记为同一身份。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}({self.get_kind_display()})"

    @property
    def is_principal(self) -> bool:
        """Whether the post makes its holder a principal of the firm (R6)."""
        return self.kind in PRINCIPALS

    def _tell(self, move: str, label: str, *, by: Any, on: datetime.date) -> None:
        Event.record(self.enterprise, by=by, on=on, move=move, label=label, note=str(self), data={"key_person": self.pk})

    def _keep_history(self) -> None:
        self.refresh_from_db()
        self.save()

    def confirm(self, *, by: Any, on: datetime.date) -> None:
        """The town confirms that this person holds the post (R6); an Event of the enterprise tells it. Twice is once."""
        with transaction.atomic():
            if KeyPerson.objects.filter(pk=self.pk, confirmed_on=None).update(confirmed_on=on, confirmed_by=by):
                self._keep_history()
                self._tell("confirm_key_person", "确认主要人员", by=by, on=on)

    def end(self, *, by: Any, on: datetime.date) -> None:
        """The person leaves the post on that day; twice is once."""
        with transaction.atomic():
            if KeyPerson.objects.current().filter(pk=self.pk).update(ended_on=on):
                self._keep_history()
                self._tell("end_key_person", "主要人员离任", by=by, on=on)

    def open_phone(self, *, by: Any, on: datetime.date) -> str:
        """The whole phone number; that it was opened, and by whom, is an Event."""
        self._tell("open_phone", "查看电话", by=by, on=on)
        return self.phone


class StopPeriodQuerySet(models.QuerySet["StopPeriod"]):
    """Scope and dates."""

    def for_user(self, user: Any) -> StopPeriodQuerySet:
        """Of the enterprises this user may see."""
        return self.filter(enterprise__in=Enterprise.objects.for_user(user))

    def meeting(self, stop: StopPeriod) -> StopPeriodQuerySet:
        """The enterprise's other stops that share a day with this one."""
        others = self.filter(enterprise_id=stop.enterprise_id).exclude(pk=stop.pk)
        others = others.filter(models.Q(ends_on=None) | models.Q(ends_on__gte=stop.starts_on))
        return others if stop.ends_on is None else others.filter(starts_on__lte=stop.ends_on)

    def covering(self, day: datetime.date) -> StopPeriodQuerySet:
        """In force on that day."""
        return self.filter(starts_on__lte=day).filter(models.Q(ends_on=None) | models.Q(ends_on__gte=day))


class StopPeriod(models.Model):
    """From–to in which production stands still, so that periodic duties rest; no two of one enterprise share a day."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="stop_periods", verbose_name="企业")
    starts_on = models.DateField("停产自")
    ends_on = models.DateField("停产至", null=True, blank=True)
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = StopPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "停产期"
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="stop_period_dates",
                violation_error_message="结束日期不能早于开始日期。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}—{self.ends_on or ''}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refused (ValidationError) when it overlaps, also when two are saved at once: the enterprise's row is the lock."""
        with transaction.atomic():
            Enterprise.objects.select_for_update().get(pk=self.enterprise_id)
            self.clean()
            super().save(*args, **kwargs)

    def clean(self) -> None:
        """For forms: the sentence when it overlaps."""
        if self.starts_on and StopPeriod.objects.meeting(self).exists():
            raise ValidationError("与已登记的停产期重叠,请先登记那一次的复产日期。")
