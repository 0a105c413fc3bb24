"""Pages of the yearly plan: each by who may, each form once however often it is sent, with the reason why not."""

import io
import uuid

import openpyxl
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import MoveRefused
from core.work import run_one
from documents.models import Document
from inspections.models import DistrictListEntry, InspectionPlan, PlanChange, PlanItem
from tests import factories as f
from tests.inspections import course, plan_course
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import page, post_plan

pytestmark = [pytest.mark.django_db, pytest.mark.req("R48")]
YEAR = TODAY.year


@pytest.fixture(autouse=True)
def law(db):
    course.law()
    plan_course.rules()


def numbers(**changes):
    """What the form of a plan sends."""
    days = {"officers": 4, "other_days": 300, "training_days": 20, "leave_days": 40, "meeting_days": 100, "days_per_visit": "4.0"}
    return {
        "client_id": str(uuid.uuid4()),
        "year": YEAR,
        "goals": "防范事故",
        "content": "",
        "funds": "",
        "over_reason": "",
        **days,
        **changes,
    }


def ticks(*firms, **changes):
    """What the candidates' page sends."""
    data = {"client_id": str(uuid.uuid4()), "from_month": 3, "to_month": 6, "why": "", "firms": [row.pk for row in firms]}
    return {**data, **changes}


# List and detail


def test_list_filters_and_exports(people, sign_in):
    mine, theirs = plan_course.filed(people), plan_course.drafted(people, by=people.department)
    old = f.a_year_plan(people, year=YEAR - 1)
    client = sign_in(people.leader)
    rows = lambda **query: list(client.get(reverse("year_plan_list"), query).context["object_list"])  # noqa: E731
    assert rows() == [mine, theirs, old]
    assert rows(year=YEAR - 1) == [old]
    assert rows(state="draft") == [theirs, old]
    assert rows(unit="town") == [mine, old]
    assert rows(unit=people.office.pk) == [theirs]
    text = page(client, "year_plan_list")
    assert mine.number in text
    assert "拟制计划" not in text
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(reverse("year_plan_list"), {"export": "xlsx"}).content)).active
    found = [[cell.value for cell in row] for row in sheet.rows]
    assert found[0][:6] == ["年度", "单位", "编号", "状态", "计划次数", "已完成"]
    assert found[1][:6] == [YEAR, "镇应急办", mine.number, "执行中", 1, 0]


def test_a_plan_is_drawn_up_once(people, sign_in):
    client, data = sign_in(people.inspector), numbers()
    assert [client.post(reverse("year_plan_new"), data).status_code for _ in range(2)] == [302, 302]
    plan = InspectionPlan.objects.get()
    assert (plan.officers, plan.year, plan.department, plan.drafted_by) == (4, YEAR, None, people.inspector)
    other = client.post(reverse("year_plan_new"), {**data, "officers": 9})
    assert other.status_code == 409
    again = client.post(reverse("year_plan_new"), numbers())
    assert (again.status_code, "已经有了" in again.content.decode()) == (409, True)
    bad = client.post(reverse("year_plan_new"), numbers(officers=0, other_days=""))
    assert bad.status_code == 422
    assert "没有的填 0。" in bad.content.decode()
    assert InspectionPlan.objects.count() == 1


def test_the_form_proposes_the_officers_who_hold_a_certificate(people, sign_in):
    form = sign_in(people.inspector).get(reverse("year_plan_new")).context["form"]
    assert form.fields["officers"].initial == 2
    assert form.fields["year"].initial == str(YEAR + (TODAY.month >= 11))


@pytest.mark.req("R63")
def test_the_form_proposes_only_the_officers_of_the_unit(people, sign_in):
    f.certificate(people.department)
    for who, count in (("department", 1), ("inspector", 2)):
        form = sign_in(getattr(people, who)).get(reverse("year_plan_new")).context["form"]
        assert form.fields["officers"].initial == count


