"""Tasks of inspections: thin, idempotent, called by the schedule without arguments."""

from __future__ import annotations

import datetime

from django.utils import timezone

from inspections import actions, publishing, reminders, reminders_plans
from inspections.models import Order


def tell_deadlines(today: datetime.date | None = None) -> int:
    """Remind of orders, re-checks, reports to the district, answers to complaints, results and plan items; how many notices are new."""
    today = today or timezone.localdate()
    return reminders.tell(today) + reminders_plans.tell(today)


def follow_announced(today: datetime.date | None = None) -> int:
    """Orders and measures whose announced paper counts as served today bind from now on; how many."""
    return actions.follow_announced(today or timezone.localdate())


def fall_due(today: datetime.date | None = None) -> int:
    """Orders past their day without an application go to the re-check; how many."""
    return Order.objects.all().fall_due(today or timezone.localdate())


def owe_results(today: datetime.date | None = None) -> int:
    """Results of closed visits whose period to publish starts only now: their last day is set; how many."""
    return publishing.owe_all()
