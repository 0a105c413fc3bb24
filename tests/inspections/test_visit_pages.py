"""The visit's pages: list, planning past the guard, one visit for each reader, items, filling, signatures, entry code."""

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Attachment, Event, Signature
from inspections.models import Finding, Inspection, InspectionItem, InspectionPoint, OutsideVisit, Patrol, Rating, Violation
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.pictures import jpeg

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page(client, name, *args, status=200, **query):
    """The text of a page."""
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == status, response.headers.get("Location")
    return response.content.decode()


def plan(people, **changes):
    """What the planning form sends."""
    data = {"client_id": str(uuid.uuid4()), "kind": "planned", "planned_on": later(3).isoformat(), "basis": "年度计划", "content": "查现场"}
    return {**data, "officers": [people.inspector.pk, people.inspector2.pk], **changes}


def post_plan(client, people, enterprise=None, **changes):
    url = reverse("inspection_new") + f"?enterprise={(enterprise or people.factory).pk}"
    return client.post(url, plan(people, **changes))


def fill(client, row, status=200, htmx=True, **fields):
    """Send inputs of the filling page; a_1="pass" stands for a-1."""
    data = {name.replace("_", "-", 1) if name[1] == "_" else name: value for name, value in fields.items()}
    response = client.post(reverse("inspection_fill", args=[row.pk]), {**data, "whole": "1"}, headers=HTMX if htmx else {})
    assert response.status_code == status
    return response.content.decode() if htmx else response


def sign(client, row, **changes):
    """Send the first signature."""
    row.refresh_from_db()
    data = {
        "whole": "1",
        "client_id": str(uuid.uuid4()),
        "version": row.version,
        "party_name": "张厂长",
        "party_post": "厂长",
        "party_opinion": "属实",
    }
    if "signature_ids" not in changes and "refusal" not in changes:
        changes["signature_ids"] = str(course.photo(changes.pop("by")).uid)
    changes.pop("by", None)
    return client.post(reverse("inspection_sign", args=[row.pk]), {**data, **changes})


def countersign(client, row, **changes):
    """Send the second signature."""
    row.refresh_from_db()
    data = {"whole": "1", "client_id": str(uuid.uuid4()), "version": row.version, "step": "countersign"}
    return client.post(reverse("inspection_sign", args=[row.pk]), {**data, **changes})


@pytest.fixture
def ready(people):
    """The law, with the rule of complaints."""
    course.law()
    f.DeadlineRuleFactory(code="inspection.complaint.return", value=5, unit="W")
    return people


# The list


def test_list_filters_exports_and_explains_its_emptiness(people, sign_in):
    first = course.planned(people, planned_on=later(2))
    second = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour)))),
        p0={"is_violation": True},
    )
    Inspection.objects.filter(pk=second.pk).update(report_by_on=later(-1))
    client = sign_in(people.inspector)
    names = lambda **query: [row.pk for row in client.get(reverse("inspection_list"), query).context["object_list"]]  # noqa: E731
    assert names() == [first.pk, second.pk]
    assert names(view="report_overdue") == [second.pk]
    assert names(state="planned") == [first.pk]
    assert names(kind="complaint") == []
    assert names(unit="town") == [first.pk, second.pk]
    assert names(unit=people.office.pk) == []
    assert names(officer=people.inspector2.pk) == [first.pk, second.pk]
    assert names(planned_from=later(1).isoformat()) == [first.pk]
    assert names(enterprise=people.neighbour.pk) == [second.pk]
    assert names(q="邻家") == [second.pk]
    assert "没有符合条件的执法检查" in page(client, "inspection_list", q="没有这家")
    assert client.get(reverse("inspection_list"), {"export": "xlsx", "q": "邻家"}).status_code == 200
    assert names(view="mine") == [first.pk, second.pk]


def test_unit_filter_finds_what_the_unit_joined(people, sign_in):
    row = course.planned(people)
    row.join(by=people.department, on=TODAY, note="看环保")
    client = sign_in(people.inspector)
    assert list(client.get(reverse("inspection_list"), {"unit": people.office.pk}).context["object_list"]) == [row]


def test_firm_has_a_list_of_what_it_was_told_and_asks_for_nothing_else(people, sign_in):
    course.planned(people, planned_on=later(2), enterprise=people.neighbour)
    row = course.recorded(people, p0={"is_violation": True})
    Inspection.objects.filter(pk=row.pk).update(report_by_on=later(-1))
    client = sign_in(people.principal)
    text = page(client, "inspection_list")
    assert "检查通知" in text
    assert row.number in text
    assert "报区" not in text
    assert list(client.get(reverse("inspection_list"), {"view": "report_overdue", "q": ""}).context["object_list"]) == [row]
    assert set(client.get(reverse("inspection_list")).context["filter"].filters) == {
        "q",
        "kind",
        "planned_from",
        "planned_to",
        "enterprise",
    }
    columns = client.get(reverse("inspection_list")).context["view"].columns
    assert {label for label, _ in columns} & {"状态", "报区期限", "报区日期", "仍要检查的理由", "转办单号"} == set()
    assert "还没有发给您企业的检查通知" in page(sign_in(people.outsider), "inspection_list")


