"""Planning a visit past the guard, and the choice of its items."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from core.models import Event, MoveRefused
from inspections.forms.choice import ChoiceForm
from inspections.models import Inspection, InspectionPoint, OutsideVisit, Patrol
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.inspections.visit_forms import HTMX, page, plan, post_plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(people):
    """The law, with the rule of complaints."""
    course.law()
    f.DeadlineRuleFactory(code="inspection.complaint.return", value=5, unit="W")
    return people


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


@pytest.mark.req("B7")
def test_pages_of_a_change_of_plan_and_of_another_day_ask_for_the_reason(ready, sign_in):
    people, client = ready, sign_in(ready.inspector)
    row = course.planned(people, planned_on=later(50))
    OutsideVisit.objects.create(enterprise=people.factory, organ="区应急局", on=TODAY, by=people.inspector)
    url = reverse("inspection_move", args=[row.pk, "replan"])
    data = {"planned_on": later(3).isoformat(), "officers": [people.inspector.pk, people.inspector2.pk], "note": "提前去"}
    refused = client.post(url, {**data, "version": row.version})
    assert (refused.status_code, "30 天内已被检查:区应急局" in refused.content.decode()) == (422, True)
    assert client.post(url, {**data, "version": row.version, "override_reason": "上级交办"}).status_code == 302
    row.refresh_from_db()
    assert (row.planned_on, row.override_reason) == (later(3), "上级交办")
    course.noticed(people, course.approved(people, row))
    url = reverse("inspection_move", args=[row.pk, "begin"])
    assert "30 天内已被检查:区应急局" in page(client, "inspection_move", row.pk, "begin")
    assert client.post(url, {"version": row.version, "place": "车间"}).status_code == 422
    twice = {"version": row.version, "place": "车间", "override_reason": "举报紧急"}
    assert [client.post(url, twice).status_code for _ in range(2)] == [302, 302]
    row.refresh_from_db()
    assert (row.state, row.override_reason) == ("in_progress", "举报紧急")
    other = course.noticed(people, course.approved(people, course.planned(people, people.neighbour)))
    assert "override_reason" not in page(client, "inspection_move", other.pk, "begin")


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


def choice(visit, user, points):
    """The form of the page as sent, read before anybody else wrote."""
    data = QueryDict(mutable=True)
    data["version"] = visit.version
    data.setlist("point", [str(point.pk) for point in points])
    form = ChoiceForm(data, instance=visit, user=user)
    assert form.is_valid(), form.errors
    return form


def test_a_choice_made_while_another_is_saved_overwrites_nothing(people):
    row = course.planned(people)
    course.point("P4", "用电")
    first, second, fourth = (InspectionPoint.objects.get(code=code) for code in ("P1", "P2", "P4"))
    mine, theirs = (choice(Inspection.objects.get(pk=row.pk), people.inspector, points) for points in ([first], [first, second, fourth]))
    mine.save(by=people.inspector, on=TODAY)
    with pytest.raises(MoveRefused, match="已经变了"):
        theirs.save(by=people.inspector2, on=TODAY)
    assert [item.name for item in row.items.all()] == ["隐患排查治理"]


def test_a_share_given_while_another_is_saved_overwrites_nothing(people):
    row = course.planned(people)
    row.join(by=people.department, on=TODAY, note="看环保设施", officers=[people.department])
    mine, theirs = Inspection.objects.get(pk=row.pk), Inspection.objects.get(pk=row.pk)
    mine.own_items(by=people.inspector, on=TODAY, department=people.office, positions=[1])
    with pytest.raises(MoveRefused, match="已经变了"):
        theirs.own_items(by=people.department, on=TODAY, department=None, positions=[1])
    assert [item.department for item in row.items.all()] == [None, people.office]


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
