"""One-time codes: an invitation or a reset, on paper or by message."""

from __future__ import annotations

import datetime
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.utils import timezone

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
LIFE = datetime.timedelta(days=7)
MAX_TRIES = 8


class OneTimeCode(models.Model):
    """A code that lets one person set a password once; stored hashed, shown once to who issues it."""

    class Purpose(models.TextChoices):
        INVITE = "invite", "邀请"
        RESET = "reset", "重置密码"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="codes", verbose_name="用户")
    purpose = models.CharField("用途", max_length=8, choices=Purpose)
    hash = models.CharField("摘要", max_length=128)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="签发人")
    issued_at = models.DateTimeField("签发时间", default=timezone.now)
    expires_at = models.DateTimeField("到期时间")
    used_at = models.DateTimeField("使用时间", null=True)
    tries = models.PositiveSmallIntegerField("错误次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "一次性代码"
        constraints = [models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("issued_at")), name="code_dates")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.user}"

    @classmethod
    def issue(cls, user: Any, *, purpose: str, by: Any) -> str:
        """A new code for this person, as text to hand over; older unused ones die with it."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        now = timezone.now()
        with transaction.atomic():
            cls.objects.filter(user=user, used_at=None).update(expires_at=models.F("issued_at") + datetime.timedelta(microseconds=1))
            cls.objects.create(user=user, purpose=purpose, hash=make_password(code), by=by, issued_at=now, expires_at=now + LIFE)
        return f"{code[:5]}-{code[5:]}"

    @classmethod
    def redeem(cls, username: str, code: str) -> OneTimeCode | None:
        """The code's row when it is right and unused, else None; same work for an unknown name."""
        code = code.upper().replace("-", "").replace(" ", "")
        row = (
            cls.objects.filter(user__username__iexact=username, used_at=None, expires_at__gt=timezone.now(), tries__lt=MAX_TRIES)
            .order_by("-pk")
            .first()
        )
        if row is None:
            make_password(code)
            return None
        if check_password(code, row.hash):
            return row
        cls.objects.filter(pk=row.pk).update(tries=models.F("tries") + 1)
        return None

    def use(self) -> bool:
        """Mark it used; False when it was used meanwhile."""
        return bool(OneTimeCode.objects.filter(pk=self.pk, used_at=None).update(used_at=timezone.now()))