def test_file_tab_shows_the_firms_visits_only(people, sign_in):
    mine, other = course.planned(people), course.planned(people, enterprise=people.neighbour)
    text = page(sign_in(people.inspector), "enterprise_inspections", people.factory.pk)
    assert mine.number in text
    assert other.number not in text


@pytest.mark.parametrize("words", ["字" * 3000, "%" * 3000, "a\0b", "'; --"])
def test_odd_words_are_answered(people, sign_in, words):
    client = sign_in(people.inspector)
    assert client.get(reverse("inspection_list"), {"q": words}).status_code == 200
    assert client.get(reverse("inspection_new"), {"q": words}).status_code == 200
    assert client.get(reverse("inspection_new"), {"enterprise": words}).status_code == 200


# Planning


def test_plan_a_visit_once_however_often_it_is_sent(ready, sign_in):
    client, people = sign_in(ready.inspector2), ready
    assert people.factory.name in page(client, "inspection_new", q="石角机械")
    data = plan(people)
    url = reverse("inspection_new") + f"?enterprise={people.factory.pk}"
    first, second = client.post(url, data), client.post(url, data)
    row = Inspection.objects.get()
    assert first.url == second.url == row.get_absolute_url()
    assert [o.user for o in row.officers.all()] == [people.inspector2, people.inspector]
    assert (row.kind, row.planned_on, row.basis, row.planned_by) == ("planned", later(3), "年度计划", people.inspector2)
    other = client.post(url, {**data, "basis": "另一个来由"})
    assert other.status_code == 409
    assert "另一个来由" in other.content.decode()
    assert Inspection.objects.count() == 1


def test_bad_input_is_422_with_the_text_kept(ready, sign_in):
    response = post_plan(sign_in(ready.inspector), ready, planned_on=later(-1).isoformat(), basis="", content="只查消防", officers=[])
    text = response.content.decode()
    assert response.status_code == 422
    for words in ("日期不能早于今天", "请写明检查依据和来由", "请选择检查人员", "只查消防"):
        assert words in text
    assert not Inspection.objects.exists()
    assert post_plan(sign_in(ready.inspector), ready, kind="recheck").status_code == 422
    assert post_plan(sign_in(ready.inspector), ready, planned_on="9999-99-99", kind="x").status_code == 422


def test_complaint_has_its_channel_and_the_day_by_rule(ready, sign_in):
    client = sign_in(ready.inspector)
    form = client.get(reverse("inspection_new"), {"enterprise": ready.factory.pk}).context["form"]
    assert form["return_by_on"].initial >= later(5)
    refused = post_plan(client, ready, kind="complaint")
    assert refused.status_code == 422
    assert "请选择投诉来源" in refused.content.decode()
    post_plan(client, ready, kind="complaint", complaint_channel="12345", complaint_number="工单8", return_by_on=later(6).isoformat())
    row = Inspection.objects.get()
    assert (row.complaint_channel, row.complaint_number, row.return_by_on) == ("12345", "工单8", later(6))


def test_what_another_kind_knows_is_left_out(ready, sign_in):
    post_plan(
        sign_in(ready.inspector), ready, complaint_channel="12345", complaint_number="工单8", return_by_on="乱写", campaign_approval="号"
    )
    row = Inspection.objects.get()
    assert (row.complaint_channel, row.complaint_number, row.return_by_on, row.campaign_approval) == ("", "", None, "")


def test_campaign_names_its_approval(ready, sign_in):
    client = sign_in(ready.inspector)
    assert "批准文号" in post_plan(client, ready, kind="campaign").content.decode()
    assert post_plan(client, ready, kind="campaign", campaign_approval="綦府〔2026〕1号").status_code == 302


@pytest.mark.req("B7")
@pytest.mark.req("R72")
def test_guard_shows_all_that_is_known_and_asks_for_the_reason(ready, sign_in):
    people = ready
    planned = course.planned(people, planned_on=later(5))
    OutsideVisit.objects.create(enterprise=people.factory, organ="区应急局", on=later(-10), by=people.inspector)
    Patrol.log(by=people.village, today=TODAY, enterprise=people.factory, walker="village", names="村安全员", on=TODAY, text="提醒")
    client = sign_in(people.department)
    text = page(client, "inspection_new", enterprise=people.factory.pk)
    for words in ("镇应急办已计划于", "区应急局", "走访(不计为检查)", "村安全员", planned.number, "并入这次检查", "年度上限 2 次"):
        assert words in text
    assert reverse("inspection_move", args=[planned.pk, "join"]) in text
    refused = post_plan(client, people, basis="我的来由")
    assert refused.status_code == 422
    assert "请写明理由" in refused.content.decode()
    assert "我的来由" in refused.content.decode()
    assert post_plan(client, people, override_reason="上级交办").status_code == 302
    assert Inspection.objects.get(override_reason="上级交办").warnings != []


