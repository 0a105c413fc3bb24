"""Pages of construction projects: the area's list, the tab of a file, registration, one project, its moves."""

import datetime
import io
import uuid

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import Attachment, Event
from enterprises.models import Project
from tests import factories as f
from tests.enterprises.course import BEGUN, ON, brought_to, paper, registered
from tests.pictures import jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.req("R78")]
TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def names(answer):
    return [row.name for row in answer.context["object_list"]]


def move(row, name):
    return reverse("project_move", args=[row.pk, name])


def form(people, **changes):
    approval = {"approved_by_department": people.office.pk, "approval_number": "綦经发备〔2026〕12号", "approved_on": str(TODAY)}
    facts = {"name": "2号车间扩建", "kind": "expanded", "investment": "320万元", **approval}
    return {"client_id": str(uuid.uuid4()), **facts, **changes}


def words_of(answer):
    return answer.content.decode()


# The lists


@pytest.fixture
def several(people):
    """Told in time, overdue, owed still, found in use, without approval; each named for what it is."""
    told = registered(people, name="已告知")
    told.notify_bureau(by=people.inspector, on=ON, notified_on=ON, how="letter")
    registered(people, name="逾期")
    fresh = {"department": people.office, "number": "新备1", "approved_on": TODAY}
    registered(people, name="未到期", on=TODAY, approval=fresh, kind="new", is_special=True)
    found = registered(people, name="已投产", approval=None, enterprise=people.neighbour)
    found.find_in_use(by=people.inspector, on=ON, note="正在生产")
    gone = registered(people, name="不建了")
    gone.cancel(by=people.inspector, on=ON, note="撤回")


@pytest.mark.req("R62")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"已告知", "逾期", "未到期", "已投产", "不建了"}),
        ({"view": "untold"}, {"逾期", "未到期"}),
        ({"view": "overdue"}, {"逾期"}),
        ({"view": "found"}, {"已投产"}),
        ({"view": "unapproved"}, {"已投产"}),
        ({"view": "under_way"}, {"已告知", "逾期", "未到期", "已投产"}),
        ({"state": "cancelled"}, {"不建了"}),
        ({"kind": "new"}, {"未到期"}),
        ({"is_special": "true"}, {"未到期"}),
        ({"q": "邻家"}, {"已投产"}),
        ({"q": "新备"}, {"未到期"}),
        ({"approved_from": str(TODAY)}, {"未到期"}),
        ({"q": "没有这样的"}, set()),
    ],
)
def test_the_list_filters_by_url_and_exports_exactly_that(people, several, sign_in, query, expected):
    client = sign_in(people.inspector)
    answer = page(client, "project_list", **query)
    assert set(names(answer)) == expected
    sheet = openpyxl.load_workbook(io.BytesIO(page(client, "project_list", **query, export="xlsx").content)).active
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == expected
    assert ("没有符合条件的建设项目。" in words_of(answer)) == (not expected)


@pytest.mark.req("R62")
def test_the_list_marks_what_is_owed(people, several, sign_in):
    rows = page(sign_in(people.inspector), "project_list").context["object_list"]
    marks = {row.name: [words for words, _ in row.flags] for row in rows}
    assert marks == {
        "已告知": ["告知逾期"],
        "逾期": ["逾期未告知"],
        "未到期": ["金属冶炼、危险物品", "未告知"],
        "已投产": ["未经验收投用", "没有批准文件"],
        "不建了": [],
    }


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("leader", {"已告知", "逾期", "未到期", "已投产", "不建了"}),
        ("department", {"已告知", "逾期", "未到期", "不建了"}),
        ("safety", {"已告知", "逾期", "未到期", "不建了"}),
        ("outsider", {"已投产"}),
        ("foreign", set()),
    ],
)
def test_everybody_sees_his_own_scope(people, several, sign_in, who, expected):
    assert set(names(page(sign_in(getattr(people, who)), "project_list"))) == expected


def test_the_list_pages(people, sign_in):
    f.ProjectFactory.create_batch(31, enterprise=people.factory)
    client = sign_in(people.inspector)
    assert [len(names(page(client, "project_list", page=n))) for n in (1, 2)] == [30, 1]


