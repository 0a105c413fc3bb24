"""Figures of the homes that count over several apps."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Q

from accounts.models import Area
from hazards.models import Hazard


def villages(enterprises: Any, today: datetime.date) -> list[Any]:
    """Areas of these enterprises with how many enterprises, open and overdue hazards; most overdue first."""
    open_states = Q(enterprises__hazards__state__in=[s for s in Hazard.State if s not in (Hazard.State.CLOSED, Hazard.State.REJECTED)])
    late = Q(enterprises__hazards__state__in=Hazard.IN_WORK, enterprises__hazards__due_on__lt=today)
    rows = Area.objects.filter(enterprises__in=enterprises).annotate(
        firms=Count("enterprises", filter=Q(enterprises__in=enterprises), distinct=True),
        open_hazards=Count("enterprises__hazards", filter=open_states & Q(enterprises__in=enterprises), distinct=True),
        overdue_hazards=Count("enterprises__hazards", filter=late & Q(enterprises__in=enterprises), distinct=True),
    )
    return list(rows.order_by("-overdue_hazards", "-open_hazards", "code"))