@pytest.mark.req("B7")
def test_guard_of_another_day_comes_alone(ready, sign_in):
    course.planned(ready, planned_on=later(5))
    url = reverse("inspection_new") + f"?enterprise={ready.factory.pk}"
    client = sign_in(ready.inspector)
    near = client.get(url + f"&kind=planned&planned_on={later(6)}", headers=HTMX).content.decode()
    far = client.get(url + f"&kind=planned&planned_on={later(60)}", headers=HTMX).content.decode()
    other_kind = client.get(url + f"&kind=accident&planned_on={later(6)}", headers=HTMX).content.decode()
    assert ["已计划于" in text for text in (near, far, other_kind)] == [True, False, False]
    assert "<form" not in near
    assert client.get(url + "&planned_on=0001-01-01&kind=planned", headers=HTMX).status_code == 200


def test_own_unit_gets_no_button_to_join(ready, sign_in):
    row = course.planned(ready, planned_on=later(5))
    assert reverse("inspection_move", args=[row.pk, "join"]) not in page(
        sign_in(ready.inspector), "inspection_new", enterprise=ready.factory.pk
    )


def test_a_firm_out_of_scope_cannot_be_chosen(ready, sign_in):
    client = sign_in(ready.department)
    assert "先选企业" in page(client, "inspection_new", enterprise=ready.neighbour.pk)
    assert post_plan(client, ready, enterprise=ready.neighbour).status_code == 422
    assert not Inspection.objects.exists()


# One visit, for each reader


@pytest.mark.req("R70")
def test_page_draws_the_loop_with_findings_and_what_to_do(people, sign_in):
    row = course.recorded(
        people, p0={"is_violation": True}, p1={"disposal": "on_spot", "after_photos": [str(course.photo(people.inspector).uid)]}
    )
    response = sign_in(people.inspector).get(row.get_absolute_url())
    text = response.content.decode()
    dossier = response.context["dossier"]
    assert [(part.code, part.is_complete) for part in dossier.parts] == [("diagnosis", False), ("penalty", False), ("recheck", False)]
    assert [(one.finding.description, one.violation is not None, len(one.photos)) for one in dossier.found] == [
        ("通道被堵", True, 1),
        ("通道被堵", False, 2),
    ]
    assert dossier.can_follow
    for words in (
        "检查诊断",
        "行政处罚",
        "整改复查",
        "1 个违法行为还没有处理结果",
        "安全生产法",
        "报区",
        people.inspector.certificates.get().number,
        "企业签名",
    ):
        assert words in text
    assert [page.url_name for page in response.context["paper_pages"]] == [
        "inspection_plan_paper",
        "inspection_record_paper",
        "inspection_district_paper",
    ]


@pytest.mark.req("R70")
def test_page_links_what_grew_out_of_the_findings(people, sign_in):
    row = course.recorded(people, p0={"is_violation": True})
    order = course.issued(people, course.drafted(people, row))
    text = page(sign_in(people.inspector), "inspection_detail", row.pk)
    for path in (order.get_absolute_url(), order.document.get_absolute_url(), Violation.objects.get().get_absolute_url()):
        assert path in text
    assert reverse("transfer_new", args=[row.pk]) in text
    told = page(sign_in(people.principal), "inspection_detail", row.pk)
    assert order.get_absolute_url() in told
    assert reverse("order_new", args=[row.pk]) not in told
    measure = course.measure(people, course.recorded(people, visit_of(people), p1={"disposal": "measure"}))
    seen = [
        measure.get_absolute_url() in page(sign_in(who), "inspection_detail", measure.inspection_id)
        for who in (people.inspector, people.outsider)
    ]
    assert seen == [True, False]


def visit_of(people):
    """A visit of the neighbour firm, under way."""
    return course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour))))


def test_what_a_firm_may_not_see_is_not_in_its_page(people, sign_in):
    course.planned(people, planned_on=later(2))
    row = course.planned(
        people,
        override_reason="秘密理由",
        content="秘密内容",
        equipment="秘密装备",
        kind="complaint",
        complaint_channel="12345",
        complaint_number="秘密单号",
        return_by_on=later(5),
    )
    row = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, row))),
        p0={"is_violation": True, "disposal": "transfer"},
    )
    Inspection.objects.filter(pk=row.pk).update(warnings=["秘密提醒"], override_reason="秘密理由")
    course.transfer(people, row)
    seen = page(sign_in(people.inspector), "inspection_detail", row.pk)
    hidden = ("秘密理由", "秘密内容", "秘密装备", "秘密单号", "秘密提醒", "违法", "移送", "报区", "罚", "检查方案", "入企码", "镇领导")
    assert [word for word in hidden if word not in seen] == []
    told = page(sign_in(people.principal), "inspection_detail", row.pk)
    assert [word for word in hidden if word in told] == []
    assert "通道被堵" in told
    assert people.inspector.certificates.get().number in told
    for who in ("head", "employee", "outsider"):
        assert sign_in(getattr(people, who)).get(row.get_absolute_url()).status_code in (403, 404)


def test_village_reads_a_visit_without_the_towns_affairs(people, sign_in):
    row = course.recorded(people, p0={"is_violation": True})
    response = sign_in(people.village).get(row.get_absolute_url())
    assert (response.context["dossier"].parts, response.context["dossier"].violations) == ([], [])
    assert "违法" not in response.content.decode()