def test_the_draft_says_what_is_missing_and_shows_the_reckoning(people, sign_in):
    people.neighbour.traits.add(f.HazardTraitFactory())
    plan = plan_course.drafted(people)
    text = page(sign_in(people.inspector), "year_plan_detail", plan.pk)
    assert "重点企业每年至少检查一次,还缺 1 家:重庆邻家纺织厂" in text
    assert "监督检查工作日" in text
    assert f"全年可检查 {plan.capacity} 次" in text
    assert "提交计划" not in text
    plan.add_items([plan_course.facts(people.neighbour, segment="key")], by=people.inspector, on=TODAY)
    client = sign_in(people.inspector)
    assert "提交计划" in page(client, "year_plan_detail", plan.pk)
    assert "提交计划" not in page(sign_in(people.department), "year_plan_detail", plan.pk)


def test_it_goes_its_way_on_pages(people, sign_in):
    plan = plan_course.drafted(people)
    move = lambda who, name, **data: sign_in(who).post(  # noqa: E731
        reverse("year_plan_move", args=[plan.pk, name]), {"version": InspectionPlan.objects.get(pk=plan.pk).version, "note": "", **data}
    )
    assert move(people.inspector, "submit").status_code == 302
    assert move(people.leader, "approve", note="同意").status_code == 302
    page(sign_in(people.inspector), "year_plan_move", plan.pk, "file", status=302)
    paper = issue(sign_in(people.inspector), plan)
    assert paper.number == f"(綦石)石安检计〔{YEAR}〕1号"
    assert move(people.inspector, "file", filed_on=TODAY.isoformat()).status_code == 422
    late = move(people.inspector, "file", filed_on=later(1).isoformat(), receipt_number="5号")
    assert "不能晚于今天" in late.content.decode()
    assert move(people.inspector, "file", filed_on=TODAY.isoformat(), receipt_number="綦应急备5号").status_code == 302
    plan.refresh_from_db()
    assert (plan.state, plan.receipt_number) == ("filed", "綦应急备5号")
    text = page(sign_in(people.leader), "year_plan_detail", plan.pk)
    assert "綦应急备5号" in text
    assert "已完成 0 / 1 次(0%)" in text


def issue(client, plan, **changes):
    """Issue its paper by its page."""
    url = reverse("year_plan_paper", args=[plan.pk])
    form = client.get(url).context["form"]
    data = {"client_id": str(uuid.uuid4()), "seen": form.initial["seen"], "replaces": "", **changes}
    assert client.post(url, data).status_code == 302
    return Document.objects.of(plan).get(voided_at=None)


def test_the_paper_holds_the_plan_and_is_the_towns_own(people, sign_in):
    plan = plan_course.drafted(people, people.factory, people.neighbour)
    client = sign_in(people.inspector)
    assert "计划还没有批准" in client.get(reverse("year_plan_paper", args=[plan.pk]), follow=True).content.decode()
    plan_course.approved(people, plan)
    paper = issue(client, plan)
    assert (paper.title, paper.enterprise, paper.audience) == (f"{YEAR}年度安全生产监督检查计划", None, "town")
    assert paper.facts["reckoning"][-1] == ["全年可检查", "次", str(plan.capacity)]
    assert [row["name"] for row in paper.facts["segments"][0]["rows"]] == sorted([people.factory.name, people.neighbour.name])
    assert run_one(Document, paper.pk)
    paper.refresh_from_db()
    assert (paper.state, paper.pages >= 1) == ("done", True)
    assert sign_in(people.leader).get(paper.get_absolute_url()).status_code == 200
    assert sign_in(people.safety).get(paper.get_absolute_url()).status_code == 404


@pytest.mark.req("R63")
def test_a_department_prints_its_own_plan_and_reads_it(people, sign_in):
    plan = plan_course.approved(people, by=people.department)
    paper = issue(sign_in(people.department), plan)
    assert sign_in(people.department).get(paper.get_absolute_url()).status_code == 200
    others = issue(sign_in(people.inspector), plan_course.approved(people))
    assert others.pk != paper.pk
    assert sign_in(people.department).get(others.get_absolute_url()).status_code == 404


