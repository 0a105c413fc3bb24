"""The worked days of the demo's half year: what people do, they do on one of these, in working hours."""

from __future__ import annotations

import datetime
from bisect import bisect_left, bisect_right

from django.utils import timezone

from core.workdays import is_workday, overrides_between
from duties.periods import ONE_DAY, dates


class Days:
    """The days from `first` to the day before `today`; `worked` are those on which people work, some weeks beyond included."""

    def __init__(self, first: datetime.date, today: datetime.date) -> None:
        self.first, self.today = first, today
        beyond = dates(first - 30 * ONE_DAY, today + 120 * ONE_DAY)
        overrides = overrides_between(beyond[0], beyond[-1])
        self.worked = [day for day in beyond if is_workday(day, overrides)]
        self.past = dates(first, today - ONE_DAY)

    def is_worked(self, day: datetime.date) -> bool:
        """Whether people work that day."""
        place = bisect_left(self.worked, day)
        return place < len(self.worked) and self.worked[place] == day

    def after(self, day: datetime.date, count: int) -> datetime.date:
        """The `count`-th worked day after `day`; the first worked day from `day` on for 0."""
        return self.worked[bisect_left(self.worked, day)] if count == 0 else self.worked[bisect_right(self.worked, day) + count - 1]

    def back(self, count: int) -> datetime.date:
        """The `count`-th worked day before today."""
        return self.worked[bisect_left(self.worked, self.today) - count]

    def last(self, first: datetime.date, last: datetime.date) -> datetime.date | None:
        """The last worked day from `first` to `last`, None when nobody works in that span."""
        place = bisect_right(self.worked, last) - 1
        return self.worked[place] if self.worked[place] >= first else None


def at(day: datetime.date, hour: int, minute: int = 0, second: int = 0) -> datetime.datetime:
    """A moment of that day here."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute, second)))
