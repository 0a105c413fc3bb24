"""Figures of the homes that count over several apps."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import Area
from hazards.models import Hazard


@dataclass(frozen=True)
class Village:
    """An area with how many enterprises, open and overdue hazards it has."""

    code: str
    name: str
    firms: int
    open_hazards: int
    overdue_hazards: int


def villages(user: Any, enterprises: Any, today: datetime.date) -> list[Village]:
    """The areas of these enterprises, most overdue first. Four queries."""
    hazards = Hazard.objects.for_user(user)
    firms = per_area(enterprises, "area")
    still_open = per_area(hazards.open(), "enterprise__area")
    late = per_area(hazards.overdue(today), "enterprise__area")
    rows = [
        Village(area.code, area.name, firms[area.code], still_open.get(area.code, 0), late.get(area.code, 0))
        for area in Area.objects.filter(pk__in=firms)
    ]
    return sorted(rows, key=lambda row: (-row.overdue_hazards, -row.open_hazards, row.code))


def per_area(rows: QuerySet[Any], path: str) -> dict[str, int]:
    """{area code: how many of these rows}."""
    return dict(rows.order_by().values_list(path).annotate(n=Count("pk")))