def test_the_paper_of_an_executing_plan_is_corrected_never_voided(people):
    plan = plan_course.filed(people)
    with pytest.raises(MoveRefused, match="只能更正,不能作废"), transaction.atomic():
        plan.paper.void(by=people.inspector, on=TODAY, reason="写错了")
    first = plan.paper
    given = {"subject": plan, "enterprise": None, "facts": {}, "by": people.inspector, "on": TODAY, "audience": "town"}
    second = Document.issue("PLAN", replaces=first, **given)
    first.refresh_from_db()
    assert (first.is_valid, plan.paper) == (False, second)


@pytest.mark.req("R63")
def test_another_units_plan_names_only_firms_that_a_department_sees(people, sign_in):
    hidden, secret = people.neighbour, f.EnterpriseFactory(name="重庆暗处厂", area=people.village_area, sector=people.neighbour.sector)
    secret.traits.add(f.HazardTraitFactory())
    plan = plan_course.drafted(people, people.factory, hidden, *(f.EnterpriseFactory(area=people.village_area) for _ in range(20)))
    plan.add_items([plan_course.facts(secret)], by=people.inspector, on=TODAY)
    plan_course.filed(people, plan)
    PlanItem.objects.filter(enterprise=secret).update(state="cancelled", cancel_reason="x")
    for note in ("先生效", ""):
        item = plan.items.filter(enterprise=hidden if note else people.factory).get()
        plan.drop_item(item, by=people.inspector, on=TODAY, note="停产")
        if note:
            plan.propose_adjustment(by=people.inspector, on=TODAY, note=note)
    for who, names in ((people.inspector, {hidden.name, secret.name, people.factory.name}), (people.department, {people.factory.name})):
        client = sign_in(who)
        text = page(client, "year_plan_detail", plan.pk) + page(client, "year_plan_adjust", plan.pk)
        assert {name for name in (hidden.name, secret.name, people.factory.name) if name in text} == names, who


@pytest.mark.req("R63")
def test_nor_do_its_moves_and_its_papers_preview(people, sign_in):
    hidden = people.neighbour
    plan = plan_course.filed(people, plan_course.drafted(people, people.factory, hidden))
    plan.drop_item(plan.items.get(enterprise=hidden), by=people.inspector, on=TODAY, note="停产")
    client = sign_in(people.department)
    for name, sent in (("propose_adjustment", {"version": 0}), ("close", {"version": plan.version})):
        answer = client.post(reverse("year_plan_move", args=[plan.pk, name]), sent, follow=True)
        assert "镇应急办的计划,由他们办理" in answer.content.decode(), name
        assert hidden.name not in answer.content.decode(), name
    paper = {"client_id": str(uuid.uuid4()), "seen": "x", "replaces": "", "preview": "1"}
    assert client.post(reverse("year_plan_paper", args=[plan.pk]), paper).status_code == 403


# Items


def test_items_filter_and_export(people, sign_in):
    plan = plan_course.drafted(people, people.factory, people.neighbour)
    PlanItem.objects.filter(enterprise=people.neighbour).update(segment="key", to_month=1)
    DistrictListEntry.take_in([people.neighbour], year=YEAR, source="区局", by=people.inspector, on=TODAY)
    plan_course.filed(people, plan)
    client = sign_in(people.inspector)
    url = reverse("year_plan_items", args=[plan.pk])
    names = lambda **query: [row.name for row in client.get(url, query).context["object_list"]]  # noqa: E731
    factory, neighbour = people.factory.name, people.neighbour.name
    assert names() == [neighbour, factory]
    assert names(q="邻家") == names(segment="key") == names(view="district") == names(village=people.neighbour.area_id) == [neighbour]
    assert names(month="12") == [factory]
    assert names(view="overdue") == ([neighbour] if TODAY.month > 1 else [])
    assert factory in names(view="month")
    assert names(state="done") == names(view="carried") == names(view="added") == names(view="elsewhere") == []
    text = page(client, "year_plan_items", plan.pk)
    assert "区级计划也有" in text
    assert reverse("inspection_new") in text
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url, {"export": "xlsx"}).content)).active
    rows = [[cell.value for cell in row] for row in sheet.rows]
    assert rows[1][:6] == [neighbour, people.neighbour.credit_code, "重点企业", 1, 1, 1]
    assert rows[1][12] == "是"


