"""Periods: the day, ISO week, month, quarter, half-year or year that holds a date, and the window in which its duty is done."""

from __future__ import annotations

import datetime

from django.db import models
from django.utils import timezone

ONE_DAY = datetime.timedelta(days=1)
WHOLE_DAY = ""
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


class Frequency(models.TextChoices):
    """How often a duty comes back."""

    DAY = "day", "日"
    WEEK = "week", "周"
    MONTH = "month", "月"
    QUARTER = "quarter", "季"
    HALF = "half", "半年"
    YEAR = "year", "年"


def period(frequency: str, on: datetime.date) -> tuple[datetime.date, datetime.date]:
    """First and last day of the period that holds `on`; weeks run Monday to Sunday."""
    if frequency == Frequency.DAY:
        return on, on
    if frequency == Frequency.WEEK:
        first = on - on.weekday() * ONE_DAY
        return first, first + 6 * ONE_DAY
    months = MONTHS[frequency]
    first = on.replace(month=(on.month - 1) // months * months + 1, day=1)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return first, datetime.date(year, month + 1, 1) - ONE_DAY


def dates(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """Each day from `first` to `last`."""
    return [first + n * ONE_DAY for n in range((last - first).days + 1)]


def window(
    first: datetime.date, last: datetime.date, shift: str = WHOLE_DAY, hours: int = 24
) -> tuple[datetime.datetime, datetime.datetime]:
    """[opens, closes): from midnight to midnight here, or a shift ("22:00", 8 hours) that is dated by its start."""
    if shift == WHOLE_DAY:
        return midnight(first), midnight(last + ONE_DAY)
    opens = timezone.make_aware(datetime.datetime.combine(first, datetime.time.fromisoformat(shift)))
    return opens, opens + datetime.timedelta(hours=hours)


def midnight(day: datetime.date) -> datetime.datetime:
    """The moment a day begins here."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def label(frequency: str, first: datetime.date, last: datetime.date) -> str:
    """A period in words: 11-25, 11-23 至 11-29, 2026年11月, 2026年第4季度, 2026年下半年, 2026年."""
    if frequency == Frequency.DAY:
        return f"{first:%m-%d}"
    if frequency == Frequency.WEEK:
        return f"{first:%m-%d} 至 {last:%m-%d}"
    part = {
        Frequency.MONTH: f"{first.month}月",
        Frequency.QUARTER: f"第{(first.month + 2) // 3}季度",
        Frequency.HALF: "上半年" if first.month == 1 else "下半年",
    }
    return f"{first.year}年{part.get(Frequency(frequency), '')}"
