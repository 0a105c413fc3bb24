"""Seals: a chain of digests over the Events, so that whoever changes the story shows."""

from __future__ import annotations

import datetime
import hashlib
import json
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

from core.models.events import Event

GENESIS = "0" * 64
SHORT = 16


class Seal(models.Model):
    """One link of the chain: the Events sealed together, in order, each with the digest of its canonical row.

    `entries` is [[event id, SHA-256], …]; `digest` covers the digest of the seal before, time and entries,
    so the newest digest stands for the whole story. Made by `core.seals`, never changed.
    """

    number = models.PositiveBigIntegerField("编号", primary_key=True)
    prev = models.CharField("前一封条的摘要", max_length=64, unique=True)
    digest = models.CharField("摘要", max_length=64, unique=True)
    sealed_at = models.DateTimeField("封存时间", default=timezone.now)
    entries = models.JSONField("事件及其摘要")

    class Meta:
        verbose_name = verbose_name_plural = "封条"
        constraints = [models.CheckConstraint(condition=models.Q(number__gte=1), name="seal_number")]

    def __str__(self) -> str:
        return f"第 {self.number} 号封条 {self.short}"

    @property
    def short(self) -> str:
        """The beginning of the digest, as it is printed on papers."""
        return self.digest[:SHORT]

    @classmethod
    def newest(cls) -> Seal | None:
        """The last link, without its entries; None before the first."""
        return cls.objects.defer("entries").order_by("-number").first()

    @classmethod
    def after(cls, prev: Seal | None, entries: list[Any]) -> Seal:
        """The link that follows `prev`, not saved yet."""
        seal = cls(number=prev.number + 1 if prev else 1, prev=prev.digest if prev else GENESIS, entries=entries)
        seal.digest = seal.computed()
        return seal

    def computed(self) -> str:
        """The digest that belongs to what the row says now."""
        content = [self.prev, self.sealed_at.astimezone(datetime.UTC).isoformat(), self.entries]
        return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()

    @property
    def events(self) -> QuerySet[Event]:
        """The Events sealed here, in the order of sealing."""
        return Event.objects.filter(sealing__seal=self).order_by("sealing__position")


class SealedEvent(models.Model):
    """That one Event is sealed, in which seal, at which place: what has no such row is not sealed yet."""

    event = models.OneToOneField(Event, models.PROTECT, primary_key=True, related_name="sealing", verbose_name="事件")
    seal = models.ForeignKey(Seal, models.PROTECT, db_index=False, related_name="members", verbose_name="封条")
    position = models.PositiveIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "已封存的事件"
        constraints = [models.UniqueConstraint(fields=["seal", "position"], name="sealed_event_place")]

    def __str__(self) -> str:
        return f"{self.seal_id}-{self.position}"