def test_an_item_of_a_draft_is_changed_and_taken_out(people, sign_in):
    plan = plan_course.drafted(people)
    item, client = plan.items.get(), sign_in(people.inspector)
    url = reverse("plan_item_edit", args=[plan.pk, item.pk])
    data = {"version": item.version, "segment": "key", "from_month": 4, "to_month": 9, "why": "粉尘"}
    assert client.post(url, {**data, "to_month": 3}).status_code == 422
    assert client.post(url, data).status_code == 302
    item.refresh_from_db()
    assert (item.segment, item.from_month, item.to_month, item.why) == ("key", 4, 9, "粉尘")
    assert client.post(url, data).status_code == 302
    stale = client.post(url, {**data, "why": "别的"})
    assert (stale.status_code, "别人改过这一项" in stale.content.decode()) == (409, True)
    drop = reverse("plan_item_drop", args=[plan.pk, item.pk])
    for _ in range(2):
        assert client.post(drop, {"note": ""}).status_code == 302
    assert not plan.items.exists()
    assert client.get(drop).status_code == 404


def test_a_plan_is_edited_as_it_was_seen(people, sign_in):
    plan, client = plan_course.drafted(people), sign_in(people.inspector)
    url = reverse("year_plan_edit", args=[plan.pk])
    form = client.get(url).context["form"]
    assert form["officers"].value() == 2
    data = numbers(version=plan.version, officers=5)
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    plan.refresh_from_db()
    assert plan.officers == 5
    assert client.post(url, {**data, "officers": 6}).status_code == 409
    plan.submit(by=people.inspector, on=TODAY)
    assert client.get(url).status_code == 302
    assert client.post(url, numbers(version=plan.version)).status_code == 409


# Candidates


@pytest.mark.req("R50")
def test_ticked_candidates_go_into_the_draft_once_with_their_numbers(people, sign_in):
    people.neighbour.traits.add(f.HazardTraitFactory())
    f.HazardFactory(enterprise=people.neighbour, state="assigned", due_on=later(-2), rectifier=people.head)
    plan, client = f.a_year_plan(people), sign_in(people.inspector)
    url = reverse("year_plan_candidates", args=[plan.pk])
    assert [row.name for row in client.get(url).context["object_list"]] == [people.neighbour.name, people.factory.name]
    assert [row.name for row in client.get(url, {"view": "must"}).context["object_list"]] == [people.neighbour.name]
    data = ticks(people.neighbour, why="群众反映")
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    item = plan.items.get()
    assert (item.segment, item.from_month, item.to_month) == ("key", 3, 6)
    assert item.why == "群众反映;涉爆粉尘;逾期隐患 1 条,没有检查记录"
    assert client.get(url, {"view": "out"}).context["object_list"][0] == people.factory
    again = client.post(url, ticks(people.neighbour))
    assert (again.status_code, "已经在计划里(同一起月):重庆邻家纺织厂" in again.content.decode()) == (409, True)
    assert plan.items.count() == 1


def test_nothing_ticked_a_firm_out_of_scope_and_months_upside_down_are_said(people, sign_in):
    plan, client = f.a_year_plan(people), sign_in(people.inspector)
    url = reverse("year_plan_candidates", args=[plan.pk])
    assert "请先勾选企业" in client.post(url, ticks()).content.decode()
    far = client.post(url, ticks(people.abroad))
    assert (far.status_code, "不在名单里" in far.content.decode()) == (422, True)
    kept = client.post(url, ticks(people.factory, from_month=9, to_month=2))
    assert kept.status_code == 422
    assert [is_ticked for row, _, is_ticked in kept.context["rows"] if row == people.factory] == [True]
    assert not PlanItem.objects.exists()
    exported = openpyxl.load_workbook(io.BytesIO(client.get(url, {"export": "xlsx"}).content)).active
    assert [cell.value for cell in next(exported.rows)][:3] == ["企业名称", "统一社会信用代码", "必须列入"]


