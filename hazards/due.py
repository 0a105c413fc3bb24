"""What a person's units owe now: the lists of the windows that are running, and what was missed below (R20–R22)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from duties.models import Occurrence
from duties.periods import Frequency
from hazards.models import Check
from hazards.models.checks import EVERY_FILLER, fillers


@dataclass
class Owed:
    """One occurrence in its running window, and the check if it was begun."""

    occurrence: Occurrence
    check: Check | None
    is_mine: bool = False

    @property
    def is_done(self) -> bool:
        """Submitted."""
        return self.occurrence.state == Occurrence.State.DONE


def owed_by(user: Any, now: datetime.datetime) -> list[Owed]:
    """What this person may fill now, daily first; nothing for the town and for employees without a list of their own.

    `is_mine` marks what he answers for, by name or by post.
    """
    if user.is_town or user.membership is None:
        return []
    owed = Occurrence.objects.for_user(user).running(now).exclude(state=Occurrence.State.EXEMPT)
    frequencies = [f for f in Frequency.values if user.role in fillers(f)]
    rows = list(owed.filter(frequency__in=frequencies).for_list()) if user.role in EVERY_FILLER else []
    begun = {check.occurrence_id: check for check in Check.objects.filter(occurrence__in=rows).select_related("holder")}
    mine = set(Occurrence.objects.owed_to(user).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    order = list(Frequency.values)
    rows.sort(key=lambda row: (row.pk not in mine, order.index(row.frequency), row.unit_id, row.opens_at))
    return [Owed(row, begun.get(row.pk), row.pk in mine) for row in rows]


def missed_by(user: Any) -> Any:
    """The person's own misses that nobody has taken up and that can still be done late, the newest first."""
    return Occurrence.objects.owed_to(user).climbing().for_list() if user.role in EVERY_FILLER else Occurrence.objects.none()
