"""Tries of the public check page that found nothing."""

from __future__ import annotations

import datetime
import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone


class VerifyTry(models.Model):
    """One check that found nothing: when, and from which address, kept as a keyed digest only."""

    whose = models.CharField("来源摘要", max_length=32)
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "查验落空"
        indexes = [models.Index(fields=["whose", "at"], name="verify_try_whose")]

    def __str__(self) -> str:
        return f"{self.whose} {self.at:%Y-%m-%d %H:%M}"

    @staticmethod
    def _digest(address: str) -> str:
        return hashlib.sha256(f"{settings.SECRET_KEY} {address}".encode()).hexdigest()[:32]

    @classmethod
    def miss(cls, address: str) -> None:
        """Count one."""
        cls.objects.create(whose=cls._digest(address))

    @classmethod
    def missed(cls, address: str, *, seconds: int) -> int:
        """How many within the last `seconds`."""
        since = timezone.now() - datetime.timedelta(seconds=seconds)
        return cls.objects.filter(whose=cls._digest(address), at__gte=since).count()

    @classmethod
    def drop_old(cls) -> int:
        """Forget those older than a day; how many."""
        return cls.objects.filter(at__lt=timezone.now() - datetime.timedelta(days=1)).delete()[0]
