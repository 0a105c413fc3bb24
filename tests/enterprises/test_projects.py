"""Construction projects: the register, the notice to the district (R62), and the stages with their papers (R78)."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.roles import Role
from core.models import Attachment, Event
from enterprises.catalogue import load
from enterprises.models import Project, ProjectPaper, ProjectRequirement
from enterprises.models.project_machine import NOT_IN_USE, UNDER_WAY
from tests import factories as f
from tests.enterprises import course
from tests.enterprises.course import APPROVED, ON, ORDER, brought_to, last, refused, registered, story
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.req("R78")]
D = datetime.date
DAY = datetime.timedelta(days=1)


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
