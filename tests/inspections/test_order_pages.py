"""Pages of orders, measures, transfers and violations: drafting, reading, moving, by whom and how often."""

import datetime
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.clock import due_on as clock_due
from core.models import Event, MoveRefused
from documents import catalogue
from documents.models import Service
from inspections.models import Inspection, Order, PowerItem
from inspections.tasks import follow_announced
from tests import factories as f
from tests.inspections import course
from tests.inspections.course import TODAY, later
from tests.inspections.test_papers import issue

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    """The words of a page."""
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response
    return response.content.decode()


def a_visit(people):
    """Recorded, with two problems."""
    return course.recorded(people, p0={"note": "没有台账", "requirement": "建立台账"}, p1={"requirement": ""})


def order_form(visit, *numbers, day=15, **given):
    """What the page of a new order sends for these problems."""
    rows = {row.number: row for row in visit.findings.all()}
    form = {"client_id": str(uuid.uuid4()), "quick": later(day).isoformat()}
    for number in numbers:
        form[f"finding_{rows[number].pk}"] = "on"
        form[f"requirement_{rows[number].pk}"] = f"整改要求{number}"
    return {**form, **given}


# Drafting an order


@pytest.mark.req("R43")
def test_a_new_order_takes_the_chosen_problems_with_their_requirements_once(people, sign_in):
    visit = a_visit(people)
    url = reverse("order_new", args=[visit.pk])
    client = sign_in(people.inspector)
    shown = page(client, "order_new", visit.pk)
    assert [text in shown for text in ("3天 ", "7天 ", "15天 ", "30天 ", "一般隐患最晚到", "建立台账")] == [True] * 6
    form = order_form(visit, 2, day=7)
    first, second = client.post(url, form), client.post(url, form)
    order = Order.objects.get()
    assert (first["Location"], second["Location"]) == (order.get_absolute_url(),) * 2
    assert [(line.finding.number, line.requirement) for line in order.lines.all()] == [(2, "整改要求2")]
    assert (order.due_on, order.state, order.drafted_by) == (later(7), "draft", people.inspector)
    other = client.post(url, {**form, "quick": later(3).isoformat()})
    assert (other.status_code, Order.objects.count()) == (409, 1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quick": "", "other_day": ""}, "请选择整改期限"),
        ({"quick": "", "other_day": "2020-01-01"}, "整改期限不能早于今天"),
        ({"quick": "", "other_day": "2099-01-01"}, "一般隐患的整改期限最长到"),
        ({"quick": "", "other_day": "明天"}, "填写日期"),
        ({"quick": "2026-99-99"}, "选择"),
        ({"client_id": "x"}, "页面已过期"),
        ({"requirement": ""}, "个问题请写明整改要求"),
        ({"requirement": "字" * 501}, "最多 500 个字"),
        ({"requirement": "a\0b"}, "看不见的字符"),
        ({"finding": ""}, "请至少选一个要责令整改的问题"),
    ],
)
def test_a_bad_order_form_comes_back_with_what_was_typed(people, sign_in, change, words):
    visit = a_visit(people)
    row = visit.findings.get(number=1)
    form = order_form(visit, 1, **{name: value for name, value in change.items() if name in ("quick", "other_day", "client_id")})
    if "requirement" in change:
        form[f"requirement_{row.pk}"] = change["requirement"]
    else:
        form[f"requirement_{row.pk}"] = "建好<b>台账</b>"
    if "finding" in change:
        form.pop(f"finding_{row.pk}")
    response = sign_in(people.inspector).post(reverse("order_new", args=[visit.pk]), form)
    text = response.content.decode()
    assert (response.status_code, words in text, Order.objects.exists()) == (422, True, False), text
    assert "requirement" in change or "建好&lt;b&gt;台账&lt;/b&gt;" in text


@pytest.mark.req("R65")
def test_the_district_holds_the_power_and_the_page_leads_to_a_transfer(people, sign_in):
    visit = a_visit(people)
    PowerItem.objects.filter(kind="order").update(holder="district")
    client = sign_in(people.inspector)
    shown = page(client, "order_new", visit.pk)
    assert "镇没有责令改正的权限,请移送区应急局" in shown
    assert reverse("transfer_new", args=[visit.pk]) in shown
    assert client.post(reverse("order_new", args=[visit.pk]), order_form(visit, 1)).status_code == 422


