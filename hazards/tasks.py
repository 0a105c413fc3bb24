"""Tasks of hazards: thin, idempotent, called by the schedule without arguments."""

from __future__ import annotations

from hazards import reminders


def tell_deadlines() -> int:
    """Remind of rectification deadlines and tell the levels above of overdue ones; how many notices are new."""
    return reminders.tell()
