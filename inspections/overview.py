"""What leadership watches of a year's enforcement: each figure is one query over `for_user`, and opens to exactly its rows (R48–R50)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from hazards.models import Hazard
from inspections.models import Draw, Inspection, InspectionPlan, Order, PlanItem, Violation, machine
from inspections.models.plan_machine import EXECUTING
from inspections.progress import Progress, live_items, progress_of

FIRST_YEAR = 2015


@dataclass
class Figure:
    """A number, what it counts, where its rows are, and the same number of the year before up to the same day."""

    label: str
    rows: QuerySet[Any]
    name: str
    query: dict[str, Any]
    why: str
    before: int | None = None
    is_breach: bool = False

    @cached_property
    def value(self) -> int:
        """How many rows."""
        return self.rows.count()

    @property
    def url(self) -> str:
        """The list of exactly these rows."""
        return f"{reverse(self.name)}?{urlencode(self.query)}"

    @property
    def change(self) -> str:
        """Against the year before, in words; "" without one."""
        if self.before is None:
            return ""
        more = self.value - self.before
        return f"去年同期 {self.before}," + ("持平" if not more else f"{'增加' if more > 0 else '减少'} {abs(more)}")


@dataclass(frozen=True)
class Year:
    """A year up to a day of it: all of it once it is over."""

    user: Any
    year: int
    today: datetime.date

    @property
    def first(self) -> datetime.date:
        """1 January."""
        return datetime.date(self.year, 1, 1)

    @property
    def last(self) -> datetime.date:
        """Today, or the last day of a year that is over."""
        return min(self.today, datetime.date(self.year, 12, 31)) if self.today.year == self.year else datetime.date(self.year, 12, 31)

    @property
    def before(self) -> Year:
        """The same days of the year before."""
        day = self.last.replace(day=28) if (self.last.month, self.last.day) == (2, 29) else self.last
        return Year(self.user, self.year - 1, day.replace(year=self.year - 1))

    def span(self, field: str) -> dict[str, Any]:
        """The lookup of these days."""
        return {f"{field}__range": (self.first, self.last)}

    def as_of_now(self, why: str) -> str:
        """The words under a figure that is today's, whichever year is looked at."""
        return why if self.year == self.today.year else f"{why}现在的数,不分年度。"

    def visits(self) -> QuerySet[Any]:
        """Visits made."""
        return Inspection.objects.for_user(self.user).filter(state__in=machine.VISITED, **self.span("visited_on"))

    def hazards(self) -> QuerySet[Any]:
        """Hazards found by the town."""
        return Hazard.objects.for_user(self.user).filter(source=Hazard.Source.INSPECTION, **self.span("found_on"))

    def violations(self) -> QuerySet[Any]:
        """Violations of these days."""
        return Violation.objects.for_user(self.user).filter(**self.span("violated_on"))

    def orders(self) -> QuerySet[Any]:
        """Orders issued in these days."""
        return Order.objects.for_user(self.user).filter(**self.span("issued_on"))

    def draws(self) -> QuerySet[Any]:
        """Draws made in these days, void ones too."""
        return Draw.objects.for_user(self.user).filter(**self.span("drawn_at__date"))


def plans(user: Any, year: int, today: datetime.date) -> list[tuple[InspectionPlan, Progress]]:
    """Each plan in force of the year, the town's first, with how far it is by the items this person sees: those its figures open to."""
    in_force = (*EXECUTING, InspectionPlan.State.CLOSED)
    found = InspectionPlan.objects.for_user(user).filter(year=year, state__in=in_force).select_related("department")
    rows = sorted(found, key=lambda row: (row.department_id or 0, row.pk))
    items = live_items(PlanItem.objects.for_user(user), rows)
    return [(row, progress_of(row, items[row.pk], today)) for row in rows]


def groups(user: Any, year: int, today: datetime.date) -> list[tuple[str, list[Figure]]]:
    """The figures of the year, in groups."""
    now = Year(user, year, today)
    return [("检查", _visits(now)), ("双随机抽取", _draws(now)), ("发现的问题", _findings(now)), ("责令整改和复查", _orders(now))]


def _days(now: Year, start: str, end: str, **more: Any) -> dict[str, Any]:
    return {start: now.first.isoformat(), end: now.last.isoformat(), **more}


def _visits(now: Year) -> list[Figure]:
    made, before = now.visits(), now.before.visits()
    span = _days(now, "visited_from", "visited_to")
    found = [Figure("已检查", made, "inspection_list", span, "按检查日期,含复查;走访不算检查。", before.count())]
    for kind in (machine.Kind.PLANNED, machine.Kind.RANDOM, machine.Kind.COMPLAINT):
        query = {**span, "kind": kind.value}
        found.append(Figure(str(kind.label), made.filter(kind=kind), "inspection_list", query, "", before.filter(kind=kind).count()))
    late = Inspection.objects.for_user(now.user).filter(state__in=machine.BEFORE, planned_on__lt=now.today)
    found.append(Figure("逾期没有去", late, "inspection_list", {"view": "late"}, now.as_of_now("计划日期已过,还没有去。"), is_breach=True))
    return found


def _draws(now: Year) -> list[Figure]:
    query = _days(now, "drawn_from", "drawn_to")
    late = Draw.objects.for_user(now.user).publish_late(now.today)
    return [
        Figure("已抽取", now.draws(), "draw_list", query, "按抽取日期,含后来作废的。", now.before.draws().count()),
        Figure("公布逾期", late, "draw_list", {"view": "late"}, now.as_of_now("检查全部结束,公布期限已过。"), is_breach=True),
    ]


def _findings(now: Year) -> list[Figure]:
    found, broken = now.hazards(), now.violations()
    query = {"source": Hazard.Source.INSPECTION.value, **_days(now, "found_from", "found_to")}
    overdue = found.overdue(now.today)  # type: ignore[attr-defined]
    return [
        Figure("检查发现的隐患", found, "hazard_list", query, "按发现日期,来源为执法检查。", now.before.hazards().count()),
        Figure("其中整改逾期", overdue, "hazard_list", {**query, "view": "overdue"}, "整改期限已过,没有销案。", is_breach=True),
        Figure(
            "涉嫌违法行为",
            broken,
            "violation_list",
            _days(now, "violated_from", "violated_to"),
            "按违法日期。",
            now.before.violations().count(),
        ),
    ]


def _orders(now: Year) -> list[Figure]:
    rows = Order.objects.for_user(now.user)
    return [
        Figure(
            "制发责令整改", now.orders(), "order_list", _days(now, "issued_from", "issued_to"), "按制发日期。", now.before.orders().count()
        ),
        Figure("没有办完", rows.standing(), "order_list", {"view": "open"}, now.as_of_now("制发后没有通过复查,也没有撤销。")),
        Figure(
            "整改逾期",
            rows.overdue(now.today),
            "order_list",
            {"view": "overdue"},
            now.as_of_now("整改期限已过,没有申请复查。"),
            is_breach=True,
        ),
        Figure(
            "复查逾期",
            rows.recheck_overdue(now.today),
            "order_list",
            {"view": "recheck_overdue"},
            now.as_of_now("复查期限已过。"),
            is_breach=True,
        ),
    ]