def test_random_visits_are_a_number(people, sign_in):
    plan, client = f.a_year_plan(people), sign_in(people.inspector)
    url = reverse("year_plan_random", args=[plan.pk])
    data = {"client_id": str(uuid.uuid4()), "count": 20, "from_month": 1, "to_month": 12, "why": "一般企业"}
    assert [client.post(url, data).status_code for _ in range(2)] == [302, 302]
    item = plan.items.get()
    assert (item.enterprise, item.count, item.segment) == (None, 20, "random")
    assert client.post(url, {**data, "client_id": str(uuid.uuid4()), "count": 0}).status_code == 422


# Adjustments


def test_an_executing_plan_is_changed_through_its_adjustment(people, sign_in):
    plan, client = plan_course.filed(people), sign_in(people.inspector)
    answer = client.post(reverse("year_plan_candidates", args=[plan.pk]), ticks(people.neighbour, why="群众反映"))
    assert answer.headers["Location"] == reverse("year_plan_adjust", args=[plan.pk])
    drop = reverse("plan_item_drop", args=[plan.pk, plan.items.get().pk])
    assert client.post(drop, {"note": ""}).status_code == 422
    for _ in range(2):
        assert client.post(drop, {"note": "停产"}).status_code == 302
    text = page(client, "year_plan_adjust", plan.pk)
    assert "须镇领导重新批准" in text
    assert "共变动 2 次,规定比例 10%" in text
    assert [row.state for row in plan.items.all()] == ["planned"]
    change = PlanChange.objects.get(what="cancel")
    for _ in range(2):
        assert client.post(reverse("year_plan_adjust", args=[plan.pk]), {"change": change.pk}).status_code == 302
    assert PlanChange.objects.count() == 1
    plan.refresh_from_db()
    form = client.get(reverse("year_plan_move", args=[plan.pk, "propose_adjustment"])).context["form"]
    assert "须由镇领导重新批准" in form.told[0]
    assert (
        client.post(
            reverse("year_plan_move", args=[plan.pk, "propose_adjustment"]), {"version": plan.version, "note": "按举报调整"}
        ).status_code
        == 302
    )
    plan.refresh_from_db()
    assert plan.state == "adjusting"
    leader = sign_in(people.leader)
    assert "批准计划调整" in page(leader, "year_plan_adjust", plan.pk)
    answer = leader.post(reverse("year_plan_move", args=[plan.pk, "approve_adjustment"]), {"version": plan.version, "note": "同意"})
    assert answer.status_code == 302
    assert plan.items.count() == 2
    assert "按举报调整" in page(leader, "year_plan_adjust", plan.pk)


def test_only_its_own_unit_is_shown_the_way_to_its_paper(people, sign_in):
    plan = plan_course.filed(people)
    shown = {who: "出计划文书" in page(sign_in(getattr(people, who)), "year_plan_detail", plan.pk) for who in ("inspector", "department")}
    assert shown == {"inspector": True, "department": False}


def test_what_was_refused_is_put_back_by_a_button_once(people, sign_in):
    plan, url = plan_course.filed(people), "year_plan_adjust"
    plan.drop_item(plan.items.get(), by=people.inspector, on=TODAY, note="停产")
    plan.propose_adjustment(by=people.inspector, on=TODAY)
    plan.refuse_adjustment(by=people.leader, on=TODAY, note="再核实")
    words, path = "沿用这些内容", reverse(url, args=[plan.pk])
    assert words not in page(sign_in(people.leader), url, plan.pk)
    sign_in(people.department).post(path, {"take_up": "1"})
    assert plan.open_adjustment is None
    client = sign_in(people.inspector)
    assert words in page(client, url, plan.pk)
    for _ in range(2):
        assert client.post(path, {"take_up": "1"}).url == path
    assert [row.lines() for row in plan.adjustments.order_by("number")] == [[PlanChange.objects.first().words]] * 2
    text = page(client, url, plan.pk)
    assert (words in text, "已放回拟调整内容" in text) == (False, True)


