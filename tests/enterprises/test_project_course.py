"""The course of a construction project: its stages and papers, the authority's review, trial run, acceptance, use (R78)."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied

from core.models import Attachment
from enterprises.models import Project, ProjectRequirement
from enterprises.models.project_machine import NOT_IN_USE
from tests import factories as f
from tests.enterprises.course import ACCEPTED, BEGUN, ENDED, ON, at, brought_to, design_accepted, last, paper, refused, registered, story
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


# Clocks, computed by hand


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