def test_before_the_record_a_firm_sees_no_items_and_after_a_change_of_plan_no_state_of_the_scheme(people, sign_in):
    row = course.begun(people)
    course.filled(people, row, p1={})
    told = page(sign_in(people.principal), "inspection_detail", row.pk)
    assert "通道" not in told
    other = course.noticed(people, course.approved(people, course.planned(people, override_reason="再查一次", planned_on=later(4))))
    other.replan(by=people.inspector, on=TODAY, planned_on=later(6), officers=[people.inspector, people.inspector2], note="改期")
    other.submit_scheme(by=people.inspector, on=TODAY)
    told = page(sign_in(people.principal), "inspection_detail", other.pk)
    assert "日期待定" in told
    assert "方案" not in told
    assert "方案" not in page(sign_in(people.principal), "inspection_list")


def test_officers_learn_why_they_cannot_begin_and_leaders_approve(people, sign_in):
    row = course.planned(people)
    assert "检查方案还没有批准" in page(sign_in(people.inspector), "inspection_detail", row.pk)
    people.inspector2.certificates.update(valid_to=later(-1))
    assert "没有有效的执法证" in page(sign_in(people.inspector), "inspection_detail", row.pk)
    people.inspector2.certificates.update(valid_to=later(100))
    row.submit_scheme(by=people.inspector, on=TODAY)
    client = sign_in(people.leader)
    url = reverse("inspection_move", args=[row.pk, "approve_scheme"])
    refused = client.post(url, {"version": row.version, "note": "同意", "is_unannounced": "on"})
    assert (refused.status_code, "不通知即检要写明理由" in refused.content.decode()) == (422, True)
    assert client.post(url, {"version": row.version, "note": "同意"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "scheme_approved"
    assert client.get(reverse("inspection_move", args=[row.pk, "notify"])).status_code == 404


def test_entry_code_is_shown_to_officers_once_the_firm_may_know(people, sign_in):
    row = course.approved(people)
    assert row.entry_code not in page(sign_in(people.inspector), "inspection_detail", row.pk)
    course.noticed(people, row)
    assert row.entry_code in page(sign_in(people.inspector), "inspection_detail", row.pk)
    assert row.entry_code not in page(sign_in(people.leader), "inspection_detail", row.pk)
    assert row.entry_code not in page(sign_in(people.principal), "inspection_detail", row.pk)


def test_page_needs_as_many_queries_for_many_findings_as_for_one(people, sign_in):
    def asked(client, row):
        with CaptureQueriesContext(connection) as caught:
            client.get(row.get_absolute_url())
        return len(caught)

    one = course.recorded(people, p0={"is_violation": True})
    course.point("P8", "第八"), course.point("P9", "第九")
    many = course.planned(people, enterprise=people.neighbour)
    many = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, many))),
        **{f"p{n}": {"is_violation": True} for n in range(4)},
    )
    client = sign_in(people.inspector)
    asked(client, one)
    assert asked(client, many) == asked(client, one)


# Items


@pytest.mark.req("R71")
def test_focus_point_left_out_needs_its_reason_on_the_page(people, sign_in):
    row = course.planned(people)
    first, second = InspectionPoint.objects.get(code="P1"), InspectionPoint.objects.get(code="P2")
    client, url = sign_in(people.inspector), reverse("inspection_items", args=[row.pk])
    assert "隐患排查治理" in client.get(url).content.decode()
    bare = client.post(url, {"version": row.version, "point": [second.pk], f"why-{first.pk}": "不"})
    assert (bare.status_code, "必查项不查要写明理由" in bare.content.decode(), row.items.count()) == (422, True, 2)
    assert client.post(url, {"version": row.version, f"why-{first.pk}": "上月刚查过"}).status_code == 422
    assert client.post(url, {"version": row.version, "point": [second.pk], f"why-{first.pk}": "上月刚查过"}).status_code == 302
    assert [item.name for item in row.items.all()] == ["通道堆物"]
    assert "不查“隐患排查治理”:上月刚查过" in Event.objects.of(row).last().data["lines"]
    stale = client.post(url, {"version": row.version, "point": [first.pk, second.pk]})
    assert (stale.status_code, row.items.count()) == (409, 1)
    assert f'value="{first.pk}" checked' in stale.content.decode()


@pytest.mark.req("R72")
@pytest.mark.req("R85")
def test_items_of_a_joint_visit_are_shared_out(people, sign_in):
    row = course.planned(people)
    row.join(by=people.department, on=TODAY, note="看环保设施", officers=[people.department])
    first, second = InspectionPoint.objects.get(code="P1"), InspectionPoint.objects.get(code="P2")
    client, url = sign_in(people.department), reverse("inspection_items", args=[row.pk])
    assert "经济发展办公室" in client.get(url).content.decode()
    data = {"point": [first.pk, second.pk], f"owner-{first.pk}": "town", f"owner-{second.pk}": people.office.pk}
    assert client.post(url, {"version": row.version, **data}).status_code == 302
    assert [item.department for item in row.items.all()] == [None, people.office]
    response = sign_in(people.inspector).get(row.get_absolute_url())
    assert response.context["dossier"].units == [("镇应急办", "", 1), ("经济发展办公室", "看环保设施", 1)]
    row.refresh_from_db()
    assert client.post(url, {"version": row.version, **data, f"owner-{second.pk}": "999"}).status_code == 302
    assert [item.department for item in row.items.all()] == [None, people.office]


