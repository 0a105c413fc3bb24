"""The yearly plan: reckoned, approved by another person, filed; planned visits come out of it, and only out of it (R48, R50, R63)."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.models import Event, MoveRefused, WorkdayOverride
from core.workdays import count_workdays
from documents.models import Document
from inspections.actions import plan_visit
from inspections.candidates import candidates, why
from inspections.models import DistrictListEntry, Inspection, InspectionPlan, KeyRule, PlanChange, PlanItem
from inspections.models.plan_items import ItemFacts
from inspections.progress import progress, year_gone
from tests import factories as f
from tests.inspections import course, plan_course
from tests.inspections.course import TODAY, later
from tests.inspections.plan_course import facts

pytestmark = [pytest.mark.django_db, pytest.mark.req("R48")]
YEAR = TODAY.year


@pytest.fixture(autouse=True)
def law(db):
    course.law()
    plan_course.rules()


def firm(people, **given):
    """One more firm of the village."""
    return f.EnterpriseFactory(area=people.village_area, **given)


def dusty(people, **given):
    """A key enterprise."""
    row = firm(people, **given)
    row.traits.add(f.HazardTraitFactory())
    return row


def visit(people, enterprise=None, by=None, **given):
    """A visit planned through the guard."""
    asked = {"kind": "planned", "planned_on": TODAY, "basis": "年度计划", "officers": [people.inspector, people.inspector2], **given}
    return plan_visit(by=by or people.inspector, on=TODAY, enterprise=enterprise or people.factory, **asked)


def states(plan):
    """{firm: states of its items}."""
    found = {}
    for row in plan.items.select_related("enterprise").order_by("pk"):
        found.setdefault(row.name, []).append(str(row.state))
    return found


# The working days


def test_the_year_of_2026_has_its_statutory_days_and_an_override_changes_them():
    first, last = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)
    before = count_workdays(first, last)
    assert 240 <= before <= 255
    WorkdayOverride.objects.create(day=datetime.date(2026, 6, 6), is_workday=True)  # a Saturday
    assert count_workdays(first, last) == before + 1


def test_capacity_is_what_is_left_of_the_days_and_is_kept_when_submitted(people):
    plan = plan_course.drafted(people, days_per_visit=Decimal("2.5"), year=2026)
    days = plan.statutory
    assert plan.supervision_days == days * 2 - 100 - 20 - 30 - 50
    assert plan.capacity == int(plan.supervision_days / Decimal("2.5"))
    assert [row[0] for row in plan.reckoning()] == [
        "执法人员",
        "全年法定工作日",
        "总法定工作日",
        "其他执法工作日",
        "培训学习",
        "休假",
        "会议、公文等非执法工作",
        "监督检查工作日",
        "每次检查用工",
        "全年可检查",
    ]
    plan.submit(by=people.inspector, on=TODAY)
    WorkdayOverride.objects.create(day=datetime.date(2026, 6, 6), is_workday=True)
    assert InspectionPlan.objects.get(pk=plan.pk).statutory == days


def test_more_visits_than_the_days_allow_need_a_reason(people):
    plan = plan_course.drafted(people, other_days=5000)
    assert plan.capacity == 0
    assert plan.problems(TODAY) == ["计划 1 次,按工作日测算全年可检查 0 次,请减少计划项,或写明超过的理由。"]
    with pytest.raises(MoveRefused, match="写明超过的理由"):
        plan.submit(by=people.inspector, on=TODAY)
    plan.edit(by=people.inspector, on=TODAY, over_reason="区里抽调人员支援")
    plan.submit(by=people.inspector, on=TODAY)
    assert plan.state == "submitted"


# What it must hold


@pytest.mark.req("R50")
@pytest.mark.req("R64")
def test_each_key_enterprise_and_each_city_level_one_is_visited_once_at_least(people):
    dust, major = dusty(people, name="甲粉尘厂"), firm(people, name="乙重大厂")
    f.HazardFactory(enterprise=major, level="major", state="major_confirmed", major_on=TODAY)
    city = firm(people, name="丙市属厂", is_city_level=True)
    dusty(people, name="丁已关闭厂", status="closed")
    closed = firm(people, name="戊已销案厂")
    f.HazardFactory(
        enterprise=closed,
        level="major",
        state="closed",
        major_on=TODAY,
        rectifier=people.head,
        due_on=TODAY,
        closed_on=TODAY,
        closed_by=people.safety,
    )
    plan = plan_course.drafted(people)
    assert [(must.enterprise, must.segment) for must in plan.missing(TODAY)] == [(city, "city"), (major, "key"), (dust, "key")]
    with pytest.raises(
        MoveRefused, match="重点企业每年至少检查一次,还缺 2 家:乙重大厂、甲粉尘厂。市属及以上企业必须列入,还缺 1 家:丙市属厂。"
    ):
        plan.submit(by=people.inspector, on=TODAY)
    plan.add_items([facts(row) for row in (dust, major, city)], by=people.inspector, on=TODAY)
    plan.submit(by=people.inspector, on=TODAY)
    assert plan.missing(TODAY) == []


def test_key_rules_are_chosen_by_the_day(people):
    dusty(people)
    KeyRule.objects.filter(code="key.dust").update(effective_to=later(-1))
    assert plan_course.drafted(people).missing(TODAY) == []


@pytest.mark.req("R63")
def test_a_department_answers_for_the_firms_it_leads(people):
    people.factory.traits.add(f.HazardTraitFactory())
    dusty(people)
    plan = plan_course.drafted(people, by=people.department)
    assert (plan.department, plan.organ_name) == (people.office, "经济发展办公室")
    assert plan.missing(TODAY) == []
    assert [must.enterprise for must in plan.musts(TODAY)] == [people.factory]


def test_an_empty_plan_is_not_submitted(people):
    with pytest.raises(MoveRefused, match="还没有计划项"):
        f.a_year_plan(people).submit(by=people.inspector, on=TODAY)


# Its way


def test_a_unit_has_one_plan_a_year_and_a_void_one_makes_room(people):
    plan = plan_course.drafted(people)
    with pytest.raises(MoveRefused, match="已经有了"):
        f.a_year_plan(people, by=people.inspector2)
    f.a_year_plan(people, by=people.department)
    f.a_year_plan(people, year=YEAR + 1)
    plan.withdraw(by=people.inspector, on=TODAY, note="重拟")
    f.a_year_plan(people)
    assert InspectionPlan.objects.count() == 4
    facts = {"area": people.town, "year": YEAR, "officers": 1, "drafted_by": people.inspector, "state": "draft"}
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionPlan.objects.create(**facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionPlan.objects.create(department=people.office, **facts)


def test_the_leader_approves_what_another_drew_up_and_hands_back_with_a_reason(people):
    plan = plan_course.submitted(people)
    with pytest.raises(PermissionDenied):
        plan.approve(by=people.inspector2, on=TODAY)
    plan.hand_back(by=people.leader, on=TODAY, note="缺少专项安排")
    assert (plan.state, plan.statutory_days) == ("draft", None)
    plan_course.approved(people, plan)
    assert (plan.state, plan.approved_by, plan.approved_visits) == ("approved", people.leader, 1)
    plan.hand_back(by=people.leader, on=TODAY, note="区里要求修改")
    assert (plan.state, plan.approved_by, plan.approved_on, plan.approved_visits) == ("draft", None, None, 0)
    assert [event.move for event in Event.objects.of(plan)][-3:] == ["submit", "approve", "hand_back"]


def test_a_leader_who_drew_it_up_does_not_approve_it(people):
    plan = plan_course.submitted(people)
    InspectionPlan.objects.filter(pk=plan.pk).update(drafted_by=people.leader)
    plan.refresh_from_db()
    with pytest.raises(MoveRefused, match="不能由拟制人自己批准"):
        plan.approve(by=people.leader, on=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionPlan.objects.filter(pk=plan.pk).update(state="approved", approved_by=people.leader, approved_on=TODAY)


def test_it_is_filed_with_its_paper_a_day_and_a_receipt(people):
    plan = plan_course.approved(people)
    filing = {"by": people.inspector, "on": TODAY, "receipt_number": "綦应急备5号"}
    with pytest.raises(MoveRefused, match="请先出文书"):
        plan.file(filed_on=TODAY, **filing)
    plan_course.printed(plan, people.inspector)
    for day in (later(-1), later(1)):
        with pytest.raises(MoveRefused, match="备案日期要在"):
            plan.file(filed_on=day, **filing)
    plan.file(filed_on=TODAY, **filing)
    assert (plan.state, plan.is_executing, plan.number) == ("filed", True, f"(綦石)石安检计〔{YEAR}〕1号")


def test_only_its_own_unit_keeps_a_plan(people):
    mine, theirs = plan_course.drafted(people), plan_course.drafted(people, by=people.department)
    with pytest.raises(MoveRefused, match="经济发展办公室的计划"):
        theirs.submit(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="镇应急办的计划"):
        mine.submit(by=people.department, on=TODAY)


def test_who_sees_plans_and_items(people):
    mine, theirs = plan_course.drafted(people, people.factory, people.neighbour), plan_course.drafted(people, by=people.department)
    far = f.a_year_plan(people, by=people.foreign)
    seen = {
        name: {row.pk for row in InspectionPlan.objects.for_user(getattr(people, name))}
        for name in ("leader", "inspector", "department", "foreign", "village", "safety")
    }
    both = {mine.pk, theirs.pk}
    assert seen == {"leader": both, "inspector": both, "department": both, "foreign": {far.pk}, "village": set(), "safety": set()}
    firms = lambda user: sorted(row.name for row in PlanItem.objects.for_user(user))  # noqa: E731
    assert firms(people.inspector) == ["重庆石角机械厂", "重庆石角机械厂", "重庆邻家纺织厂"]
    assert firms(people.department) == ["重庆石角机械厂", "重庆石角机械厂"]
    assert firms(people.foreign) == firms(people.village) == firms(people.safety) == []


# Visits come out of it


def test_a_planned_visit_takes_its_item_and_ends_it(people):
    plan = plan_course.filed(people)
    row = course.recorded(people, course.begun(people, course.noticed(people, course.approved(people, visit(people)))))
    item = plan.items.get()
    assert (item.state, item.inspection) == ("done", row)
    told = [(event.move, event.by) for event in Event.objects.of(item)]
    assert told == [("open", people.inspector), ("schedule", people.inspector), ("finish", people.inspector2)]


def test_a_planned_visit_that_the_plan_does_not_hold_is_refused_and_every_other_kind_passes(people):
    plan_course.filed(people)
    with pytest.raises(MoveRefused, match="不在年度计划内,请先调整计划"):
        visit(people, people.neighbour)
    assert not Inspection.objects.exists()
    for kind in ("complaint", "accident", "campaign", "two_in_one"):
        visit(people, people.neighbour, kind=kind, campaign_approval="县府1号" if kind == "campaign" else "", override_reason="另有原因")
    assert Inspection.objects.count() == 4
    assert not PlanItem.objects.exclude(inspection=None).exists()


def test_the_second_planned_visit_of_a_firm_needs_a_second_item(people):
    plan_course.filed(people)
    visit(people)
    with pytest.raises(MoveRefused, match="没有待安排的计划项"):
        visit(people, planned_on=later(1), override_reason="再查")


@pytest.mark.parametrize("step", ["drafted", "submitted", "approved"])
def test_without_an_executing_plan_visits_are_planned_as_before(people, step):
    getattr(plan_course, step)(people)
    visit(people, people.neighbour)
    assert not PlanItem.objects.exclude(inspection=None).exists()


def test_the_plan_of_another_unit_or_year_binds_nobody(people):
    plan_course.filed(people, by=people.department)
    visit(people, people.neighbour)
    with pytest.raises(MoveRefused, match="经济发展办公室"):
        visit(people, f.EnterpriseFactory(area=people.village_area, lead_department=people.office), by=people.department)
    visit(people, by=people.department, override_reason="本部门计划")
    assert PlanItem.objects.get(state="scheduled").plan.department == people.office


def test_a_visit_called_off_frees_its_item(people):
    plan = plan_course.filed(people)
    first = visit(people)
    first.abort(by=people.leader, on=TODAY, note="企业停电")
    item = plan.items.get()
    assert (item.state, item.inspection) == ("planned", None)
    second = visit(people)
    assert plan.items.get().inspection == second


def test_the_item_whose_window_holds_the_month_is_taken(people):
    plan = plan_course.drafted(people)
    months = [month for month in range(1, 13) if month != 1]
    plan.add_items([facts(people.factory, month, month) for month in months], by=people.inspector, on=TODAY)
    PlanItem.objects.filter(from_month=1).update(to_month=1)
    plan_course.filed(people, plan)
    visit(people)
    assert plan.items.get(state="scheduled").from_month == TODAY.month


# Adjustments


def big_plan(people, count=20, **given):
    """An executing plan of so many firms."""
    return plan_course.filed(people, plan_course.drafted(people, *(firm(people) for _ in range(count)), **given))


def test_a_small_adjustment_is_effective_at_once(people):
    plan = big_plan(people)
    gone, new = plan.items.order_by("pk").first(), firm(people)
    plan.drop_item(gone, by=people.inspector, on=TODAY, note="停产")
    plan.add_items([facts(new, why="群众举报较多")], by=people.inspector, on=TODAY)
    assert plan.items.filter(state="cancelled").count() == 0
    assert plan.open_adjustment.standing == "拟定中"
    plan.propose_adjustment(by=people.inspector, on=TODAY, note="微调")
    row = plan.adjustments.get()
    assert (plan.state, row.standing, row.needs_approval, row.changed, row.percent) == ("filed", "已生效", False, 2, "10.0%")
    gone.refresh_from_db()
    assert (gone.state, gone.cancel_reason) == ("cancelled", "停产")
    added = plan.items.get(enterprise=new)
    assert (added.state, added.adjustment, added.why) == ("planned", row, "群众举报较多")


def test_past_the_limit_the_leader_approves_anew_and_earlier_changes_count(people):
    plan = big_plan(people)
    for count in (2, 1):
        for item in list(plan.items.filter(state="planned").order_by("pk")[:count]):
            plan.drop_item(item, by=people.inspector, on=TODAY, note="停产")
        plan.propose_adjustment(by=people.inspector, on=TODAY)
    row = plan.open_adjustment
    assert (plan.state, row.standing, row.changed, row.approved, row.percent) == ("adjusting", "待批准", 3, 20, "15.0%")
    with pytest.raises(PermissionDenied):
        plan.approve_adjustment(by=people.inspector2, on=TODAY)
    plan.approve_adjustment(by=people.leader, on=TODAY, note="同意调整")
    assert (plan.state, plan.approved_visits, plan.items.live().count()) == ("filed", 17, 17)
    assert (plan.adjustments.last().decided_by, plan.adjustments.last().answer) == (people.leader, "同意调整")
    # From the new approval on the count begins anew.
    plan.drop_item(plan.items.filter(state="planned").first(), by=people.inspector, on=TODAY, note="停产")
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    assert (plan.state, plan.adjustments.last().changed) == ("filed", 1)


def test_only_an_adjustment_within_the_limit_settles_by_itself(people):
    plan = plan_course.filed(people)
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="须由镇领导批准"):
        plan.settle_adjustment(by=people.inspector, on=TODAY)
    small = big_plan(people, year=YEAR + 1)
    small.drop_item(small.items.first(), by=people.inspector, on=TODAY, note="停产")
    small.propose_adjustment(by=people.inspector, on=TODAY)
    assert [event.move for event in Event.objects.of(small)][-2:] == ["propose_adjustment", "settle_adjustment"]


def test_a_refused_adjustment_changes_nothing_and_stays_on_record(people):
    plan = plan_course.filed(people)
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    plan.refuse_adjustment(by=people.leader, on=TODAY, note="重点企业不能取消")
    row = plan.adjustments.get()
    assert (plan.state, row.standing, row.answer) == ("filed", "未批准", "重点企业不能取消")
    assert states(plan) == {people.factory.name: ["planned"]}
    assert row.lines() == [f"取消:{people.factory.name}(风险提示,1—12月),理由:停产"]


def test_what_was_refused_is_taken_up_again_without_what_was_scheduled_meanwhile(people):
    plan = plan_course.filed(people)
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    plan.add_items([facts(people.neighbour, why="举报")], by=people.inspector, on=TODAY)
    assert plan.refused_last is None
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    plan.refuse_adjustment(by=people.leader, on=TODAY, note="再核实")
    refused = plan.refused_last
    assert refused == plan.adjustments.get()
    visit(people)
    assert plan.take_up_refused(by=people.inspector, on=TODAY) == [people.factory.name]
    again = plan.open_adjustment
    assert (again.number, again.lines()) == (2, [refused.lines()[1]])
    with pytest.raises(MoveRefused, match="没有可以沿用"):
        plan.take_up_refused(by=people.inspector, on=TODAY)
    plan.drop_change(again.changes.get(), by=people.inspector, on=TODAY)
    assert plan.take_up_refused(by=people.inspector, on=TODAY) == [people.factory.name]
    assert plan.open_adjustment.lines() == again.lines() == [refused.lines()[1]]


def test_visits_go_on_while_an_adjustment_waits_and_what_was_scheduled_is_not_cancelled(people):
    plan = plan_course.filed(people)
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    visit(people)
    with pytest.raises(MoveRefused, match="已经安排或办完:重庆石角机械厂"):
        plan.approve_adjustment(by=people.leader, on=TODAY)
    plan.refuse_adjustment(by=people.leader, on=TODAY, note="已经去查")


def test_an_adjustment_needs_changes_and_reasons(people):
    plan = big_plan(people)
    with pytest.raises(MoveRefused, match="还没有要调整的内容"):
        plan.propose_adjustment(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="写明理由"):
        plan.drop_item(plan.items.first(), by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="写明理由"):
        plan.add_items([facts(people.factory, why="")], by=people.inspector, on=TODAY)
    plan.refresh_from_db()
    with pytest.raises(MoveRefused, match="已经在计划里"):
        plan.add_items([facts(plan.items.first().enterprise)], by=people.inspector, on=TODAY)
    plan.refresh_from_db()
    plan.add_items([facts(people.factory)], by=people.inspector, on=TODAY)
    plan.drop_change(PlanChange.objects.get(), by=people.inspector, on=TODAY)
    assert not PlanChange.objects.exists()


def test_a_firm_taken_out_may_come_in_again_from_the_same_month(people):
    plan = big_plan(people)
    item = plan.items.first()
    plan.drop_item(item, by=people.inspector, on=TODAY, note="改到下半年")
    plan.add_items([facts(item.enterprise, 1, 6, why="改期")], by=people.inspector, on=TODAY)
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    assert states(plan)[item.name] == ["cancelled", "planned"]


def test_of_two_who_change_a_plan_at_once_the_slower_is_told(people):
    plan = plan_course.drafted(people)
    other = InspectionPlan.objects.get(pk=plan.pk)
    plan.add_items([facts(people.neighbour)], by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="已经变了"):
        other.add_items([facts(firm(people))], by=people.inspector2, on=TODAY)
    assert plan.items.count() == 2


def test_a_submitted_plan_is_not_changed(people):
    plan = plan_course.submitted(people)
    with pytest.raises(MoveRefused, match="现在是“待批准”"):
        plan.add_items([facts(people.neighbour)], by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="现在是“待批准”"):
        plan.edit(by=people.inspector, on=TODAY, officers=9)
    with pytest.raises(MoveRefused, match="现在是“待批准”"):
        plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY)


# Faults of adjustments


def test_a_cancellation_that_an_addition_stands_on_is_not_taken_back_alone(people):
    plan = big_plan(people)
    item = plan.items.first()
    plan.drop_item(item, by=people.inspector, on=TODAY, note="改期")
    plan.add_items([facts(item.enterprise, 1, 6, why="改期")], by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="请先去掉增加的那一项"):
        plan.drop_change(PlanChange.objects.get(what="cancel"), by=people.inspector, on=TODAY)
    plan.refresh_from_db()
    for what in ("add", "cancel"):
        plan.drop_change(PlanChange.objects.get(what=what), by=people.inspector, on=TODAY)
    assert not PlanChange.objects.exists()


def test_what_was_scheduled_meanwhile_is_said_before_the_leader_is_asked(people):
    plan = plan_course.filed(people)
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    visit(people)
    with pytest.raises(MoveRefused, match="请先从调整里去掉"):
        plan.propose_adjustment(by=people.inspector, on=TODAY)
    plan.refresh_from_db()
    plan.drop_change(PlanChange.objects.get(), by=people.inspector, on=TODAY)
    assert plan.state == "filed"


@pytest.mark.req("R50")
@pytest.mark.req("R64")
def test_the_last_visit_of_a_firm_that_must_be_visited_is_not_cancelled_without_the_leader(people):
    key = dusty(people)
    plan = plan_course.drafted(people, *(firm(people) for _ in range(20)))
    plan.add_items([facts(key, 1, 6), facts(key, 7, 12)], by=people.inspector, on=TODAY)
    plan_course.filed(people, plan)
    for item, state in zip(list(plan.items.filter(enterprise=key)), ("filed", "adjusting"), strict=True):
        plan.drop_item(item, by=people.inspector, on=TODAY, note="停产")
        plan.propose_adjustment(by=people.inspector, on=TODAY)
        assert plan.state == state
    assert (plan.open_adjustment.needs_approval, plan.open_adjustment.changed) == (True, 2)
    plan.approve_adjustment(by=people.leader, on=TODAY, note="确已停产")
    assert plan.missing(TODAY)[0].enterprise == key


def test_without_an_adjustment_there_is_nothing_to_settle_approve_or_refuse(people):
    plan = plan_course.filed(people)
    InspectionPlan.objects.filter(pk=plan.pk).update(state="adjusting")
    for name, who in (("settle", "inspector"), ("approve", "leader"), ("refuse", "leader")):
        plan.refresh_from_db()
        with pytest.raises(MoveRefused, match="没有待"):
            getattr(plan, f"{name}_adjustment")(by=getattr(people, who), on=TODAY, note="x")
    plan.refresh_from_db()
    assert plan.state == "adjusting"


def test_a_plan_is_filed_with_the_paper_of_its_own_approval(people):
    plan = plan_course.approved(people)
    old = plan_course.printed(plan, people.inspector)
    plan.hand_back(by=people.leader, on=TODAY, note="区里要求增加")
    plan.add_items([facts(people.neighbour)], by=people.inspector, on=TODAY)
    plan_course.approved(people, plan)
    filing = {"by": people.inspector, "on": TODAY, "filed_on": TODAY, "receipt_number": "綦应急备5号"}
    with pytest.raises(MoveRefused, match="上一次批准时出的"):
        plan.file(**filing)
    given = {"subject": plan, "enterprise": None, "facts": {}, "by": people.inspector, "on": TODAY, "audience": "town"}
    Document.issue("PLAN", replaces=old, **given)
    plan.file(**filing)
    assert plan.state == "filed"


# The end of the year


def test_a_plan_that_was_closed_allows_no_visit_outside_it(people):
    plan = plan_course.filed(people)
    row = course.recorded(people, course.begun(people, course.noticed(people, course.approved(people, visit(people)))))
    plan.close(by=people.inspector, on=row.visited_on)
    with pytest.raises(MoveRefused, match="计划已经结束"):
        visit(people, people.neighbour)


def test_a_plan_is_not_closed_over_an_adjustment_that_nobody_proposed(people):
    plan = plan_course.filed(people, plan_course.drafted(people, year=YEAR - 1))
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    with pytest.raises(MoveRefused, match="还有拟定中的调整"):
        plan.close(by=people.inspector, on=TODAY, rest="cancel", note="停产")


def test_nothing_is_carried_into_a_plan_that_was_submitted_meanwhile(people):
    plan = plan_course.filed(people, plan_course.drafted(people, year=YEAR - 1))
    new = plan_course.drafted(people, people.neighbour)
    read = new.version
    plan.close(by=people.inspector, on=TODAY, rest="carry")
    new.refresh_from_db()
    assert new.version == read + 1
    assert Event.objects.of(new).last().data["lines"] == [f"{people.factory.name}(1—12月)"]
    other = plan_course.filed(people, plan_course.drafted(people, by=people.department, year=YEAR - 1), by=people.department)
    plan_course.filed(people, by=people.department)
    with pytest.raises(MoveRefused, match=f"{YEAR} 年度计划已经是“执行中”.*按调整增加"):
        other.close(by=people.department, on=TODAY, rest="carry")


def test_what_was_not_scheduled_is_carried_into_the_next_draft(people):
    plan = plan_course.filed(people, plan_course.drafted(people, people.factory, people.neighbour, year=YEAR - 1))
    closing = {"by": people.inspector, "on": TODAY}
    with pytest.raises(MoveRefused, match="请选择结转"):
        plan.close(**closing)
    plan.refresh_from_db()
    with pytest.raises(MoveRefused, match=f"没有拟制中的 {YEAR} 年度计划"):
        plan.close(rest="carry", **closing)
    plan.refresh_from_db()
    new = plan_course.drafted(people)
    plan.close(rest="carry", **closing)
    assert (plan.state, plan.closed_on) == ("closed", TODAY)
    assert states(plan) == {people.factory.name: ["carried_over"], people.neighbour.name: ["carried_over"]}
    again = new.items.get(carried_from__enterprise=people.factory)
    # January is taken by the factory's own item there.
    assert (again.from_month, again.to_month, again.state) == (2, 12, "planned")
    assert again.why == f"由 {YEAR - 1} 年度计划结转;风险较高"
    assert plan.items.get(enterprise=people.factory).carried_to == again


def test_or_is_cancelled_with_the_reason(people):
    plan = plan_course.filed(people, plan_course.drafted(people, year=YEAR - 1))
    plan.close(by=people.inspector, on=TODAY, rest="cancel", note="企业已搬迁")
    assert (plan.items.get().state, plan.items.get().cancel_reason) == ("cancelled", "企业已搬迁")


def test_a_plan_is_not_closed_before_its_year_ends_nor_with_a_visit_under_way(people):
    plan = plan_course.filed(people)
    with pytest.raises(MoveRefused, match="年度还没有结束"):
        plan.close(by=people.inspector, on=datetime.date(YEAR, 6, 1), rest="cancel", note="不查了")
    plan.refresh_from_db()
    visit(people)
    with pytest.raises(MoveRefused, match="还有 1 项已安排"):
        plan.close(by=people.inspector, on=datetime.date(YEAR, 12, 31))


# Constraints


@pytest.mark.parametrize(
    "wrong",
    [
        {"from_month": 0},
        {"to_month": 13},
        {"from_month": 6, "to_month": 5},
        {"segment": "random"},
        {"enterprise": None},
        {"count": 2},
        {"state": "scheduled"},
        {"state": "cancelled"},
    ],
)
def test_the_database_keeps_an_item_in_shape(people, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.a_plan_item(people, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "filed"},
        {"filed_on": TODAY},
        {"approved_on": TODAY},
        {"state": "submitted"},
        {"officers": 0},
        {"state": "closed"},
        {"closed_on": TODAY},
        {"year": 1999},
    ],
)
def test_the_database_keeps_a_plan_in_shape(people, wrong):
    plan = f.a_year_plan(people)
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionPlan.objects.filter(pk=plan.pk).update(**wrong)


# Candidates and progress


@pytest.mark.req("R50")
def test_candidates_are_explained_with_their_numbers_the_most_pressing_first(people):
    plan = plan_course.drafted(people)
    busy, quiet = firm(people, name="甲厂"), firm(people, name="乙厂")
    for due in (-3, 5):
        f.HazardFactory(enterprise=busy, level="major", state="rectifying", major_on=TODAY, due_on=later(due), rectifier=people.head)
    f.HazardFactory(enterprise=busy, state="assigned", due_on=later(-1), rectifier=people.head)
    f.HazardFactory(enterprise=busy, state="closed", due_on=later(-9), rectifier=people.head, closed_on=TODAY, closed_by=people.inspector)
    unit = f.UnitFactory(enterprise=busy)
    duty = f.DutyPlanFactory(unit=unit)
    for back in (3, 200):
        f.OccurrenceFactory(unit=unit, plan=duty, on=later(-back), state="missed", missed_at=course.f.timezone.now())
    visit(people, busy, kind="complaint", override_reason="举报")
    f.a_recorded_visit(quiet, people.inspector)
    DistrictListEntry.take_in([quiet], year=plan.year, source="区局", by=people.inspector, on=TODAY)
    rows = list(candidates(people.inspector, plan, TODAY))
    first = rows[0]
    assert first.name == "甲厂"
    assert (first.majors, first.majors_late, first.late, first.missed, first.complaints, first.last_on) == (2, 1, 2, 1, 1, None)
    assert why(first, 90) == "未销案重大隐患 2 条(逾期 1 条),逾期隐患 2 条,近 90 天漏做任务 1 次,投诉举报 1 件,没有检查记录"
    named = {row.name: row for row in rows}
    assert (named[people.factory.name].is_in, named["乙厂"].is_in, named["乙厂"].at_district) == (True, False, True)
    assert why(named["乙厂"], 90) == f"上次检查 {TODAY:%Y-%m-%d}"
    assert rows[-1].name == "乙厂", "seen last, so it comes last"
    assert [row.name for row in candidates(people.department, plan_course.drafted(people, by=people.department), TODAY)] == [
        people.factory.name
    ]


def test_progress_counts_visits_beside_the_year(people):
    plan = plan_course.drafted(people, people.factory, people.neighbour, firm(people))
    plan.add_items([ItemFacts(None, "random", 1, 12, "一般企业", 7)], by=people.inspector, on=TODAY)
    PlanItem.objects.filter(enterprise=people.neighbour).update(to_month=1)
    plan_course.filed(people, plan)
    course.recorded(people, course.begun(people, course.noticed(people, course.approved(people, visit(people)))))
    now = progress(plan, TODAY)
    assert (now.total, now.done, now.scheduled, now.percent) == (10, 1, 0, 10)
    assert now.overdue == (1 if TODAY.month > 1 else 0)
    assert [(line["code"], line["total"], line["done"]) for line in now.segments] == [("candidate", 3, 1), ("random", 7, 0)]
    assert [bar.done for bar in now.bars] == [int(month == TODAY.month) for month in range(1, 13)]
    assert (now.bars[0].planned, now.bars[11].planned) == (1, 9)
    assert (year_gone(2026, datetime.date(2026, 7, 2)), year_gone(2025, TODAY), year_gone(2027, datetime.date(2026, 1, 1))) == (50, 100, 0)


def test_overlaps_with_the_district_and_other_units_are_flagged(people):
    plan = plan_course.drafted(people, people.factory, people.neighbour)
    DistrictListEntry.take_in([people.neighbour], year=YEAR, source="区局", by=people.inspector, on=TODAY)
    DistrictListEntry.take_in([people.factory], year=YEAR - 1, source="区局", by=people.inspector, on=TODAY)
    plan_course.drafted(people, by=people.department)
    found = {row.name: (row.at_district, row.elsewhere) for row in plan.items.flagged()}
    assert found == {people.factory.name: (False, True), people.neighbour.name: (True, False)}


def test_the_districts_list_is_taken_in_once(people):
    given = {"year": YEAR, "source": "区局", "by": people.inspector, "on": TODAY}
    assert DistrictListEntry.take_in([people.factory, people.factory, people.neighbour], **given) == 2
    assert DistrictListEntry.take_in([people.factory], **given) == 0
