"""The month as a grid: weeks of days, each day with its occurrences; longer periods beside them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.workdays import day_name, overrides_between
from duties.models import Occurrence
from duties.periods import ONE_DAY, Frequency, dates, period

LISTED = 3


@dataclass
class Day:
    """One day, named 周三, 周六 休 or 周四 国庆节: its rows when they are few, else how many there are of each state."""

    date: datetime.date
    name: str
    in_month: bool
    is_today: bool
    rows: list[Occurrence] = field(default_factory=list)
    listed: int | None = LISTED

    @property
    def counts(self) -> list[tuple[str, str, str, int]]:
        """[(state, label, tone, how many)] when there are too many rows to list; else nothing."""
        if self.listed is None or len(self.rows) <= self.listed:
            return []
        found = Counter(row.state for row in self.rows)
        return [(s, str(s.label), Occurrence.TONES.get(s, "secondary"), found[s]) for s in Occurrence.State if found[s]]


@dataclass
class Week:
    """Monday to Sunday, with the occurrences of its week."""

    days: list[Day]
    rows: list[Occurrence] = field(default_factory=list)


class Month:
    """One month of occurrences."""

    def __init__(self, on: datetime.date, today: datetime.date, rows: Iterable[Occurrence], listed: int | None = LISTED) -> None:
        self.first, self.last = period(Frequency.MONTH, on)
        start = period(Frequency.WEEK, self.first)[0]
        end = period(Frequency.WEEK, self.last)[1]
        overrides = overrides_between(start, end)
        days = [Day(d, day_name(d, overrides), self.first <= d <= self.last, d == today, listed=listed) for d in dates(start, end)]
        self.weeks = [Week(days[n : n + 7]) for n in range(0, len(days), 7)]
        self.longer: list[Occurrence] = []
        by_date = {day.date: (week, day) for week in self.weeks for day in week.days}
        for row in rows:
            found = by_date.get(row.period_start)
            if row.frequency == Frequency.DAY and found:
                found[1].rows.append(row)
            elif row.frequency == Frequency.WEEK and found:
                found[0].rows.append(row)
            elif row.frequency not in (Frequency.DAY, Frequency.WEEK):
                self.longer.append(row)

    @property
    def previous(self) -> str:
        """The month before, as the URL names it."""
        return f"{self.first - ONE_DAY:%Y-%m}"

    @property
    def next(self) -> str:
        """The month after."""
        return f"{self.last + ONE_DAY:%Y-%m}"

    @property
    def days(self) -> list[Day]:
        """The days that have something, for the list on a phone."""
        return [day for week in self.weeks for day in week.days if day.rows and day.in_month]

    @classmethod
    def span(cls, on: datetime.date) -> Any:
        """First and last day shown for the month of `on`."""
        first, last = period(Frequency.MONTH, on)
        return period(Frequency.WEEK, first)[0], period(Frequency.WEEK, last)[1]
