"""The sheet: a check as its pages show it, section by section with n/m answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from core.models import Attachment
from core.workdays import choices_from
from hazards.forms import NOTE_MAX, QUICK_DAYS
from hazards.models import Answer, Check, Hazard

PER_PAGE = 25


@dataclass
class Row:
    """One item on the page: its frozen words, what is answered or was typed, and what is wrong."""

    position: int
    item: dict[str, Any]
    given: dict[str, Any]
    seen: int
    photos: list[Attachment]
    extra_day: str = ""
    error: str = ""
    newer: Answer | None = None

    @property
    def number(self) -> int:
        """Counted from one."""
        return self.position + 1


@dataclass
class Section:
    """Neighbouring items of one kind."""

    name: str
    first: int
    total: int = 0
    answered: int = 0
    rows: list[Row] = field(default_factory=list)

    @property
    def page(self) -> int:
        """The page on which it begins."""
        return self.first // PER_PAGE + 1


class Sheet:
    """A check's items with its answers; `typed` and `problems` are shown over what is stored."""

    def __init__(self, check: Check, *, typed: dict[int, dict[str, Any]] | None = None, problems: dict[int, str] | None = None) -> None:
        self.check = check
        self.typed = typed or {}
        self.problems = problems or {}
        self.newer: dict[int, Answer] = {}
        self.answers: dict[int, Answer] = {a.position: a for a in check.answers.select_related("hazard")}  # type: ignore[attr-defined]
        self.sections = self._sections()
        self.days = [(day.isoformat(), label) for day, label in choices_from(timezone.localdate(), QUICK_DAYS)]
        self.offered = {value for value, _ in self.days}

    @property
    def total(self) -> int:
        """How many items."""
        return len(self.check.items)

    @property
    def answered(self) -> int:
        """How many are answered."""
        return len(self.answers)

    @property
    def pages(self) -> int:
        """How many pages of PER_PAGE items."""
        return max(1, -(-self.total // PER_PAGE))

    @property
    def fails(self) -> list[Answer]:
        """Answers that found something."""
        return [answer for answer in self.answers.values() if answer.result == Answer.Result.FAIL]

    def counts(self) -> list[tuple[str, int]]:
        """[("合格", 18), …] in the order of the results."""
        results = [answer.result for answer in self.answers.values()]
        return [(str(label), results.count(value)) for value, label in Answer.Result.choices]

    def positions(self, page: int) -> range:
        """Positions of one page, counted from one."""
        return range((page - 1) * PER_PAGE, min(page * PER_PAGE, self.total))

    def next_open_page(self) -> int:
        """The first page with an unanswered item, else the last."""
        missing = next((p for p in range(self.total) if p not in self.answers), self.total - 1)
        return max(0, missing) // PER_PAGE + 1

    def on_page(self, positions: Iterable[int]) -> list[Section]:
        """Sections with their rows, for these positions only."""
        wanted = set(positions)
        photos = self._photos()
        shown = []
        for section in self.sections:
            span = [p for p in range(section.first, section.first + section.total) if p in wanted]
            if span:
                rows = [self._row(p, photos) for p in span]
                shown.append(Section(section.name, section.first, section.total, section.answered, rows))
        return shown

    def choices(self) -> dict[str, Any]:
        """What a FAIL offers: levels and days."""
        return {"results": Answer.Result.choices, "levels": Hazard.Level.choices, "days": self.days, "note_max": NOTE_MAX}

    def _sections(self) -> list[Section]:
        sections: list[Section] = []
        for position, item in enumerate(self.check.items):
            if not sections or sections[-1].name != item["section"]:
                sections.append(Section(item["section"], position))
            sections[-1].total += 1
            sections[-1].answered += position in self.answers
        return sections

    def _row(self, position: int, photos: dict[int, list[Attachment]]) -> Row:
        answer = self.answers.get(position)
        given = self.typed.get(position) or (answer.content() if answer else {})
        stored = given.get("due_on", "")
        extra = stored if stored and stored not in self.offered else ""
        error, newer = self.problems.get(position, ""), self.newer.get(position)
        seen = answer.version if answer else 0
        return Row(position, self.check.items[position], given, seen, photos.get(position, []), extra, error, newer)

    def _photos(self) -> dict[int, list[Attachment]]:
        """{position: photos}: tied to the answer, or, once submitted, to its hazard; unsaved uploads of the page too."""
        at = {(Answer._meta.label_lower, a.pk): a.position for a in self.answers.values()}
        at |= {(Hazard._meta.label_lower, a.hazard.pk): a.position for a in self.answers.values() if hasattr(a, "hazard")}
        found: dict[int, list[Attachment]] = {}
        for file in Attachment.objects.filter(subject_model__in={m for m, _ in at}, subject_pk__in={pk for _, pk in at}).order_by("pk"):
            position = at.get((file.subject_model, file.subject_pk or 0))
            if position is not None:
                found.setdefault(position, []).append(file)
        for position, given in self.typed.items():
            if given.get("photos"):
                found.setdefault(position, []).extend(Attachment.objects.orphans_of(self.check.holder).filter(uid__in=given["photos"]))
        return found
