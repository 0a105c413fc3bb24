"""Tasks of inspections: thin, idempotent, called by the schedule without arguments."""

from __future__ import annotations

import datetime

from django.utils import timezone

from accounts.models import User
from inspections import actions, publishing, reminders, reminders_draws, reminders_plans
from inspections.models import OfficerEntry, Order, Pool


def tell_deadlines(today: datetime.date | None = None) -> int:
    """Remind of orders, re-checks, reports, answers to complaints, results, plan items and draws; how many notices are new."""
    today = today or timezone.localdate()
    return sum(part.tell(today) for part in (reminders, reminders_plans, reminders_draws))


def follow_announced(today: datetime.date | None = None) -> int:
    """Orders and measures whose announced paper counts as served today bind from now on; how many."""
    return actions.follow_announced(today or timezone.localdate())


def fall_due(today: datetime.date | None = None) -> int:
    """Orders past their day without an application go to the re-check; how many."""
    return Order.objects.all().fall_due(today or timezone.localdate())


def owe_results(today: datetime.date | None = None) -> int:
    """Results of closed visits whose period to publish starts only now: their last day is set; how many."""
    return publishing.owe_all()


def refresh_pools(today: datetime.date | None = None) -> int:
    """Pools and officers' pools are brought in line with their rules; how many firms and officers came or went. Again nothing does."""
    today, by = today or timezone.localdate(), User.objects.system()
    moved = sum(sum(pool.refresh(by=by, on=today)) for pool in Pool.objects.order_by("pk"))
    areas = OfficerEntry.objects.areas()
    return moved + sum(sum(OfficerEntry.refresh(area, by=by, on=today)) for area in areas)