def test_items_are_chosen_by_its_own_people_while_it_is_planned(people, sign_in):
    row = course.planned(people)
    assert sign_in(people.department).get(reverse("inspection_items", args=[row.pk])).status_code == 302
    course.begun(people, course.noticed(people, course.approved(people, row)))
    client, url = sign_in(people.inspector), reverse("inspection_items", args=[row.pk])
    assert client.get(url).status_code == 302
    late = client.post(url, {"version": row.version, "point": []})
    assert (late.status_code, "不能再改检查项目" in late.content.decode(), row.items.count()) == (409, True, 2)


# Filling


def test_every_tap_is_saved_at_once_and_says_when(people, sign_in):
    row = course.begun(people)
    text = fill(sign_in(people.inspector), row, a_1="pass", s_1="0", o_1="", s_0="0", o_0="")
    assert "已填 1/2" in text
    assert "已保存" in text
    assert [(i.position, i.result, i.by) for i in row.items.exclude(result="")] == [(1, "pass", people.inspector)]


@pytest.mark.req("R43")
def test_what_the_other_officer_wrote_comes_along_and_nothing_untouched_is_a_conflict(people, sign_in):
    row = course.begun(people)
    mine, theirs = Client(), Client()
    mine.force_login(people.inspector)
    theirs.force_login(people.inspector2)
    fill(mine, row, a_0="pass", s_0="0", o_0="", s_1="0", o_1="")
    shown = fill(theirs, row, a_1="pass", s_1="0", o_1="", s_0="0", o_0="")
    assert 'id="item-0"' in shown
    assert 'id="item-1"' not in shown
    fill(theirs, row, a_0="na", r_0="设备停用检修", s_0="1", o_0=mark_of(row, 0))
    again = fill(mine, row, a_0="pass", s_0="1", o_0=mark_of_pass(), s_1="0", o_1="")
    assert "设备停用检修" in again
    assert "您填的" not in again
    assert row.items.get(position=0).result == "na"


def mark_of(row, position):
    from inspections.forms.answers import mark

    return mark(row.items.get(position=position).content())


def mark_of_pass():
    from inspections.forms.answers import mark

    return mark({"result": "pass", "note": ""})


@pytest.mark.req("R43")
def test_same_item_changed_on_both_phones_is_409_with_both_until_somebody_chooses(people, sign_in):
    row = course.begun(people)
    mine, theirs = Client(), Client()
    mine.force_login(people.inspector)
    theirs.force_login(people.inspector2)
    fill(theirs, row, a_1="fail", n_1="王的话", s_1="0", o_1="")
    stale = {"a_1": "fail", "n_1": "李的话", "s_1": "0", "o_1": ""}
    for _ in range(2):
        text = fill(mine, row, 409, **stale)
        assert "王的话" in text
        assert "李的话" in text
        assert row.items.get(position=1).note == "王的话"
    whole = fill(mine, row, 409, htmx=False, **stale).content.decode()
    assert "李的话</textarea>" in whole
    kept = fill(mine, row, k_1="theirs", **stale)
    assert ("王的话</textarea>" in kept, row.items.get(position=1).note) == (True, "王的话")
    fill(mine, row, k_1="mine:1", **stale)
    assert (row.items.get(position=1).note, row.items.get(position=1).by) == ("李的话", people.inspector)


def test_a_page_sent_as_it_was_shown_leaves_a_signature_standing(people, sign_in):
    row = course.signed(people)
    client = sign_in(people.inspector2)
    assert "签名作废" in page(client, "inspection_fill", row.pk)
    assert fill(client, row, htmx=False, a_0="pass", s_0="1", o_0=mark_of(row, 0), status=302).url == reverse(
        "inspection_fill", args=[row.pk]
    )
    assert Inspection.objects.get(pk=row.pk).record_signers == [people.inspector]
    fill(client, row, a_0="na", r_0="设备停用检修", s_0="1", o_0=mark_of(row, 0))
    assert Inspection.objects.get(pk=row.pk).record_signers == []


def test_problem_without_javascript_photos_and_all(people, sign_in):
    row = course.begun(people)
    client = sign_in(people.inspector)
    fields = {
        "a_0": "pass",
        "a_1": "fail",
        "n_1": "通道被堵",
        "w_1": "冲压车间",
        "l_1": "light",
        "x_1": "on_spot",
        "e_1": "清出",
        "d_1": later(3).isoformat(),
        "go": "sign",
    }
    response = fill(client, row, 302, htmx=False, **fields, **{"p-1": jpeg(), "q-1": jpeg(color="green")})
    assert response.url == reverse("inspection_sign", args=[row.pk])
    item = row.items.get(position=1)
    assert (item.note, item.place, item.level, item.disposal, item.requirement, item.due_on) == (
        "通道被堵",
        "冲压车间",
        "light",
        "on_spot",
        "清出",
        later(3),
    )
    assert sorted(Attachment.objects.of(item).values_list("purpose", flat=True)) == ["after", "before"]
    assert row.problems() == {}
    bad = fill(client, row, 422, htmx=False, a_1="fail", n_1="长" * 501, s_1="1", o_1=mark_of(row, 1))
    assert "情况有 501 字" in bad.content.decode()
    assert "长" * 501 in bad.content.decode()
    assert row.items.get(position=1).note == "通道被堵"


