"""The choice of a visit's points, and whose each item is."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core.forms import MoveForm
from core.models import MoveRefused
from hazards.forms.checks import clean_text
from inspections.models import Inspection, InspectionPoint, machine
from inspections.models.inspection import TOWN_OFFICE
from inspections.models.visit import CHANGED, LEAST_REASON

LONGEST_REASON = 200
TOWN = "town"


@dataclass
class Line:
    """One point on the page: chosen or not, why a focus one is left out, whose it is."""

    point: InspectionPoint
    is_chosen: bool
    reason: str
    owner: str
    error: str = ""


class ChoiceForm(MoveForm):
    """Points ticked as `point`, reasons as why-PK, owners as owner-PK (a department's pk, or "town")."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visit: Inspection = self.instance
        self.offered = InspectionPoint.objects.for_visit(visit.enterprise, visit.planned_on)
        self.stored: dict[Any, Any] = {item.point_id: item for item in visit.items.exclude(point=None).select_related("department")}  # type: ignore[attr-defined]
        self.units = self._units(visit)
        self.can_choose = visit.state == machine.State.PLANNED
        self.bare: set[int] = set()

    def _units(self, visit: Inspection) -> dict[str, Any]:
        """{key: department or None} of a joint visit, the leading one first; empty for a visit of one unit."""
        parties = list(visit.parties.all())  # type: ignore[attr-defined]
        both = [visit.department, *(party.department for party in parties)]
        return {_key(row): row for row in both} if parties else {}

    @property
    def unit_choices(self) -> list[tuple[str, str]]:
        """[(key, name)]."""
        return [(key, row.name if row else TOWN_OFFICE) for key, row in self.units.items()]

    def lines(self) -> Iterator[Line]:
        """What the page shows: what was typed before what is stored."""
        for point in self.offered:
            item = self.stored.get(point.pk)
            owner = self.owner_of(point)
            if self.is_bound:
                chosen, reason = point.pk in self.chosen, self.reasons.get(point.pk, "")
            else:
                chosen, reason = item is not None, ""
            error = f"必查项不查要写明理由(至少 {LEAST_REASON} 字)。" if point.pk in self.bare else ""
            yield Line(point, chosen, reason, owner, error)

    @property
    def chosen(self) -> set[int]:
        """The points ticked; where points are fixed, those that stand."""
        if not self.can_choose:
            return set(self.stored)
        return {int(text) for text in self.data.getlist("point") if text.isdecimal() and len(text) < 16}

    @property
    def reasons(self) -> dict[int, str]:
        """{point: why it is left out}."""
        return {point.pk: clean_text(self.data.get(f"why-{point.pk}", ""))[:LONGEST_REASON] for point in self.offered}

    def owner_of(self, point: InspectionPoint) -> str:
        """Whose it is: typed, stored, or the leading unit's."""
        typed = self.data.get(f"owner-{point.pk}", "") if self.is_bound else ""
        item = self.stored.get(point.pk)
        stored = _key(item.department) if item else ""
        return next((key for key in (typed, stored, *self.units) if key in self.units), "")

    def clean(self) -> dict[str, Any]:
        """Each focus point left out has its reason; something is left to look at."""
        data = super().clean() or {}
        if not self.can_choose:
            return data
        points = {point.pk for point in self.offered}
        if not self.chosen & points:
            self.add_error(None, "请至少选一个检查要点。")
        left = {point.pk for point in self.offered if point.is_focus and point.pk not in self.chosen}
        self.bare = {pk for pk in left if len(self.reasons[pk]) < LEAST_REASON}
        if self.bare:
            self.add_error(None, f"有 {len(self.bare)} 个必查项没有选,也没有写明不查的理由。")
        return data

    def save(self, *, by: Any, on: datetime.date) -> None:
        """Write what changed, unless somebody was faster: before the visit was read, or since (the verbs see to that)."""
        visit: Inspection = self.instance
        if self.cleaned_data["version"] != visit.version:
            raise MoveRefused(CHANGED)
        points = [point for point in self.offered if point.pk in self.chosen]
        with transaction.atomic():
            if self.can_choose and ({p.pk for p in points} != set(self.stored) or any(self.reasons.values())):
                visit.change_items(by=by, on=on, points=points, reasons=self.reasons)
            if self.units:
                self._share_out(visit, by=by, on=on)

    def _share_out(self, visit: Inspection, *, by: Any, on: datetime.date) -> None:
        wanted: dict[str, list[int]] = {}
        points = {point.pk: point for point in self.offered}
        for item in visit.items.exclude(point=None).select_related("department"):  # type: ignore[attr-defined]
            owner = self.owner_of(points[item.point_id]) if item.point_id in points else ""
            if owner and owner != _key(item.department):
                wanted.setdefault(owner, []).append(item.position)
        for owner, positions in wanted.items():
            visit.own_items(by=by, on=on, department=self.units[owner], positions=positions)


def _key(department: Any) -> str:
    return str(department.pk) if department else TOWN
