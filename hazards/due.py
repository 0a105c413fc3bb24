"""What a person's units owe now: the list of today's, this week's and this month's checks (R20–R22)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from accounts.roles import MANAGERS, Role
from enterprises.models import Unit
from hazards.models import Check, Checklist
from hazards.models.checks import FILLERS


@dataclass
class Owed:
    """One list one unit owes in its present window, and the check if it was begun."""

    unit: Unit
    checklist: Checklist
    first: datetime.date
    last: datetime.date
    check: Check | None
    is_mine: bool = False

    @property
    def is_done(self) -> bool:
        """Submitted."""
        return self.check is not None and self.check.state == Check.State.SUBMITTED


def owed_by(user: Any, on: datetime.date) -> list[Owed]:
    """What this person may fill now, daily first; nothing for the town, for employees, or while production stands still.

    `is_mine` marks what is his own to do: his unit's lists; a manager's are the plant's.
    """
    held = user.membership
    if user.role not in MANAGERS | {Role.UNIT_HEAD, Role.TEAM_LEADER}:
        return []
    enterprise = held.enterprise
    if enterprise.status != enterprise.Status.ACTIVE or enterprise.stop_periods.covering(on).exists():
        return []
    led = None if user.role in MANAGERS else set(Unit.objects.led_by(held).values_list("pk", flat=True))
    owed = [
        Owed(unit, checklist, *checklist.window(on), None, unit.pk == held.unit_id or (led is None and unit.kind == Unit.Kind.PLANT))
        for unit, lists in Checklist.owed_in(enterprise, on)
        if led is None or unit.pk in led
        for checklist in lists
        if user.role in FILLERS[Checklist.Frequency(checklist.frequency)]
    ]
    begun = Check.objects.filter(enterprise=enterprise, window_end__gte=on, window_start__lte=on).select_related("holder")
    found = {(check.unit_id, check.checklist_code): check for check in begun}
    for one in owed:
        one.check = found.get((one.unit.pk, one.checklist.code))
    order = list(Checklist.Frequency)
    return sorted(owed, key=lambda one: (order.index(Checklist.Frequency(one.checklist.frequency)), one.unit.pk))
