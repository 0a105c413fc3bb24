"""One-time codes: an invitation or a reset, on paper or by message."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import uuid
from typing import Any

from axes.utils import reset
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import models, transaction
from django.utils import timezone

from accounts.models.sessions import SignInSession
from core.models import Event

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
LIFE = datetime.timedelta(days=7)
MAX_TRIES = 8
ECHO = datetime.timedelta(minutes=5)


def tidy(code: str) -> str:
    """A code as it is compared: capitals, without dashes and spaces."""
    return "".join(c for c in code.upper() if c.isalnum())


def secret_text(purpose: str, *parts: object, length: int = LENGTH) -> str:
    """Characters that only this site can make from `parts`: the same request sent twice shows the same code, stored nowhere."""
    message = ":".join([purpose, *map(str, parts)]).encode()
    number = int.from_bytes(hmac.digest(settings.SECRET_KEY.encode(), message, hashlib.sha256), "big")
    letters = []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


class OneTimeCodeQuerySet(models.QuerySet["OneTimeCode"]):
    """Whose codes."""

    def issued(self, *, by: Any) -> OneTimeCodeQuerySet:
        """Those this person handed out."""
        return self.filter(by=by).select_related("user")


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

    text = ""

    objects = OneTimeCodeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一次性代码"
        constraints = [models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("issued_at")), name="code_dates")]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.user}"

    @classmethod
    def issue(cls, user: Any, *, purpose: str, by: Any, nonce: uuid.UUID | None = None) -> OneTimeCode:
        """A new code for this person, its words in `text`; older unused ones die with it."""
        nonce, now = nonce or uuid.uuid4(), timezone.now()
        code = secret_text("code", user.pk, nonce)
        with transaction.atomic():
            cls.objects.filter(user=user, used_at=None).update(expires_at=models.F("issued_at") + datetime.timedelta(microseconds=1))
            row = cls.objects.create(user=user, purpose=purpose, hash=make_password(code), by=by, issued_at=now, expires_at=now + LIFE)
        row.reveal(nonce)
        return row

    def reveal(self, nonce: uuid.UUID) -> None:
        """Set `text` to the code as it is handed over, when `nonce` is the one it was issued with and it still works; else ""."""
        code = secret_text("code", self.user_id, nonce)
        works = self.used_at is None and self.expires_at > timezone.now() and check_password(code, self.hash)
        self.text = f"{code[:5]}-{code[5:]}" if works else ""

    @classmethod
    def redeem(cls, username: str, code: str) -> OneTimeCode | None:
        """The code's row when it is right and unused, else None; same work for an unknown name."""
        code = tidy(code)
        row = (
            cls.objects.filter(user__username__iexact=username, used_at=None, expires_at__gt=timezone.now(), tries__lt=MAX_TRIES)
            .exclude(user__is_active=False)
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

    @classmethod
    def was_used(cls, username: str, code: str, new_password1: str, **_: Any) -> bool:
        """Whether this very code set this very password in the last minutes: the second sending of one form."""
        since = timezone.now() - ECHO
        row = cls.objects.filter(user__username__iexact=username, user__is_active=True, used_at__gt=since).order_by("-used_at").first()
        return row is not None and check_password(tidy(code), row.hash) and row.user.check_password(new_password1)

    def use(self, password: str) -> bool:
        """Set the password, end every sign-in and the lock of this person; False when the code was used meanwhile."""
        with transaction.atomic():
            if not OneTimeCode.objects.filter(pk=self.pk, used_at=None).update(used_at=timezone.now()):
                return False
            self.user.set_password(password)
            self.user.save(update_fields=["password"])
            SignInSession.objects.for_user(self.user).revoke()
            reset(username=self.user.username.lower())
            label = f"用{self.get_purpose_display()}码设置密码"
            Event.record(self.user, by=self.user, on=timezone.localdate(), move="set_password", label=label)
        return True