def test_file_that_is_no_photo_is_said_and_the_rest_is_kept(people, sign_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    row = course.begun(people)
    text = fill(
        sign_in(people.inspector), row, 422, htmx=False, a_1="fail", n_1="通道被堵", **{"p-1": SimpleUploadedFile("a.txt", b"x")}
    ).content.decode()
    assert "没有上传" in text
    assert row.items.get(position=1).note == "通道被堵"


@pytest.mark.req("R65")
def test_only_what_the_law_of_the_day_asks_for_may_be_a_violation(people, sign_in):
    row = course.begun(people)
    client = sign_in(people.inspector)
    text = page(client, "inspection_fill", row.pk)
    assert "《安全生产法》(2021)第41条" in text
    assert "L2021" not in text
    InspectionPoint.objects.filter(code="P2").update(is_policy=True)
    text = page(client, "inspection_fill", row.pk)
    assert "仅为政策要求,不能作为违法行为" in text
    assert 'name="v-0"' in text
    assert 'name="v-1"' not in text
    fill(client, row, a_0="fail", n_0="没有排查", v_0="1", s_0="0", o_0="", a_1="fail", n_1="堆物", v_1="1", s_1="0", o_1="")
    assert [item.is_violation for item in row.items.all()] == [True, False]


def test_only_its_officers_fill_while_it_goes_on(people, sign_in):
    row = course.begun(people)
    assert sign_in(people.inspector).get(reverse("inspection_fill", args=[row.pk])).status_code == 200
    other = course.planned(people, enterprise=people.neighbour)
    assert sign_in(people.inspector).get(reverse("inspection_fill", args=[other.pk])).status_code == 302
    assert sign_in(people.department).get(reverse("inspection_fill", args=[row.pk])).status_code == 302
    refused = sign_in(people.department).post(reverse("inspection_fill", args=[row.pk]), {"a-0": "pass", "o-0": "", "whole": "1"})
    assert (refused.status_code, row.items.exclude(result="").count()) == (409, 0)
    course.recorded(people, row)
    late = sign_in(people.inspector).post(
        reverse("inspection_fill", args=[row.pk]), {"a-0": "fail", "n-0": "补一句", "s-0": "1", "o-0": "x", "whole": "1"}
    )
    assert (late.status_code, "补一句" in late.content.decode()) == (409, True)


def test_values_that_are_none_of_ours_are_ignored(people, sign_in):
    row = course.begun(people)
    junk = {
        "a_0": "maybe",
        "a_1": "fail",
        "n_1": "x\0y",
        "l_1": "z",
        "x_1": "z",
        "d_1": "0001-01-01",
        "s_1": "9" * 30,
        "k_1": "mine:x",
        "p-1_ids": "乱",
        "o_1": "z",
    }
    fill(sign_in(people.inspector), row, 200, **junk)
    item = row.items.get(position=1)
    assert (item.note, item.level, item.disposal, item.due_on) == ("xy", "normal", "", None)
    assert row.items.get(position=0).result == ""


def test_add_an_item_on_the_spot_once(people, sign_in):
    row = course.begun(people)
    extra = course.point("P9", "配电箱")
    client, url = sign_in(people.inspector), reverse("inspection_item_add", args=[row.pk])
    assert "配电箱" in client.get(url).content.decode()
    data = {"client_id": str(uuid.uuid4()), "point": extra.pk}
    assert [client.post(url, data).url for _ in range(2)] == [reverse("inspection_fill", args=[row.pk]) + "#item-2"] * 2
    item = row.items.get(position=2)
    assert (item.name, item.point, item.basis) == ("配电箱", extra, "《安全生产法》(2021)第41条")
    assert client.post(url, {"client_id": str(uuid.uuid4())}).status_code == 422
    client.post(url, {"client_id": str(uuid.uuid4()), "name": "废料堆", "section": ""})
    assert [(i.name, i.section) for i in row.items.filter(point=None)] == [("废料堆", "其他")]
    told = fill(client, row, a_0="pass", s_0="0", o_0="", s_1="0", o_1="")
    assert "另外加了 2 项" in told


def test_recheck_shows_the_lines_with_the_firms_photos(people, sign_in):
    order = course.applied(people)
    visit = order.plan_recheck(by=people.inspector, on=TODAY, planned_on=TODAY, officers=[people.inspector, people.inspector2])
    visit.begin(by=people.inspector, on=TODAY, place="车间")
    client = sign_in(people.inspector)
    response = client.get(reverse("inspection_fill", args=[visit.pk]))
    text = response.content.decode()
    for words in ("填写复查", "已清出", "已整改", "未整改到位", "整改要求:清出通道", "原来的隐患照片"):
        assert words in text
    assert len(response.context["firm_photos"]) == 1
    assert 'name="x-0"' not in text
    fill(client, visit, a_0="pass", s_0="0", o_0="")
    assert sign(client, visit, by=people.inspector).status_code == 302
    assert countersign(sign_in(people.inspector2), visit).status_code == 302
    order.refresh_from_db()
    visit.refresh_from_db()
    assert (order.state, visit.state) == ("passed", "closed")
    assert "复查的指令" in page(sign_in(people.inspector), "inspection_detail", visit.pk)


def test_filling_needs_as_many_queries_for_many_items_as_for_few(people, sign_in):
    def asked(client, row):
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("inspection_fill", args=[row.pk])).status_code == 200
        return len(caught)

    few = course.filled(people, p0={})
    for n in range(20):
        course.point(f"X{n}", f"第{n}")
    many = course.begun(people, course.noticed(people, course.approved(people, course.planned(people, enterprise=people.neighbour))))
    course.filled(people, many, p0={}, p5={})
    client = sign_in(people.inspector)
    asked(client, few)
    assert asked(client, few) == asked(client, many)