def test_the_tab_shows_the_firms_own_and_who_may_register(people, several, sign_in):
    for who, may in (("inspector", True), ("admin", True), ("department", True), ("leader", False), ("safety", False)):
        answer = page(sign_in(getattr(people, who)), "enterprise_projects", people.factory.pk)
        assert set(names(answer)) == {"已告知", "逾期", "未到期", "不建了"}
        assert ("登记建设项目" in words_of(answer)) == may
    Project.objects.filter(name="已投产").update(enterprise=people.factory)
    assert "这家企业没有登记过建设项目。" in words_of(page(sign_in(people.inspector), "enterprise_projects", people.neighbour.pk))
    assert page(sign_in(people.inspector), "enterprise_projects", people.abroad.pk).status_code == 404


# Registration


@pytest.mark.req("R62")
@pytest.mark.parametrize("who", ["department", "inspector", "admin"])
def test_registered_once_however_often_it_is_sent(people, sign_in, who):
    f.project_rules()
    client, sent = sign_in(getattr(people, who)), form(people)
    url, back = reverse("project_new", args=[people.factory.pk]), reverse("enterprise_projects", args=[people.factory.pk])
    assert client.get(url).status_code == 200
    for _ in range(2):
        assert client.post(url, sent)["Location"] == back
    row = Project.objects.get()
    assert (row.name, row.enterprise, row.approved_by_department, row.registered_by) == (
        "2号车间扩建",
        people.factory,
        people.office,
        getattr(people, who),
    )
    answer = client.post(url, {**sent, "name": "另一个"})
    assert (answer.status_code, "另一个" in words_of(answer), Project.objects.count()) == (409, True, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "项目名称"),
        ({"name": "\u200b"}, "名称里没有看得见的字"),
        ({"kind": "other"}, "性质"),
        ({"approval_number": ""}, "批准部门、文号、日期要一起填"),
        ({"approved_on": str(TODAY + DAY)}, "日期不能晚于今天。"),
        ({"approved_on": "1926-01-01"}, "日期在十五年以前,请核对年份。"),
        ({"approved_on": "昨天"}, "批准(备案)日期"),
        ({"approved_by_department": "999999"}, "批准(备案)部门"),
    ],
)
def test_bad_input_is_said_and_what_was_typed_is_kept(people, sign_in, changes, words):
    f.project_rules()
    answer = sign_in(people.inspector).post(reverse("project_new", args=[people.factory.pk]), form(people, **changes))
    text = words_of(answer)
    assert (answer.status_code, words in text, "320万元" in text) == (422, True, True)
    assert not Project.objects.exists()


def test_an_inspector_may_register_what_nobody_approved_a_department_may_not(people, sign_in):
    f.project_rules()
    none = form(people, approved_by_department="", approval_number="", approved_on="")
    url = reverse("project_new", args=[people.factory.pk])
    assert sign_in(people.department).post(url, none).status_code == 422
    assert sign_in(people.inspector).post(url, none).status_code == 302
    assert (Project.objects.get().approved_on, Project.objects.get().notify_by_on) == (None, None)


def test_a_department_names_itself_and_smelters_are_special_at_first(people, sign_in):
    other = f.DepartmentFactory(name="农业服务中心", area=people.town)
    people.factory.traits.add(f.HazardTraitFactory(code="METAL_SMELTING", name="金属冶炼"))
    fields = {
        who: page(sign_in(getattr(people, who)), "project_new", people.factory.pk).context["form"].fields
        for who in ("department", "inspector")
    }
    assert list(fields["department"]["approved_by_department"].queryset) == [people.office]
    assert set(fields["inspector"]["approved_by_department"].queryset) == {people.office, other}
    assert fields["inspector"]["is_special"].initial is True


# One project


@pytest.mark.parametrize("state", ["registered", "pre_evaluation", "design_review", "construction", "trial_run", "acceptance", "in_use"])
@pytest.mark.parametrize("is_special", [False, True], ids=["ordinary", "special"])
def test_the_page_draws_the_bar_and_says_what_the_stage_needs(people, sign_in, state, is_special):
    row = brought_to(people, state, is_special=is_special)
    answer = page(sign_in(people.safety), "project_detail", row.pk)
    bar, here = answer.context["stages"], list(Project.State.values).index(state)
    assert [stage.words for stage in bar] == ["已完成"] * here + ["现在"] + ["未到"] * (6 - here)
    text = words_of(answer)
    assert text.count('aria-current="step"') == 1
    needs = f"现在是“{row.state_label}”阶段,完成这一阶段需要:{row.requirement(TODAY)}。"
    assert (needs in text) == (state != "in_use")
    papers = [kept.stage for stage in bar for kept, _ in stage.papers]
    assert papers == [kept.stage for kept in row.papers.all()]


