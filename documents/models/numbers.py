"""Number series: by organ, kind and year, without gaps; a year begun on paper starts where the paper ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone

from core.models import Counter, Event, MoveRefused
from enterprises.models import Enterprise

DELEGATED = "delegated"


@dataclass(frozen=True)
class Organ:
    """An organ that delegates: a paper issued for it carries its name, its mark (代字) and its own running number."""

    code: str
    name: str
    mark: str

    @property
    def series(self) -> str:
        """Whose numbers, as `Document.organ` and `NumberSeries.organ` hold it."""
        return f"{DELEGATED}:{self.code}"


class NumberSeries(models.Model):
    """Numbers of one kind of paper of one organ in one year; `first` is where they start here."""

    organ = models.CharField("机关", max_length=40)
    kind_code = models.CharField("文书种类", max_length=40)
    year = models.PositiveSmallIntegerField("年")
    first = models.PositiveIntegerField("起始号", default=1)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="设定人")

    class Meta:
        verbose_name = verbose_name_plural = "编号序列"
        constraints = [
            models.UniqueConstraint(fields=["organ", "kind_code", "year"], name="number_series_once"),
            models.CheckConstraint(condition=models.Q(first__gte=1), name="number_series_first"),
        ]

    def __str__(self) -> str:
        return f"{self.organ} {self.kind_code} {self.year}"

    @staticmethod
    def organ_of(enterprise: Enterprise | None) -> str:
        """Whose numbers: a firm's own, or the town's."""
        return f"enterprise:{enterprise.pk}" if enterprise else settings.HOME_AREA

    @classmethod
    def of(cls, organs: Collection[str], year: int) -> models.QuerySet[NumberSeries]:
        """The series of these organs in one year, each with `taken`, how many numbers it gave."""
        key = Concat(Value("paper:"), "organ", Value(":"), "kind_code", Value(":"), Cast("year", models.CharField()))
        given = Counter.objects.filter(pk=OuterRef("key_text")).values("value")
        return cls.objects.filter(organ__in=organs, year=year).annotate(key_text=key, taken=Coalesce(Subquery(given), 0))

    @classmethod
    def take(cls, organ: str, kind_code: str, year: int, count: int = 1) -> int:
        """The first of `count` next serials; the last thing a transaction does, so that numbers have no gaps."""
        NumberSeries.objects.bulk_create([NumberSeries(organ=organ, kind_code=kind_code, year=year)], ignore_conflicts=True)
        series = cls.objects.select_for_update().get(organ=organ, kind_code=kind_code, year=year)
        return Counter.take(series.key, count) + series.first - 1

    @property
    def key(self) -> str:
        """The Counter's key; it counts from 1, whatever `first` is."""
        return f"paper:{self.organ}:{self.kind_code}:{self.year}"

    @property
    def given(self) -> int:
        """How many numbers were given here."""
        return Counter.objects.filter(pk=self.key).values_list("value", flat=True).first() or 0

    def event_scope(self) -> tuple[int | None, str]:
        """The organ's scope, for Events; numbers kept for a delegating organ are the town's."""
        kind, _, pk = self.organ.partition(":")
        return (int(pk), "") if kind == "enterprise" else (None, settings.HOME_AREA if kind == DELEGATED else self.organ)

    @classmethod
    def start_at(cls, organ: str, kind_code: str, year: int, first: int, *, by: Any) -> NumberSeries:
        """Let a year already begun on paper go on at `first`; MoveRefused once a number was given here."""
        with transaction.atomic():
            NumberSeries.objects.bulk_create([NumberSeries(organ=organ, kind_code=kind_code, year=year)], ignore_conflicts=True)
            series = cls.objects.select_for_update().get(organ=organ, kind_code=kind_code, year=year)
            if series.given:
                raise MoveRefused(f"本系统已在 {year} 年给出 {series.given} 个编号,起始号不能再改。")
            if series.first != first:
                note = f"{kind_code} {year} 年:{series.first} → {first}"
                series.first, series.set_by = first, by
                series.save(update_fields=["first", "set_by"])
                Event.record(series, by=by, on=timezone.localdate(), move="start_at", label="设定起始号", note=note)
        return series
