"""Officers' certificates (执法证): who may inspect and enforce, from when to when (安全生产法2021 §67, 行政处罚法2021 §42)."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts.models.areas import within
from accounts.models.users import User
from accounts.roles import WHOLE_TOWN
from core.models import DeadlineRule, Event

HELD_IN = ("memberships__area_id", "memberships__department__area_id", "memberships__enterprise__area_id")


class OfficerCertificateQuerySet(models.QuerySet["OfficerCertificate"]):
    """Scope, and which count on a day."""

    def for_user(self, user: Any) -> OfficerCertificateQuerySet:
        """The roles of a whole area: of whoever holds or held a role in it; everybody else: one's own."""
        if user.role not in WHOLE_TOWN:
            return self.filter(user=user)
        seen = models.Q(pk=user.pk)
        for place in HELD_IN:
            seen |= within(place, user.membership.area_id)
        return self.filter(user__in=User.objects.filter(seen).values("pk"))

    def for_list(self) -> OfficerCertificateQuerySet:
        """With what a list shows, the one that ends last first."""
        return self.select_related("user", "revoked_by").order_by("-valid_to", "-pk")

    def valid_on(self, day: datetime.date) -> OfficerCertificateQuerySet:
        """Begun, not ended, and not revoked by that day."""
        standing = models.Q(revoked_on=None) | models.Q(revoked_on__gt=day)
        return self.filter(standing, valid_from__lte=day, valid_to__gte=day)


class OfficerCertificate(models.Model):
    """One certificate of one officer; never changed but for its revocation, and a person may hold several at a time."""

    class Standing(models.TextChoices):
        VALID = "valid", "有效"
        AHEAD = "ahead", "未生效"
        EXPIRED = "expired", "已过期"
        REVOKED = "revoked", "已吊销"

    TONES = {Standing.VALID: "green", Standing.AHEAD: "blue", Standing.EXPIRED: "orange", Standing.REVOKED: "red"}
    WARN = "officer.certificate.warn"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates", verbose_name="持证人")
    number = models.CharField("证号", max_length=40, unique=True, error_messages={"unique": "这个证号已经登记过。"})
    organ = models.CharField("发证机关", max_length=60)
    scope = models.CharField("执法类别、区域", max_length=200)
    valid_from = models.DateField("有效期自")
    valid_to = models.DateField("有效期至")
    revoked_on = models.DateField("吊销日期", null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="吊销登记人"
    )
    revoke_reason = models.CharField("吊销原因", max_length=200, blank=True)

    objects = OfficerCertificateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "执法证"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__gte=models.F("valid_from")),
                name="certificate_dates",
                violation_error_message="有效期的结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_on=None, revoked_by=None, revoke_reason="")
                | models.Q(revoked_on__isnull=False, revoked_by__isnull=False) & ~models.Q(revoke_reason=""),
                name="certificate_revoked_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def period(self) -> str:
        """From–to, in words."""
        return f"{self.valid_from:%Y-%m-%d} 至 {self.valid_to:%Y-%m-%d}"

    def standing(self, day: datetime.date | None = None) -> Standing:
        """Where it stands on that day (today): revoked comes before everything else."""
        day = day or timezone.localdate()
        if self.revoked_on and self.revoked_on <= day:
            return self.Standing.REVOKED
        if day < self.valid_from:
            return self.Standing.AHEAD
        return self.Standing.EXPIRED if day > self.valid_to else self.Standing.VALID

    def tone(self, day: datetime.date | None = None) -> str:
        """The badge colour of where it stands; the word always stands beside it."""
        return self.TONES[self.standing(day)]

    def warning(self, day: datetime.date | None = None) -> str:
        """How many days are left, when it is valid and they are fewer than DeadlineRule `officer.certificate.warn` says; else ""."""
        day = day or timezone.localdate()
        if self.standing(day) != self.Standing.VALID:
            return ""
        # A reminder, not a period of law: where no edition is in force nobody is reminded.
        rule = DeadlineRule.objects.in_force(day).filter(code=self.WARN).order_by("-effective_from", "-pk").first()
        left = (self.valid_to - day).days
        if rule is None or left >= rule.value:
            return ""
        return f"还有 {left} 天到期,请及时换证" if left else "今天到期,请马上换证"

    def register(self, *, by: Any, on: datetime.date) -> None:
        """Save a new one; an Event of its holder tells it."""
        with transaction.atomic():
            self.save(force_insert=True)
            note = f"{self.number},{self.organ},{self.scope},{self.period}"
            Event.record(self.user, by=by, on=on, move="add_certificate", label="登记执法证", note=note)

    def revoke(self, *, by: Any, on: datetime.date, revoked_on: datetime.date, reason: str) -> None:
        """It no longer counts from `revoked_on` on; an Event of its holder tells it. Twice is once."""
        facts = {"revoked_on": revoked_on, "revoked_by": by, "revoke_reason": reason}
        with transaction.atomic():
            if OfficerCertificate.objects.filter(pk=self.pk, revoked_on=None).update(**facts):
                note = f"{self.number},自 {revoked_on:%Y-%m-%d} 起吊销:{reason}"
                Event.record(self.user, by=by, on=on, move="revoke_certificate", label="吊销执法证", note=note)