def test_stopped_and_cancelled_say_where(people, sign_in):
    row = brought_to(people, "construction")
    row.stop(by=people.principal, on=ON, note="资金不足")
    client = sign_in(people.inspector)
    assert "停建前在“施工”阶段。" in words_of(page(client, "project_detail", row.pk))
    row.cancel(by=people.inspector, on=ON, note="撤回")
    text = words_of(page(client, "project_detail", row.pk))
    assert ("在“施工”阶段取消。" in text, "停在这里" in text) == (True, True)


def test_a_trial_too_long_and_a_use_without_acceptance_stand_out(people, sign_in):
    row = brought_to(people, "trial_run")
    Project.objects.filter(pk=row.pk).update(trial_started_on=TODAY - 200 * DAY)
    client = sign_in(people.inspector)
    assert "超过最长期限" in words_of(page(client, "project_detail", row.pk))
    client.post(move(row, "find_in_use"), {"version": Project.objects.get().version, "found_on": str(TODAY), "note": "三台炉在生产"})
    text = words_of(page(client, "project_detail", row.pk))
    assert f"{TODAY} 发现未经竣工验收投入使用。" in text
    assert Project.objects.get().found_in_use_on == TODAY


def test_a_department_sees_what_it_approved_but_not_the_firms_file(people, sign_in):
    row = registered(people, enterprise=people.neighbour)
    text = words_of(page(sign_in(people.department), "project_detail", row.pk))
    assert (row.enterprise.name in text, reverse("enterprise_projects", args=[people.neighbour.pk]) in text) == (True, False)
    assert page(sign_in(people.department), "enterprise_projects", people.neighbour.pk).status_code == 404


# Moves


def test_a_stage_is_left_with_its_paper_and_photos_once(people, sign_in):
    row = brought_to(people, "pre_evaluation")
    client = sign_in(people.safety)
    shown = page(client, "project_move", row.pk, "finish_evaluation")
    assert "需要:安全生产条件和设施综合分析报告(安全生产法(2021)第三十一条、总局令36号第九条)" in words_of(shown)
    sent = {**paper(dated_on=str(TODAY)), "version": row.version, "note": ""}
    for _ in range(2):
        answer = client.post(move(row, "finish_evaluation"), {**sent, "photos": jpeg()})
        assert answer.status_code == 302
    row.refresh_from_db()
    kept = row.papers.get(stage="pre_evaluation")
    assert (row.state, kept.name, kept.dated_on) == ("design_review", "报告", TODAY)
    assert [photo.purpose for photo in Attachment.objects.of(row)] == [kept.purpose]
    assert Event.objects.of(row).filter(move="finish_evaluation").count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "还缺安全设施设计审查批准文件的材料名称(安全生产法(2021)第三十三条)。"),
        ({"number": ""}, "还缺安全设施设计审查批准文件的文号(安全生产法(2021)第三十三条)。"),
        ({"number": "\u200b"}, "还缺安全设施设计审查批准文件的文号(安全生产法(2021)第三十三条)。"),
        ({"organ": "\u200b"}, "还缺安全设施设计审查批准文件的出具单位(安全生产法(2021)第三十三条)。"),
        ({"dated_on": ""}, "还缺安全设施设计审查批准文件的材料日期(安全生产法(2021)第三十三条)。"),
        ({"dated_on": str(TODAY + DAY)}, "日期不能晚于今天。"),
    ],
)
def test_a_paper_lacking_something_is_named_and_the_rest_kept(people, sign_in, changes, words):
    row = brought_to(people, "design_review", is_special=True)
    row.apply_design(by=people.safety, on=TODAY, organ="区局", applied_on=TODAY)
    row.accept_design(by=people.inspector, on=TODAY, accepted_on=TODAY)
    sent = {**paper(dated_on=str(TODAY)), "version": row.version, "note": "专家两名", **changes}
    answer = sign_in(people.inspector).post(move(row, "approve_design"), sent)
    text = words_of(answer)
    assert (answer.status_code, words in text, "专家两名" in text) == (422, True, True)
    assert Project.objects.get().state == "design_review"


