"""Where a person is signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone


class SignInSessionQuerySet(models.QuerySet["SignInSession"]):
    """Whose, and which still live."""

    def for_user(self, user: Any) -> SignInSessionQuerySet:
        """One's own; nobody sees another's."""
        return self.filter(user=user)

    def here(self, session_key: str | None) -> SignInSessionQuerySet:
        """The one of this browser."""
        return self.filter(session_key=session_key or "")

    def elsewhere(self, session_key: str | None) -> SignInSessionQuerySet:
        """All but that of this browser."""
        return self.exclude(session_key=session_key or "")

    def live(self) -> SignInSessionQuerySet:
        """Not revoked, and the browser's session still exists."""
        there = Session.objects.filter(session_key=models.OuterRef("session_key"), expire_date__gt=timezone.now())
        return self.filter(models.Exists(there), revoked_at=None)

    def revoke(self) -> int:
        """End them: the sessions' rows go, the next request is a stranger's. How many."""
        keys = list(self.values_list("session_key", flat=True))
        ended = self.filter(revoked_at=None).update(revoked_at=timezone.now())
        Session.objects.filter(session_key__in=keys).delete()
        return ended


BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("HuaweiBrowser", "华为浏览器"),
    ("MiuiBrowser", "小米浏览器"),
    ("UCBrowser", "UC 浏览器"),
    ("QQBrowser", "QQ 浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (("Android", "安卓"), ("iPhone", "苹果手机"), ("iPad", "苹果平板"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))


class SignInSession(models.Model):
    """One browser in which a person is signed in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_ins", verbose_name="用户")
    session_key = models.CharField("会话", max_length=40, unique=True)
    address = models.GenericIPAddressField("地址", null=True)
    browser = models.CharField("浏览器", max_length=200, blank=True)
    started_at = models.DateTimeField("登录时间", default=timezone.now)
    seen_at = models.DateTimeField("最近使用", default=timezone.now)
    revoked_at = models.DateTimeField("注销时间", null=True)

    objects = SignInSessionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "登录会话"
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.user} {timezone.localtime(self.started_at):%m-%d %H:%M}"

    @property
    def family(self) -> str:
        """Browser and system in words a person recognises."""
        names = [next((word for mark, word in table if mark in self.browser), "") for table in (BROWSERS, SYSTEMS)]
        return " · ".join(filter(None, names)) or "未知浏览器"