def test_an_adjustment_that_settles_at_once_is_proposed_once_however_often_it_is_sent(people, sign_in):
    plan = plan_course.filed(people, plan_course.drafted(people, *(f.EnterpriseFactory(area=people.village_area) for _ in range(20))))
    plan.drop_item(plan.items.first(), by=people.inspector, on=TODAY, note="停产")
    client, url = sign_in(people.inspector), reverse("year_plan_move", args=[plan.pk, "propose_adjustment"])
    sent = {"version": plan.version, "note": "微调"}
    assert [client.post(url, sent).status_code for _ in range(3)] == [302, 302, 302]
    assert client.post(url, {**sent, "note": "别的"}).status_code == 409
    assert plan.items.filter(state="cancelled").count() == 1


def test_another_unit_is_sent_back_with_the_reason(people, sign_in):
    plan = plan_course.drafted(people, by=people.department)
    client = sign_in(people.inspector)
    for name in ("year_plan_edit", "year_plan_random", "year_plan_file", "year_plan_candidates"):
        answer = client.get(reverse(name, args=[plan.pk]), follow=True)
        assert "经济发展办公室的计划,由他们办理" in answer.content.decode(), name
    posted = client.post(reverse("year_plan_candidates", args=[plan.pk]), ticks(people.factory))
    assert posted.status_code == 409


def test_the_closing_page_asks_what_becomes_of_the_rest(people, sign_in):
    plan = plan_course.filed(people, plan_course.drafted(people, year=YEAR - 1))
    client = sign_in(people.inspector)
    url = reverse("year_plan_move", args=[plan.pk, "close"])
    assert people.factory.name in client.get(url).content.decode()
    assert client.post(url, {"version": plan.version}).status_code == 422
    assert client.post(url, {"version": plan.version, "rest": "cancel"}).status_code == 422
    refused = client.post(url, {"version": plan.version, "rest": "carry", "note": ""})
    assert (refused.status_code, "请先拟制,再结转" in refused.content.decode()) == (409, True)
    assert client.post(url, {"version": plan.version, "rest": "cancel", "note": "已搬迁"}).status_code == 302
    plan.refresh_from_db()
    assert plan.state == "closed"


# The visit's form


def test_the_planning_form_says_that_the_plan_does_not_hold_the_firm(people, sign_in):
    plan_course.filed(people)
    client = sign_in(people.inspector)
    refused = post_plan(client, people, people.neighbour)
    assert (refused.status_code, "不在年度计划内,请先调整计划" in refused.content.decode()) == (422, True)
    shown = client.get(reverse("inspection_new"), {"enterprise": people.neighbour.pk}).content.decode()
    assert "不受年度计划限制" in shown
    assert post_plan(client, people).status_code == 302
    assert PlanItem.objects.get().state == "scheduled"
    assert post_plan(client, people, people.neighbour, kind="accident").status_code == 302


# Many rows


@pytest.mark.parametrize("name", ["year_plan_items", "year_plan_candidates", "year_plan_detail", "year_plan_adjust"])
def test_pages_need_as_many_queries_for_30_rows_as_for_one(people, sign_in, name):
    plan, client = plan_course.drafted(people), sign_in(people.inspector)

    def count():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse(name, args=[plan.pk])).status_code == 200
        return len(caught)

    count()
    one = count()
    for _ in range(29):
        f.a_plan_item(people, plan, enterprise=f.EnterpriseFactory(area=people.village_area))
    assert count() <= one


@pytest.mark.parametrize("words", ["字" * 3000, "a\0b", "'; --", "-1"])
def test_odd_words_are_answered(people, sign_in, words):
    plan, client = plan_course.drafted(people), sign_in(people.inspector)
    for name in ("year_plan_items", "year_plan_candidates"):
        for field in ("q", "page", "view", "village", "month"):
            assert client.get(reverse(name, args=[plan.pk]), {field: words}).status_code == 200
    assert client.get(reverse("year_plan_list"), {"year": words, "unit": words}).status_code == 200
    assert client.get(reverse("district_list"), {"year": words, "q": words}).status_code == 200
    assert client.post(reverse("year_plan_adjust", args=[plan.pk]), {"change": words}).status_code == 302
