"""The dossier: a hazard that is, or may be, major, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core import moment
from core.models import Attachment
from hazards.completeness import Card
from hazards.models import FiveFixPlan, Hazard, MajorReport, Recheck


@dataclass
class Owed:
    """One report with how it stands now; the town's own letter is for its offices to read."""

    report: MajorReport
    is_late: bool
    is_open_to_reader: bool


@dataclass
class Dossier:
    """Criteria, signatures, reports, measures, plan and re-checks of one hazard, for one reader."""

    hazard: Hazard
    user: Any
    files: list[Attachment]
    plan: FiveFixPlan | None = field(init=False)
    cards: list[Card] = field(init=False)

    def __post_init__(self) -> None:
        self.plan = self.hazard.plan
        self.cards = self.plan.cards() if self.plan else []

    @property
    def criteria(self) -> Any:
        """The items that hold."""
        return self.hazard.criteria.standing()  # type: ignore[attr-defined]

    @property
    def signatures(self) -> list[Any]:
        """Who has signed."""
        return self.hazard.confirmers

    @property
    def reports(self) -> list[Owed]:
        """The reports of the finding in force, with their clocks."""
        now = moment.now()
        rows = self.hazard.reports.filter(void=False).select_related("made_by", "document")  # type: ignore[attr-defined]
        return [Owed(row, row.is_late(now), self.user.is_office or row.to != MajorReport.To.DISTRICT) for row in rows]

    @property
    def measures(self) -> Any:
        """Every interim measure, those lifted too."""
        return self.hazard.interim_measures.select_related("by", "lifted_by")  # type: ignore[attr-defined]

    @property
    def rechecks(self) -> list[Recheck]:
        """What was re-checked, the newest first; those filled in anew are left out."""
        rows = self.hazard.rechecks.filter(replaced_at=None).select_related("by", "second_by")  # type: ignore[attr-defined]
        return list(rows.order_by("-pk"))

    @property
    def consequences(self) -> Any:
        """For the town's people."""
        return self.hazard.consequences.all() if self.user.is_town else []  # type: ignore[attr-defined]

    @property
    def whole(self) -> int:
        """How many cards lack nothing."""
        return sum(card.is_whole for card in self.cards)

    @property
    def photos_of_measures(self) -> list[Attachment]:
        """Photos of interim measures."""
        return [row for row in self.files if row.purpose.startswith("interim")]

    @property
    def photos_of_rechecks(self) -> list[Attachment]:
        """Photos of re-checks."""
        return [row for row in self.files if row.purpose.startswith("recheck")]
