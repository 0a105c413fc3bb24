"""Stories that go on over days: each yields the worked days until it goes on, and is taken up again on that day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Protocol

from demo.days import Days


class Teller(Protocol):
    """Whose steps a story calls."""

    days: Days

    def morning(self, day: datetime.date) -> None:
        """A new day of the story begins."""


class Tales:
    """All of them by the day on which they go on."""

    def __init__(self) -> None:
        self.waiting: dict[datetime.date, list[tuple[Teller, Iterator[int]]]] = {}

    def add(self, teller: Teller, tale: Iterator[int], starts_on: datetime.date) -> None:
        """A story that begins on that day."""
        self.waiting.setdefault(starts_on, []).append((teller, tale))

    def day(self, day: datetime.date) -> None:
        """Whatever belongs to this day."""
        for teller, tale in self.waiting.pop(day, []):
            teller.morning(day)
            pause = next(tale, None)
            if pause is not None:
                self.add(teller, tale, teller.days.after(day, pause))