def test_preview_is_a_pdf_and_keeps_nothing(people, sign_in):
    visit = a_visit(people)
    before = Event.objects.count()
    response = sign_in(people.inspector).post(reverse("order_new", args=[visit.pk]), order_form(visit, 1, 2, preview="1"))
    assert (response.status_code, response["Content-Type"], response.content[:4]) == (200, "application/pdf", b"%PDF")
    assert (Order.objects.count(), Event.objects.count()) == (0, before)
    assert course.drafted(people, visit).number.endswith("000001")


def test_what_is_under_an_order_is_not_offered_again(people, sign_in):
    visit = a_visit(people)
    course.drafted(people, visit)
    assert "没有可以责令整改的问题" in page(sign_in(people.inspector), "order_new", visit.pk)


@pytest.mark.parametrize("name", ["order_new", "measure_new", "transfer_new"])
def test_nothing_is_drafted_before_the_record_or_by_others(people, sign_in, name):
    visit = course.begun(people)
    url = reverse(name, args=[visit.pk])
    assert sign_in(people.inspector).get(url)["Location"] == visit.get_absolute_url()
    for who, status in (("leader", 403), ("department", 403), ("principal", 403), ("foreign", 404)):
        assert sign_in(getattr(people, who)).get(url).status_code == status
    assert sign_in(people.foreign).post(url, {}).status_code == 404


@pytest.mark.req("R70")
def test_a_failed_order_is_taken_up_by_a_later_one(people, sign_in):
    row = course.rechecked(people, passed=False)
    client = sign_in(people.inspector)
    shown = page(client, "order_detail", row.pk)
    url = f"{reverse('order_new', args=[row.inspection_id])}?previous={row.pk}"
    assert url in shown
    form = order_form(row.inspection, 1, day=3)
    assert client.post(url, form).status_code == 302
    later_one = Order.objects.latest("pk")
    assert later_one.previous == row
    assert later_one.get_absolute_url() in page(client, "order_detail", row.pk)
    assert later_one.printed_number not in page(sign_in(people.principal), "order_detail", row.pk)
    assert client.post(url, order_form(row.inspection, 1)).status_code in (403, 404, 422)
    later_one.cancel(by=people.inspector, on=TODAY, note="写错")
    row = Order.objects.get(pk=row.pk)
    assert (hasattr(row, "follower"), row.is_settled) == (False, False)
    assert sign_in(people.inspector).post(url, order_form(row.inspection, 1)).status_code == 302


@pytest.mark.parametrize("named", ["x", "99999", "9" * 30, "-1"])
def test_an_odd_previous_order_is_not_found(people, sign_in, named):
    visit = a_visit(people)
    assert sign_in(people.inspector).get(reverse("order_new", args=[visit.pk]), {"previous": named}).status_code == 404


# Reading an order


@pytest.mark.req("R43")
def test_the_firm_sees_its_order_once_issued_and_what_is_asked_of_it(people, sign_in):
    row = course.drafted(people)
    for who in ("principal", "safety"):
        assert sign_in(getattr(people, who)).get(row.get_absolute_url()).status_code == 404
    course.issued(people, row)
    assert "执法人员会送达签收" in page(sign_in(people.principal), "order_detail", row.pk)
    course.serve(people, row)
    shown = page(sign_in(people.principal), "order_detail", row.pk)
    assert f"请在 {later(15):%Y-%m-%d}" in shown
    assert "整改完了,申请复查" in shown
    assert "拟制" not in shown
    assert sign_in(people.outsider).get(row.get_absolute_url()).status_code == 404
    assert sign_in(people.employee).get(row.get_absolute_url()).status_code == 403


def test_the_page_says_that_the_paper_waits_for_its_service(people, sign_in):
    row = course.issued(people)
    shown = page(sign_in(people.inspector), "order_detail", row.pk)
    assert "待送达" in shown
    assert reverse("service_new", args=[row.document_id]) in shown
    assert reverse("service_new", args=[row.document_id]) not in page(sign_in(people.leader), "order_detail", row.pk)
    course.serve(people, row)
    assert "已送达" in page(sign_in(people.inspector), "order_detail", row.pk)


