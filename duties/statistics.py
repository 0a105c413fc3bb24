"""Statistics that are true: counted from the rows themselves, each figure with the filter that opens to its rows."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models
from django.db.models import Count, F, Q

from duties.models import DutyPlan, Occurrence
from enterprises.models import Enterprise

S = Occurrence.State
COUNTS: dict[str, Any] = {
    "total": Count("pk"),
    "done": Count("pk", filter=Q(state=S.DONE)),
    "missed": Count("pk", filter=Q(state__in=(S.MISSED, S.LATE))),
    "late": Count("pk", filter=Q(state=S.LATE)),
    "exempt": Count("pk", filter=Q(state=S.EXEMPT)),
    "due": Count("pk", filter=Q(state=S.DUE)),
}
GROUPS: dict[str, dict[str, Any]] = {
    "level": {"key": F("level")},
    "village": {"key": F("enterprise__area_id"), "name": F("enterprise__area__name")},
    "firm": {"key": F("enterprise_id"), "name": F("enterprise__name")},
    "unit": {"key": F("unit_id"), "name": F("unit__name"), "firm": F("enterprise__name"), "firm_key": F("enterprise_id")},
}


def completion(rows: Any, by: str) -> Any:
    """One line per group: key, name, and the counts; the most missed first."""
    grouped = rows.order_by().annotate(**GROUPS[by]).values(*GROUPS[by])
    return grouped.annotate(**COUNTS).order_by("-missed", "key")


def totals(rows: Any) -> dict[str, int]:
    """The counts over all rows."""
    return rows.order_by().aggregate(**COUNTS)


def rate(line: dict[str, Any]) -> int | None:
    """Done in time as a percentage of what was owed and is over; None while nothing is over. Late is not in time."""
    over = line["done"] + line["missed"]
    return line["done"] * 100 // over if over else None


def without_plans(enterprises: Any, on: datetime.date) -> Any:
    """Active enterprises that have no plan in force, but for dissolved units: they owe nothing because nobody has set them up."""
    plans = DutyPlan.objects.open(on).filter(enterprise=models.OuterRef("pk"), unit__closed_on=None)
    return enterprises.filter(status=Enterprise.Status.ACTIVE).filter(~models.Exists(plans))


def silent(enterprises: Any, first: datetime.date, last: datetime.date) -> Any:
    """Active enterprises that owed something that is over in the period and did none of it, in time or late."""
    rows = Occurrence.objects.filter(enterprise=models.OuterRef("pk"), period_start__range=(first, last))
    owed = rows.filter(state__in=(S.MISSED, S.LATE, S.DONE))
    did = rows.filter(state__in=(S.DONE, S.LATE))
    return enterprises.filter(models.Exists(owed), ~models.Exists(did), status=Enterprise.Status.ACTIVE)
