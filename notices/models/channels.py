"""Channels: how a person is reached outside the site, and when he wants it."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core import moment
from core.fields import EncryptedField

GROUPED_AT = datetime.time(7, 30)
QUIET_FROM = datetime.time(21, 30)
QUIET_UNTIL = datetime.time(7, 0)
TEST_EVERY = datetime.timedelta(seconds=30)


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Whose channels, and which are in use."""

    def for_user(self, user: Any) -> ChannelQuerySet:
        """One's own; nobody sees another's."""
        return self.filter(user=user).order_by("pk")

    def on(self) -> ChannelQuerySet:
        """Switched on."""
        return self.filter(on_since__isnull=False)


class Channel(models.Model):
    """One way to one person outside the site; its address is encrypted, and masked on screen."""

    class Kind(models.TextChoices):
        WECOM = "wecom", "企业微信"
        DINGTALK = "dingtalk", "钉钉"
        FEISHU = "feishu", "飞书"
        MAIL = "mail", "邮件"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="channels", verbose_name="用户")
    kind = models.CharField("方式", max_length=8, choices=Kind)
    address = EncryptedField("地址", blank=True)
    secret = EncryptedField("加签密钥", blank=True)
    on_since = models.DateTimeField("启用时间", null=True, blank=True)
    tested_at = models.DateTimeField("测试时间", null=True, blank=True)
    is_test_good = models.BooleanField("测试成功", null=True, blank=True)
    test_result = models.CharField("测试结果", max_length=200, blank=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "外发方式"
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="channel_once"),
            models.CheckConstraint(condition=Q(on_since=None) | ~Q(address=""), name="channel_on_needs_address"),
            models.CheckConstraint(condition=Q(is_test_good=None) | Q(tested_at__isnull=False), name="channel_test_pair"),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_on(self) -> bool:
        """Whether messages go out over it."""
        return self.on_since is not None

    @property
    def masked_address(self) -> str:
        """The address as it may be shown: the ends of a robot's key, the first letter and the host of a mail address."""
        if self.kind == self.Kind.MAIL and "@" in self.address:
            name, _, host = self.address.partition("@")
            return f"{name[:1]}***@{host}"
        return f"{self.address[:3]}********{self.address[-4:]}" if len(self.address) >= 20 else "********"

    def set_address(self, address: str, secret: str = "") -> None:
        """Keep another address; the channel is switched on, and what a test of the old one said is forgotten."""
        if (address, secret) == (self.address, self.secret):
            return
        self.address, self.secret = address, secret
        self.tested_at, self.is_test_good, self.test_result = None, None, ""
        self.on_since = (self.on_since or moment.now()) if address else None
        self.save()

    def switch(self, on: bool) -> None:
        """On or off; to the same twice is once. Without an address it stays off."""
        mine = Channel.objects.filter(pk=self.pk)
        if on:
            mine.filter(on_since=None).exclude(address="").update(on_since=moment.now())
        else:
            mine.update(on_since=None)

    def begin_test(self, now: datetime.datetime) -> bool:
        """Take the turn to test: False within TEST_EVERY of the last one, so that a double click sends once."""
        free = Q(tested_at=None) | Q(tested_at__lte=now - TEST_EVERY)
        return bool(Channel.objects.filter(free, pk=self.pk).update(tested_at=now, is_test_good=None, test_result="正在发送"))

    def end_test(self, good: bool, result: str) -> None:
        """Keep what came of it."""
        Channel.objects.filter(pk=self.pk).update(is_test_good=good, test_result=result[:200])


class NotifySettings(models.Model):
    """When a person is reached outside: the time of the daily grouped message, and the hours in which nothing is sent."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="notify_settings", verbose_name="用户")
    grouped_at = models.TimeField("每天汇总时间", default=GROUPED_AT)
    quiet_from = models.TimeField("静默自", default=QUIET_FROM)
    quiet_until = models.TimeField("静默至", default=QUIET_UNTIL)

    class Meta:
        verbose_name = verbose_name_plural = "消息设置"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=F("quiet_until"))
                | Q(quiet_from__lt=F("quiet_until")) & (Q(grouped_at__lt=F("quiet_from")) | Q(grouped_at__gte=F("quiet_until")))
                | Q(quiet_from__gt=F("quiet_until"), grouped_at__gte=F("quiet_until"), grouped_at__lt=F("quiet_from")),
                name="notify_grouped_not_quiet",
                violation_error_message="汇总时间不能在静默时段里。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.grouped_at:%H:%M}"

    @classmethod
    def of(cls, user: Any) -> NotifySettings:
        """The person's own, else the defaults (not saved)."""
        return cls.objects.filter(user=user).first() or cls(user=user)

    def quiet_end(self, now: datetime.datetime) -> datetime.datetime | None:
        """When the quiet hours end that hold `now`; None outside them. From = until means: none at all."""
        here = timezone.localtime(now)
        first, last, time = self.quiet_from, self.quiet_until, here.time()
        over_midnight = first > last
        inside = (time >= first or time < last) if over_midnight else first <= time < last
        if not inside:
            return None
        day = here.date() + datetime.timedelta(days=1 if over_midnight and time >= first else 0)
        return timezone.make_aware(datetime.datetime.combine(day, last))