def test_a_request_for_more_time_is_a_card_with_its_clock(people, sign_in):
    row = course.served(people)
    note = {"note": "配件要定制", "measures": "停用冲床", "until": later(25).isoformat()}
    url = reverse("order_move", args=[row.pk, "ask_extension"])
    client = sign_in(people.principal)
    assert client.post(url, {**note, "version": row.version, "until": later(1).isoformat()}).status_code == 422
    form = {**note, "version": row.version}
    assert (client.post(url, form).status_code, client.post(url, form).status_code) == (302, 302)
    assert row.extensions.count() == 1
    shown = page(sign_in(people.leader), "order_detail", row.pk)
    assert ("配件要定制" in shown, "待答复" in shown, "请领导在" in shown) == (True, True, True)
    answer = page(sign_in(people.leader), "order_move", row.pk, "grant_extension")
    assert "防范措施:停用冲床" in answer
    assert sign_in(people.inspector).get(reverse("order_move", args=[row.pk, "grant_extension"])).status_code == 403
    row.refresh_from_db()
    assert sign_in(people.leader).post(reverse("order_move", args=[row.pk, "grant_extension"]), {"version": row.version}).status_code == 302
    shown = page(sign_in(people.inspector), "order_detail", row.pk)
    assert reverse("order_extension_paper", args=[row.extensions.get().pk]) in shown
    assert f"原定 {later(15):%Y-%m-%d}" in shown


def test_a_refused_extension_needs_its_reason(people, sign_in):
    row = course.served(people)
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    url = reverse("order_move", args=[row.pk, "refuse_extension"])
    client = sign_in(people.leader)
    assert client.post(url, {"version": row.version, "note": ""}).status_code == 422
    assert client.post(url, {"version": row.version, "note": "先清通道"}).status_code == 302
    assert "先清通道" in page(client, "order_detail", row.pk)


@pytest.mark.parametrize(
    "name", ["issue", "mark_served", "pass_recheck", "fail_recheck", "lose_paper", "take_paper", "correct_served", "nonsense"]
)
def test_moves_taken_by_a_paper_or_a_record_are_no_pages(people, sign_in, name):
    row = course.served(people)
    assert sign_in(people.inspector).post(reverse("order_move", args=[row.pk, name]), {"version": row.version}).status_code == 404


@pytest.mark.req("R43")
def test_lines_show_their_photos_before_and_at_the_recheck(people, sign_in):
    row = course.rechecked(people, passed=False)
    shown = page(sign_in(people.principal), "order_detail", row.pk)
    assert [text in shown for text in ("整改前", "复查时", "未整改到位", "还堵着", "企业报告的整改情况")] == [True] * 5


