"""Yearly plans of the demo: the town's, executed while the visits are played, and a department's, carried over from the year before."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from accounts.models import User
from core import moment
from demo.days import Days, at
from demo.people import Firm, Town
from demo.visits import officer_of_department
from documents.models import Document
from enterprises.models import Enterprise
from inspections import documents_plans
from inspections.models import DistrictListEntry, InspectionPlan, PlanItem
from inspections.models.plan_items import ItemFacts
from inspections.models.plan_keys import firms_of, musts

DISTRICT = "綦江区应急管理局年度监督检查计划"
LEFT_OUT = 4
RANDOM_VISITS, MORE = 20, 6


class Told(NamedTuple):
    """A visit that the stories play: whose, and on which day it is planned."""

    firm: Firm
    on: datetime.date


class Planner:
    """One unit's plans: whoever tells their story calls these steps and yields the worked days until the next."""

    def __init__(self, days: Days, town: Town, by: User, seed: int) -> None:
        self.days, self.town, self.by = days, town, by
        self.chance = random.Random(seed)
        self.now = at(days.first, 9)

    def morning(self, day: datetime.date) -> None:
        """A new day of the story begins, before the visits of that day are planned."""
        self.now = at(day, 8, 30)

    @contextmanager
    def step(self) -> Iterator[datetime.date]:
        """The next step, some minutes later; gives the business date."""
        self.now += datetime.timedelta(minutes=self.chance.randint(3, 6))
        with moment.at(self.now):
            yield self.now.date()

    def until(self, day: datetime.date) -> int:
        """How many worked days that is from now."""
        today = self.now.date()
        return sum(today < one <= day for one in self.days.worked)

    def draft(self, year: int, items: Sequence[ItemFacts], **facts: Any) -> InspectionPlan:
        """A plan with these items."""
        words = {
            "goals": "以防范遏制重特大事故为重点,坚持重点检查和双随机抽查相结合,全年检查做到有计划、有方案、有闭环。",
            "content": "安全生产责任制、隐患排查治理、粉尘防爆、有限空间和金属冶炼专项、教育培训和应急演练。",
            "funds": "检查经费列入年度预算;配备执法记录仪、测距仪和便携式气体检测仪。",
        }
        numbers = {"officers": 6, "other_days": 420, "training_days": 90, "leave_days": 60, "meeting_days": 240}
        with self.step() as on:
            plan = InspectionPlan.draft(by=self.by, on=on, year=year, **{**words, **numbers, **facts})
        if items:
            with self.step() as on:
                plan.add_items(items, by=self.by, on=on)
        return plan

    def complete(self, plan: InspectionPlan) -> None:
        """With every firm it must hold, and some that the unit answers for besides."""
        with self.step() as on:
            missing = plan.missing(on)
            rows = [ItemFacts(must.enterprise, must.segment, 1 + 3 * (n % 4), 3 + 3 * (n % 4), must.why) for n, must in enumerate(missing)]
            known = {*plan.items.values_list("enterprise", flat=True), *(must.enterprise.pk for must in missing)}  # type: ignore[attr-defined]
            more = firms_of(plan.area_id, plan.department).exclude(pk__in=known - {None}).order_by("pk") if plan.department else []
            rows += [
                ItemFacts(row, PlanItem.Segment.CANDIDATE, 5 + n % 6, 12, "主管行业企业,上次检查较早") for n, row in enumerate(more[:MORE])
            ]
            if rows:
                plan.add_items(rows, by=self.by, on=on)

    def put_in_force(self, plan: InspectionPlan) -> None:
        """Submitted, approved, on paper, filed."""
        with self.step() as on:
            plan.submit(by=self.by, on=on)
        with self.step() as on:
            plan.approve(by=self.town.leader, on=on, note="同意,报区备案。")
        with self.step() as on:
            facts, title = documents_plans.year_plan_facts(plan), documents_plans.year_plan_title(plan)
            given: dict[str, Any] = {"subject": plan, "enterprise": None, "facts": facts, "title": title, "audience": "town"}
            Document.issue("PLAN", by=self.by, on=on, **given)
        with self.step() as on:
            number = f"綦应急备〔{on.year}〕{plan.pk + 10}号"
            plan.file(by=self.by, on=on, filed_on=on, receipt_number=number)

    def close(self, plan: InspectionPlan) -> None:
        """What was not scheduled goes into the next year's draft."""
        with self.step() as on:
            plan.refresh_from_db()
            plan.close(by=self.by, on=on, rest="carry", note="未安排的结转到下一年度。")


def window(year: int, on: datetime.date, place: int) -> tuple[int, int]:
    """Two months of the year that are not over when it is drawn up, spread by `place`."""
    start = on.month if on.year == year else 1
    first = start + place % (13 - start)
    return first, min(12, first + 1)


def year_end(year: int, days: Days) -> datetime.date:
    """The last worked day of a year."""
    last = days.last(datetime.date(year, 12, 1), datetime.date(year, 12, 31))
    return last or datetime.date(year, 12, 31)


