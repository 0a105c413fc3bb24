"""Numbers that are never given twice."""

from __future__ import annotations

from django.db import models, transaction


class Counter(models.Model):
    """The last number given under a key, e.g. "hazard:2026"."""

    key = models.CharField("键", max_length=80, primary_key=True)
    value = models.PositiveBigIntegerField("已用到", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"

    def __str__(self) -> str:
        return f"{self.key} {self.value}"

    @classmethod
    def take(cls, key: str, count: int = 1) -> int:
        """The first of `count` new numbers under `key`.

        Call it last in a transaction: the row stays locked until commit, so numbers have no gaps.
        """
        with transaction.atomic():
            Counter.objects.bulk_create([Counter(key=key)], ignore_conflicts=True)
            cls.objects.filter(pk=key).update(value=models.F("value") + count)
            return cls.objects.values_list("value", flat=True).get(pk=key) - count + 1
