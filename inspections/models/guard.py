"""The visit guard: all that is known of a firm before a visit is planned, planned anew, or made on another day (R72, B7).

It asks the firm for its visits and orders, so that the visit's own verbs can ask the guard.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from core.models import MoveRefused
from enterprises.models import Enterprise
from inspections.models import machine
from inspections.models.law import VisitLimit
from inspections.models.patrols import OutsideVisit, Patrol

SHOWN = 5


@dataclass(frozen=True)
class Known:
    """Who else plans to go, who was there, how often that year against the cap, what is open; and what speaks against one more.

    A visit broken off was a visit; one planned will be one.
    """

    planned: list[Any]
    visits: list[Any]
    outside: list[OutsideVisit]
    patrols: list[Patrol]
    this_year: int
    planned_this_year: int
    cap: int | None
    open_orders: list[Any]
    warnings: list[str]

    @property
    def mergeable(self) -> list[Any]:
        """Planned visits that another unit may join: one date, one visit; never a re-check, which looks at one order."""
        return [row for row in self.planned if row.order_id is None and row.state in machine.MOVES["join"].sources]


def known_of(enterprise: Enterprise, on: datetime.date, kind: str, *, beside: Any = None) -> Known:
    """What is known of a firm for a visit of this kind planned on a day; `beside` is left out of it."""
    rows = enterprise.inspections.exclude(pk__in=[beside.pk] if beside else [])  # type: ignore[attr-defined]
    rows = rows.select_related("department", "enterprise").prefetch_related("officers__user")
    planned = list(rows.filter(state__in=machine.BEFORE).order_by("planned_on", "pk"))
    visits = list(rows.exclude(visited_on=None).order_by("-visited_on", "-pk")[:SHOWN])
    outside = list(OutsideVisit.objects.filter(enterprise=enterprise, on__lte=on).order_by("-on", "-pk")[:SHOWN])
    limit = VisitLimit.objects.cap_on(on)
    counted = set(limit.kinds) if limit else set(machine.Kind.values)
    year = rows.filter(kind__in=counted, visited_on__year=on.year).count()
    year += OutsideVisit.objects.filter(enterprise=enterprise, on__year=on.year).count()
    ahead = rows.filter(kind__in=counted, planned_on__year=on.year, state__in=machine.BEFORE).count()
    return Known(
        planned=planned,
        visits=visits,
        outside=outside,
        patrols=list(Patrol.objects.filter(enterprise=enterprise).order_by("-on", "-pk")[:SHOWN]),
        this_year=year,
        planned_this_year=ahead,
        cap=limit.value if limit else None,
        open_orders=list(enterprise.orders.filter(state__in=machine.ORDER_STANDING).order_by("due_on", "pk")),  # type: ignore[attr-defined]
        warnings=_warnings(rows, outside, on, kind, year, ahead),
    )


def weigh(enterprise: Enterprise, on: datetime.date, kind: str, reason: str, *, beside: Any = None) -> dict[str, Any]:
    """What speaks against this visit on that day, and the reason to go all the same: the fields of the visit; MoveRefused without a reason.

    In the caller's transaction, one planner of a firm at a time: two who look at once would both see nobody.
    """
    Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    warnings = known_of(enterprise, on, kind, beside=beside).warnings
    if warnings and not reason:
        raise MoveRefused("".join(warnings) + "确需检查的请写明理由;也可以并入已安排的检查。")
    return {"warnings": warnings, "override_reason": reason if warnings else ""}


def override_lines(weighed: dict[str, Any]) -> list[str]:
    """That, in words for the story."""
    reason = weighed["override_reason"]
    return [*weighed["warnings"], *([f"仍要检查的理由:{reason}"] if reason else [])]


def _warnings(rows: Any, outside: list[OutsideVisit], on: datetime.date, kind: str, year: int, ahead: int) -> list[str]:
    window, cap = VisitLimit.objects.window_on(on), VisitLimit.objects.cap_on(on)
    found = []
    if window and kind in window.kinds:
        span = datetime.timedelta(days=window.value)
        near = rows.filter(kind__in=window.kinds)
        for row in near.filter(state__in=machine.BEFORE, planned_on__range=(on - span, on + span)).order_by("planned_on", "pk"):
            found.append(f"{row.organ_name}已计划于 {row.planned_on:%Y-%m-%d} 检查({row.get_kind_display()}),建议并入联合检查。")
        for row in near.filter(visited_on__range=(on - span, on + span)).order_by("-visited_on", "-pk"):
            found.append(f"该企业 {window.value} 天内已被检查:{row.organ_name} {row.visited_on:%Y-%m-%d}({row.get_kind_display()})。")
        found += [f"该企业 {window.value} 天内已被检查:{row.organ} {row.on:%Y-%m-%d}。" for row in outside if on - row.on <= span]
    if cap and kind in cap.kinds and year + ahead >= cap.value:
        planned = f"、已安排 {ahead} 次" if ahead else ""
        found.append(f"该企业 {on.year} 年已被检查 {year} 次{planned},达到年度上限 {cap.value} 次({cap.source})。")
    return found