def town_tale(planner: Planner, told: list[Told], players: list[Firm]) -> Iterator[int]:
    """The plan that the visits are made by; the next year's is put in force on the last worked day of the year."""
    first, last = planner.days.first.year, planner.days.today.year
    plan = planner.draft(first, items_of(first, told, players, planner))
    planner.complete(plan)
    planner.put_in_force(plan)
    with planner.step() as on:
        firms = [firm.enterprise for firm in players[1:3]] + [one.firm.enterprise for one in told[4:9]]
        DistrictListEntry.take_in(firms, year=last, source=DISTRICT, by=planner.by, on=on)
    if first != last:
        yield planner.until(year_end(first, planner.days))
        plan = planner.draft(last, items_of(last, told, players, planner))
        planner.complete(plan)
        planner.put_in_force(plan)
    back = planner.until(planner.days.back(12))
    if back > 0:
        yield back
        adjust(planner, plan)


def items_of(year: int, told: list[Told], players: list[Firm], planner: Planner) -> list[ItemFacts]:
    """An item for each visit of the stories in that year, one more for each of the five firms, for all others but a few, and random visits."""
    must = {one.enterprise.pk: one for one in planner_musts(planner)}
    used: set[tuple[int, int]] = set()

    def facts(enterprise: Enterprise, month: int, why: str) -> ItemFacts:
        while (enterprise.pk, month) in used:
            month = month - 1 or 12
        used.add((enterprise.pk, month))
        held = must.get(enterprise.pk)
        segment = held.segment if held else PlanItem.Segment.CANDIDATE
        return ItemFacts(enterprise, segment, month, min(12, month + 1), held.why if held else why)

    found = [facts(one.firm.enterprise, one.on.month, "逾期隐患较多") for one in told if one.on.year == year]
    today = planner.days.today
    found += [facts(firm.enterprise, min(12, today.month + (n > 0)), "上次检查较早") for n, firm in enumerate(players)]
    known = {item.enterprise.pk for item in found if item.enterprise}
    rest = firms_of(players[0].enterprise.area_id[:9], None).exclude(pk__in=known).order_by("pk")
    for number, row in enumerate([row for row in rest if row.pk not in must][LEFT_OUT:]):
        first = window(year, planner.now.date(), number * 5)[0]
        found.append(facts(row, first, "近 90 天漏做任务较多,上次检查较早"))
    return [*found, ItemFacts(None, PlanItem.Segment.RANDOM, 1, 12, "一般企业,按双随机抽查", RANDOM_VISITS)]


def planner_musts(planner: Planner) -> Any:
    """Which firms any plan of the town must hold."""
    area = planner.town.inspectors[0].membership.area_id
    return musts(area, None, planner.now.date())


def adjust(planner: Planner, plan: InspectionPlan) -> None:
    """A firm that stands still is taken out, one that was reported is added: within the limit, effective at once."""
    with planner.step() as on:
        plan.refresh_from_db()
        item = plan.items.filter(state=PlanItem.State.PLANNED, segment=PlanItem.Segment.CANDIDATE).order_by("-pk").first()  # type: ignore[attr-defined]
        if item:
            plan.drop_item(item, by=planner.by, on=on, note="企业停产检修,本年度不再安排")
    with planner.step() as on:
        held = plan.items.live().values("enterprise")  # type: ignore[attr-defined]
        row = firms_of(plan.area_id, None).exclude(pk__in=held).order_by("pk").first()
        if row:
            plan.add_items([ItemFacts(row, PlanItem.Segment.CANDIDATE, on.month, 12, "群众反映夜间动火作业")], by=planner.by, on=on)
    with planner.step() as on:
        plan.propose_adjustment(by=planner.by, on=on, note="按近期情况微调。")


def department_tale(planner: Planner) -> Iterator[int]:
    """The department's plan of last year, what was left of it in this year's, and an adjustment that waits for the leader."""
    first, last = planner.days.first.year, planner.days.today.year
    numbers = {"officers": 2, "other_days": 200, "training_days": 30, "leave_days": 20, "meeting_days": 150}
    old = planner.draft(last - 1, [], **numbers, over_reason="由纸质计划补录")
    planner.complete(old)
    planner.put_in_force(old)
    if first != last:
        yield planner.until(year_end(first, planner.days))
    plan = planner.draft(last, [], **numbers, over_reason="主管企业较多,与镇应急办联合检查")
    planner.close(old)
    plan.refresh_from_db()
    planner.complete(plan)
    planner.put_in_force(plan)
    back = planner.until(planner.days.back(3))
    if back > 0:
        yield back
        wait_for_leader(planner, plan)


def wait_for_leader(planner: Planner, plan: InspectionPlan) -> None:
    """More than the limit is to change: proposed, not yet answered."""
    with planner.step() as on:
        plan.refresh_from_db()
        items = plan.items.filter(state=PlanItem.State.PLANNED, carried_from=None).order_by("pk")  # type: ignore[attr-defined]
        for item in list(items)[: max(1, plan.approved_visits // 5)]:
            plan.drop_item(item, by=planner.by, on=on, note="已由镇应急办检查,避免重复")
    with planner.step() as on:
        plan.propose_adjustment(by=planner.by, on=on, note="与镇应急办的计划衔接,减少重复检查。")


def cast_plans(into: Any, days: Days, town: Town, told: list[Told], players: list[Firm]) -> None:
    """Both stories, from the first worked day on, before any visit."""
    start = days.after(days.first, 0)
    planner = Planner(days, town, town.inspectors[0], 41)
    into.add(planner, town_tale(planner, told, players), start)
    office = Planner(days, town, officer_of_department(), 43)
    into.add(office, department_tale(office), start)
