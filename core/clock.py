"""Clock: the one place where a DeadlineRule becomes a date, when its period starts."""

from __future__ import annotations

import calendar
import datetime

from django.utils import timezone

from core.models import DeadlineRule
from core.workdays import add_workdays, next_workday


class NoRule(LookupError):
    """No edition of a DeadlineRule is in force on the day its clock starts."""


def rule_on(code: str, on: datetime.date) -> DeadlineRule:
    """The edition in force on that day, the youngest first; NoRule when there is none."""
    rule = DeadlineRule.objects.in_force(on).filter(code=code).order_by("-effective_from", "-pk").first()
    if rule is None:
        raise NoRule(f"{on} 没有有效的时限规则 {code},请运行 load_catalogue 或在管理后台补一个版本")
    return rule


def due_on(code: str, start: datetime.date) -> datetime.date:
    """The last day of a period in days that starts on `start`.

    The starting day is not counted. A period in calendar days that ends on a day off rolls to the
    next working day (民法典第201、203条); working days never end on one.
    """
    rule = rule_on(code, start)
    if rule.unit == DeadlineRule.Unit.WORKING_DAYS:
        return add_workdays(start, rule.value)
    if rule.unit == DeadlineRule.Unit.HOURS:
        raise ValueError(f"{code} 以小时计,请用 due_at")
    if rule.unit == DeadlineRule.Unit.MONTHS:
        return next_workday(months_later(start, rule.value))
    return next_workday(start + datetime.timedelta(days=rule.value))


def months_later(day: datetime.date, count: int) -> datetime.date:
    """The same day of a later month, or that month's last day (民法典第202条)."""
    year, month = divmod(day.month - 1 + count, 12)
    last = calendar.monthrange(day.year + year, month + 1)[1]
    return day.replace(year=day.year + year, month=month + 1, day=min(day.day, last))


def due_at(code: str, start: datetime.datetime) -> datetime.datetime:
    """The moment a period in hours ends; days off do not stop the clock."""
    rule = rule_on(code, timezone.localdate(start))
    if rule.unit != DeadlineRule.Unit.HOURS:
        raise ValueError(f"{code} 不以小时计,请用 due_on")
    return start + datetime.timedelta(hours=rule.value)


def last_before(code: str, end: datetime.date, start: datetime.date) -> datetime.date:
    """The last day for what must be done `value` calendar days before `end`, in a period that started on `start`.

    The edition is that of `start`. A day off rolls to the next working day, never past `end`. In a period that
    is not longer than the rule's days it may be done until its last day.
    """
    rule = rule_on(code, start)
    if rule.unit != DeadlineRule.Unit.CALENDAR_DAYS:
        raise ValueError(f"{code} 不以日计,不能倒推")
    day = end - datetime.timedelta(days=rule.value)
    return end if day <= start else min(next_workday(day), end)
