"""The sheet: the items of a visit as its pages show them, section by section with n/m answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils import timezone

from core import clock
from core.models import Attachment
from core.workdays import choices_from, day_name
from hazards.models import Hazard
from inspections.forms.answers import LIMITS, mark
from inspections.models import Inspection, InspectionItem, PointBasis
from inspections.models.items import bare

QUICK_DAYS = (0, 3, 7, 15, 30)
RECHECK_RESULTS = [(InspectionItem.Result.PASS.value, "已整改"), (InspectionItem.Result.FAIL.value, "未整改到位")]
NO_LAW = "当日没有法律条款要求,只记为隐患,不能作为违法行为。"
POLICY = "仅为政策要求,不能作为违法行为。"


@dataclass
class Row:
    """One item on the page: its words, what is answered or was typed, what is wrong, and what another officer wrote."""

    item: InspectionItem
    given: dict[str, Any]
    before: list[Attachment] = field(default_factory=list)
    after: list[Attachment] = field(default_factory=list)
    firm: list[Attachment] = field(default_factory=list)
    uploads: list[Attachment] = field(default_factory=list)
    after_uploads: list[Attachment] = field(default_factory=list)
    extra_day: str = ""
    error: str = ""
    newer: InspectionItem | None = None

    @property
    def position(self) -> int:
        """Counted from nought."""
        return self.item.position

    @property
    def shown(self) -> str:
        """The mark of what is stored, which tells later what was touched on the page."""
        return mark(self.item.content()) if self.item.result and self.newer is None else ""

    @property
    def seen(self) -> int:
        """The version the page was made from; after a conflict none, until somebody chooses."""
        return self.item.version if self.newer is None else max(0, self.item.version - 1)

    @property
    def results(self) -> list[tuple[str, str]]:
        """What may be answered, for a line of an order in a re-check's words."""
        return RECHECK_RESULTS if self.item.line_id else list(InspectionItem.Result.choices)

    @property
    def result_label(self) -> str:
        """The result in a word."""
        return str(dict(self.results).get(self.given.get("result", ""), ""))

    @property
    def why_no_violation(self) -> str:
        """Why a fault here is not registered as a violation; "" when it may be."""
        if self.item.may_break_law:
            return ""
        if self.item.point is None:
            return "不是检查要点,没有登记依据,只记为隐患。"
        return POLICY if self.item.point.is_policy else NO_LAW

    @property
    def law(self) -> list[tuple[str, str]]:
        """[(article, the scheme's words on the day)]."""
        return [(str(basis), _scheme_words(basis.scheme)) for basis in self.item.law]


def _scheme_words(scheme: Any) -> str:
    if scheme is None:
        return ""
    first, overdue = scheme.words("first"), scheme.words("overdue")
    return f"{scheme}:{first or '首次责令改正'}{f';逾期未改:{overdue}' if overdue else ''}"


@dataclass
class Section:
    """Neighbouring items of one kind."""

    name: str
    rows: list[Row]

    @property
    def first(self) -> int:
        """Where it begins."""
        return self.rows[0].position

    @property
    def total(self) -> int:
        """How many items."""
        return len(self.rows)

    @property
    def answered(self) -> int:
        """How many of them are answered."""
        return sum(1 for row in self.rows if row.item.result)


