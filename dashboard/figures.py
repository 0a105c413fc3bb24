"""Figures of the homes that count over several apps."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import Area
from hazards.models import Hazard


def villages(user: Any, enterprises: Any, today: datetime.date) -> list[Area]:
    """Areas of these enterprises with `firms`, `open_hazards` and `overdue_hazards`; most overdue first. Four queries."""
    hazards = Hazard.objects.for_user(user)
    firms = per_area(enterprises, "area")
    still_open = per_area(hazards.open(), "enterprise__area")
    late = per_area(hazards.overdue(today), "enterprise__area")
    areas = list(Area.objects.filter(pk__in=firms))
    for area in areas:
        area.firms, area.open_hazards, area.overdue_hazards = (found.get(area.pk, 0) for found in (firms, still_open, late))
    return sorted(areas, key=lambda area: (-area.overdue_hazards, -area.open_hazards, area.code))


def per_area(rows: QuerySet[Any], path: str) -> dict[str, int]:
    """{area code: how many of these rows}."""
    return dict(rows.order_by().values_list(path).annotate(n=Count("pk")))