def test_a_trial_outside_its_limits_is_refused_with_the_dates_and_the_text_kept(people, sign_in):
    row = brought_to(people, "construction")
    row.start_trial(by=people.safety, on=TODAY, started_on=TODAY - 10 * DAY, **paper())
    first, latest = TODAY + 20 * DAY, TODAY + 170 * DAY
    client = sign_in(people.safety)
    told = f"试运行从 {TODAY - 10 * DAY} 开始,应在 {first} 至 {latest} 之间结束"
    assert told in words_of(page(client, "project_move", row.pk, "end_trial"))
    sent = {**paper(dated_on=str(TODAY)), "ended_on": str(TODAY), "version": row.version, "note": "运行平稳"}
    answer = client.post(move(row, "end_trial"), sent)
    text = words_of(answer)
    assert (answer.status_code, f"不能是 {TODAY}。" in text, "运行平稳" in text) == (409, True, True)


def test_an_acceptance_says_its_conclusion(people, sign_in):
    row = brought_to(people, "acceptance")
    client, sent = sign_in(people.principal), {**paper(dated_on=str(TODAY)), "version": row.version}
    assert client.post(move(row, "record_acceptance"), sent).status_code == 422
    assert client.post(move(row, "record_acceptance"), {**sent, "passed": "no"}).status_code == 302
    row.refresh_from_db()
    assert (row.accepted_on, row.papers.get(stage="acceptance").passed) == (None, False)
    assert client.get(move(row, "put_in_use")).status_code == 302
    assert client.post(move(row, "record_acceptance"), {**sent, "version": row.version, "passed": "yes"}).status_code == 302
    assert client.post(move(row, "put_in_use"), {"version": row.version + 1, "in_use_on": str(TODAY)}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.in_use_on) == ("in_use", TODAY)


@pytest.mark.req("R62")
def test_the_notice_to_the_district_is_recorded_with_its_day_and_way(people, sign_in):
    row = registered(people)
    client = sign_in(people.department)
    shown = words_of(page(client, "project_move", row.pk, "notify_bureau"))
    assert "2026-03-02 批准,应在 2026-03-09(周一)以前告知,已经逾期" in shown
    sent = {"version": row.version, "notified_on": str(TODAY), "how": "", "note": "函告第3号"}
    answer = client.post(move(row, "notify_bureau"), sent)
    assert (answer.status_code, "函告第3号" in words_of(answer)) == (422, True)
    for _ in range(2):
        assert client.post(move(row, "notify_bureau"), {**sent, "how": "letter"}).status_code == 302
    row.refresh_from_db()
    assert (row.notified_on, row.notified_how, Event.objects.of(row).filter(move="notify_bureau").count()) == (TODAY, "letter", 1)


def test_an_approval_is_recorded_later_on_its_own_page(people, sign_in):
    row = registered(people, approval=None)
    client = sign_in(people.department)
    assert list(page(client, "project_move", row.pk, "record_approval").context["form"].fields["department"].queryset) == [people.office]
    sent = {"version": row.version, "department": people.office.pk, "number": "备1", "approved_on": str(TODAY)}
    assert client.post(move(row, "record_approval"), sent).status_code == 302
    assert Project.objects.get().approved_on == TODAY


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("start_evaluation", "inspector"),
        ("find_in_use", "department"),
        ("notify_bureau", "principal"),
        ("cancel", "safety"),
        ("restart_trial", "principal"),
    ],
)
def test_a_move_of_another_role_is_forbidden(people, sign_in, name, who):
    row = registered(people)
    client = sign_in(getattr(people, who))
    assert (client.get(move(row, name)).status_code, client.post(move(row, name), {"version": 0}).status_code) == (403, 403)
    assert sign_in(people.outsider).get(move(row, name)).status_code == 404
    assert sign_in(people.inspector).get(move(row, "no_such_move")).status_code == 404


def test_a_move_that_cannot_be_made_now_leads_back_with_the_reason(people, sign_in):
    row = registered(people)
    client = sign_in(people.principal)
    answer = client.get(move(row, "put_in_use"), follow=True)
    assert "还没有通过安全设施竣工验收,不得投入使用" in words_of(answer)
    assert client.post(move(row, "end_trial"), {**paper(dated_on=str(TODAY)), "ended_on": str(TODAY), "version": 0}).status_code == 409
    assert Project.objects.get().state == "registered"


def test_a_row_changed_meanwhile_is_said_and_nothing_is_lost(people, sign_in):
    row = brought_to(people, "construction")
    stale = row.version
    row.stop(by=people.inspector, on=ON, note="停工整顿")
    sent = {**paper(dated_on=str(TODAY)), "started_on": str(BEGUN), "version": stale, "note": "已完工"}
    answer = sign_in(people.safety).post(move(row, "start_trial"), sent)
    text = words_of(answer)
    assert (answer.status_code, "停工整顿" in text, "已完工" in text) == (409, True, True)
