"""The items of a yearly plan: one firm once, or a number of random visits, within a window of months (R48, R50)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from accounts.models.areas import within
from accounts.roles import WHOLE_TOWN, Role
from core.models import Event, MoveRefused, Stateful
from enterprises.models import Enterprise
from inspections.models import draw_machine, plan_machine
from inspections.models.district import DistrictListEntry
from inspections.models.plan_machine import ItemState, Segment

TOWN = Event.Audience.TOWN
LONGEST_WHY = 300
DRAWN_FOR = tuple(state.value for state in draw_machine.State if state != draw_machine.State.VOIDED)
LIVE_VALUES = tuple(state.value for state in plan_machine.LIVE)
WITHOUT_VISIT = tuple(state.value for state in ItemState if state not in plan_machine.WITH_VISIT)


@dataclass(frozen=True)
class ItemFacts:
    """What is to stand in a plan: a firm, or without one a number of random visits."""

    enterprise: Enterprise | None
    segment: str
    from_month: int
    to_month: int
    why: str
    count: int = 1

    @property
    def name(self) -> str:
        """As a sentence names it."""
        return self.enterprise.name if self.enterprise else f"随机抽查 {self.count} 户"

    @property
    def months(self) -> str:
        """The window."""
        return month_words(self.from_month, self.to_month)

    def fields(self) -> dict[str, Any]:
        """As the columns of an item, or of a change."""
        names = ("enterprise", "segment", "from_month", "to_month", "why", "count")
        return {name: getattr(self, name) for name in names}


def month_words(first: int, last: int) -> str:
    """3月, or 3—6月."""
    return f"{first}月" if first == last else f"{first}—{last}月"


def months_in_order(name: str) -> models.CheckConstraint:
    """The constraint that a window lies within the year and does not end before it begins."""
    whole = models.Q(from_month__gte=1, to_month__lte=12, to_month__gte=models.F("from_month"))
    return models.CheckConstraint(condition=whole, name=name, violation_error_message="月份要在 1 到 12 之间,止月不早于起月。")


def shape(name: str) -> models.CheckConstraint:
    """The constraint that a random item counts visits and names no firm, and every other names one firm once."""
    is_random = models.Q(segment="random", enterprise=None, count__gte=1)
    whole = is_random | ~models.Q(segment="random") & models.Q(enterprise__isnull=False, count=1)
    return models.CheckConstraint(condition=whole, name=name)


class PlanItemQuerySet(models.QuerySet["PlanItem"]):
    """Scope, and what a plan is made of."""

    def for_user(self, user: Any) -> PlanItemQuerySet:
        """Town offices: of their area's firms. Departments: of their firms, and random items. Firms and villages: none."""
        if user.role not in WHOLE_TOWN and user.role != Role.DEPARTMENT:
            return self.none()
        town = user.membership.area_id or user.membership.department.area_id
        seen = models.Q(enterprise__in=Enterprise.objects.for_user(user)) | models.Q(enterprise=None)
        return self.filter(seen, within("plan__area_id", town))

    def for_list(self) -> PlanItemQuerySet:
        """With what a list shows: by window, then by firm."""
        rows = self.select_related("enterprise__area", "plan__department", "inspection", "carried_from__plan", "carried_to__plan")
        return rows.flagged().order_by("from_month", "to_month", "enterprise__name", "pk")

    def flagged(self) -> Any:
        """Each with `at_district` and `elsewhere`: whether the district's list, or another unit's plan of the year, holds the firm too."""
        district = DistrictListEntry.objects.filter(year=models.OuterRef("plan__year"), enterprise=models.OuterRef("enterprise"))
        others = PlanItem.objects.live().filter(plan__year=models.OuterRef("plan__year"), enterprise=models.OuterRef("enterprise"))
        others = others.exclude(plan=models.OuterRef("plan")).exclude(plan__state=plan_machine.PlanState.VOIDED)
        return self.annotate(at_district=models.Exists(district), elsewhere=models.Exists(others))

    def live(self) -> PlanItemQuerySet:
        """Neither cancelled nor carried over."""
        return self.filter(state__in=plan_machine.LIVE)

    def open(self) -> PlanItemQuerySet:
        """Of an executing plan, and not yet scheduled."""
        return self.filter(state=ItemState.PLANNED, plan__state__in=plan_machine.EXECUTING)

    def overdue(self, today: datetime.date) -> PlanItemQuerySet:
        """Open, and the last month of its window is over."""
        before = models.Q(plan__year__lt=today.year) | models.Q(plan__year=today.year, to_month__lt=today.month)
        return self.open().filter(before)

    def to_draw(self, user: Any, year: int) -> PlanItemQuerySet:
        """Random items of this person's unit that wait for their draw, in a plan of the year that is executed."""
        unit = user.membership.department_id if user.role == Role.DEPARTMENT else None
        rows = self.for_user(user).filter(plan__year=year, plan__department=unit, plan__state__in=plan_machine.EXECUTING)
        waiting = rows.filter(segment=Segment.RANDOM, state=ItemState.PLANNED)
        return waiting.exclude(draws__state__in=DRAWN_FOR).select_related("plan__department").order_by("from_month", "pk")

    def visits(self) -> int:
        """How many visits these are."""
        return int(self.order_by().aggregate(n=models.Sum("count"))["n"] or 0)


