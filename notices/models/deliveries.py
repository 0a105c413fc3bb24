"""Delivery: one message to one person over one channel outside the site, a work row of its own."""

from __future__ import annotations

import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import timezone

from core.models.work import WorkRow, WorkRowQuerySet
from notices import outside
from notices.models.channels import Channel, NotifySettings
from notices.models.notice import Notice
from notices.receivers import hand_on, is_in_force

PAUSE = datetime.timedelta(minutes=1)
STALE = datetime.timedelta(days=3)
LISTED = 8


class DeliveryQuerySet(WorkRowQuerySet):
    """Whose deliveries, and those nobody was told of."""

    def for_user(self, user: Any) -> DeliveryQuerySet:
        """Over one's own channels."""
        return self.filter(channel__user=user)

    def for_list(self) -> DeliveryQuerySet:
        """The newest first, with what a list shows."""
        return self.select_related("channel", "notice").order_by("-created_at", "-pk")

    def unreported(self) -> DeliveryQuerySet:
        """Given up, and the fallback person does not know yet."""
        return self.filter(state=Delivery.State.PARKED, reported_at=None)


class Delivery(WorkRow):
    """One message outside: the day's grouped one, or an urgent one; at least once, and nothing is grouped twice."""

    class Kind(models.TextChoices):
        GROUPED = "grouped", "每日汇总"
        URGENT = "urgent", "紧急"

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="deliveries", verbose_name="外发方式")
    kind = models.CharField("种类", max_length=8, choices=Kind)
    day = models.DateField("日期")
    cutoff = models.DateTimeField("汇总截止")
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name="消息")
    message = models.CharField("结果说明", max_length=300, blank=True)
    reported_at = models.DateTimeField("失败告知时间", null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta(WorkRow.Meta):
        verbose_name = verbose_name_plural = "外发记录"
        constraints = [
            *WorkRow.Meta.constraints,
            models.UniqueConstraint(fields=["channel", "day"], condition=Q(kind="grouped"), name="delivery_grouped_once"),
            models.UniqueConstraint(fields=["channel", "notice"], name="delivery_urgent_once"),
            models.CheckConstraint(
                condition=Q(kind="grouped", notice=None) | Q(kind="urgent", notice__isnull=False), name="delivery_notice_by_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.day}"

    # As work

    MAX_ATTEMPTS = 4

    def claim(self, now: datetime.datetime) -> bool:
        """As any work row, but never in the person's quiet hours: then it waits for their end."""
        quiet_end = NotifySettings.of(self.channel.user).quiet_end(now)
        if quiet_end is not None:
            Delivery.objects.filter(pk=self.pk, token=self.token, state=self.State.PENDING).update(not_before=quiet_end)
            return False
        return super().claim(now)

    def pause(self) -> datetime.timedelta:
        """A minute, then five times longer each time: a network that is gone comes back."""
        return PAUSE * 5 ** max(0, self.attempts - 1)

    def outcome(self, message: str) -> dict[str, Any]:
        """The sentence, for the delivery record."""
        return {"message": message[:300], "last_error": ""}

    @property
    def last_words(self) -> str:
        """The last error without the name of its class."""
        return self.last_error.partition(": ")[2] or self.last_error

    def perform(self) -> str:
        """Send it; what came of it in words. A failure rises, so that it is tried again and then parked."""
        person, notices = self.channel.user, self.contents()
        if not is_in_force(person, timezone.localdate()):
            hand_on(person, [row for row in notices if row.is_urgent])
            return "收件人已离岗或停用,没有发送;紧急的已转给代为处理的人。"
        if not self.channel.is_on:
            return "这个方式已关闭,没有发送。"
        if not notices:
            return "消息都已读过或办好,没有发送。"
        title, body = compose(notices)
        outside.send(self.channel, title, body)
        return f"已送达,{len(notices)} 条"

    def contents(self) -> list[Notice]:
        """The unread notices this message carries; those of a grouped one are fixed at its first try."""
        if self.notice_id:
            return list(Notice.objects.unread().filter(pk=self.notice_id))
        fresh = pending(self.channel, self.cutoff)
        items = [DeliveryItem(delivery=self, channel=self.channel, notice=row) for row in fresh]
        DeliveryItem.objects.bulk_create(items, ignore_conflicts=True, batch_size=500)
        return list(Notice.objects.unread().filter(items__delivery=self).order_by("-is_urgent", "at", "pk"))


class DeliveryItem(models.Model):
    """A notice that went into a grouped message: over one channel never twice."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="items", verbose_name="外发记录")
    channel = models.ForeignKey(Channel, models.PROTECT, db_index=False, related_name="+", verbose_name="外发方式")
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="items", verbose_name="消息")

    class Meta:
        verbose_name = verbose_name_plural = "汇总内容"
        constraints = [models.UniqueConstraint(fields=["channel", "notice"], name="delivery_item_once")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.notice_id}"


def pending(channel: Any, cutoff: datetime.datetime, user: Any = None) -> models.QuerySet[Notice]:
    """Unread notices up to `cutoff` that did not go out over this channel; also as a subquery with OuterRefs."""
    over = {"channel": channel, "notice": OuterRef("pk")}
    rows = Notice.objects.unread().filter(recipient=user or channel.user, at__lte=cutoff, at__gt=cutoff - STALE)
    sent = Exists(DeliveryItem.objects.filter(**over)), Exists(Delivery.objects.filter(**over))
    return rows.exclude(sent[0]).exclude(sent[1])


def compose(notices: list[Notice]) -> tuple[str, str]:
    """Title and text of one message: an urgent notice whole, several as a short list with where to read on."""
    shown = notices[:LISTED]
    facts = {"notices": shown, "total": len(notices), "more": len(notices) - len(shown), "one": len(notices) == 1}
    text = render_to_string("notices/outside.txt", {**facts, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL})
    title, _, body = text.strip().partition("\n")
    return title.strip(), body.strip()
