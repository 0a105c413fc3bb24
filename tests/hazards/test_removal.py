"""The removal of a major hazard: five-fix plan, progress, changes, re-check by two, closing or return."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.models import Attachment, Event, MoveRefused
from core.workdays import next_workday
from enterprises.models import KeyPerson
from hazards import tasks
from hazards.models import Consequence, FiveFixPlan, Hazard, Recheck
from tests import factories as f
from tests.hazards import course
from tests.hazards.course import DUE, TODAY

pytestmark = pytest.mark.django_db


def after(days):
    """The last day of a period of calendar days that starts today."""
    return next_workday(TODAY + datetime.timedelta(days=days))


def story(row):
    return [event.move for event in Event.objects.of(row)]


def plan_move(plan, name):
    return reverse("fix_plan_move", args=[plan.pk, name])


def whole(people):
    return {"person": people.head, "person_post": "车间主任", **course.FIVE}


# The plan


@pytest.mark.req("R24")
@pytest.mark.parametrize(
    ("lacks", "words"),
    [
        ({"person": None}, "责任人"),
        ({"measures": " \n"}, "整改措施"),
        ({"funds_amount": None}, "资金金额"),
        ({"funds_amount": "0"}, "资金金额"),
        ({"funds_source": ""}, "资金来源"),
        ({"due_on": None}, "完成期限"),
        ({"due_on": TODAY - datetime.timedelta(days=1)}, "完成期限(不能早于今天)"),
        ({"emergency_plan": ""}, "应急预案"),
    ],
)
def test_a_plan_without_one_of_the_five_is_not_submitted(people, lacks, words):
    row = course.confirmed(people)
    row.plan.write(by=people.safety, on=TODAY, **{**whole(people), **lacks})
    with pytest.raises(MoveRefused) as refused:
        row.plan.submit(by=people.principal, on=TODAY)
    assert refused.value.message == f"方案还缺 1 项:{words}。"
    assert (Hazard.objects.get().state, FiveFixPlan.objects.get().state) == ("major_confirmed", "draft")


@pytest.mark.req("R24")
def test_an_empty_plan_names_everything_that_is_missing_card_by_card(people):
    plan = course.confirmed(people).plan
    with pytest.raises(MoveRefused) as refused:
        plan.submit(by=people.principal, on=TODAY)
    assert refused.value.message == "方案还缺 6 项:责任人、整改措施、资金金额、资金来源、完成期限、应急预案。"
    assert [(c.title, c.missing) for c in plan.cards()] == [
        ("定责任人", ["责任人"]),
        ("定措施", ["整改措施"]),
        ("定资金", ["资金金额", "资金来源"]),
        ("定时限", ["完成期限"]),
        ("定预案", ["应急预案"]),
    ]


@pytest.mark.req("R24")
def test_a_whole_plan_goes_to_the_town_and_is_received_or_returned(people):
    row = course.planned(people)
    plan = row.plan
    with pytest.raises(PermissionDenied):
        plan.submit(by=people.safety, on=TODAY)
    plan.submit(by=people.principal, on=TODAY)
    assert (row.plan.hazard.state, plan.state, plan.submitted_on) == ("plan_pending", "submitted", TODAY)
    plan.hand_back(by=people.inspector, on=TODAY, note="资金不够")
    row.refresh_from_db()
    assert (row.state, plan.state) == ("major_confirmed", "returned")
    plan.write(by=people.safety, on=TODAY, funds_amount="80000")
    plan.submit(by=people.principal, on=TODAY)
    for user in (people.principal, people.safety, people.village, people.reviewer):
        with pytest.raises(PermissionDenied):
            plan.receive(by=user, on=TODAY)
    plan.receive(by=people.inspector, on=TODAY)
    row.refresh_from_db()
    assert (row.state, plan.state, plan.received_by) == ("plan_approved", "approved", people.inspector)
    assert story(row)[3:] == ["plan_in", "plan_back", "plan_in", "plan_received"]
    assert story(plan) == ["open", "write", "submit", "hand_back", "write", "submit", "receive"]


@pytest.mark.req("R29", "R31")
@pytest.mark.parametrize("trait", ["METAL_SMELTING", "ABOVE_SCALE"])
def test_firms_that_must_have_a_chief_engineer_need_his_opinion(people, trait):
    row = course.planned(people)
    people.factory.traits.add(f.HazardTraitFactory(code=trait, name=trait))
    row = Hazard.objects.get(pk=row.pk)
    with pytest.raises(MoveRefused, match="还缺 1 项:总工程师(先在企业档案“主要人员”登记)".replace("(", r"\(").replace(")", r"\)")):
        row.plan.submit(by=people.principal, on=TODAY)
    engineer = f.KeyPersonFactory(enterprise=people.factory, kind=KeyPerson.Kind.ENGINEER, name="赵总工")
    row.plan.write(by=people.safety, on=TODAY, engineer=engineer)
    with pytest.raises(MoveRefused, match="还缺 2 项:总工程师意见、总工程师签署日期"):
        row.plan.submit(by=people.principal, on=TODAY)
    row.plan.write(by=people.safety, on=TODAY, engineer_opinion="同意,先停机", engineer_on=TODAY)
    row.plan.submit(by=people.principal, on=TODAY)
    assert row.plan.state == "submitted"


def test_a_person_who_left_the_firm_is_missing(people):
    row = course.planned(people)
    people.head.memberships.update(ends_on=TODAY - datetime.timedelta(days=1))
    with pytest.raises(MoveRefused, match="车间主任已不在本企业"):
        row.plan.submit(by=people.principal, on=TODAY)


@pytest.mark.req("R25")
def test_rectification_begins_only_with_interim_measures(people):
    row = course.approved(people)
    with pytest.raises(MoveRefused, match="请先登记临时措施"):
        row.plan.start(by=people.principal, on=TODAY)
    row.take_measure(by=people.safety, on=TODAY, kinds=["warn"], text="拉警戒线")
    plan = row.plan
    plan.start(by=people.principal, on=TODAY)
    row = Hazard.objects.get(pk=row.pk)
    assert (row.state, row.rectifier, row.due_on) == ("rectifying", people.head, DUE)
    assert (plan.state, plan.started_on, plan.progress_by_on) == ("in_progress", TODAY, after(7))


@pytest.mark.req("R24")
def test_hazard_follows_the_plan_and_never_goes_ahead(people):
    row = course.planned(people)
    for name, user in (("plan_in", people.principal), ("plan_back", people.inspector), ("plan_started", people.principal)):
        with pytest.raises(MoveRefused):
            getattr(row, name)(by=user, on=TODAY)
    assert not {"plan_in", "plan_back", "plan_received"} & {offer.name for offer in row.moves_for(people.principal)}
    plan = row.plan
    for name, user in (("verify", people.inspector), ("complete", people.safety), ("end", people.reviewer), ("give_way", people.inspector)):
        for state in plan.MOVES[name].sources:
            plan.state = state
            with pytest.raises(MoveRefused):
                getattr(plan, name)(by=user, on=TODAY)


@pytest.mark.req("R24")
def test_progress_is_reported_each_week_by_who_is_responsible(people):
    plan = course.rectifying(people).plan
    with pytest.raises(MoveRefused, match="由方案责任人或企业安全管理员"):
        plan.report_progress(by=people.team, on=TODAY, text="买了", percent=10)
    late = after(7) + datetime.timedelta(days=1)
    assert plan in FiveFixPlan.objects.progress_owed(late)
    row = plan.report_progress(by=people.head, on=late, text="已订货", percent=30, photos=[course.photo(people.head)])
    assert (row.due_on, row.is_late, row.percent) == (after(7), True, 30)
    assert plan.progress_by_on == next_workday(late + datetime.timedelta(days=7))
    assert [a.purpose for a in Attachment.objects.of(plan)] == [f"progress-{row.pk}"]
    assert plan not in FiveFixPlan.objects.progress_owed(late)


@pytest.mark.req("R24")
def test_a_change_is_a_new_version_by_consent(people):
    row = course.rectifying(people)
    old = row.plan
    newer = old.amend(by=people.safety, on=TODAY, note="配件晚到")
    assert (newer.number, newer.state, newer.replaces, newer.measures) == (2, "draft", old, old.measures)
    with pytest.raises(MoveRefused, match="已有一版变更方案"):
        row.plan.amend(by=people.safety, on=TODAY, note="再改")
    later = DUE + datetime.timedelta(days=20)
    newer.write(by=people.safety, on=TODAY, due_on=later, person=people.team)
    newer.submit(by=people.principal, on=TODAY)
    assert row in Hazard.objects.waiting_for(people.inspector)
    with pytest.raises(MoveRefused, match="请用“同意变更”"):
        newer.receive(by=people.inspector, on=TODAY)
    newer.hand_back(by=people.inspector, on=TODAY, note="说明原因")
    assert (row.plan, Hazard.objects.get().due_on) == (old, DUE)
    newer.submit(by=people.principal, on=TODAY)
    newer.consent(by=people.inspector, on=TODAY)
    row = Hazard.objects.get(pk=row.pk)
    assert (row.state, row.due_on, row.rectifier, row.plan) == ("rectifying", later, people.team, newer)
    assert list(row.plans.values_list("number", "state")) == [(1, "amended"), (2, "in_progress")]


@pytest.mark.req("R24")
def test_a_change_of_measures_and_funds_alone_is_consented_to(people):
    row = course.rectifying(people)
    newer = row.plan.amend(by=people.safety, on=TODAY, note="涨价")
    newer.write(by=people.safety, on=TODAY, measures="整体更换", funds_amount=90000)
    newer.submit(by=people.principal, on=TODAY)
    newer.consent(by=people.inspector, on=TODAY)
    row = Hazard.objects.get(pk=row.pk)
    assert (row.state, row.due_on, row.rectifier, row.plan) == ("rectifying", DUE, people.head, newer)
    assert list(row.plans.values_list("number", "state")) == [(1, "amended"), (2, "in_progress")]


@pytest.mark.req("R24")
def test_a_change_is_not_consented_to_once_the_day_has_brought_the_recheck(people):
    row = course.rectifying(people)
    newer = row.plan.amend(by=people.safety, on=TODAY, note="涨价")
    newer.submit(by=people.principal, on=TODAY)
    tasks.recheck_where_due(DUE + datetime.timedelta(days=1))
    newer = FiveFixPlan.objects.get(pk=newer.pk)
    with pytest.raises(MoveRefused, match="隐患不在整改中"):
        newer.consent(by=people.inspector, on=TODAY)


def test_the_database_itself_refuses_a_plan_that_is_not_whole(people):
    rows = FiveFixPlan.objects.filter(pk=course.submitted(people).plan.pk)
    for bad in (
        {"funds_amount": None},
        {"funds_amount": 0},
        {"funds_source": ""},
        {"person": None},
        {"due_on": None},
        {"emergency_plan": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**bad)


# The re-check


@pytest.mark.req("R24")
def test_application_shows_the_work_and_starts_the_clock(people):
    row = course.rectifying(people)
    with pytest.raises(MoveRefused, match="由整改责任人或企业安全管理员"):
        row.apply_recheck(by=people.team, on=TODAY, measures="好了", photos=[])
    with pytest.raises(MoveRefused, match="至少拍一张"):
        row.apply_recheck(by=people.safety, on=TODAY, measures="好了", photos=[])
    row.apply_recheck(by=people.head, on=TODAY, measures="好了", photos=[course.photo(people.head)])
    assert (row.state, row.recheck_by_on, row.fixed_on, row.plan.state) == ("pending_recheck", after(10), TODAY, "completed")


@pytest.mark.req("R25")
def test_where_production_was_stopped_an_evaluation_is_needed(people):
    row = course.rectifying(people)
    row.take_measure(by=people.inspector, on=TODAY, kinds=["stop"], text="停用除尘")
    with pytest.raises(MoveRefused, match="评估单位或专家"):
        row.apply_recheck(by=people.safety, on=TODAY, measures="好了", photos=[course.photo(people.safety)])
    row.apply_recheck(by=people.safety, on=TODAY, measures="好了", photos=[course.photo(people.safety)], evaluation="某评估公司:合格")
    assert row.state == "pending_recheck"


@pytest.mark.req("R24")
def test_two_inspectors_close_it(people):
    row = course.applied(people)
    row.make_report(by=people.inspector, on=TODAY, report=row.reports.get(to="district"), how="paper")
    with pytest.raises(MoveRefused, match="先由一名执法人员逐项填写"):
        row.pass_recheck(by=people.inspector, on=TODAY)
    row.record_recheck(by=people.inspector, on=TODAY, items=course.results(row), opinion="合格")
    with pytest.raises(MoveRefused, match="复查要两名执法人员"):
        row.pass_recheck(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="填写的复查结果是“通过”"):
        row.fail_recheck(by=people.inspector2, on=TODAY)
    for user in (people.principal, people.safety, people.head, people.village, people.reviewer):
        with pytest.raises(PermissionDenied):
            row.pass_recheck(by=user, on=TODAY)
    row.pass_recheck(by=people.inspector2, on=TODAY, note="同意")
    check = Recheck.objects.get()
    assert (row.state, row.closed_on, row.closed_by) == ("closed", TODAY, people.inspector2)
    assert (check.by, check.second_by, check.passed, len(check.items)) == (people.inspector, people.inspector2, True, 3)
    assert [p.state for p in row.plans.all()] == ["verified"]
    assert [m.examine_by_on for m in row.interim_measures.all()] == [after(10)]
    assert row in Hazard.objects.waiting_for(people.inspector)
    row.lift_measure(by=people.inspector, on=TODAY, measure=row.interim_measures.get(), note="恢复")
    assert row not in Hazard.objects.waiting_for(people.inspector)


@pytest.mark.req("R24")
def test_nobody_rechecks_what_he_rectified(people):
    """The person of the plan who meanwhile became an inspector of the town."""
    row = course.applied(people)
    f.MembershipFactory(user=people.head, role="inspector", area=people.town, enterprise=None)
    people.head.memberships.exclude(role="inspector").delete()
    head = type(people.head).objects.get(pk=people.head.pk)
    assert head.role == "inspector"
    with pytest.raises(MoveRefused, match="整改人不能复查自己的整改"):
        row.record_recheck(by=head, on=TODAY, items=course.results(row), opinion="合格")
    row.record_recheck(by=people.inspector, on=TODAY, items=course.results(row), opinion="合格")
    with pytest.raises(MoveRefused, match="整改人不能复查自己的整改"):
        row.pass_recheck(by=head, on=TODAY)


def test_results_are_item_by_item_and_a_failed_one_is_explained(people):
    row = course.applied(people)
    bare = [{**item, "passed": False} for item in course.results(row)]
    with pytest.raises(MoveRefused, match="不通过的项目请写明"):
        row.record_recheck(by=people.inspector, on=TODAY, items=bare, opinion="x")
    with pytest.raises(MoveRefused, match="复查项目已经变化"):
        row.record_recheck(by=people.inspector, on=TODAY, items=course.results(row)[1:], opinion="x")
    assert row.recheck_words == [str(row.criteria.get()), "更换除尘器", "加装泄爆片"]


def test_who_disagrees_fills_it_in_anew_and_the_other_signs(people):
    row = course.rechecked(people)
    row.record_recheck(by=people.inspector2, on=TODAY, items=course.results(row, passed=False), opinion="缺一片")
    with pytest.raises(MoveRefused, match="您已填写结果"):
        row.fail_recheck(by=people.inspector2, on=TODAY)
    row.fail_recheck(by=people.inspector, on=TODAY)
    assert (row.state, Recheck.objects.count(), Recheck.objects.open().count()) == ("returned", 2, 0)


@pytest.mark.req("R24")
def test_a_failed_recheck_of_a_town_finding_records_its_consequences(people):
    row = course.rechecked(people, course.confirmed_by_town(people), passed=False)
    with pytest.raises(MoveRefused, match="填写的复查结果是“不通过”"):
        row.pass_recheck(by=people.inspector2, on=TODAY)
    row.fail_recheck(by=people.inspector2, on=TODAY)
    assert (row.state, row.plan.state, row.closed_on) == ("returned", "in_progress", None)
    assert sorted(Consequence.objects.values_list("kind", "taken_up_at")) == [("heavier", None), ("joint", None), ("suspend", None)]
    row.apply_recheck(by=people.safety, on=TODAY, measures="补上了", photos=[course.photo(people.safety)])
    row.record_recheck(by=people.inspector, on=TODAY, items=course.results(row), opinion="合格")
    row.pass_recheck(by=people.inspector2, on=TODAY)
    assert (row.state, Consequence.objects.count()) == ("closed", 3)


@pytest.mark.req("R24")
def test_what_the_firm_found_itself_never_opens_anything_punitive(people):
    row = course.rechecked(people, passed=False)
    row.fail_recheck(by=people.inspector2, on=TODAY)
    assert (row.source, row.state, Consequence.objects.count()) == ("team", "returned", 0)


@pytest.mark.req("R24")
def test_without_an_application_the_day_itself_brings_the_recheck(people):
    row = course.rectifying(people)
    assert tasks.recheck_where_due(DUE) == 0
    day = DUE + datetime.timedelta(days=1)
    assert (tasks.recheck_where_due(day), tasks.recheck_where_due(day)) == (1, 0)
    row.refresh_from_db()
    event = Event.objects.of(row).last()
    assert (row.state, row.recheck_by_on, event.move, event.by.is_system) == (
        "pending_recheck",
        next_workday(DUE + datetime.timedelta(days=10)),
        "recheck_due",
        True,
    )
    assert row.plan.state == "in_progress"
    row.record_recheck(by=people.inspector, on=day, items=course.results(row, passed=False), opinion="没有做")
    row.fail_recheck(by=people.inspector2, on=day)
    assert (row.state, tasks.recheck_where_due(day)) == ("returned", 0)
    row.apply_recheck(by=people.safety, on=day, measures="好了", photos=[course.photo(people.safety)])
    assert row.plan.state == "completed"


def test_a_change_still_open_ends_when_the_hazard_closes(people):
    row = course.rectifying(people)
    row.plan.amend(by=people.safety, on=TODAY, note="想改")
    row.apply_recheck(by=people.safety, on=TODAY, measures="好了", photos=[course.photo(people.safety)])
    row.record_recheck(by=people.inspector, on=TODAY, items=course.results(row), opinion="合格")
    row.pass_recheck(by=people.inspector2, on=TODAY)
    assert list(row.plans.values_list("number", "state")) == [(1, "verified"), (2, "ended")]


@pytest.mark.parametrize("step", [name for name in course.STEPS if name != "reported"])
def test_downgrade_from_every_step_ends_the_plan(people, step):
    row = course.STEPS[step](people)
    row.downgrade(by=people.reviewer, on=TODAY, level="normal", note="检测不可燃")
    assert (row.state, row.is_major, [p.state for p in row.plans.all()]) == ("reported", False, ["ended"])


# Pages


@pytest.mark.req("R24")
def test_the_page_of_an_empty_plan_counts_what_is_missing_and_refuses_naming_it(people, sign_in):
    plan = course.confirmed(people).plan
    client = sign_in(people.principal)
    page = client.get(plan.get_absolute_url())
    assert (page.context["whole"], [offer.name for offer in page.context["offers"]]) == (0, ["write"])
    assert "已齐 0/5,还缺 6 项:责任人、整改措施、资金金额、资金来源、完成期限、应急预案。" in page.content.decode()
    refused = client.post(plan_move(plan, "submit"), {"version": 0, "note": "请镇审阅"})
    assert (refused.status_code, "方案还缺 6 项" in refused.content.decode(), "请镇审阅" in refused.content.decode()) == (409, True, True)


def test_a_plan_is_written_in_parts_and_a_bad_value_loses_nothing(people, sign_in):
    plan = course.confirmed(people).plan
    client = sign_in(people.safety)
    bad = client.post(plan_move(plan, "write"), {"version": 0, "measures": "更换除尘器", "funds_amount": "三万", "due_on": "2019-01-01"})
    assert (bad.status_code, sorted(bad.context["form"].errors)) == (422, ["due_on", "funds_amount"])
    assert "更换除尘器" in bad.content.decode()
    answers = [client.post(plan_move(plan, "write"), {"version": 0, "measures": "更换除尘器"}) for _ in range(2)]
    assert [a.status_code for a in answers] == [302, 302]
    stale = client.post(plan_move(plan, "write"), {"version": 0, "measures": "别的"})
    assert (stale.status_code, "别的" in stale.content.decode()) == (409, True)
    plan.refresh_from_db()
    assert (plan.measures, plan.version, plan.person) == ("更换除尘器", 1, None)


def test_a_change_leads_to_its_new_version(people, sign_in):
    plan = course.rectifying(people).plan
    answer = sign_in(people.safety).post(plan_move(plan, "amend"), {"version": plan.version, "note": "配件晚到"})
    newer = FiveFixPlan.objects.get(number=2)
    assert (answer.status_code, answer.url, newer.amend_reason) == (302, newer.get_absolute_url(), "配件晚到")


@pytest.mark.req("R24")
def test_the_recheck_is_filled_in_and_signed_on_its_pages(people, sign_in):
    row = course.applied(people)
    url = lambda name: reverse("hazard_move", args=[row.pk, name])  # noqa: E731
    client = sign_in(people.inspector)
    bad = client.post(url("record_recheck"), {"version": row.version, "result_0": "pass", "result_1": "fail", "opinion": "还差"})
    assert (bad.status_code, sorted(bad.context["form"].errors)) == (422, ["remark_1", "result_2"])
    data = {"version": row.version, "result_0": "pass", "result_1": "fail", "remark_1": "未装", "result_2": "pass", "opinion": "还差"}
    assert [client.post(url("record_recheck"), data).status_code for _ in range(2)] == [302, 302]
    assert Recheck.objects.get().items[1] == {"words": "更换除尘器", "passed": False, "remark": "未装"}
    page = sign_in(people.inspector2).get(row.get_absolute_url())
    assert [offer.name for offer in page.context["offers"]][:2] == ["record_recheck", "fail_recheck"]
    version = Hazard.objects.get().version
    assert [client.post(url("fail_recheck"), {"version": version}).status_code for _ in range(2)] == [302, 302]
    assert Hazard.objects.get().state == "returned"


def test_people_of_the_firm_do_not_see_what_may_follow(people, sign_in):
    row = course.rechecked(people, course.confirmed_by_town(people), passed=False)
    row.fail_recheck(by=people.inspector2, on=TODAY)
    assert "从重处罚" in sign_in(people.inspector).get(row.get_absolute_url()).content.decode()
    assert "从重处罚" not in sign_in(people.principal).get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize("step", course.STEPS)
def test_the_page_of_every_step_says_what_comes_next(people, sign_in, step):
    words = {
        "reported": "等认定",
        "major_confirmed": "前提交五定方案",
        "plan_pending": "等镇执法人员接收或退回",
        "plan_approved": "由主要负责人在方案页开始实施",
        "rectifying": "每周在方案页报进展",
        "pending_recheck": "等两名执法人员复查",
    }
    row = course.STEPS[step](people)
    for user in (people.safety, people.inspector, people.head):
        assert words[step] in sign_in(user).get(row.get_absolute_url()).content.decode()
    page = sign_in(people.inspector).get(reverse("hazard_list"), {"view": "suspected" if step == "reported" else "major"})
    assert [h.pk for h in page.context["object_list"]] == [row.pk]


def test_the_list_of_plans_filters_and_exports(people, sign_in):
    plan = course.rectifying(people).plan
    FiveFixPlan.objects.filter(pk=plan.pk).update(progress_by_on=TODAY - datetime.timedelta(days=1))
    client = sign_in(people.inspector)
    listed = lambda **query: [p.pk for p in client.get(reverse("fix_plan_list"), query).context["object_list"]]  # noqa: E731
    assert (listed(), listed(view="progress"), listed(state="draft"), listed(q="除尘器没有")) == ([plan.pk], [plan.pk], [], [plan.pk])
    assert client.get(reverse("fix_plan_list"), {"export": "xlsx"}).status_code == 200
