"""Tasks of duties: thin, idempotent; they read the calendar, never the tick."""

from __future__ import annotations

import datetime

from django.utils import timezone

from duties.making import make_ahead
from duties.models import Occurrence


def make_occurrences(now: datetime.datetime | None = None) -> int:
    """Rows of the days ahead; how many were added."""
    return make_ahead(now)


def mark_missed(now: datetime.datetime | None = None) -> int:
    """What ended undone is missed; how many."""
    return Occurrence.objects.all().miss(now or timezone.now())