# Signatures


def test_what_is_missing_is_listed_with_links_and_nothing_is_signed(people, sign_in):
    row = course.begun(people)
    client = sign_in(people.inspector)
    text = page(client, "inspection_sign", row.pk)
    assert "有 2 项没有完成" in text
    assert reverse("inspection_fill", args=[row.pk]) + "#item-1" in text
    response = sign(client, row, by=people.inspector)
    assert (response.status_code, "张厂长" in response.content.decode()) == (422, True)
    assert not Signature.objects.exists()


@pytest.mark.req("R43")
def test_two_officers_sign_the_same_words_each_on_his_own_phone(people, sign_in):
    row = course.filled(people, p0={"is_violation": True})
    first, second = Client(), Client()
    first.force_login(people.inspector)
    second.force_login(people.inspector2)
    assert sign(first, row, by=people.inspector).status_code == 302
    assert "您已经签过" in page(first, "inspection_sign", row.pk)
    assert countersign(first, row).status_code == 409
    text = page(second, "inspection_sign", row.pk)
    for words in ("李执法", "您看到的就是他签的那一份", "张厂长", "属实", "涉嫌违法"):
        assert words in text
    assert countersign(second, row).url == row.get_absolute_url()
    row.refresh_from_db()
    assert (row.state, row.party_name, Finding.objects.count(), Violation.objects.count()) == ("recorded", "张厂长", 1, 1)


def test_words_changed_after_the_second_officer_looked_are_not_signed(people, sign_in):
    row = course.signed(people)
    version = row.version
    fill(sign_in(people.inspector), row, a_1="na", r_1="没有", s_1="1", o_1="x")
    response = countersign(sign_in(people.inspector2), row, version=version)
    assert (response.status_code, "又有改动" in response.content.decode()) == (409, True)
    row.refresh_from_db()
    assert row.state == "in_progress"


def test_first_signature_that_comes_too_late_keeps_what_was_typed(people, sign_in):
    row = course.filled(people)
    version = row.version
    course.signed(people, Inspection.objects.get(pk=row.pk))
    response = sign(sign_in(people.inspector2), row, by=people.inspector2, version=version, party_opinion="另一种意见")
    assert (response.status_code, "另一种意见" in response.content.decode(), "会签" in response.content.decode()) == (409, True, True)


def test_refusal_needs_a_witness_and_signature_or_refusal_is_needed(people, sign_in):
    row = course.filled(people)
    client = sign_in(people.inspector)
    nothing = sign(client, row, signature_ids="")
    assert (nothing.status_code, "请企业现场负责人签名" in nothing.content.decode()) == (422, True)
    alone = sign(client, row, refusal="厂长不签")
    assert (alone.status_code, "请填写见证人" in alone.content.decode(), "厂长不签" in alone.content.decode()) == (422, True, True)
    both = sign(client, row, refusal="厂长不签", witness="村主任", signature_ids=str(course.photo(people.inspector).uid))
    assert both.status_code == 422
    assert sign(client, row, refusal="厂长不签", witness="刘罗坪村 王某").status_code == 302
    row.refresh_from_db()
    assert (row.refusal, row.witness, row.record_signers) == ("厂长不签", "刘罗坪村 王某", [people.inspector])


def test_signature_sent_twice_is_taken_once(people, sign_in):
    row = course.filled(people)
    client = sign_in(people.inspector)
    row.refresh_from_db()
    data = {
        "whole": "1",
        "client_id": str(uuid.uuid4()),
        "version": row.version,
        "party_name": "张厂长",
        "party_post": "厂长",
        "signature_ids": str(course.photo(people.inspector).uid),
    }
    url = reverse("inspection_sign", args=[row.pk])
    assert [client.post(url, data).status_code for _ in range(3)] == [302] * 3
    assert Event.objects.of(row).filter(move="sign_record").count() == 1
    assert Attachment.objects.of(row).count() == 1
    other = client.post(url, {**data, "party_name": "别人"})
    assert (other.status_code, Inspection.objects.get(pk=row.pk).party_name) == (409, "张厂长")
    twice = {"whole": "1", "client_id": str(uuid.uuid4()), "version": Inspection.objects.get(pk=row.pk).version, "step": "countersign"}
    second = sign_in(people.inspector2)
    assert [second.post(url, twice).status_code for _ in range(2)] == [302] * 2
    assert Event.objects.of(row).filter(move="record").count() == 1


