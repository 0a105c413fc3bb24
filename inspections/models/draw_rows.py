"""What belongs to a draw: the rows of its frozen lists, and what was drawn."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models

from enterprises.models import Enterprise
from inspections.models.inspection import Inspection
from inspections.models.outs import Avoidance
from inspections.models.pools import Grade


class Listed(models.Model):
    """The base of a row of a frozen list."""

    key = models.CharField("编号", max_length=40)
    name = models.CharField("名称", max_length=120)
    excluded = models.CharField("排除理由", max_length=100, null=True, blank=True)  # noqa: DJ001 - the published file says null

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class DrawObject(Listed):
    """A firm in the frozen list: its key is the credit code, its weight the number of its tickets."""

    draw = models.ForeignKey("inspections.Draw", models.PROTECT, related_name="objects_listed", verbose_name="抽取")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", verbose_name="企业")
    weight = models.PositiveSmallIntegerField("权重")
    grade = models.CharField("风险等级", max_length=8, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽取对象"
        constraints = [
            models.UniqueConstraint(fields=["draw", "key"], name="draw_object_once"),
            models.CheckConstraint(condition=models.Q(weight__gte=1), name="draw_object_weight"),
        ]

    @property
    def grade_label(self) -> str:
        """The grade in words."""
        return str(Grade(self.grade).label) if self.grade else "未评定"


class DrawOfficer(Listed):
    """An officer in the frozen list: his key is a staff number, never an ID number."""

    draw = models.ForeignKey("inspections.Draw", models.PROTECT, related_name="officers_listed", verbose_name="抽取")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="检查人员")

    class Meta:
        verbose_name = verbose_name_plural = "抽取人员"
        constraints = [models.UniqueConstraint(fields=["draw", "key"], name="draw_officer_once")]


class DrawConflict(models.Model):
    """A pair of the frozen lists that must not meet; the reason is a code."""

    draw = models.ForeignKey("inspections.Draw", models.PROTECT, related_name="conflicts_listed", verbose_name="抽取")
    object = models.CharField("对象", max_length=40)
    officer = models.CharField("检查人员", max_length=40)
    reason = models.CharField("理由", max_length=16)

    class Meta:
        verbose_name = verbose_name_plural = "抽取回避"
        constraints = [models.UniqueConstraint(fields=["draw", "object", "officer"], name="draw_conflict_once")]

    def __str__(self) -> str:
        return f"{self.officer} / {self.object}"

    @property
    def reason_words(self) -> str:
        """The code in words."""
        return str(Avoidance.Reason(self.reason).label)


class DrawPick(models.Model):
    """A drawn object: in force, or taken out by a change."""

    draw = models.ForeignKey("inspections.Draw", models.PROTECT, related_name="picks", verbose_name="抽取")
    listed = models.OneToOneField(DrawObject, models.PROTECT, related_name="pick", verbose_name="对象")
    position = models.PositiveIntegerField("次序")
    ticket = models.CharField("签号", max_length=64)
    withdrawn_by = models.OneToOneField(
        "inspections.DrawChange", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤出"
    )
    inspection = models.OneToOneField(Inspection, models.PROTECT, null=True, blank=True, related_name="pick", verbose_name="检查")

    class Meta:
        verbose_name = verbose_name_plural = "抽中对象"
        constraints = [models.UniqueConstraint(fields=["draw", "position"], name="draw_pick_position")]

    def __str__(self) -> str:
        return self.listed.name

    @property
    def seats_now(self) -> list[DrawSeat]:
        """The officers in force, smallest ticket first; reads what was prefetched."""
        return by_ticket(seat for seat in self.seats.all() if seat.replaced_by_id is None)  # type: ignore[attr-defined]


class DrawSeat(models.Model):
    """An officer drawn for an object: in force, or replaced by a change."""

    pick = models.ForeignKey(DrawPick, models.PROTECT, related_name="seats", verbose_name="抽中对象")
    officer = models.ForeignKey(DrawOfficer, models.PROTECT, related_name="seats", verbose_name="检查人员")
    ticket = models.CharField("签号", max_length=64)
    replaced_by = models.OneToOneField(
        "inspections.DrawChange", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="换下"
    )

    class Meta:
        verbose_name = verbose_name_plural = "抽中人员"
        constraints = [models.UniqueConstraint(fields=["pick", "officer"], name="draw_seat_once")]

    def __str__(self) -> str:
        return self.officer.name


def by_ticket(seats: Iterable[DrawSeat]) -> list[DrawSeat]:
    """Smallest ticket first."""
    return sorted(seats, key=lambda seat: seat.ticket)
