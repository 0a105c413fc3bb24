"""Which days are worked in mainland China: weekends, statutory holidays, 调休, and our override table."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import lru_cache

import holidays

from core.models import WorkdayOverride


@lru_cache(maxsize=32)
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=year, language="zh_CN")


def overrides_between(first: datetime.date, last: datetime.date) -> dict[datetime.date, bool]:
    """{day: is it worked} of the override table for a span, in one query."""
    return dict(WorkdayOverride.objects.filter(day__range=(first, last)).values_list("day", "is_workday"))


def is_workday(day: datetime.date, overrides: dict[datetime.date, bool] | None = None) -> bool:
    """Whether people work that day; an override row beats the library."""
    known = overrides_between(day, day) if overrides is None else overrides
    return known[day] if day in known else _calendar(day.year).is_working_day(day)


def next_workday(day: datetime.date) -> datetime.date:
    """That day if it is worked, else the first worked day after it."""
    overrides = overrides_between(day, day + datetime.timedelta(days=40))
    while not is_workday(day, overrides):
        day += datetime.timedelta(days=1)
    return day


def add_workdays(start: datetime.date, count: int) -> datetime.date:
    """The `count`-th worked day after `start`; `start` itself is not counted."""
    overrides = overrides_between(start, start + datetime.timedelta(days=count * 3 + 60))
    day = start
    while count > 0:
        day += datetime.timedelta(days=1)
        count -= is_workday(day, overrides)
    return day


def day_name(day: datetime.date, overrides: dict[datetime.date, bool] | None = None) -> str:
    """ "周三" or, when people do not work, "周六 休" or "周一 国庆节"."""
    name = "周" + "一二三四五六日"[day.weekday()]
    if is_workday(day, overrides):
        return name
    return f"{name} {_calendar(day.year).get(day) or '休'}"


def choices_from(start: datetime.date, days: Iterable[int]) -> list[tuple[datetime.date, str]]:
    """Deadlines to tap: [(date, "3天 11月27日 周五")]."""
    dates = [(start + datetime.timedelta(days=n), f"{n}天" if n else "今天") for n in days]
    return [(day, f"{label} {day.month}月{day.day}日 {day_name(day)}") for day, label in dates]


def count_workdays(first: datetime.date, last: datetime.date) -> int:
    """How many days from `first` to `last`, both counted, people work."""
    overrides = overrides_between(first, last)
    days = (first + datetime.timedelta(days=n) for n in range((last - first).days + 1))
    return sum(is_workday(day, overrides) for day in days)