def test_photo_of_a_signature_without_javascript(people, sign_in):
    row = course.filled(people)
    row.refresh_from_db()
    data = {
        "whole": "1",
        "client_id": str(uuid.uuid4()),
        "version": row.version,
        "party_name": "张厂长",
        "party_post": "厂长",
        "signature": jpeg(),
    }
    assert sign_in(people.inspector).post(reverse("inspection_sign", args=[row.pk]), data).status_code == 302
    assert Attachment.objects.of(row).get().purpose.startswith("signature-")


def test_half_a_form_is_not_taken_for_a_whole_one(people, sign_in):
    row = course.filled(people)
    row.refresh_from_db()
    client = sign_in(people.inspector)
    half = client.post(reverse("inspection_fill", args=[row.pk]), {"a-1": "fail", "n-1": "只有半", "s-1": "1", "o-1": "x"})
    assert (half.status_code, "只收到一半" in half.content.decode(), row.items.get(position=1).result) == (409, True, "pass")
    data = {
        "client_id": str(uuid.uuid4()),
        "version": row.version,
        "party_name": "张厂长",
        "party_post": "厂长",
        "refusal": "不签",
        "witness": "王",
    }
    half = client.post(reverse("inspection_sign", args=[row.pk]), data)
    assert (half.status_code, "只收到一半" in half.content.decode(), "张厂长" in half.content.decode()) == (422, True, True)
    assert Inspection.objects.get(pk=row.pk).record_signers == []


# The entry code


def entry(row, client=None):
    return (client or Client()).get(reverse("inspection_entry", args=[row.entry_code]))


@pytest.mark.req("R72")
def test_firm_scans_basis_officers_items_and_rights(people):
    row = course.approved(people)
    assert entry(row).status_code == 404
    course.noticed(people, row)
    response = entry(row)
    text = response.content.decode()
    for words in ("年度计划", "李执法", people.inspector2.certificates.get().number, "隐患排查治理", "通道堆物", "申请回避", "停产停业"):
        assert words in text
    assert (response["Cache-Control"], "sessionid" in response.cookies) == ("no-store", False)
    assert Client().get(reverse("inspection_entry", args=["0" * 20])).status_code == 404


def test_entry_page_tells_nothing_of_the_towns_affairs(people):
    row = course.planned(
        people,
        kind="complaint",
        complaint_channel="12345",
        complaint_number="秘密单号",
        return_by_on=later(5),
        content="秘密内容",
        equipment="秘密装备",
    )
    row = course.recorded(
        people, course.begun(people, course.noticed(people, course.approved(people, row))), p0={"is_violation": True, "note": "秘密情况"}
    )
    text = entry(row).content.decode()
    assert [word for word in ("秘密单号", "秘密内容", "秘密装备", "秘密情况", "违法", "张厂长") if word in text] == []


def test_rating_is_taken_once_and_tied_to_nothing(people):
    row = course.recorded(people)
    url = reverse("inspection_entry", args=[row.entry_code])
    client = Client()
    assert client.post(url, {"remark": "没有分数"}).status_code == 422
    before = Event.objects.count()
    first, second = client.post(url, {"score": "4", "remark": "还可以"}), client.post(url, {"score": "1"})
    assert (first.status_code, second.status_code) == (200, 409)
    rating = Rating.objects.get()
    row.refresh_from_db()
    quarter = TODAY.replace(month=(TODAY.month - 1) // 3 * 3 + 1, day=1)
    assert (rating.score, rating.remark, rating.quarter, rating.kind) == (4, "还可以", quarter, "planned")
    assert {field.name for field in Rating._meta.get_fields()} == {"id", "quarter", "kind", "score", "remark"}
    assert row.rated_at.astimezone().date() <= quarter
    assert Event.objects.count() == before
    assert rating.pk > 1000


def test_order_of_ratings_tells_nothing(people):
    row = course.recorded(people)
    keys = []
    for _ in range(8):
        Inspection.objects.filter(pk=row.pk).update(rated_at=None)
        assert Rating.leave(row, on=TODAY, score=5)
        keys.append(Rating.objects.exclude(pk__in=keys).get().pk)
    assert keys != sorted(keys)


def test_visit_not_recorded_is_not_rated(people):
    row = course.begun(people)
    assert Client().post(reverse("inspection_entry", args=[row.entry_code]), {"score": "5"}).status_code == 409
    assert not Rating.objects.exists()


def test_guessing_codes_is_slowed(people):
    row = course.noticed(people)
    client = Client()
    tries = [client.get(reverse("inspection_entry", args=[f"{n:020x}"])).status_code for n in range(31)]
    assert (tries[:30], tries[30]) == ([404] * 30, 429)
    assert entry(row, client).status_code == 429


def test_items_carry_their_owner_and_scope(people):
    row = course.begun(people)
    assert InspectionItem.objects.for_user(people.principal).filter(inspection=row).count() == 0
    course.recorded(people, row)
    assert InspectionItem.objects.for_user(people.principal).filter(inspection=row).count() == 2