def test_a_draft_of_an_order_is_withdrawn_on_its_page(people, sign_in):
    row = course.drafted(people)
    client = sign_in(people.inspector)
    assert client.post(reverse("order_move", args=[row.pk, "cancel"]), {"version": row.version, "note": "重写"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "cancelled"


# The list


def carried(people, **facts):
    """An order begun on paper."""
    number = Order.objects.count() + 1
    given = {"issued_on": later(-40), "served_on": later(-40), "due_on": later(-20), "first_due_on": later(-20), "state": "served", **facts}
    return Order.objects.create(
        number=f"ZL2026-9{number:05d}",
        enterprise=people.factory,
        drafted_by=people.inspector,
        is_carried=True,
        paper_number=f"旧{number}号",
        **given,
    )


def test_the_list_filters_by_what_waits(people, sign_in):
    f.DeadlineRuleFactory(code="inspection.order.extend.before", value=10)
    late = carried(people)
    fresh = carried(people, due_on=later(5), first_due_on=later(5))
    overdue = carried(people, state="pending_recheck", applied_on=later(-30), recheck_by_on=later(-1))
    draft = carried(people, state="draft", issued_on=None, served_on=None, due_on=later(5), first_due_on=later(5))
    row = course.served(people)
    row.ask_extension(by=people.principal, on=TODAY, until=later(25), note="缺件", measures="停用")
    client = sign_in(people.inspector)
    numbers = {one.pk: one.printed_number for one in (late, fresh, overdue, draft, row)}

    def found(**query):
        rows = client.get(reverse("order_list"), query).context["object_list"]
        return {one.pk for one in rows}

    assert found() == set(numbers)
    assert found(view="overdue") == {late.pk, overdue.pk}
    assert found(view="recheck_overdue") == {overdue.pk}
    assert found(view="asking") == {row.pk}
    assert found(view="open") == {late.pk, fresh.pk, overdue.pk, row.pk}
    assert found(q="旧2") == {fresh.pk}
    assert found(q="通道被堵") == {row.pk}
    assert found(state="draft") == {draft.pk}
    assert {one.pk for one in sign_in(people.principal).get(reverse("order_list")).context["object_list"]} == set(numbers) - {draft.pk}
    assert sign_in(people.outsider).get(reverse("order_list")).context["object_list"].count() == 0
    assert "检查记录签完以后" in page(sign_in(people.outsider), "order_list")
    assert client.get(reverse("order_list"), {"export": "xlsx", "view": "asking"})["Content-Type"].startswith("application/vnd")


# Service


def corrected(people, row, day, **facts):
    old = Service.objects.get(document=row.document)
    given = {"method": "direct", "receiver": "厂长", "receiver_role": "主要负责人", "place": "厂办", "server": people.inspector, **facts}
    return Service.record(
        row.document,
        by=people.inspector,
        on=day,
        corrects=old,
        correction_reason="日期写错",
        served_on=day,
        photos=[course.photo(people.inspector)],
        **given,
    )


@pytest.mark.req("R43")
@pytest.mark.parametrize("make", [course.served, course.in_force, course.applied])
def test_a_corrected_service_corrects_the_day(people, make):
    row = make(people)
    corrected(people, row, later(1))
    row.refresh_from_db()
    event = Event.objects.of(row).filter(move="correct_served").get()
    assert (row.served_on, event.note) == (later(1), "日期写错")


def test_a_service_is_not_corrected_past_the_orders_day(people):
    row = course.served(people, course.issued(people, course.drafted(people, due_on=TODAY)))
    with pytest.raises(MoveRefused, match="已经晚于整改期限"):
        corrected(people, row, later(1))
    assert Service.objects.count() == 1


def announced(people, row, on=TODAY, **facts):
    """Its paper announced that day, by the page's verb."""
    given = {"method": "announced", "receiver": "厂长", "receiver_role": "主要负责人", "place": "镇政府", "server": people.inspector}
    photos = [course.photo(people.inspector)]
    asked = {"by": people.inspector, "on": on, "photos": photos, "sent_on": on, "reference": "镇公告栏", **given, **facts}
    service = Service.record(row.document, **asked)
    row.refresh_from_db()
    return service


@pytest.mark.req("R25")
def test_what_was_announced_binds_when_the_announcement_serves(people, sign_in):
    stop = course.measure(people)
    stop.issue(by=people.inspector, on=TODAY, document=course.paper("ONSITE_MEASURE", stop, people.inspector))
    day = announced(people, stop).served_on
    assert (day > TODAY, stop.state, stop.served_on) == (True, "ordered", None)
    assert f"公告期到 {day:%Y-%m-%d}" in page(sign_in(people.inspector), "measure_detail", stop.pk)
    assert [follow_announced(day - datetime.timedelta(days=1)), follow_announced(day), follow_announced(day)] == [0, 1, 0]
    stop.refresh_from_db()
    assert (stop.state, stop.served_on, Event.objects.of(stop).last().by.is_system) == ("in_force", day, True)


@pytest.mark.req("R43")
def test_an_announced_order_waits_for_its_day_and_an_earlier_one_is_told_which(people):
    visit = course.recorded(people, p1={})
    last = clock_due("inspection.order.max", TODAY)
    row = course.issued(people, course.drafted(people, visit, due_on=last))
    service = announced(people, row)
    assert (service.served_on <= last, row.state) == (True, "issued")
    corrected(people, row, TODAY)
    row.refresh_from_db()
    assert (row.state, row.served_on) == ("served", TODAY)
    with pytest.raises(MoveRefused, match="还没有到"):
        announced(people, row, corrects=Service.objects.standing().get(), correction_reason="其实是公告")
    assert follow_announced(service.served_on) == 0, "the announcement was corrected"


def test_an_order_too_short_for_an_announcement_says_which_day_it_needs(people, sign_in):
    row = course.issued(people)
    day = clock_due("service.announcement", TODAY)
    with pytest.raises(MoveRefused, match=f"期限不早于 {day:%Y-%m-%d}"):
        announced(people, row)
    assert Service.objects.count() == 0
    visit = course.recorded(
        people, course.begun(people, course.noticed(people, course.approved(people, course.planned(people, people.neighbour)))), p1={}
    )
    assert f"公告也要到 {day:%Y-%m-%d} 才算送达" in page(sign_in(people.inspector), "order_new", visit.pk)


# How often the database is asked


def queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_pages_ask_the_database_as_often_for_two_lines_as_for_one(people, sign_in):
    one = course.rechecked(
        people, course.applied(people, course.served(people, course.issued(people, course.drafted(people, course.recorded(people, p1={})))))
    )
    Inspection.objects.update(planned_on=later(-60), visited_on=later(-60))
    visit = course.recorded(
        people,
        course.begun(people, course.noticed(people, course.approved(people, course.planned(people)))),
        p0={"note": "没有台账"},
        p1={},
    )
    two = course.rechecked(people, course.applied(people, course.served(people, course.issued(people, course.drafted(people, visit)))))
    assert (one.lines.count(), two.lines.count()) == (1, 2)
    for who in ("inspector", "principal"):
        client = sign_in(getattr(people, who))
        assert queries(client, one.get_absolute_url()) == queries(client, two.get_absolute_url())


# Powers point by point


def delegate(point, **facts):
    """Another holder of the power to order what this point is about."""
    words = {"organ_code": "", "organ_mark": "", "edition": "现行", "effective_from": "2019-01-01"}
    return PowerItem.objects.create(kind="order", point=point, **{**words, **facts})


@pytest.mark.req("R65")
def test_the_district_holds_the_power_over_one_point_only(people, sign_in):
    visit = a_visit(people)
    delegate("P1", holder="district", organ_name="区消防救援局")
    client = sign_in(people.inspector)
    words = "镇没有责令改正的权限,请移送区消防救援局:1. 没有台账。"
    assert words in page(client, "order_new", visit.pk)
    refused = client.post(reverse("order_new", args=[visit.pk]), order_form(visit, 1, 2))
    assert (refused.status_code, words in refused.content.decode(), Order.objects.exists()) == (422, True, False)
    assert client.post(reverse("order_new", args=[visit.pk]), order_form(visit, 2)).status_code == 302
    with pytest.raises(MoveRefused, match="请移送区消防救援局:1. 没有台账"):
        course.measure(people, visit)


def test_what_two_organs_hold_is_ordered_by_two_papers_each_in_its_name(people, sign_in):
    catalogue.load()
    visit = a_visit(people)
    delegate("P2", holder="delegated", organ_name="区应急管理局", organ_code="500110-emergency", organ_mark="綦")
    url = reverse("order_new", args=[visit.pk])
    client = sign_in(people.inspector)
    refused = client.post(url, order_form(visit, 1, 2))
    assert (refused.status_code, "权限分属区应急管理局、镇" in refused.content.decode()) == (422, True)
    assert client.post(url, order_form(visit, 2)).status_code == 302
    paper = issue(client, reverse("order_paper", args=[Order.objects.get().pk]))
    assert (paper.organ_name, paper.number.startswith("(綦)")) == ("区应急管理局", True)


def test_each_request_for_more_time_shows_its_own_photos(people, sign_in):
    row = course.served(people)
    told = {"by": people.principal, "on": TODAY, "note": "缺件", "measures": "停用"}
    row.ask_extension(until=later(20), **told)
    row.refuse_extension(by=people.leader, on=TODAY, note="不同意")
    row.ask_extension(until=later(25), photos=[course.photo(people.principal)], **told)
    cards = sign_in(people.inspector).get(row.get_absolute_url()).context["extensions"]
    assert [(card["row"].until, len(card["photos"])) for card in cards] == [(later(20), 0), (later(25), 1)]
