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
from accounts.models.users import SYSTEM_USERNAME
from core.models import Event

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
LIFE = datetime.timedelta(days=7)
MAX_TRIES = 8
AT_ONCE = 2  # one handed out and one by mail
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

    def for_user(self, user: Any) -> OneTimeCodeQuerySet:
        """Those that open this person's account, the newest first."""
        return self.filter(user=user).select_related("by").order_by("-pk")

    def issued(self, *, by: Any) -> OneTimeCodeQuerySet:
        """Those this person handed out."""
        return self.filter(by=by).select_related("user")

    def _void(self) -> None:
        ended = models.F("issued_at") + datetime.timedelta(microseconds=1)
        self.filter(used_at=None, expires_at__gt=timezone.now()).update(expires_at=ended)

    def dead(self) -> OneTimeCodeQuerySet:
        """The last one handed out to each person, when wrong tries or time ended it before anybody got in."""
        later = OneTimeCode.objects.filter(user=models.OuterRef("user"), pk__gt=models.OuterRef("pk"))
        replaced = later.exclude(by__username=SYSTEM_USERNAME, used_at=None)
        ended = models.Q(tries__gte=MAX_TRIES) | models.Q(expires_at__lte=timezone.now())
        return self.filter(ended, ~models.Exists(replaced), used_at=None).exclude(by__username=SYSTEM_USERNAME)


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

    @property
    def state_label(self) -> str:
        """How it stands, for the person and for who issued it."""
        if self.used_at:
            return "已使用"
        if self.tries >= MAX_TRIES:
            return f"输错 {MAX_TRIES} 次,已锁定"
        if self.expires_at > timezone.now():
            return "未使用"
        return "未使用,已过期" if self.expires_at - self.issued_at == LIFE else "未使用,已作废"

    @classmethod
    def issue(cls, user: Any, *, purpose: str, by: Any, nonce: uuid.UUID | None = None) -> OneTimeCode:
        """A new code for this person, its words in `text`; older unused ones die with it.

        One by mail ends only earlier ones by mail: anybody may ask for it, and must not end one on paper.
        """
        nonce, now = nonce or uuid.uuid4(), timezone.now()
        code = secret_text("code", user.pk, nonce)
        with transaction.atomic():
            older = cls.objects.filter(user=user)
            (older.filter(by=by) if by.is_system else older)._void()
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
        works = cls.objects.filter(used_at=None, expires_at__gt=timezone.now(), tries__lt=MAX_TRIES)
        rows = list(works.filter(user__username__iexact=username, user__is_active=True).order_by("-pk")[:AT_ONCE])
        for _ in range(AT_ONCE - len(rows)):
            make_password(code)
        right = [row for row in rows if check_password(code, row.hash)]
        if not right:
            cls.objects.filter(pk__in=[row.pk for row in rows]).update(tries=models.F("tries") + 1)
        return right[0] if right else None

    @classmethod
    def was_used(cls, username: str, code: str, new_password1: str, **_: Any) -> bool:
        """Whether this very code set this very password in the last minutes: the second sending of one form."""
        since = timezone.now() - ECHO
        row = cls.objects.filter(user__username__iexact=username, user__is_active=True, used_at__gt=since).order_by("-used_at").first()
        return row is not None and check_password(tidy(code), row.hash) and row.user.check_password(new_password1)

    def use(self, password: str) -> bool:
        """Set the password, end every sign-in, other code and the lock of this person; False when the code was used meanwhile."""
        with transaction.atomic():
            if not OneTimeCode.objects.filter(pk=self.pk, used_at=None).update(used_at=timezone.now()):
                return False
            OneTimeCode.objects.filter(user=self.user)._void()
            self.user.set_password(password)
            self.user.save(update_fields=["password"])
            SignInSession.objects.for_user(self.user).revoke()
            reset(username=self.user.username.lower())
            label = f"用{self.get_purpose_display()}码设置密码"
            Event.record(self.user, by=self.user, on=timezone.localdate(), move="set_password", label=label)
        return True
