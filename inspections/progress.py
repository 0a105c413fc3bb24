"""How far a yearly plan is: visits done beside the share of the year that is gone, month by month, segment by segment."""

from __future__ import annotations

import calendar
import datetime
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from inspections.models import InspectionPlan, PlanItem

MONTHS = range(1, 13)
WIDTH, HEIGHT, LEFT, FOOT = 600, 150, 8, 22
STEP = (WIDTH - 2 * LEFT) // 12


@dataclass(frozen=True)
class Bar:
    """A month: how many visits are due by its end and how many were made in it, with the places of the two bars in the picture."""

    month: int
    planned: int
    done: int
    x: int
    planned_height: int
    done_height: int

    @property
    def planned_y(self) -> int:
        """Where the first bar begins."""
        return HEIGHT - FOOT - self.planned_height

    @property
    def done_y(self) -> int:
        """Where the second bar begins."""
        return HEIGHT - FOOT - self.done_height

    @property
    def middle(self) -> int:
        """Where the month's number stands."""
        return self.x + STEP // 2


@dataclass(frozen=True)
class Progress:
    """The numbers of one plan on a day."""

    total: int
    done: int
    scheduled: int
    overdue: int
    gone: int
    segments: list[dict[str, Any]]
    bars: list[Bar]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def percent(self) -> int:
        """Done of the whole, in percent, rounded down."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def is_behind(self) -> bool:
        """Less done than the year is gone."""
        return bool(self.total) and self.percent < self.gone


def year_gone(year: int, today: datetime.date) -> int:
    """How much of the year is over on that day, in percent, rounded down."""
    if today.year != year:
        return 100 if today.year > year else 0
    return today.timetuple().tm_yday * 100 // (366 if calendar.isleap(year) else 365)


def progress(plan: InspectionPlan, today: datetime.date) -> Progress:
    """Of the whole plan; `progress_of` is of the items one sees."""
    return progress_of(plan, live_items(PlanItem.objects.all(), [plan])[plan.pk], today)


def live_items(seen: Any, plans: Collection[InspectionPlan]) -> dict[int, list[PlanItem]]:
    """{plan's key: those of its live items that are among `seen`}, in one query for all plans."""
    found: dict[int, list[PlanItem]] = {plan.pk: [] for plan in plans}
    for row in seen.live().filter(plan__in=found).select_related("inspection", "plan"):
        found[row.plan_id].append(row)
    return found


def progress_of(plan: InspectionPlan, rows: list[PlanItem], today: datetime.date) -> Progress:
    """Read from these live items of the plan; a done item counts in the month of its visit."""
    states = PlanItem.State
    done_rows = [row for row in rows if row.state == states.DONE]
    due = Counter({month: sum(row.count for row in rows if row.to_month == month) for month in MONTHS})
    done = Counter({month: sum(row.count for row in done_rows if done_month(row, plan) == month) for month in MONTHS})
    return Progress(
        total=sum(row.count for row in rows),
        done=sum(row.count for row in done_rows),
        scheduled=sum(row.count for row in rows if row.state == states.SCHEDULED),
        overdue=sum(row.count for row in rows if row.is_overdue(today)),
        gone=year_gone(plan.year, today),
        segments=[line for segment in PlanItem.Segment if (line := segment_line(segment, rows))["total"]],
        bars=bars(due, done),
    )


def done_month(row: PlanItem, plan: InspectionPlan) -> int:
    """The month of the visit; for a visit of another year, and for random ones, the last month of the window."""
    visit = row.inspection
    return visit.visited_on.month if visit and visit.visited_on and visit.visited_on.year == plan.year else row.to_month


def segment_line(segment: Any, rows: list[PlanItem]) -> dict[str, Any]:
    """How many visits of a segment stand in which state."""
    mine = [row for row in rows if row.segment == segment]
    counts = {state.value: sum(row.count for row in mine if row.state == state) for state in PlanItem.State}
    return {"code": segment.value, "label": segment.label, "total": sum(row.count for row in mine), **counts}


def bars(due: dict[int, int], done: dict[int, int]) -> list[Bar]:
    """Twelve months, drawn on one scale."""
    most = max(*due.values(), *done.values(), 1)
    scale = HEIGHT - FOOT - 18
    return [
        Bar(month, due[month], done[month], LEFT + (month - 1) * STEP, due[month] * scale // most, done[month] * scale // most)
        for month in MONTHS
    ]
