"""Stories told in bulk: rows led along their MOVES without the verbs' queries, written day by day with their Events.

A row ends in the state its Events lead to, because both come from the same steps. What would happen after `until`
has not happened: a story is simply cut there.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db import models
from django.utils import timezone

from core.models import Attachment, Counter, Event
from demo.scenes import Album
from hazards.models import Check, Hazard


@dataclass
class Step:
    """One Event to be written, and the photo that came with it."""

    at: datetime.datetime
    facts: dict[str, Any]
    photo: tuple[int, bool] | None = None


@dataclass
class Story:
    """A row and what became of it up to `until`."""

    row: Any
    until: datetime.datetime
    steps: list[Step] = field(default_factory=list)
    is_over: bool = False

    def opens(self, *, by: Any, at: datetime.datetime, note: str = "", photo: tuple[int, bool] | None = None) -> Story:
        """The first entry, as `Stateful.opened` writes it."""
        facts = {"by": by, "on": timezone.localdate(at), "move": "open", "label": "登记", "to_state": self.row.state, "note": note}
        self.steps.append(Step(at, facts, photo))
        return self

    def take(
        self,
        move: str,
        *,
        by: Any,
        at: datetime.datetime,
        note: str = "",
        lines: Iterable[str] = (),
        on: datetime.date | None = None,
        photo: tuple[int, bool] | None = None,
        **fields: Any,
    ) -> bool:
        """Take an arrow of MOVES; False when it lies beyond the story's end, as does everything after it."""
        self.is_over = self.is_over or at >= self.until
        if self.is_over:
            return False
        arrow, seen = self.row.MOVES[move], self.row.state
        if seen not in arrow.sources or (self.steps and at < self.steps[-1].at):
            raise ValueError(f"{self.row._meta.label}: {move} from {seen} at {at}")
        self.row.state, self.row.version = str(arrow.target or seen), self.row.version + 1
        for name, value in fields.items():
            setattr(self.row, name, value)
        facts = {"by": by, "on": on or timezone.localdate(at), "move": move, "label": arrow.label, "note": note}
        facts |= {"from_state": str(seen), "to_state": self.row.state, "data": {"lines": list(lines)} if lines else {}}
        self.steps.append(Step(at, facts, photo))
        return True


class Past:
    """Stories of many rows, written in the order in which they happened: each day its new rows, then its Events and photos."""

    def __init__(self, album: Album) -> None:
        self.album = album
        self.born: dict[datetime.date, list[Story]] = defaultdict(list)
        self.told: dict[datetime.date, list[tuple[Step, Any]]] = defaultdict(list)
        self.extras: dict[int, tuple[Iterable[models.Model], ...]] = {}

    def add(self, story: Story, *extras: Iterable[models.Model]) -> None:
        """A story, and rows that hang on its row and are written with it."""
        if story.row.pk is None:
            self.born[timezone.localdate(story.steps[0].at)].append(story)
            self.extras[id(story.row)] = extras
        for step in story.steps:
            self.told[timezone.localdate(step.at)].append((step, story.row))

    def write(self, day: datetime.date) -> None:
        """Everything of one day, in few statements; the day is forgotten afterwards."""
        born = sorted(self.born.pop(day, []), key=lambda story: story.steps[0].at)
        for model in (Check, Hazard):
            rows: list[Any] = [story.row for story in born if isinstance(story.row, model)]
            if model is Hazard:
                self._number(rows, day)
            model._default_manager.bulk_create(rows, batch_size=500)
            hanging: dict[type[models.Model], list[Any]] = defaultdict(list)
            for extra in chain.from_iterable(extras for row in rows for extras in self.extras.pop(id(row))):
                hanging[type(extra)].append(extra)
            for kind, extras in hanging.items():
                kind._default_manager.bulk_create(extras, batch_size=1000)
        self._tell(sorted(self.told.pop(day, []), key=lambda told: told[0].at))

    def _number(self, rows: list[Hazard], day: datetime.date) -> None:
        first = Counter.take(f"hazard:{day.year}", len(rows)) if rows else 0
        for place, row in enumerate(rows):
            row.number = f"YH{day.year}-{first + place:06d}"

    def _tell(self, told: list[tuple[Step, Any]]) -> None:
        events = Event.objects.bulk_create([Event.about(row, at=step.at, **states(step.facts)) for step, row in told], batch_size=500)
        photos = [
            self.album.print(*step.photo, by=event.by, at=event.at, subject=row, purpose=purpose(event))
            for event, (step, row) in zip(events, told, strict=True)
            if step.photo
        ]
        Attachment.objects.bulk_create(photos, batch_size=500)


def states(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as `Event.about` takes them."""
    rest = {name: value for name, value in facts.items() if name not in ("from_state", "to_state")}
    return {**rest, "states": (facts.get("from_state", ""), facts.get("to_state", ""))}


def purpose(event: Event) -> str:
    """Under which name the verbs keep the photo of this move."""
    return "before" if event.move == "open" else f"after-{event.pk}"
