"""Which firms a plan must hold: key enterprises by the dated rules, and those of municipal and higher level (R50, R64)."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from accounts.models.areas import within
from enterprises.models import Enterprise
from hazards.models import Hazard
from inspections.models.plan_law import KeyRule
from inspections.models.plan_machine import Segment


@dataclass(frozen=True)
class Must:
    """A firm that must be visited at least once in the year, and why."""

    enterprise: Enterprise
    segment: str
    why: str


def firms_of(area: str, department: Any) -> Any:
    """The active firms a unit answers for: the emergency office for all of the town, a department for those it leads (R59)."""
    rows = Enterprise.objects.filter(within("area_id", area), status=Enterprise.Status.ACTIVE)
    return rows.filter(lead_department=department) if department else rows


def key_reasons(firms: Any, on: datetime.date) -> dict[int, list[str]]:
    """{enterprise pk: the names of the key rules of that day it falls under} of these firms."""
    found: dict[int, list[str]] = defaultdict(list)
    for rule in KeyRule.objects.in_force(on).order_by("code"):
        if rule.basis == KeyRule.Basis.MAJOR:
            majors = Hazard.objects.all().open().filter(level=Hazard.Level.MAJOR, major_on__isnull=False)
            rows = firms.filter(pk__in=majors.values("enterprise"))
        else:
            rows = firms.filter(traits__code=rule.trait)
        for pk in rows.order_by().values_list("pk", flat=True).distinct():
            if rule.name not in found[pk]:
                found[pk].append(rule.name)
    return dict(found)


def musts(area: str, department: Any, on: datetime.date) -> list[Must]:
    """Every firm the plan of this unit must hold, by name; a firm that is both counts as a key enterprise."""
    firms = firms_of(area, department)
    reasons = key_reasons(firms, on)
    rows = firms.filter(pk__in=reasons) | firms.filter(is_city_level=True)
    return [
        Must(row, Segment.KEY, "、".join([*reasons[row.pk], *(["市属及以上企业"] if row.is_city_level else [])]))
        if row.pk in reasons
        else Must(row, Segment.CITY, "市属及以上企业")
        for row in rows.distinct().order_by("name", "pk")
    ]