class Sheet:
    """A visit's items; `typed`, `problems` and `newer` ({position: …}) are shown over what is stored."""

    def __init__(
        self,
        visit: Inspection,
        *,
        by: Any,
        typed: dict[int, dict[str, Any]] | None = None,
        problems: dict[int, str] | None = None,
        newer: Iterable[int] = (),
    ) -> None:
        self.visit, self.by = visit, by
        self.typed, self.problems, self.newer = typed or {}, problems or {}, set(newer)
        self.items = items_of(visit)
        today = timezone.localdate()
        self.days = [(day.isoformat(), label) for day, label in choices_from(today, QUICK_DAYS)]
        self.offered = {value for value, _ in self.days}
        self.cap = clock.due_on("inspection.order.max", today)
        self.rows = self._rows()

    @property
    def total(self) -> int:
        """How many items."""
        return len(self.items)

    @property
    def answered(self) -> int:
        """How many are answered."""
        return sum(1 for item in self.items if item.result)

    @property
    def fails(self) -> list[Row]:
        """Items with a problem."""
        return [row for row in self.rows if row.item.result == InspectionItem.Result.FAIL]

    @property
    def sections(self) -> list[Section]:
        """All rows, section by section in their order."""
        found: list[Section] = []
        for row in self.rows:
            if not found or found[-1].name != row.item.section:
                found.append(Section(row.item.section, []))
            found[-1].rows.append(row)
        return found

    def counts(self) -> list[tuple[str, int]]:
        """[("合格", 18), …] in the order of the results; of a re-check its lines first, then what was looked at besides."""
        lines = [item.result for item in self.items if item.line_id]
        others = [item.result for item in self.items if not item.line_id]
        found = [(label, lines.count(value)) for value, label in RECHECK_RESULTS] if self.visit.order_id else []
        if others or not self.visit.order_id:
            found += [(str(label), others.count(value)) for value, label in InspectionItem.Result.choices]
        return found

    def choices(self) -> dict[str, Any]:
        """What an item offers."""
        return {
            "levels": Hazard.Level.choices,
            "disposals": InspectionItem.Disposal.choices,
            "days": self.days,
            "cap": f"{self.cap:%Y-%m-%d}({day_name(self.cap)})",
            "note_max": LIMITS["note"],
            "has_parties": bool(self.visit.parties.all()),  # type: ignore[attr-defined]
        }

    def _rows(self) -> list[Row]:
        photos = self._photos()
        return [self._row(item, photos) for item in self.items]

    def _row(self, item: InspectionItem, photos: dict[tuple[str, int], dict[str, list[Attachment]]]) -> Row:
        given = self.typed.get(item.position) or (item.content() if item.result else {})
        own = photos.get((InspectionItem._meta.label_lower, item.pk), {})
        of_hazard = photos.get((Hazard._meta.label_lower, item.line.hazard_id or 0), {}) if item.line else {}
        day = given.get("due_on", "")
        return Row(
            item=item,
            given=given,
            before=own.get("before", []),
            after=own.get("after", []),
            firm=[file for files in of_hazard.values() for file in files],
            uploads=self._uploads(given.get("photos")),
            after_uploads=self._uploads(given.get("after_photos")),
            extra_day=day if day and day not in self.offered else "",
            error=self.problems.get(item.position, ""),
            newer=item if item.position in self.newer else None,
        )

    def _uploads(self, uids: list[str] | None) -> list[Attachment]:
        return list(Attachment.objects.orphans_of(self.by).filter(uid__in=uids)) if uids else []

    def _photos(self) -> dict[tuple[str, int], dict[str, list[Attachment]]]:
        """{(model, pk): {purpose: photos}} of the items, and of the hazards that a re-check looks at."""
        own = models.Q(subject_model=InspectionItem._meta.label_lower, subject_pk__in=[item.pk for item in self.items])
        hazards = [item.line.hazard_id for item in self.items if item.line and item.line.hazard_id]
        found: dict[tuple[str, int], dict[str, list[Attachment]]] = {}
        rows = Attachment.objects.filter(own | models.Q(subject_model=Hazard._meta.label_lower, subject_pk__in=hazards)).order_by("pk")
        for file in rows:
            kept = found.setdefault((file.subject_model, file.subject_pk or 0), {})
            kept.setdefault(file.purpose, []).append(file)
        return found


def items_of(visit: Inspection) -> list[InspectionItem]:
    """The items with what their pages read of each, in as many queries as one item needs."""
    bases = models.Prefetch("point__bases", queryset=PointBasis.objects.select_related("scheme"))
    rows = visit.items.select_related("point", "by", "department", "line__hazard").prefetch_related(bases)  # type: ignore[attr-defined]
    items = list(rows.order_by("position"))
    for item in items:
        item.inspection = visit
    return items


def answer_words(given: dict[str, Any]) -> str:
    """An answer as a person reads it."""
    clean = bare(given)
    label = str(InspectionItem.Result(clean["result"]).label)
    parts = [clean.get("note", ""), clean.get("place", "")]
    if clean.get("disposal"):
        parts.append(str(InspectionItem.Disposal(clean["disposal"]).label))
    rest = ";".join(part for part in parts if part)
    return f"{label}:{rest}" if rest else label
