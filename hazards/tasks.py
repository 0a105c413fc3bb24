"""Tasks of hazards: thin, idempotent, called by the schedule without arguments."""

from __future__ import annotations

import datetime

from django.utils import timezone

from hazards import major_reminders, reminders
from hazards.models import Hazard


def tell_deadlines() -> int:
    """Remind of rectification deadlines, tell the levels above of overdue ones, and tell the clocks of major ones; how many are new."""
    return reminders.tell() + major_reminders.tell()


def recheck_where_due(today: datetime.date | None = None) -> int:
    """Major hazards past their plan's day without an application go to the re-check; how many."""
    return Hazard.objects.all().recheck_where_due(today or timezone.localdate())
