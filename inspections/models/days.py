"""Which days can be meant: a slip of the year is said, never kept."""

from __future__ import annotations

import datetime

from core.models import MoveRefused

AHEAD = datetime.timedelta(days=2 * 366)
BEHIND = datetime.timedelta(days=15 * 366)


def furthest(today: datetime.date) -> datetime.date:
    """The last day anything can be planned for or fall due."""
    return today + AHEAD


def earliest(today: datetime.date) -> datetime.date:
    """The first day of what is still told afterwards."""
    return today - BEHIND


def why_too_far(day: datetime.date, today: datetime.date) -> str:
    """Why this day to come cannot be meant; "" when it can."""
    return f"日期太远,最晚到 {furthest(today):%Y-%m-%d},请核对年份。" if day > furthest(today) else ""


def why_too_early(day: datetime.date, today: datetime.date) -> str:
    """Why this day gone by cannot be meant; "" when it can."""
    return "日期在十五年以前,请核对年份。" if day < earliest(today) else ""


def check_ahead(day: datetime.date, today: datetime.date) -> None:
    """MoveRefused for a day too far ahead to be meant."""
    if why := why_too_far(day, today):
        raise MoveRefused(why)
