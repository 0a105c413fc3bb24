"""Construction projects: the register, the notice to the district (R62), and the stages with their papers (R78)."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.roles import Role
from core import moment
from core.models import Attachment, Event, MoveRefused
from enterprises.catalogue import load
from enterprises.models import Project, ProjectPaper, ProjectRequirement
from enterprises.models.project_machine import NOT_IN_USE, UNDER_WAY
from tests import factories as f
from tests.enterprises import course
from tests.enterprises.course import ACCEPTED, APPROVED, BEGUN, ENDED, ON, ORDER, brought_to, design_accepted, paper, registered
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.req("R78")]
D = datetime.date
DAY = datetime.timedelta(days=1)
# The move out of each stage with the paper it asks for: (stage, move, what else it takes)
LEAVING = [
    ("pre_evaluation", "finish_evaluation", {}),
    ("design_review", "approve_design", {}),
    ("construction", "start_trial", {"started_on": BEGUN}),
    ("trial_run", "end_trial", {"ended_on": ENDED}),
    ("acceptance", "record_acceptance", {"passed": True}),
]


def story(row):
    return [event.move for event in Event.objects.of(row)]


def last(row):
    return Event.objects.of(row).last()


def at(day, hour=9):
    return moment.at(timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour))))


def refused(call, **arguments):
    with pytest.raises(MoveRefused) as caught:
        call(**arguments)
    return caught.value.message


# Law as data


def test_the_requirements_are_loaded_once_with_an_article_for_each_edition_and_kind(db):
    assert [(r.name, r.added) for r in load()][1] == ("三同时材料要求", 24)
    assert [(r.name, r.added, r.retired, r.differing) for r in load()][1] == ("三同时材料要求", 0, 0, [])
    assert set(ProjectRequirement.objects.values_list("stage", flat=True)) == set(ORDER) - {"in_use"}
    of = lambda *key: str(ProjectRequirement.of(*key))  # noqa: E731
    assert of("pre_evaluation", True, D(2021, 8, 31)) == "安全预评价报告(安全生产法(2014)第二十九条)"
    assert of("pre_evaluation", True, D(2021, 9, 1)) == "安全预评价报告(安全生产法(2021)第三十二条)"
    assert of("design_review", True, D(2020, 1, 1)) == "安全设施设计审查批准文件(安全生产法(2014)第三十条)"
    assert of("acceptance", True, D(2026, 1, 1)) == "安全设施竣工验收报告(安全生产法(2021)第三十四条)"
    assert ProjectRequirement.of("in_use", True, ON) is None
    assert not ProjectRequirement.objects.filter(verify=False).exists()


# The register


@pytest.mark.req("R62")
@pytest.mark.parametrize("who", ["department", "inspector", "admin"])
def test_registered_with_its_approval_by_department_inspector_or_administrator(people, who):
    row = registered(people, by=getattr(people, who), is_special=True, investment="320万元")
    row.refresh_from_db()
    facts = (row.state, row.kind, row.is_special, row.investment, row.approved_by_department, row.approved_on, row.notify_by_on)
    assert facts == ("registered", "expanded", True, "320万元", people.office, APPROVED, D(2026, 3, 9))
    assert (row.registered_by, row.registered_on, str(row)) == (getattr(people, who), D(2026, 3, 3), "2号车间扩建")
    kept = row.papers.get()
    assert (kept.stage, kept.number, kept.organ, kept.dated_on, kept.article) == (
        "registered",
        "綦经发备〔2026〕12号",
        "经济发展办公室",
        APPROVED,
        "安全生产法(2021)第三十一条",
    )
    event = Event.objects.of(row).get()
    assert (event.move, event.enterprise_id, event.area_code) == ("open", people.factory.pk, people.factory.area_id)
    assert event.data["lines"][0] == "扩建项目:2号车间扩建"
    assert event.data["lines"][-1] == "告知区应急局期限:2026-03-09"


@pytest.mark.parametrize("who", ["leader", "reviewer", "village", "principal", "safety", "head", "team", "employee"])
def test_nobody_else_registers(people, who):
    with pytest.raises(PermissionDenied):
        registered(people, by=getattr(people, who))
    assert not Project.objects.exists()


def test_a_department_registers_only_what_it_approved_itself(people):
    other = f.DepartmentFactory(name="农业服务中心", area=people.town)
    approval = {"department": other, "number": "1", "approved_on": APPROVED}
    assert refused(registered, people=people, by=people.department, approval=approval) == "只能登记本部门批准(备案)的项目。"
    approval = {"department": people.office, "number": "1", "approved_on": D(2026, 3, 4)}
    assert refused(registered, people=people, approval=approval) == "批准日期不能晚于今天。"
    assert not Project.objects.exists()


@pytest.mark.req("R62")
def test_an_approval_lacking_is_recorded_later_and_starts_the_period(people):
    row = registered(people, approval=None)
    assert (row.approved_on, row.notify_by_on, row.is_untold, row.papers.count()) == (None, None, False, 0)
    words = "还缺项目批准(核准、备案)文件(安全生产法(2021)第三十一条):请批准的部门或执法人员“补登批准文件”。"
    assert refused(row.start_evaluation, by=people.safety, on=ON) == words
    facts = {"department": people.office, "number": "綦经发备〔2026〕40号", "approved_on": D(2026, 11, 23)}
    row.record_approval(by=people.department, on=ON, **facts)
    row.refresh_from_db()
    assert (row.notify_by_on, row.is_untold, row.state) == (D(2026, 11, 30), True, "registered")
    assert [kept.number for kept in row.papers.all()] == ["綦经发备〔2026〕40号"]
    assert refused(row.record_approval, by=people.inspector, on=ON, **facts) == "批准文件已经登记。"
    row.start_evaluation(by=people.safety, on=ON)
    assert (row.state, story(row)) == ("pre_evaluation", ["open", "record_approval", "start_evaluation"])


# Clocks, computed by hand


@pytest.mark.req("R62")
@pytest.mark.parametrize(
    ("approved_on", "by_on"),
    [
        (D(2026, 11, 23), D(2026, 11, 30)),  # Monday: Tuesday to Friday, Monday
        (D(2026, 11, 20), D(2026, 11, 27)),  # Friday: the weekend does not count
        (D(2026, 11, 21), D(2026, 11, 27)),  # approved on a Saturday
        (D(2026, 9, 23), D(2026, 10, 8)),  # 24, 28, 29, 30 September, 8 October: Mid-Autumn and National Day between
        (D(2026, 9, 30), D(2026, 10, 13)),  # 8, 9, 10 (a worked Saturday), 12, 13 October
        (D(2026, 12, 29), D(2027, 1, 6)),  # 30, 31 December, 4, 5, 6 January
        (D(2025, 12, 31), D(2026, 1, 8)),  # 4 (a worked Sunday), 5, 6, 7, 8 January
    ],
)
def test_five_working_days_to_inform_the_district(people, approved_on, by_on):
    approval = {"department": people.office, "number": "1", "approved_on": approved_on}
    row = registered(people, on=D(2027, 2, 1), approval=approval)
    assert row.notify_by_on == by_on
    assert [row.is_overdue(day) for day in (by_on - DAY, by_on, by_on + DAY)] == [False, False, True]
    assert [row in Project.objects.overdue(day) for day in (by_on - DAY, by_on, by_on + DAY)] == [False, False, True]


@pytest.mark.req("R62")
def test_an_approval_older_than_the_rule_owes_nothing(people):
    approval = {"department": people.office, "number": "1", "approved_on": D(2018, 12, 31)}
    row = registered(people, approval=approval)
    assert (row.notify_by_on, row.is_untold, row in Project.objects.untold(), row.is_overdue()) == (None, False, False, False)
    assert row.papers.get().article == "安全生产法(2014)第二十八条"


@pytest.mark.parametrize(
    ("applied_on", "accept_by", "accepted_on", "decide_by", "extended_to"),
    [
        # 10–18 September less a weekend and with the worked Sunday 20: 20 days end on 13 October; 10 more on 27 October
        (D(2026, 9, 4), D(2026, 9, 11), D(2026, 9, 9), D(2026, 10, 13), D(2026, 10, 27)),
        # over the year's end: 4 January is the first worked day of 2027
        (D(2026, 12, 25), D(2027, 1, 4), D(2026, 12, 31), D(2027, 1, 29), None),
    ],
)
def test_the_authoritys_review_runs_in_working_days(people, applied_on, accept_by, accepted_on, decide_by, extended_to):
    row = brought_to(people, "design_review", is_special=True)
    row.apply_design(by=people.safety, on=D(2027, 2, 1), organ="綦江区应急管理局", applied_on=applied_on)
    assert (row.design_accept_by_on, row.design_due()) == (accept_by, ("受理期限", accept_by))
    assert [row.is_design_late(day) for day in (accept_by, accept_by + DAY)] == [False, True]
    row.accept_design(by=people.inspector, on=D(2027, 2, 1), accepted_on=accepted_on)
    assert row.design_due() == ("决定期限", decide_by)
    if extended_to:
        with at(decide_by):
            row.extend_design(by=people.inspector, on=decide_by, note="技术复杂")
        row.refresh_from_db()
        assert row.design_decide_by_on == extended_to


@pytest.mark.parametrize(
    ("started_on", "first", "latest"),
    [
        (D(2026, 3, 2), D(2026, 4, 1), D(2026, 8, 29)),  # ends on a Saturday: a span, not moved to Monday
        (D(2026, 9, 1), D(2026, 10, 1), D(2027, 2, 28)),  # first day is National Day
        (D(2026, 12, 15), D(2027, 1, 14), D(2027, 6, 13)),  # over the year's end
        (D(2028, 2, 1), D(2028, 3, 2), D(2028, 7, 30)),  # over 29 February
    ],
)
def test_a_trial_run_lasts_30_to_180_calendar_days(people, started_on, first, latest):
    on = D(2028, 12, 1)
    row = brought_to(people, "construction")
    row.start_trial(by=people.safety, on=on, started_on=started_on, **paper())
    assert row.trial_span() == (first, latest)
    assert [row.is_trial_late(day) for day in (latest, latest + DAY)] == [False, True]
    limits = f"试运行期限是 30 至 180 日:从 {started_on} 开始,应在 {first} 至 {latest} 之间结束"
    for day in (first - DAY, latest + DAY):
        assert refused(row.end_trial, by=people.safety, on=on, ended_on=day, **paper()) == f"{limits},不能是 {day}。"
    assert (Project.objects.get().state, row.papers.filter(stage="trial_run").count()) == ("trial_run", 0)
    row.end_trial(by=people.safety, on=on, ended_on=latest, **paper())
    assert (row.state, row.trial_ended_on) == ("acceptance", latest)


def test_the_limits_of_a_trial_are_those_of_its_first_day_and_may_be_none(people):
    row = brought_to(people, "trial_run")
    f.DeadlineRuleFactory(code="project.trial.max", value=365, edition="2027", effective_from=D(2026, 7, 1))
    assert row.trial_span() == (D(2026, 7, 1), D(2026, 11, 28))
    ProjectRequirement.objects.filter(stage="trial_run", is_special=False).update(is_timed=False)
    assert row.trial_span() is None
    row.end_trial(by=people.safety, on=ON, ended_on=BEGUN + DAY, **paper())
    assert row.state == "acceptance"


# The course


def test_an_ordinary_project_from_its_evaluation_to_its_use(people):
    row = brought_to(people, "in_use")
    row.refresh_from_db()
    assert story(row) == [
        "open",
        "start_evaluation",
        "finish_evaluation",
        "approve_design",
        "start_trial",
        "end_trial",
        "record_acceptance",
        "put_in_use",
    ]
    dates = (row.trial_started_on, row.trial_ended_on, row.accepted_on, row.in_use_on)
    assert dates == (BEGUN, ENDED, ACCEPTED, ACCEPTED)
    papers = [(kept.stage, kept.required, kept.article, kept.passed) for kept in row.papers.all()]
    assert papers == [
        ("registered", "项目批准(核准、备案)文件", "安全生产法(2021)第三十一条", None),
        ("pre_evaluation", "安全生产条件和设施综合分析报告", "安全生产法(2021)第三十一条、总局令36号第九条", None),
        ("design_review", "安全设施设计审查意见(建设单位组织)", "安全生产法(2021)第三十三条、总局令36号第十六条", None),
        ("construction", "施工完成(监理)报告", "安全生产法(2021)第三十一条", None),
        ("trial_run", "试运行总结报告", "总局令36号第二十二条", None),
        ("acceptance", "安全设施竣工验收报告", "安全生产法(2021)第三十一条、总局令36号第二十四条", True),
    ]
    offered = {who: [o.name for o in row.moves_for(getattr(people, who))] for who in ("principal", "safety", "department", "inspector")}
    assert offered == {"principal": [], "safety": [], "department": ["notify_bureau"], "inspector": ["notify_bureau"]}


def test_a_special_project_is_decided_by_the_authority(people):
    row = brought_to(people, "in_use", is_special=True)
    assert story(row)[3:6] == ["apply_design", "accept_design", "approve_design"]
    decision = row.papers.get(stage="design_review")
    assert (decision.by, decision.required, decision.article) == (
        people.inspector,
        "安全设施设计审查批准文件",
        "安全生产法(2021)第三十三条",
    )


@pytest.mark.parametrize("is_special", [False, True], ids=["ordinary", "special"])
@pytest.mark.parametrize(("stage", "move", "more"), LEAVING)
def test_no_stage_is_left_without_its_paper(people, stage, move, more, is_special):
    row = brought_to(people, stage, is_special=is_special)
    if stage == "design_review" and is_special:
        design_accepted(row, people)
    by = people.inspector if stage == "design_review" and is_special else people.principal
    asked = ProjectRequirement.of(stage, is_special, ON)
    before = (story(row), row.papers.count())
    assert refused(getattr(row, move), by=by, on=ON, **more) == f"还缺{asked}。"
    lacking = refused(getattr(row, move), by=by, on=ON, **more, **paper(organ="", dated_on=None))
    assert lacking == f"{asked}还缺出具单位、日期。"
    if asked.needs_number:
        assert refused(getattr(row, move), by=by, on=ON, **more, **paper(number="", dated_on=D(2026, 8, 1))) == f"{asked}还缺文号。"
    late = refused(getattr(row, move), by=by, on=ON, **more, **paper(dated_on=ON + DAY))
    assert late.endswith("日期不能晚于今天。")
    row.refresh_from_db()
    assert (row.state, (story(row), row.papers.count())) == (stage, before)


@pytest.mark.parametrize(
    ("dated_on", "article"),
    [
        (D(2014, 11, 30), "安全生产法(2021)第三十二条"),
        (D(2021, 8, 31), "安全生产法(2014)第二十九条"),
        (D(2021, 9, 1), "安全生产法(2021)第三十二条"),
    ],
)
def test_the_law_is_that_of_the_papers_own_day(people, dated_on, article):
    row = brought_to(people, "pre_evaluation", is_special=True)
    row.finish_evaluation(by=people.safety, on=ON, **paper(dated_on=dated_on))
    assert row.papers.get(stage="pre_evaluation").article == article
    assert f"依据:{article}" in last(row).data["lines"]


def test_what_a_paper_answered_stays_though_the_catalogue_changes(people):
    row = brought_to(people, "design_review")
    ProjectRequirement.objects.update(name="别的材料", article="别的条款")
    kept = row.papers.get(stage="pre_evaluation")
    assert (kept.required, kept.article) == ("安全生产条件和设施综合分析报告", "安全生产法(2021)第三十一条、总局令36号第九条")


def test_photos_stand_beside_their_paper(people):
    row = brought_to(people, "pre_evaluation")
    photos = [Attachment.take_in(jpeg(), by=people.safety)]
    row.finish_evaluation(by=people.safety, on=ON, photos=photos, note="见附件", **paper())
    kept = row.papers.get(stage="pre_evaluation")
    assert [photo.purpose for photo in Attachment.objects.of(row)] == [kept.purpose]
    assert last(row).note == "见附件"
    visible = {
        who: photos[0].__class__.objects.get().is_visible_to(getattr(people, who)) for who in ("village", "principal", "head", "outsider")
    }
    assert visible == {"village": True, "principal": True, "head": False, "outsider": False}


# The authority's review


def test_only_a_special_project_goes_to_the_authority(people):
    row = brought_to(people, "design_review")
    own = "一般项目的安全设施设计由建设单位自己组织审查,不用向主管部门申请。"
    assert refused(row.apply_design, by=people.safety, on=ON, organ="区局", applied_on=ON) == own
    assert refused(row.accept_design, by=people.inspector, on=ON, accepted_on=ON) == own
    assert refused(row.refuse_design, by=people.inspector, on=ON, note="不全") == own
    assert refused(row.approve_design, by=people.inspector, on=ON, **paper()) == "一般项目的设计审查由建设单位登记。"
    assert [o.name for o in row.moves_for(people.safety)] == ["approve_design", "stop"]


def test_the_authoritys_decision_is_recorded_by_an_inspector_in_order(people):
    row = brought_to(people, "design_review", is_special=True)
    theirs = "金属冶炼、危险物品项目的设计审查由主管部门决定,请由执法人员登记。"
    assert refused(row.approve_design, by=people.principal, on=ON, **paper()) == theirs
    assert refused(row.approve_design, by=people.inspector, on=ON, **paper()) == "企业还没有申请设计审查。"
    assert refused(row.accept_design, by=people.inspector, on=ON, accepted_on=ON) == "企业还没有申请设计审查。"
    row.apply_design(by=people.safety, on=ON, organ="区局", applied_on=D(2026, 4, 8))
    assert refused(row.apply_design, by=people.safety, on=ON, organ="区局", applied_on=ON) == "已经申请,等主管部门答复。"
    assert refused(row.approve_design, by=people.inspector, on=ON, **paper()) == "主管部门还没有受理。"
    assert refused(row.extend_design, by=people.inspector, on=ON, note="复杂") == "主管部门还没有受理。"
    assert refused(row.accept_design, by=people.inspector, on=ON, accepted_on=D(2026, 4, 7)) == "受理日期不能早于 2026-04-08。"
    row.accept_design(by=people.inspector, on=ON, accepted_on=D(2026, 4, 10))
    assert refused(row.accept_design, by=people.inspector, on=ON, accepted_on=ON) == "已经登记受理。"
    early = paper(dated_on=D(2026, 4, 9))
    assert refused(row.approve_design, by=people.inspector, on=ON, **early) == "批准日期不能早于 2026-04-10。"
    row.approve_design(by=people.inspector, on=ON, **paper(dated_on=D(2026, 5, 6)))
    assert (row.state, row.design_due()) == ("construction", None)


def test_the_period_is_extended_once_and_before_it_is_over(people):
    row = brought_to(people, "design_review", is_special=True)
    design_accepted(row, people)
    assert row.design_decide_by_on == D(2026, 5, 12)
    with at(D(2026, 5, 13)):
        assert refused(row.extend_design, by=people.inspector, on=ON, note="复杂") == "决定期限 2026-05-12 已过,不能再延长。"
    with at(D(2026, 5, 12)):
        row.extend_design(by=people.inspector, on=D(2026, 5, 12), note="复杂")
        assert row.design_decide_by_on == D(2026, 5, 26)
        assert refused(row.extend_design, by=people.inspector, on=ON, note="复杂") == "决定期限只能延长一次。"


def test_a_design_refused_is_mended_and_applied_for_again(people):
    row = brought_to(people, "design_review", is_special=True)
    design_accepted(row, people)
    row.refuse_design(by=people.inspector, on=ON, note="缺少紧急排放设施")
    row.refresh_from_db()
    assert (row.state, row.design_applied_on, row.design_accepted_on, row.design_decide_by_on) == ("design_review", None, None, None)
    design_accepted(row, people)
    row.approve_design(by=people.inspector, on=ON, **paper(dated_on=D(2026, 5, 6)))
    assert row.state == "construction"


# Trial, acceptance, use


def test_a_trial_that_lasted_too_long_begins_anew_by_an_inspector(people):
    row = brought_to(people, "trial_run")
    with pytest.raises(PermissionDenied):
        row.restart_trial(by=people.safety, on=ON, started_on=ON, note="超期")
    assert refused(row.restart_trial, by=people.inspector, on=ON, started_on=BEGUN - DAY, note="x") == "试运行开始日期不能早于 2026-06-01。"
    row.restart_trial(by=people.inspector, on=ON, started_on=D(2026, 11, 2), note="设备改造")
    row.refresh_from_db()
    assert (row.state, row.trial_started_on, row.trial_span()) == ("trial_run", D(2026, 11, 2), (D(2026, 12, 2), D(2027, 5, 1)))
    assert last(row).data["lines"] == ["试运行自 2026-11-02,应在 2026-12-02 至 2027-05-01 之间结束"]


@pytest.mark.parametrize(
    ("is_special", "law"),
    [(True, "安全生产法(2021)第三十四条"), (False, "安全生产法(2021)第三十一条、总局令36号第二十四条")],
)
def test_nothing_is_put_in_use_without_a_passed_acceptance(people, is_special, law):
    row = brought_to(people, "acceptance", is_special=is_special)
    words = f"还没有通过安全设施竣工验收,不得投入使用:还缺安全设施竣工验收报告({law})。"
    assert refused(row.put_in_use, by=people.principal, on=ON) == words
    row.record_acceptance(by=people.principal, on=ON, passed=False, **paper(dated_on=ENDED))
    row.refresh_from_db()
    assert (row.state, row.accepted_on, [kept.passed for kept in row.papers.filter(stage="acceptance")]) == ("acceptance", None, [False])
    assert refused(row.put_in_use, by=people.principal, on=ON) == words
    early = paper(dated_on=ENDED - DAY)
    assert refused(row.record_acceptance, by=people.safety, on=ON, passed=True, **early) == "验收日期不能早于 2026-07-10。"
    row.record_acceptance(by=people.safety, on=ON, passed=True, **paper(dated_on=ACCEPTED))
    again = refused(row.record_acceptance, by=people.safety, on=ON, passed=True, **paper(dated_on=ACCEPTED))
    assert again == "竣工验收已于 2026-07-20 通过。"
    assert refused(row.put_in_use, by=people.principal, on=ON, in_use_on=ACCEPTED - DAY) == "投用日期不能早于 2026-07-20。"
    row.put_in_use(by=people.principal, on=ON)
    assert (row.state, row.in_use_on) == ("in_use", ON)


@pytest.mark.parametrize("state", sorted(NOT_IN_USE))
def test_used_without_acceptance_is_found_once_and_stays_in_its_stage(people, state):
    row = registered(people, is_special=True)
    Project.objects.filter(pk=row.pk).update(state=state, stopped_from="construction" if state == "stopped" else "")
    row = Project.objects.get()
    photos = [Attachment.take_in(jpeg(), by=people.inspector)]
    row.find_in_use(by=people.inspector, on=ON, found_on=ON - DAY, note="熔炼炉正在生产", photos=photos)
    row.refresh_from_db()
    assert (row.state, row.found_in_use_on, row.is_found_in_use, list(Project.objects.found_in_use())) == (state, ON - DAY, True, [row])
    event = last(row)
    assert (event.move, event.from_state, event.to_state, event.note) == ("find_in_use", state, state, "熔炼炉正在生产")
    assert event.data["found_on"] == "2026-11-24"
    assert event.data["lines"][-1] == "缺少:安全设施竣工验收报告(安全生产法(2021)第三十四条)"
    assert Attachment.objects.of(row).get().purpose == f"found-{event.pk}"
    assert refused(row.find_in_use, by=people.inspector, on=ON, note="又见") == "已于 2026-11-24 登记过。"


def test_after_a_passed_acceptance_it_is_no_longer_found(people):
    row = brought_to(people, "acceptance")
    row.find_in_use(by=people.inspector, on=ON, note="已投产")
    row.record_acceptance(by=people.safety, on=ON, passed=True, **paper(dated_on=ACCEPTED))
    assert (row.is_found_in_use, row.found_in_use_on, Project.objects.found_in_use().count()) == (False, ON, 0)
    other = brought_to(people, "acceptance")
    other.record_acceptance(by=people.safety, on=ON, passed=True, **paper(dated_on=ACCEPTED))
    assert refused(other.find_in_use, by=people.inspector, on=ON, note="已投产") == "竣工验收已于 2026-07-20 通过。"
    used = brought_to(people, "in_use")
    assert refused(used.find_in_use, by=people.inspector, on=ON, note="x") == "现在是“已投入使用”,不能“发现未经验收投入使用”。"


@pytest.mark.parametrize("who", ["leader", "reviewer", "department", "village", "principal", "safety"])
def test_only_an_inspector_finds(people, who):
    row = registered(people)
    with pytest.raises(PermissionDenied):
        row.find_in_use(by=getattr(people, who), on=ON, note="x")
    assert not Project.objects.found_in_use().exists()


# Informing the district


@pytest.mark.req("R62")
@pytest.mark.parametrize(("notified_on", "is_late"), [(APPROVED, False), (D(2026, 3, 9), False), (D(2026, 3, 10), True)])
@pytest.mark.parametrize("who", ["department", "inspector"])
def test_the_district_is_informed_once_and_lateness_is_kept(people, who, notified_on, is_late):
    row, by = registered(people), getattr(people, who)
    assert [row.is_untold, list(Project.objects.untold())] == [True, [row]]
    photos = [Attachment.take_in(jpeg(), by=by)]
    row.notify_bureau(by=by, on=ON, notified_on=notified_on, how="letter", note="已收函", photos=photos)
    row.refresh_from_db()
    assert (row.state, row.notified_on, row.notified_how, row.notified_by) == ("registered", notified_on, "letter", by)
    assert (row.is_untold, row.is_told_late, Project.objects.untold().count()) == (False, is_late, 0)
    late = ["逾期:应在 2026-03-09 以前告知"] if is_late else []
    assert last(row).data["lines"] == [f"告知日期:{notified_on}", "方式:书面函告", *late]
    again = refused(row.notify_bureau, by=by, on=ON, notified_on=ON, how="phone")
    assert again == f"已于 {notified_on} 告知。"


@pytest.mark.req("R62")
def test_who_informs_and_when_it_can_have_been(people):
    row = registered(people)
    assert refused(row.notify_bureau, by=people.inspector, on=ON, notified_on=ON + DAY, how="phone") == "告知日期不能晚于今天。"
    early = refused(row.notify_bureau, by=people.inspector, on=ON, notified_on=APPROVED - DAY, how="phone")
    assert early == "告知日期不能早于 2026-03-02。"
    stranger = f.UserFactory()
    office = f.DepartmentFactory(name="农业服务中心", area=people.town)
    f.MembershipFactory(user=stranger, role="department", enterprise=None, department=office)
    assert refused(row.notify_bureau, by=stranger, on=ON, notified_on=ON, how="phone") == "由批准项目的经济发展办公室告知。"
    without = registered(people, approval=None)
    words = "项目还没有登记批准(备案)文件,不用告知。"
    assert refused(without.notify_bureau, by=people.inspector, on=ON, notified_on=ON, how="phone") == words
    for who in ("leader", "reviewer", "village", "principal", "safety", "admin"):
        with pytest.raises(PermissionDenied):
            row.notify_bureau(by=getattr(people, who), on=ON, notified_on=ON, how="phone")


# Stopped, resumed, cancelled


@pytest.mark.parametrize("state", sorted(UNDER_WAY))
def test_what_was_stopped_goes_on_where_it_was(people, state):
    row = brought_to(people, state)
    row.stop(by=people.principal, on=ON, note="资金不足")
    row.refresh_from_db()
    assert (row.state, row.stopped_from, row.stage, last(row).to_state) == ("stopped", state, state, "stopped")
    assert refused(row.stop, by=people.principal, on=ON, note="x") == "现在是“已停建”,不能“停建”。"
    row.resume(by=people.safety, on=ON)
    row.refresh_from_db()
    assert (row.state, row.stopped_from, last(row).from_state, last(row).to_state) == (state, "", "stopped", state)
    assert last(row).data["lines"] == [f"回到:{Project.State(state).label}"]


def test_what_the_town_stopped_the_firm_does_not_resume(people):
    row = brought_to(people, "construction")
    row.stop(by=people.inspector, on=ON, note="未按批准的设计施工")
    assert refused(row.resume, by=people.principal, on=ON) == "镇里停建的项目,由镇里恢复。"
    assert [[o.name for o in row.moves_for(who)] for who in (people.principal, people.department)] == [
        [],
        ["notify_bureau", "resume", "cancel"],
    ]
    row.resume(by=people.department, on=ON)
    assert row.state == "construction"


@pytest.mark.parametrize("state", sorted(NOT_IN_USE))
def test_cancelled_for_good_by_the_town(people, state):
    row = brought_to(people, "construction" if state == "stopped" else state)
    if state == "stopped":
        row.stop(by=people.principal, on=ON, note="资金不足")
    stage = row.stage
    with pytest.raises(PermissionDenied):
        row.cancel(by=people.principal, on=ON, note="不建了")
    row.cancel(by=people.department, on=ON, note="企业撤回")
    row.refresh_from_db()
    assert (row.state, row.stage, row.is_untold, Project.objects.untold().count()) == ("cancelled", stage, False, 0)
    assert [row.moves_for(getattr(people, who)) for who in ("principal", "department", "inspector")] == [[], [], []]


def test_a_department_that_neither_approved_nor_leads_only_looks(people):
    row = registered(people)
    stranger = f.UserFactory()
    office = f.DepartmentFactory(name="农业服务中心", area=people.town)
    office.sectors.add(people.sector)
    f.MembershipFactory(user=stranger, role="department", enterprise=None, department=office)
    assert list(Project.objects.for_user(stranger)) == [row]
    assert row.moves_for(stranger) == []
    words = "这个项目由别的部门批准,企业由别的部门牵头,您可以查看,不能办理。"
    assert [refused(getattr(row, move), by=stranger, on=ON, note="x") for move in ("stop", "cancel")] == [words] * 2


# Scope, constraints


def test_who_sees_which_projects(people):
    own = registered(people)
    theirs = registered(people, enterprise=people.neighbour, approval=None)
    approved = registered(people, enterprise=people.neighbour)
    abroad = registered(people, enterprise=people.abroad, approval=None)
    town = {own, theirs, approved}
    expected = {
        **dict.fromkeys(("admin", "leader", "inspector", "reviewer"), town),
        "department": {own, approved},
        **dict.fromkeys(("village", "principal", "safety"), {own}),
        **dict.fromkeys(("head", "team", "employee"), set()),
        "outsider": {theirs, approved},
        "foreign": {abroad},
    }
    assert {who: set(Project.objects.for_user(getattr(people, who))) for who in expected} == expected
    papers = {
        who: {kept.project for kept in ProjectPaper.objects.for_user(getattr(people, who))} for who in ("department", "outsider", "head")
    }
    assert papers == {"department": {own, approved}, "outsider": {approved}, "head": set()}
    nobody = f.UserFactory()
    assert not Project.objects.for_user(nobody).exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"approval_number": "1"},
        {"approved_on": ON},
        {"notify_by_on": ON},
        {"notified_on": ON},
        {"state": "in_use"},
        {"state": "in_use", "accepted_on": ON, "in_use_on": ON - DAY},
        {"state": "stopped"},
        {"stopped_from": "construction"},
        {"trial_ended_on": ON},
        {"trial_started_on": ON, "trial_ended_on": ON - DAY},
    ],
)
def test_the_database_refuses_what_cannot_be(people, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        f.ProjectFactory(enterprise=people.factory, **facts)


def test_every_role_that_may_move_is_on_a_side_of_the_matter():
    """The firm's managers record their stages, inspector and department the town's; nobody else moves anything."""
    assert set().union(*(move.roles for move in Project.MOVES.values())) == {
        Role.PRINCIPAL,
        Role.SAFETY_MANAGER,
        Role.INSPECTOR,
        Role.DEPARTMENT,
    }
    assert tuple(state for state in Project.State.values if state not in ("stopped", "cancelled")) == course.ORDER
