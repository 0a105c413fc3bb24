"""Setting up: the plans an enterprise should have, by its sector, size and traits."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.roles import Role
from duties.models import Duty, DutyPlan
from duties.periods import ONE_DAY
from duties.posts import Staff
from enterprises.models import Enterprise, Unit
from hazards.models import Checklist

LADDER = (Unit.Kind.TEAM, Unit.Kind.DEPARTMENT, Unit.Kind.PLANT)


@dataclass
class Proposal:
    """One plan an enterprise should have; `existing` is the one in force beyond today."""

    unit: Unit
    duty: Duty
    checklist: Checklist
    existing: DutyPlan | None = None
    problem: str = ""

    @property
    def key(self) -> str:
        """Its name on the form."""
        return f"{self.unit.pk}-{self.duty.code}"


def proposals(enterprise: Enterprise, on: datetime.date) -> list[Proposal]:
    """What each unit should owe, in the order of the ladder.

    By size: a level that stands empty is owed by the next higher unit (a firm without teams does the daily list as a
    department, without departments as the plant). By sector: the list written for it before a general one. By
    traits: the monthly self-checks of dust, confined space and smelting, owed by the plant.
    """
    Unit.plant_of(enterprise)
    units = list(Unit.objects.open().filter(enterprise=enterprise).order_by("pk"))
    lists = Checklist.by_level(enterprise.sector.code if enterprise.sector else "", on)
    traits = set(enterprise.traits.values_list("code", flat=True))
    duties = [duty for duty in Duty.objects.in_force(on).order_by("code") if not duty.trait or duty.trait in traits]
    plans = {(plan.unit_id, plan.duty.code): plan for plan in DutyPlan.objects.filter(enterprise=enterprise).open(on + ONE_DAY).for_list()}
    children: dict[int | None, list[Unit]] = {}
    for unit in units:
        children.setdefault(unit.parent_id, []).append(unit)
    found = []
    for unit in units:
        levels = levels_of(unit, children)
        for duty in duties:
            checklist = Checklist.current(duty.checklist_code, on) if duty.checklist_code else lists.get(duty.level)
            if duty.level in levels and checklist is not None:
                found.append(Proposal(unit, duty, checklist, plans.get((unit.pk, duty.code))))
    return sorted(found, key=lambda p: (LADDER.index(Unit.Kind(p.duty.level)), bool(p.duty.trait), p.duty.code, p.unit.pk))


def levels_of(unit: Unit, children: dict[int | None, list[Unit]]) -> list[str]:
    """The unit's own level, after those below it that stand empty: above the highest level found under it."""
    own = LADDER.index(Unit.Kind(unit.kind))
    under = [child for near in children.get(unit.pk, []) for child in (near, *children.get(near.pk, []))]
    reached = max((LADDER.index(Unit.Kind(child.kind)) + 1 for child in under), default=0)
    return [str(level) for level in LADDER[min(reached, own) : own + 1]]


def set_up(chosen: list[Proposal], *, by: Any, on: datetime.date, starts_on: datetime.date, **calendar: Any) -> int:
    """Begin the chosen plans that are not there yet, all or none; how many."""
    begun = 0
    keepers = Staff({one.unit.enterprise_id for one in chosen}, starts_on)
    with transaction.atomic():
        for one in chosen:
            if one.existing is None:
                facts = calendar if one.duty.frequency == "day" else {"days": calendar.get("days", DutyPlan.Days.WORKDAYS)}
                facts = {**facts, "checklist_code": one.checklist.code}
                if one.duty.trait:
                    # A self-check by trait is the safety manager's, though the plant owes it.
                    keeper = next(iter(keepers.in_role(one.unit.enterprise_id, Role.SAFETY_MANAGER)), None)
                    facts["responsible"] = keeper
                DutyPlan.begin(by=by, on=on, unit=one.unit, duty=one.duty, starts_on=starts_on, **facts)
                begun += 1
    return begun