class PlanItem(Stateful):
    """One visit of one firm in a yearly plan, or so many random visits, with its window of months and its reasons."""

    State = ItemState
    Segment = Segment
    TONES = plan_machine.ITEM_TONES
    MOVES = plan_machine.ITEM_MOVES

    plan = models.ForeignKey("inspections.InspectionPlan", models.PROTECT, related_name="items", verbose_name="计划")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="plan_items", verbose_name="企业")
    segment = models.CharField("类别", max_length=10, choices=Segment)
    count = models.PositiveSmallIntegerField("检查次数", default=1)
    from_month = models.PositiveSmallIntegerField("起月")
    to_month = models.PositiveSmallIntegerField("止月")
    why = models.CharField("列入理由", max_length=300, blank=True)
    inspection = models.OneToOneField(
        "inspections.Inspection", models.PROTECT, null=True, blank=True, related_name="plan_item", verbose_name="执法检查"
    )
    cancel_reason = models.CharField("取消理由", max_length=500, blank=True)
    carried_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_to", verbose_name="由上一年度结转"
    )
    adjustment = models.ForeignKey(
        "inspections.PlanAdjustment", models.PROTECT, null=True, blank=True, related_name="added", verbose_name="调整时增加"
    )

    objects = PlanItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计划项"
        indexes = [
            models.Index(fields=["plan", "state", "to_month"], name="plan_item_state"),
            models.Index(fields=["enterprise", "state"], name="plan_item_enterprise"),
        ]
        constraints = [
            shape("plan_item_shape"),
            months_in_order("plan_item_months"),
            models.CheckConstraint(
                condition=models.Q(segment="random")
                | models.Q(inspection=None, state__in=WITHOUT_VISIT)
                | models.Q(inspection__isnull=False, state__in=[state.value for state in plan_machine.WITH_VISIT]),
                name="plan_item_visit",
            ),
            models.CheckConstraint(condition=~models.Q(state="cancelled") | ~models.Q(cancel_reason=""), name="plan_item_cancelled_why"),
            models.UniqueConstraint(
                fields=["plan", "enterprise", "from_month"],
                condition=models.Q(state__in=LIVE_VALUES, enterprise__isnull=False),
                name="plan_item_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}({self.months})"

    def get_absolute_url(self) -> str:
        """The plan's page: an item has none of its own."""
        return self.plan.get_absolute_url()

    def event_scope(self) -> tuple[int | None, str]:
        """As of its enterprise, else of its plan."""
        return self.enterprise_id, (self.enterprise.area_id if self.enterprise else self.plan.area_id)

    @property
    def name(self) -> str:
        """The firm, or how many random visits."""
        return self.enterprise.name if self.enterprise else f"随机抽查 {self.count} 户"

    @property
    def months(self) -> str:
        """The window."""
        return month_words(self.from_month, self.to_month)

    @property
    def is_random(self) -> bool:
        """Whether it counts visits of draws."""
        return self.segment == Segment.RANDOM

    def is_overdue(self, today: datetime.date) -> bool:
        """Open, and the last month of its window is over."""
        is_open = self.state == ItemState.PLANNED and self.plan.state in plan_machine.EXECUTING
        return is_open and (self.plan.year, self.to_month) < (today.year, today.month)

    @classmethod
    def open_many(cls, rows: list[PlanItem], *, by: Any, on: datetime.date) -> list[PlanItem]:
        """These items are in their plan from now on, each with the first entry of its story; in the caller's transaction."""
        made = PlanItem.objects.bulk_create(rows)
        told: dict[str, Any] = {"by": by, "on": on, "move": "open", "label": "列入计划", "audience": TOWN}
        Event.objects.bulk_create([Event.about(row, states=("", row.state), note=row.why, **told) for row in made])
        return made

    # Who may not

    def guard_cancel(self, by: Any) -> str:
        """Not while a draw is made for it: its tasks could no longer be issued."""
        draw = self.draws.filter(state__in=DRAWN_FOR).first() if self.is_random else None  # type: ignore[attr-defined]
        return f"{self.name}正在由抽取 {draw.number} 办理,请先作废那次抽取。" if draw else ""

    def guard_carry_over(self, by: Any) -> str:
        """Likewise."""
        return self.guard_cancel(by)

    # Verbs: called by the visit, the plan and the adjustment

    def schedule(self, *, by: Any, on: datetime.date, inspection: Any = None, note: str = "") -> None:
        """This visit is the planned one; a random item is scheduled by its draw, without a visit of its own."""
        self._move("schedule", by=by, on=on, note=note, audience=TOWN, inspection=inspection)

    def finish(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The visit is recorded (of a random item: all its visits are)."""
        self._move("finish", by=by, on=on, note=note, audience=TOWN)

    def release(self, *, by: Any, on: datetime.date, note: str = "") -> None:
        """The visit was called off: the item is to be scheduled again."""
        self._move("release", by=by, on=on, note=note, audience=TOWN, inspection=None)

    def cancel(self, *, by: Any, on: datetime.date, note: str) -> None:
        """It is not done, and why."""
        self._move("cancel", by=by, on=on, note=note, audience=TOWN, cancel_reason=note)

    def carry_over(self, *, by: Any, on: datetime.date, into: Any = None, note: str = "") -> None:
        """It is done in the next year: `into` is that year's plan, still in draft, and gets an item that names this one."""
        with transaction.atomic():
            self._move("carry_over", by=by, on=on, note=note, audience=TOWN)
            if into is not None:
                row = PlanItem(plan=into, state=ItemState.PLANNED, carried_from=self, **self._next_year(into).fields())
                PlanItem.open_many([row], by=by, on=on)

    def _next_year(self, into: Any) -> ItemFacts:
        """As it stands in the next year: from the first month that no item of the firm begins with there."""
        held = into.items.live().filter(enterprise=self.enterprise_id).exclude(enterprise=None)
        used = set(held.values_list("from_month", flat=True))
        first = next((month for month in range(1, 13) if month not in used), None)
        if first is None:
            raise MoveRefused(f"{self.name}在下一年度计划里每个月都已有计划项,请先调整那份计划。")
        why = f"由 {self.plan.year} 年度计划结转{';' if self.why else ''}{self.why}"[:LONGEST_WHY]
        return ItemFacts(self.enterprise, self.segment, first, max(first, self.to_month), why, self.count)
